package net.vgate.stream;

/** Groups of the key exchange, by their numbers in IANA's registry TLS Supported Groups. */
final class NamedGroup {
    /** Nothing was seen. */
    static final int NONE = 0;

    /** The hybrid group that is offered first, where the provider has it. */
    static final String HYBRID = "X25519MLKEM768";

    private NamedGroup() {}

    static String name(int number) {
        return switch (number) {
            case NONE -> "";
            case 23 -> "secp256r1";
            case 24 -> "secp384r1";
            case 25 -> "secp521r1";
            case 29 -> "x25519";
            case 30 -> "x448";
            case 4587 -> "SecP256r1MLKEM768";
            case 4588 -> HYBRID;
            case 4589 -> "SecP384r1MLKEM1024";
            default -> "0x%04x".formatted(number);
        };
    }
}

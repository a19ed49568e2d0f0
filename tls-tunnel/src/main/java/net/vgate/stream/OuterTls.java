package net.vgate.stream;

/**
 * What the TLS around a stream agreed on, as far as our next hop: a proxy may have ended it there.
 *
 * @param provider whose TLS it is, as {@code BoringSSL} or {@code JDK}
 * @param group of the key exchange by its IANA name, empty if it could not be seen
 */
public record OuterTls(String provider, String protocol, String cipherSuite, String group) {
    /** Whether the key exchange is a hybrid with ML-KEM, which holds against quantum computers. */
    public boolean isPostQuantum() {
        return group.contains("MLKEM");
    }
}

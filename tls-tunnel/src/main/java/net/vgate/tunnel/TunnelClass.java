package net.vgate.tunnel;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Association;

/**
 * What a V-net demands of the associations that carry it. Two classes are the same to two gateways if they demand the
 * same, whatever they are called.
 *
 * @param name in the configuration; means nothing to a peer
 * @param ciphers what its records may be protected by; empty is whatever the two ends have agreed on
 * @param needsUdp whether it travels over UDP only, and stops where there is nothing but TCP
 */
public record TunnelClass(String name, Set<AeadAlgorithm> ciphers, boolean needsUdp) {
    /** Of V-nets that name none: demands nothing. */
    public static final TunnelClass DEFAULT = new TunnelClass("default", Set.of(), false);

    private static final int RUNG_BITS = 8;

    public TunnelClass {
        ciphers = Set.copyOf(ciphers);
    }

    /**
     * What is demanded, as it is compared and sent: above the lowest 8 bits the ciphers, bit n for the algorithm with
     * IANA's number n, none for any; below 1 for UDP only, 0 for any rung. 0 demands nothing.
     */
    public long demand() {
        long numbers = 0;
        for (AeadAlgorithm cipher : ciphers) {
            numbers |= 1L << cipher.number();
        }
        return demand(numbers, needsUdp ? 1 : 0);
    }

    /** The demand of which {@link #ciphersOf} and {@link #rungOf} are the parts. */
    static long demand(long ciphers, long rung) {
        return (ciphers << RUNG_BITS) | rung;
    }

    static long ciphersOf(long demand) {
        return demand >>> RUNG_BITS;
    }

    static long rungOf(long demand) {
        return demand & ((1 << RUNG_BITS) - 1);
    }

    /** Whether anything is demanded. */
    public boolean isDemanding() {
        return demand() != 0;
    }

    /** Whether records that {@code cipher} protects will do. */
    public boolean accepts(AeadAlgorithm cipher) {
        return ciphers.isEmpty() || ciphers.contains(cipher);
    }

    /** The kinds of associations that will do, as a set of {@link #kindOf}. */
    public long kinds() {
        long kinds = 0;
        for (AeadAlgorithm cipher : AeadAlgorithm.values()) {
            if (accepts(cipher)) {
                kinds |= kind(cipher, false) | (needsUdp ? 0 : kind(cipher, true));
            }
        }
        return kinds;
    }

    /** What counts of an association, as one bit: what protects its records, and the rung that it is on. */
    public static long kindOf(Association association) {
        return kind(association.algorithm(), association.local() == DatagramPort.STREAM);
    }

    private static long kind(AeadAlgorithm cipher, boolean isStream) {
        return 1L << (cipher.number() + (isStream ? Integer.SIZE : 0));
    }

    /** A demand for people. */
    public static String text(long demand) {
        if (demand == 0) {
            return "nothing";
        }
        List<String> ciphers = new ArrayList<>();
        for (int number = 0; number < Integer.SIZE; number++) {
            if ((ciphersOf(demand) & (1L << number)) != 0) {
                ciphers.add(nameOf(number));
            }
        }
        String cipher = ciphers.isEmpty() ? "any cipher" : String.join(" or ", ciphers);
        return switch ((int) rungOf(demand)) {
            case 0 -> cipher;
            case 1 -> cipher + " over udp";
            default -> cipher + " over rung " + rungOf(demand);
        };
    }

    private static String nameOf(int number) {
        for (AeadAlgorithm cipher : AeadAlgorithm.values()) {
            if (cipher.number() == number) {
                return cipher.label();
            }
        }
        return "AEAD " + number;
    }
}

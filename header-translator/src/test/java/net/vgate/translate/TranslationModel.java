package net.vgate.translate;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.vgate.packet.Wire;

/**
 * One random packet, told by everything but its addresses: made with other addresses it is what a translation of it has
 * to give, all checksums summed up anew.
 */
final class TranslationModel {
    /** What the packet, or the packet that an error quotes, is. */
    private enum Kind {
        TCP,
        UDP,
        UDP_WITHOUT_CHECKSUM,
        ECHO,
        OTHER_PROTOCOL,
        FIRST_FRAGMENT,
        LATER_FRAGMENT
    }

    private static final int GRE = 47;
    private static final int MORE_FRAGMENTS = 0x2000;

    private final Kind kind;
    private final boolean error;
    private final boolean partial;
    private final byte[] segment;
    private final byte[] options;
    private final int quoteCut;
    private final byte[] behindQuote;

    TranslationModel(SplittableRandom random) {
        kind = Kind.values()[random.nextInt(Kind.values().length)];
        error = random.nextInt(3) == 0;
        partial = !error && (kind == Kind.TCP || kind == Kind.UDP) && random.nextInt(3) == 0;
        byte[] payload = new byte[random.nextInt(6) == 0 ? 1200 : 8 * random.nextInt(8) + random.nextInt(3)];
        random.nextBytes(payload);
        options = random.nextInt(3) == 0 ? new byte[] {1, 1, 1, 0} : Wire.NOTHING;
        segment = switch (kind) {
            case TCP -> Wire.tcp(random.nextInt(65_536), 443, 0x10, new byte[4 * random.nextInt(11)], payload);
            case ECHO -> Wire.icmp(8, 0, random.nextInt(), payload);
            case OTHER_PROTOCOL -> payload;
            case FIRST_FRAGMENT -> Wire.udp(53, 4000, Arrays.copyOf(payload, 56));
            case LATER_FRAGMENT -> Arrays.copyOf(payload, 64);
            case UDP, UDP_WITHOUT_CHECKSUM -> Wire.udp(random.nextInt(65_536), 53, payload);
        };
        behindQuote = random.nextInt(3) == 0 ? Wire.bytes(0x20, 0, 0, 0, 0, 8, 1, 1, 1, 2, 3, 4) : Wire.NOTHING;
        quoteCut = random.nextInt(4) == 0 ? cut(random) : Integer.MAX_VALUE;
    }

    /** Where the quote ends, never in the middle of TCP's checksum: half of one is left as it is. */
    private int cut(SplittableRandom random) {
        if (behindQuote.length > 0) {
            // RFC 4884 section 4.1: what comes before extensions is cut off only after 128 bytes.
            return 128;
        }
        int bytesOfSegment = 8 + random.nextInt(20);
        return 20 + options.length + (bytesOfSegment == 17 ? 18 : bytesOfSegment);
    }

    boolean isPartial() {
        return partial;
    }

    @Override
    public String toString() {
        return kind + (error ? " in an error" : "") + (partial ? " partial" : "") + ", quote cut at " + quoteCut
                + (behindQuote.length > 0 ? ", with extensions" : "");
    }

    /** The packet from {@code source} to {@code destination}; of an error, about one between the quoted addresses. */
    byte[] between(int source, int destination, int quotedSource, int quotedDestination) {
        if (!error) {
            return plain(source, destination);
        }
        byte[] whole = plain(quotedSource, quotedDestination);
        byte[] quote = Arrays.copyOf(whole, Math.min(whole.length, quoteCut));
        int words = 0;
        if (behindQuote.length > 0) {
            // Padded with zeroes.
            quote = Arrays.copyOf(quote, Math.max(128, (quote.length + 3) / 4 * 4));
            words = quote.length / 4;
            if (words > 255) {
                quote = Arrays.copyOf(quote, 128);
                words = 32;
            }
        }
        byte[] icmp = Wire.icmp(11, 0, words << 16, Wire.bytes(quote, behindQuote));
        return Wire.ipv4(source, destination, 1, Wire.withChecksum(icmp, 2, 0, false));
    }

    private byte[] plain(int source, int destination) {
        return switch (kind) {
            case TCP -> ipv4(source, destination, Wire.TCP, 0, summed(source, destination, Wire.TCP));
            case UDP -> ipv4(source, destination, Wire.UDP, 0, summed(source, destination, Wire.UDP));
            case UDP_WITHOUT_CHECKSUM -> ipv4(source, destination, Wire.UDP, 0, segment);
            case ECHO -> ipv4(source, destination, 1, 0, Wire.withChecksum(segment, 2, 0, false));
            case OTHER_PROTOCOL -> ipv4(source, destination, GRE, 0, segment);
            case FIRST_FRAGMENT ->
                ipv4(source, destination, Wire.UDP, MORE_FRAGMENTS, ofLongerDatagram(source, destination));
            case LATER_FRAGMENT -> ipv4(source, destination, Wire.UDP, 185, segment);
        };
    }

    private byte[] ipv4(int source, int destination, int protocol, int fragmentField, byte[] payload) {
        return Wire.ipv4(source, destination, protocol, fragmentField, options, payload);
    }

    private byte[] summed(int source, int destination, int protocol) {
        if (!partial) {
            return Wire.summed4(source, destination, protocol, segment);
        }
        int pseudo = Wire.pseudoSum(Wire.octets(source), Wire.octets(destination), protocol, segment.length);
        return Wire.withPartial(segment, protocol == Wire.TCP ? 16 : 6, pseudo);
    }

    /** The first fragment of a datagram of 1,000 bytes, whose checksum is that of the whole. */
    private byte[] ofLongerDatagram(int source, int destination) {
        byte[] datagram = Arrays.copyOf(segment, 1000);
        ByteBuffer.wrap(datagram).putShort(4, (short) 1000);
        return Arrays.copyOf(Wire.summed4(source, destination, Wire.UDP, datagram), segment.length);
    }
}

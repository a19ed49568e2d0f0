package net.vgate.packet;

import java.nio.ByteBuffer;

/**
 * The Internet checksum, RFC 1071, and its incremental update, RFC 1624. Sums are 16 bits, folded and not complemented;
 * a checksum field holds the complement of one. All words are big-endian.
 *
 * <p>A <i>delta</i> is what a change of some words adds to the sum: the sum of the new words and of the complements of
 * the old ones. It holds for every sum that covers these words at even distance, so it is made once and used on each.
 */
public final class Checksum {
    private Checksum() {}

    /**
     * The sum of {@code bytes} bytes at {@code at}; an odd last byte counts as if a zero followed (RFC 1071 section 1).
     */
    public static int sum(ByteBuffer buffer, int at, int bytes) {
        long sum = 0;
        int cursor = at;
        int end = at + bytes;
        // RFC 1071 section 2 (B) and (C): 32 bits at a time give the same sum once folded.
        for (; cursor + 4 <= end; cursor += 4) {
            sum += buffer.getInt(cursor) & 0xffff_ffffL;
        }
        if (cursor + 2 <= end) {
            sum += buffer.getShort(cursor) & 0xffff;
            cursor += 2;
        }
        if (cursor < end) {
            sum += (buffer.get(cursor) & 0xff) << 8;
        }
        return fold(sum);
    }

    /** The ones' complement sum of two sums. */
    public static int add(int sum, int other) {
        return fold((long) sum + other);
    }

    /** The checksum field for a sum. */
    public static int complement(int sum) {
        return ~sum & 0xffff;
    }

    /**
     * The sum of the pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1) over {@code bytes} bytes of transport
     * header and payload. It is never 0, for no protocol number is.
     */
    public static int pseudoHeader(InnerHeader inner, int slot, int bytes) {
        // The constant words of IPv4's mapped form are 0 and 0xffff: both are zero to this sum, so one form does for
        // both.
        long sum = halves(inner.sourceHi(slot))
                + halves(inner.sourceLo(slot))
                + halves(inner.destinationHi(slot))
                + halves(inner.destinationLo(slot))
                + inner.protocol(slot)
                + bytes;
        return fold(sum);
    }

    /** The delta of a 16-bit word at an even distance from where the sum begins. */
    public static int delta16(int before, int after) {
        return fold((~before & 0xffffL) + (after & 0xffffL));
    }

    /** The delta of 32 bits at an even distance from where the sum begins. */
    public static int delta32(int before, int after) {
        return fold((~before & 0xffff_ffffL) + (after & 0xffff_ffffL));
    }

    /** The delta of 64 bits at an even distance from where the sum begins. */
    public static int delta64(long before, long after) {
        return fold(halves(~before) + halves(after));
    }

    /** The delta of an address, in the form that {@link InnerHeader} has it. */
    public static int deltaOfAddress(long beforeHi, long beforeLo, long afterHi, long afterLo) {
        return add(delta64(beforeHi, afterHi), delta64(beforeLo, afterLo));
    }

    /**
     * The checksum field after a change: RFC 1624 section 3, equation 3. What was right is right afterwards, and what
     * was wrong is wrong by the same amount.
     */
    public static int update(int checksum, int delta) {
        return complement(add(complement(checksum), delta));
    }

    private static long halves(long bits) {
        return (bits >>> 32) + (bits & 0xffff_ffffL);
    }

    private static int fold(long sum) {
        // Three times are enough: no packet has 2^16 words of 32 bits, and so no more carries.
        long folded = (sum >>> 32) + (sum & 0xffff_ffffL);
        folded = (folded >>> 16) + (folded & 0xffff);
        return (int) ((folded >>> 16) + (folded & 0xffff));
    }
}

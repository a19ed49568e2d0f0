package net.vgate.forwarding;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * For a direction, protocol and pair of prefixes: which rule is the first that permits a port. A hash table of ranges.
 */
final class PortRules {
    private static final long FREE = -1;

    /** 2^64 divided by the golden ratio: spreads keys that differ in few bits (Knuth, volume 3, section 6.4). */
    private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

    private final int shift;
    private final long[] keys;

    /** Of each key, where its ranges begin in {@link #ranges}, and behind it where they end. */
    private final int[] bounds;

    /** Pairs of first port and rule, ascending from port 0. */
    private final int[] ranges;

    PortRules(Map<Long, PortSweep> sweeps) {
        int bits = Math.max(1, 64 - Long.numberOfLeadingZeros(2L * sweeps.size()));
        shift = 64 - bits;
        keys = new long[1 << bits];
        bounds = new int[2 << bits];
        Arrays.fill(keys, FREE);
        int[] filled = new int[16];
        int count = 0;
        for (Map.Entry<Long, PortSweep> entry : sweeps.entrySet()) {
            List<Integer> starts = entry.getValue().starts();
            if (filled.length < count + starts.size()) {
                filled = Arrays.copyOf(filled, Math.max(filled.length * 2, count + starts.size()));
            }
            int at = slotFor(entry.getKey());
            keys[at] = entry.getKey();
            bounds[2 * at] = count;
            for (int value : starts) {
                filled[count++] = value;
            }
            bounds[2 * at + 1] = count;
        }
        ranges = Arrays.copyOf(filled, count);
    }

    /**
     * The key of a set of ports.
     *
     * @param protocol 9 bits
     * @param member 24 bits
     * @param remote 24 bits
     */
    static long key(boolean outbound, int protocol, int member, int remote) {
        return (long) member << 34 | (long) remote << 10 | (long) protocol << 1 | (outbound ? 1 : 0);
    }

    /** Number of the first rule, or {@link Integer#MAX_VALUE}. */
    int first(boolean outbound, int protocol, int member, int remote, int port) {
        long key = key(outbound, protocol, member, remote);
        int at = slotFor(key);
        if (keys[at] != key) {
            return Integer.MAX_VALUE;
        }
        int low = bounds[2 * at] >> 1;
        int high = (bounds[2 * at + 1] >> 1) - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (ranges[2 * middle] > port) {
                high = middle - 1;
            } else {
                low = middle;
            }
        }
        return ranges[2 * low + 1];
    }

    /** Where {@code key} is, or the free slot where it would be. */
    private int slotFor(long key) {
        int at = (int) ((key * SPREAD) >>> shift);
        while (keys[at] != key && keys[at] != FREE) {
            at = (at + 1) & (keys.length - 1);
        }
        return at;
    }
}

package net.vgate.translate;

import java.util.Arrays;
import java.util.Comparator;
import net.vgate.packet.Prefix;

/** Which IPv4 prefix stands for which other one. Immutable; a look-up allocates nothing. */
final class PrefixMap {
    /** No prefix has the address. */
    static final long NONE = -1;

    // Addresses are kept as unsigned numbers: first and last of each range, and what to add to come to the other side.
    private final long[] first;
    private final long[] last;
    private final int[] shift;

    /** Ranges that do not overlap, {@code from[i]} to {@code to[i]}. */
    PrefixMap(Prefix[] from, Prefix[] to) {
        Integer[] order = new Integer[from.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparing(i -> from[i].network()));
        first = new long[from.length];
        last = new long[from.length];
        shift = new int[from.length];
        for (int i = 0; i < order.length; i++) {
            Prefix range = from[order[i]];
            int network = range.network().ipv4Bits();
            first[i] = Integer.toUnsignedLong(network);
            last[i] = first[i] + (1L << (32 - range.length())) - 1;
            shift[i] = to[order[i]].network().ipv4Bits() - network;
            if (i > 0 && first[i] <= last[i - 1]) {
                throw new IllegalArgumentException(range + " overlaps the prefix before it");
            }
        }
    }

    boolean isEmpty() {
        return first.length == 0;
    }

    /** The 32 bits, unsigned, that stand for {@code address}; or {@link #NONE}. */
    long map(int address) {
        long wanted = Integer.toUnsignedLong(address);
        int low = 0;
        int high = first.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (last[middle] < wanted) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        boolean inside = low < first.length && first[low] <= wanted;
        return inside ? Integer.toUnsignedLong(address + shift[low]) : NONE;
    }
}

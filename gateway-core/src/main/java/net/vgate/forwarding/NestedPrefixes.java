package net.vgate.forwarding;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;

/** Prefixes by number, each with the next larger one around it. Number 0 is around them all, in both families. */
final class NestedPrefixes {
    /** Around number 0 there is nothing. */
    static final int NONE = -1;

    private static final int EVERYTHING = 0;

    private static final Comparator<Prefix> OUTER_FIRST =
            Comparator.<Prefix, IpAddress>comparing(Prefix::network).thenComparingInt(Prefix::length);

    private final PrefixTable table;
    private final Map<Prefix, Integer> numbers = new HashMap<>();
    private final int[] around;

    NestedPrefixes(Collection<Prefix> prefixes) {
        Prefix[] sorted = prefixes.stream().distinct().sorted(OUTER_FIRST).toArray(Prefix[]::new);
        around = new int[sorted.length + 1];
        Arrays.fill(around, EVERYTHING);
        around[EVERYTHING] = NONE;
        PrefixTable.Builder builder = new PrefixTable.Builder();
        Deque<Prefix> open = new ArrayDeque<>();
        for (int i = 0; i < sorted.length; i++) {
            int number = i + 1;
            while (!open.isEmpty() && !open.getLast().contains(sorted[i].network())) {
                open.removeLast();
            }
            if (!open.isEmpty()) {
                around[number] = number(open.getLast());
            }
            open.addLast(sorted[i]);
            numbers.put(sorted[i], number);
            builder.add(sorted[i], number);
        }
        table = builder.build();
    }

    /** Number of a prefix that the object was made from. */
    int number(Prefix prefix) {
        Integer number = numbers.get(prefix);
        if (number == null) {
            throw new IllegalArgumentException(prefix + " is none of the prefixes");
        }
        return number;
    }

    /** Number of the prefix that stands for all addresses. */
    int everything() {
        return EVERYTHING;
    }

    /** Number of the longest prefix that holds the address. */
    int innermost(long hi, long lo) {
        return Math.max(EVERYTHING, table.lookup(hi, lo));
    }

    /** Number of the next larger prefix, or {@link #NONE}. */
    int around(int number) {
        return around[number];
    }
}

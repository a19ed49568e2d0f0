package net.vgate.forwarding;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;

/** Prefixes by number, each with the next larger one around it. Number 0 is around them all, in both families. */
final class NestedPrefixes {
    /** Around number 0 there is nothing. */
    static final int NONE = -1;

    /** Number of the prefix that stands for all addresses. */
    static final int EVERYTHING = 0;

    private static final Comparator<Prefix> OUTER_FIRST =
            Comparator.<Prefix, IpAddress>comparing(Prefix::network).thenComparingInt(Prefix::length);

    private final PrefixTable table;
    private final int[] around;

    /** @param numbers gets the number of each of {@code prefixes} */
    NestedPrefixes(Collection<Prefix> prefixes, Map<Prefix, Integer> numbers) {
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
                around[number] = Objects.requireNonNull(numbers.get(open.getLast()));
            }
            open.addLast(sorted[i]);
            numbers.put(sorted[i], number);
            builder.add(sorted[i], number);
        }
        table = builder.build();
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

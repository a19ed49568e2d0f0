package net.vgate.forwarding;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import net.vgate.packet.IpAddress;

/**
 * Flattens nested prefixes of one family: walks them in the order of their addresses, keeps those that are open on a
 * stack, and notes each address from which on the answer is another.
 */
final class RangeSweep {
    private static final Comparator<PrefixTable.Entry> OUTER_FIRST = Comparator.<PrefixTable.Entry, IpAddress>comparing(
                    entry -> entry.prefix().network())
            .thenComparingInt(entry -> entry.prefix().length());

    private long[] startHi;
    private long[] startLo;
    private int[] value;
    private int count;

    RangeSweep(List<PrefixTable.Entry> entries) {
        // Each prefix begins one range, and its end at most one more.
        int most = Math.multiplyExact(entries.size(), 2);
        startHi = new long[most];
        startLo = new long[most];
        value = new int[most];
        sweep(entries);
    }

    /** Starts in ascending order, where no two neighbours have the same answer. */
    AddressRanges ranges() {
        return AddressRanges.of(
                Arrays.copyOf(startHi, count), Arrays.copyOf(startLo, count), Arrays.copyOf(value, count));
    }

    private void sweep(List<PrefixTable.Entry> entries) {
        PrefixTable.Entry[] sorted = entries.toArray(new PrefixTable.Entry[0]);
        Arrays.sort(sorted, OUTER_FIRST);
        Deque<PrefixTable.Entry> open = new ArrayDeque<>();
        for (PrefixTable.Entry entry : sorted) {
            IpAddress first = entry.prefix().network();
            while (!open.isEmpty() && isBefore(open.getLast(), first)) {
                closeLast(open);
            }
            PrefixTable.Entry outer = open.peekLast();
            if (outer != null && outer.prefix().equals(entry.prefix()) && outer.value() != entry.value()) {
                throw new IllegalArgumentException(
                        entry.prefix() + " has two values, " + outer.value() + " and " + entry.value());
            }
            begin(first.hi(), first.lo(), entry.value());
            open.addLast(entry);
        }
        while (!open.isEmpty()) {
            closeLast(open);
        }
    }

    private static boolean isBefore(PrefixTable.Entry entry, IpAddress address) {
        return new IpAddress(entry.lastHi(), entry.lastLo()).compareTo(address) < 0;
    }

    /** After the last address of the innermost open prefix, the answer is that of the one around it. */
    private void closeLast(Deque<PrefixTable.Entry> open) {
        PrefixTable.Entry closed = open.removeLast();
        PrefixTable.Entry outer = open.peekLast();
        long lo = closed.lastLo() + 1;
        long hi = lo == 0 ? closed.lastHi() + 1 : closed.lastHi();
        boolean endOfIpv6 = hi == 0 && lo == 0;
        if (!endOfIpv6) {
            // One past the last IPv4 address, ::1:0:0:0, is asked for by nobody: the families' tables are apart.
            begin(hi, lo, outer == null ? PrefixTable.NONE : outer.value());
        }
    }

    private void begin(long hi, long lo, int answer) {
        if (count > 0 && startHi[count - 1] == hi && startLo[count - 1] == lo) {
            count--;
        }
        int before = count == 0 ? PrefixTable.NONE : value[count - 1];
        if (answer != before) {
            startHi[count] = hi;
            startLo[count] = lo;
            value[count] = answer;
            count++;
        }
    }
}

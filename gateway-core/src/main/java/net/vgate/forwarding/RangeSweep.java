package net.vgate.forwarding;

import java.util.Arrays;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PrefixList;

/**
 * Flattens nested prefixes of one family: walks them in the order of their addresses, keeps those that are open on a
 * stack, and tells each address from which on the answer is another. It walks as often as it is asked to, so that
 * whoever wants to know beforehand how many there are need not keep them.
 */
final class RangeSweep {
    private final PrefixList prefixes;
    private final int[] values;
    private final int[] sorted;

    // The open prefixes, outermost first, by their index.
    private int[] open = new int[8];
    private int openCount;

    private boolean hasPending;
    private long pendingHi;
    private long pendingLo;
    private int pendingAnswer;
    private int lastAnswer;

    /** Gets the starts of ranges, in ascending order; no two neighbours have the same answer. */
    interface Starts {
        void start(long hi, long lo, int answer);
    }

    /**
     * @param prefixes of one family
     * @param values of the prefixes, at the same indices; what is behind them does not count
     */
    RangeSweep(PrefixList prefixes, int[] values) {
        this.prefixes = prefixes;
        this.values = values;
        this.sorted = prefixes.sortedIndices();
    }

    /**
     * Tells {@code starts} every start.
     *
     * @throws IllegalArgumentException when one prefix has two values
     */
    void walk(Starts starts) {
        hasPending = false;
        lastAnswer = PrefixTable.NONE;
        openCount = 0;
        for (int index : sorted) {
            while (openCount > 0 && endsBefore(open[openCount - 1], index)) {
                closeLast(starts);
            }
            requireOneValue(index);
            begin(prefixes.hi(index), prefixes.lo(index), values[index], starts);
            if (openCount == open.length) {
                open = Arrays.copyOf(open, 2 * openCount);
            }
            open[openCount++] = index;
        }
        while (openCount > 0) {
            closeLast(starts);
        }
        tellPending(starts);
    }

    private void requireOneValue(int index) {
        if (openCount == 0) {
            return;
        }
        int outer = open[openCount - 1];
        boolean isSame = prefixes.hi(outer) == prefixes.hi(index)
                && prefixes.lo(outer) == prefixes.lo(index)
                && prefixes.length(outer) == prefixes.length(index);
        if (isSame && values[outer] != values[index]) {
            throw new IllegalArgumentException(
                    prefixes.get(index) + " has two values, " + values[outer] + " and " + values[index]);
        }
    }

    private boolean endsBefore(int outer, int next) {
        long hi = lastHi(outer);
        long lo = lastLo(outer);
        return hi != prefixes.hi(next)
                ? Long.compareUnsigned(hi, prefixes.hi(next)) < 0
                : Long.compareUnsigned(lo, prefixes.lo(next)) < 0;
    }

    /** After the last address of the innermost open prefix, the answer is that of the one around it. */
    private void closeLast(Starts starts) {
        int closed = open[--openCount];
        long lo = lastLo(closed) + 1;
        long hi = lo == 0 ? lastHi(closed) + 1 : lastHi(closed);
        boolean endOfIpv6 = hi == 0 && lo == 0;
        if (!endOfIpv6) {
            // One past the last IPv4 address, ::1:0:0:0, is asked for by nobody: the families' tables are apart.
            begin(hi, lo, openCount == 0 ? PrefixTable.NONE : values[open[openCount - 1]], starts);
        }
    }

    /** From an address on the answer is this one, unless another begins there, too. */
    private void begin(long hi, long lo, int answer, Starts starts) {
        if (hasPending && (hi != pendingHi || lo != pendingLo)) {
            tellPending(starts);
        }
        hasPending = true;
        pendingHi = hi;
        pendingLo = lo;
        pendingAnswer = answer;
    }

    private void tellPending(Starts starts) {
        if (hasPending && pendingAnswer != lastAnswer) {
            starts.start(pendingHi, pendingLo, pendingAnswer);
            lastAnswer = pendingAnswer;
        }
        hasPending = false;
    }

    private long lastHi(int index) {
        int length = mappedLength(index);
        return prefixes.hi(index) | (length >= 64 ? 0 : -1L >>> length);
    }

    private long lastLo(int index) {
        int length = mappedLength(index);
        return prefixes.lo(index) | (length <= 64 ? -1L : length == 128 ? 0 : -1L >>> (length - 64));
    }

    private int mappedLength(int index) {
        int familyBits = new IpAddress(prefixes.hi(index), prefixes.lo(index)).bits();
        return prefixes.length(index) + 128 - familyBits;
    }
}

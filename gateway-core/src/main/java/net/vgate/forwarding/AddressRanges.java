package net.vgate.forwarding;

/**
 * Ranges of addresses, each with an answer, by ascending starts. Before the first start the answer is
 * {@link PrefixTable#NONE}. Immutable; a look-up allocates nothing.
 */
abstract sealed class AddressRanges permits FewRanges, ManyRanges {
    /** Up to as many are kept on the heap: most V-nets have a prefix or two, and memory of its own costs 250 bytes. */
    private static final int FEW = 16;

    /** The ranges of {@code sweep}. */
    static AddressRanges of(RangeSweep sweep) {
        Extent extent = new Extent();
        sweep.walk(extent);
        return extent.count() <= FEW ? new FewRanges(extent.count(), sweep::walk) : new ManyRanges(extent, sweep);
    }

    /** The answer of the range that the address is in. */
    abstract int lookup(long hi, long lo);

    /** Bytes of memory outside of the heap. */
    abstract long bytes();

    static boolean isLess(long hi, long lo, long otherHi, long otherLo) {
        return hi != otherHi ? Long.compareUnsigned(hi, otherHi) < 0 : Long.compareUnsigned(lo, otherLo) < 0;
    }

    /** How many starts there are, the first and the last. */
    static final class Extent implements RangeSweep.Starts {
        private int count;
        private long firstHi;
        private long firstLo;
        private long lastHi;
        private long lastLo;

        @Override
        public void start(long hi, long lo, int answer) {
            if (count == 0) {
                firstHi = hi;
                firstLo = lo;
            }
            lastHi = hi;
            lastLo = lo;
            count++;
        }

        int count() {
            return count;
        }

        long firstHi() {
            return firstHi;
        }

        long firstLo() {
            return firstLo;
        }

        long lastHi() {
            return lastHi;
        }

        long lastLo() {
            return lastLo;
        }
    }
}

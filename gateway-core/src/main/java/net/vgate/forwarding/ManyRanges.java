package net.vgate.forwarding;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Many ranges, whose starts are outside of the heap: a million members cost the collector nothing.
 *
 * <p>A search begins where a guide says: one entry for each of about as many equal parts of the span of all starts as
 * there are starts. Members that were given addresses one after another then leave two or three steps, whatever their
 * number; the worst case is a binary search.
 */
final class ManyRanges extends AddressRanges {
    private static final int START_BYTES = 16;
    private static final int ANSWER_BYTES = 4;
    private static final int GUIDE_BYTES = 4;

    private final int count;
    private final long firstHi;
    private final long firstLo;

    /** How far a distance from the first start is shifted to the right to give its part's number. */
    private final int shift;

    private final int parts;

    /** The starts, then the answers, then the guide. */
    private final ByteBuffer memory;

    private final int answersAt;
    private final int guideAt;

    ManyRanges(Extent extent, RangeSweep sweep) {
        count = extent.count();
        firstHi = extent.firstHi();
        firstLo = extent.firstLo();
        shift = shiftFor(extent.lastHi(), extent.lastLo(), count);
        parts = part(extent.lastHi(), extent.lastLo()) + 1;
        answersAt = Math.multiplyExact(count, START_BYTES);
        guideAt = answersAt + count * ANSWER_BYTES;
        int guideEnd = Math.addExact(guideAt, (parts + 1) * GUIDE_BYTES);
        memory = ByteBuffer.allocateDirect(guideEnd).order(ByteOrder.nativeOrder());
        sweep.walk(new Filling(memory, answersAt));
        fillGuide();
    }

    /** Writes starts and answers. */
    private static final class Filling implements RangeSweep.Starts {
        private final ByteBuffer memory;
        private final int answersAt;
        private int count;

        Filling(ByteBuffer memory, int answersAt) {
            this.memory = memory;
            this.answersAt = answersAt;
        }

        @Override
        public void start(long hi, long lo, int answer) {
            memory.putLong(count * START_BYTES, hi);
            memory.putLong(count * START_BYTES + Long.BYTES, lo);
            memory.putInt(answersAt + count * ANSWER_BYTES, answer);
            count++;
        }
    }

    @Override
    int lookup(long hi, long lo) {
        if (isLess(hi, lo, firstHi, firstLo)) {
            return PrefixTable.NONE;
        }
        int part = Math.min(part(hi, lo), parts - 1);
        int low = memory.getInt(guideAt + part * GUIDE_BYTES);
        int high = memory.getInt(guideAt + (part + 1) * GUIDE_BYTES);
        // The start sought, the last one that is not after the address, is at or after low, and before or at high.
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            long middleHi = memory.getLong(middle * START_BYTES);
            if (isLess(hi, lo, middleHi, memory.getLong(middle * START_BYTES + Long.BYTES))) {
                high = middle - 1;
            } else {
                low = middle;
            }
        }
        return memory.getInt(answersAt + low * ANSWER_BYTES);
    }

    @Override
    long bytes() {
        return memory.capacity();
    }

    /** The smallest shift that leaves no more parts than the power of two at or below {@code count}. */
    private int shiftFor(long lastHi, long lastLo, int starts) {
        long distanceLo = lastLo - firstLo;
        long distanceHi = lastHi - firstHi - (Long.compareUnsigned(lastLo, firstLo) < 0 ? 1 : 0);
        int bits = distanceHi != 0
                ? 128 - Long.numberOfLeadingZeros(distanceHi)
                : 64 - Long.numberOfLeadingZeros(distanceLo);
        int partBits = 31 - Integer.numberOfLeadingZeros(starts);
        return Math.max(0, bits - partBits);
    }

    /** Number of the part that an address at or after the first start is in; large for one after the last start. */
    private int part(long hi, long lo) {
        long distanceLo = lo - firstLo;
        long distanceHi = hi - firstHi - (Long.compareUnsigned(lo, firstLo) < 0 ? 1 : 0);
        long part;
        if (shift >= 64) {
            part = distanceHi >>> (shift - 64);
        } else if (distanceHi >>> shift != 0) {
            return Integer.MAX_VALUE;
        } else {
            part = distanceLo >>> shift | (shift == 0 ? 0 : distanceHi << (64 - shift));
        }
        return part < 0 || part > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) part;
    }

    /** At each part, the last start that is not after the part's first address; one more, for the end of the last. */
    private void fillGuide() {
        int start = 0;
        for (int part = 0; part < parts; part++) {
            while (start + 1 < count && partOfStart(start + 1) < part) {
                start++;
            }
            // The next start may be in this part, and after the part's first address, so this is the lowest answer.
            memory.putInt(guideAt + part * GUIDE_BYTES, start);
        }
        memory.putInt(guideAt + parts * GUIDE_BYTES, count - 1);
    }

    private int partOfStart(int start) {
        return part(memory.getLong(start * START_BYTES), memory.getLong(start * START_BYTES + Long.BYTES));
    }
}

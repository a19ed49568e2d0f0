package net.vgate.forwarding;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Ranges of addresses, each with an answer, as ascending starts outside of the heap: a million members cost the
 * collector nothing. Before the first start the answer is {@link PrefixTable#NONE}.
 *
 * <p>A search begins where a guide says: one entry for each of about as many equal parts of the span of all starts as
 * there are starts. Members that were given addresses one after another then leave two or three steps, whatever their
 * number; the worst case is a binary search.
 */
final class AddressRanges {
    private static final AddressRanges NONE = new AddressRanges(new long[0], new long[0], new int[0]);

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

    private AddressRanges(long[] startHi, long[] startLo, int[] answer) {
        count = answer.length;
        firstHi = count == 0 ? 0 : startHi[0];
        firstLo = count == 0 ? 0 : startLo[0];
        shift = count == 0 ? 0 : shiftFor(startHi[count - 1], startLo[count - 1], count);
        parts = count == 0 ? 0 : part(startHi[count - 1], startLo[count - 1]) + 1;
        answersAt = Math.multiplyExact(count, START_BYTES);
        guideAt = answersAt + count * ANSWER_BYTES;
        int guideEnd = Math.addExact(guideAt, (parts + 1) * GUIDE_BYTES);
        memory = ByteBuffer.allocateDirect(count == 0 ? 0 : guideEnd).order(ByteOrder.nativeOrder());
        for (int i = 0; i < count; i++) {
            memory.putLong(i * START_BYTES, startHi[i]);
            memory.putLong(i * START_BYTES + Long.BYTES, startLo[i]);
            memory.putInt(answersAt + i * ANSWER_BYTES, answer[i]);
        }
        if (count > 0) {
            fillGuide(startHi, startLo);
        }
    }

    /** The ranges that begin at ascending starts, each with its answer. */
    static AddressRanges of(long[] startHi, long[] startLo, int[] answer) {
        return answer.length == 0 ? NONE : new AddressRanges(startHi, startLo, answer);
    }

    /** The answer of the range that the address is in. */
    int lookup(long hi, long lo) {
        if (count == 0 || isLess(hi, lo, firstHi, firstLo)) {
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
    private void fillGuide(long[] startHi, long[] startLo) {
        int start = 0;
        for (int part = 0; part < parts; part++) {
            while (start + 1 < count && part(startHi[start + 1], startLo[start + 1]) < part) {
                start++;
            }
            // The next start may be in this part, and after the part's first address, so this is the lowest answer.
            memory.putInt(guideAt + part * GUIDE_BYTES, start);
        }
        memory.putInt(guideAt + parts * GUIDE_BYTES, count - 1);
    }

    private static boolean isLess(long hi, long lo, long otherHi, long otherLo) {
        return hi != otherHi ? Long.compareUnsigned(hi, otherHi) < 0 : Long.compareUnsigned(lo, otherLo) < 0;
    }
}

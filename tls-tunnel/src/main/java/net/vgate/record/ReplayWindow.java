package net.vgate.record;

/**
 * Which of the latest sequence numbers were seen, RFC 6347 section 4.1.2.6; a ring of blocks as RFC 6479 has it, so
 * that moving on clears whole words. Numbers that fell out of the window count as seen.
 *
 * <p><b>Threading.</b> One thread.
 */
final class ReplayWindow {
    /** Large enough for what several queues and a long fat path put out of order. */
    static final int DEFAULT_BITS = 16_384;

    private static final int WORD_BITS = 64;

    private final long[] ring;
    private final int mask;
    private final long window;
    private long highest = -1;

    /**
     * @param bits a power of two, at least 128; one word of it is being cleared at any time, so that the window is 64
     *     numbers less
     */
    ReplayWindow(int bits) {
        if (bits < 2 * WORD_BITS || Integer.bitCount(bits) != 1) {
            throw new IllegalArgumentException("no size of a window: " + bits);
        }
        this.ring = new long[bits / WORD_BITS];
        this.mask = ring.length - 1;
        this.window = (long) bits - WORD_BITS;
    }

    /** How many numbers, up to the highest, are told apart. */
    long window() {
        return window;
    }

    /** Whether a record with this number may be new; it says nothing until the record is authenticated. */
    boolean mayBeNew(long sequence) {
        if (sequence > highest) {
            return true;
        }
        return highest - sequence < window && (ring[word(sequence)] & bit(sequence)) == 0;
    }

    /** Whether all numbers that were noted are lower. */
    boolean isNewest(long sequence) {
        return sequence > highest;
    }

    /**
     * Notes the number of an authenticated record.
     *
     * @return false if it had been seen already, or is too old to tell
     */
    boolean commit(long sequence) {
        if (!mayBeNew(sequence)) {
            return false;
        }
        if (sequence > highest) {
            clearUpTo(sequence);
            highest = sequence;
        }
        ring[word(sequence)] |= bit(sequence);
        return true;
    }

    private void clearUpTo(long sequence) {
        long from = highest >> 6;
        long words = Math.min((sequence >> 6) - from, ring.length);
        for (long i = 1; i <= words; i++) {
            ring[(int) (from + i) & mask] = 0;
        }
    }

    private int word(long sequence) {
        return (int) (sequence >>> 6) & mask;
    }

    private static long bit(long sequence) {
        return 1L << (sequence & (WORD_BITS - 1));
    }
}

package net.vgate.tunnel;

/** Which of the last requests were answered: the loss of a path, there and back. */
final class LossWindow {
    /** How many requests the loss is the share of. */
    static final int SIZE = 32;

    private static final int REMEMBERED = 64;

    /** Bit i is that of the request before the newest by i. */
    private long answered;

    private int sent;

    void reset() {
        sent = 0;
    }

    void sent() {
        answered <<= 1;
        sent = Math.min(sent + 1, REMEMBERED);
    }

    /** @param age how many were sent after it */
    void answered(int age) {
        if (age >= 0 && age < sent) {
            answered |= 1L << age;
        }
    }

    /** How many requests count, if the newest {@code waiting} may still be answered. */
    int known(int waiting) {
        return Math.max(0, Math.min(SIZE, sent - waiting));
    }

    /** How many of the newest, {@code waiting} left out, were answered one after the other. */
    int answeredInARow(int waiting) {
        return Math.min(known(waiting), Long.numberOfTrailingZeros(~(answered >>> waiting)));
    }

    /** The share of them that had no answer, 0 to 1; -1 when there are none. */
    double loss(int waiting) {
        int known = known(waiting);
        if (known == 0) {
            return PathStatus.UNKNOWN_LOSS;
        }
        long counted = answered >>> waiting & (-1L >>> (REMEMBERED - known));
        return (known - Long.bitCount(counted)) / (double) known;
    }
}

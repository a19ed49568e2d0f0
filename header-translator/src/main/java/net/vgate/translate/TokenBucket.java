package net.vgate.translate;

/**
 * A limit on how often something may happen: on average {@code perSecond}, and {@code burst} times at once after a
 * pause. Time is passed in, in nanoseconds of any origin that does not run backwards. For one thread.
 */
public final class TokenBucket {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final long intervalNanos;
    private final long toleranceNanos;

    /** The moment at which the bucket is full again. */
    private long fullNanos;

    /** A full bucket. */
    public TokenBucket(int perSecond, int burst, long nowNanos) {
        if (perSecond < 1 || burst < 1) {
            throw new IllegalArgumentException("rate " + perSecond + " and burst " + burst + " must be positive");
        }
        intervalNanos = Math.max(1, NANOS_PER_SECOND / perSecond);
        toleranceNanos = intervalNanos * (burst - 1L);
        fullNanos = nowNanos;
    }

    /** Takes a token if there is one. */
    public boolean take(long nowNanos) {
        return take(nowNanos, 1);
    }

    /** Takes {@code tokens} if there is one at least; those that are missing are owed. */
    public boolean take(long nowNanos, int tokens) {
        long debt = Math.max(0, fullNanos - nowNanos);
        if (debt > toleranceNanos) {
            return false;
        }
        fullNanos = nowNanos + debt + tokens * intervalNanos;
        return true;
    }
}

package net.vgate.dataplane;

/**
 * Controlled delay, RFC 8289: decides which packets of a queue are to be dropped, or marked, so that it does not stand.
 * It goes by how long packets waited, so it needs to know neither the rate nor how long the queue should be. Time is
 * passed in. For one thread.
 */
final class CoDel {
    /** A delay that may stand, RFC 8289 section 4.3; a queue of one packet is none that stands. */
    static final long TARGET_NANOS = 5_000_000;

    /** A worst round-trip time, RFC 8289 section 4.3. */
    static final long INTERVAL_NANOS = 100_000_000;

    /** Within so many intervals what was found out about a load is still true: RFC 8289 section 5.5. */
    private static final int MEMORY_INTERVALS = 16;

    private static final long NOT_ABOVE = Long.MIN_VALUE;

    private long standingFromNanos = NOT_ABOVE;
    private boolean isDropping;
    private long nextNanos;
    private long count;
    private long countBefore;

    /**
     * Whether the packet that is taken off the queue now is to be dropped or marked.
     *
     * @param isLast whether no other is behind it
     */
    boolean condemns(long waitedNanos, long nowNanos, boolean isLast) {
        boolean stands = stands(waitedNanos, nowNanos, isLast);
        if (isDropping) {
            isDropping = stands;
            if (!stands || nowNanos - nextNanos < 0) {
                return false;
            }
            count++;
            nextNanos += step();
            return true;
        }
        if (!stands) {
            return false;
        }
        isDropping = true;
        long since = count - countBefore;
        boolean isRecent = nowNanos - nextNanos < MEMORY_INTERVALS * INTERVAL_NANOS;
        count = since > 1 && isRecent ? since : 1;
        countBefore = count;
        nextNanos = nowNanos + step();
        return true;
    }

    /** Whether the delay has been above the target for an interval. */
    private boolean stands(long waitedNanos, long nowNanos, boolean isLast) {
        if (waitedNanos < TARGET_NANOS || isLast) {
            standingFromNanos = NOT_ABOVE;
            return false;
        }
        if (standingFromNanos == NOT_ABOVE) {
            standingFromNanos = nowNanos + INTERVAL_NANOS;
            return false;
        }
        return nowNanos - standingFromNanos >= 0;
    }

    private long step() {
        return (long) (INTERVAL_NANOS / Math.sqrt((double) count));
    }
}

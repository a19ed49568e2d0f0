package net.vgate.tunnel;

import java.util.concurrent.TimeUnit;

/** A message that is sent until it is answered, ever less often. */
final class Retransmission {
    static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    static final long CAP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ControlMessage message;
    private long interval = FIRST_NANOS;
    private long at;

    /** Due for the first time at {@code now}. */
    Retransmission(ControlMessage message, long now) {
        this.message = message;
        this.at = now;
    }

    long at() {
        return at;
    }

    /** The message; the next time that it is due is set from {@code now}. */
    ControlMessage next(long now) {
        at = now + interval;
        interval = Math.min(2 * interval, CAP_NANOS);
        return message;
    }
}

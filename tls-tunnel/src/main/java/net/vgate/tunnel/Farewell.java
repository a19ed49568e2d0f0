package net.vgate.tunnel;

import java.util.concurrent.TimeUnit;
import net.vgate.tunnel.ControlMessage.Closing;
import net.vgate.tunnel.ControlMessage.ClosingReason;
import net.vgate.tunnel.TunnelAction.SendControl;

/** The last moments of a tunnel that stops: the peer is told of it again and again, for there may be no answer. */
final class Farewell {
    /** How long a stopping tunnel waits for the peer to have heard of it. */
    private static final long CLOSING_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private static final long REPEAT_NANOS = TimeUnit.MILLISECONDS.toNanos(80);

    private long until = Deadline.NEVER;
    private long repeatAt = Deadline.NEVER;

    void begin(long now) {
        until = now + CLOSING_NANOS;
        repeatAt = now;
    }

    boolean isBegun() {
        return until != Deadline.NEVER;
    }

    /** The peer has closed as well: there is nobody to be told any more. */
    void cutShort(long now) {
        until = now;
    }

    /** Goes on; returns whether it is over. */
    boolean goOn(Succession succession, Outbox out, long now) {
        AssociationState one = succession.inUse();
        if (one == null || Deadline.isDue(until, now)) {
            succession.endAll();
            return true;
        }
        if (Deadline.isDue(repeatAt, now)) {
            repeatAt = now + REPEAT_NANOS;
            out.add(new SendControl(one.id, new Closing(ClosingReason.STOPPING)));
        }
        return false;
    }

    long wakeAt() {
        return Deadline.earlier(until, repeatAt);
    }
}

package net.vgate.control;

import java.util.concurrent.TimeUnit;
import net.vgate.record.Association;
import net.vgate.record.Quiescence;
import net.vgate.tunnel.ControlMessage;
import net.vgate.tunnel.ControlMessage.EchoReply;
import net.vgate.tunnel.ControlMessage.EchoRequest;
import org.jspecify.annotations.Nullable;

/**
 * Keeps flows in order when a lane goes back from a stream to UDP: data on the new association is held until what went
 * into the stream before has come out of it, however much of it waits in queues. That is known by an echo request on
 * the old association, which is sealed when no worker uses that any more: the peer opens it behind all data, and the
 * worker there is done with these before it takes anything that left after the answer.
 *
 * <p><b>Threading.</b> The conductor's thread only; every moment is an argument.
 */
final class ReturnFence {
    /** A stream that takes longer is so slow that packets which come late by that are better than none. */
    static final long HOLD_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    /** Time between two looks at the workers: a turn or two of a busy one. */
    static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** Either message may be lost where queues are full. */
    static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final int NUMBER = 1;

    private final Association before;
    private final Association after;
    private final Quiescence quiescence;
    private final long deadline;
    private long generation;
    private long lookAt = Long.MAX_VALUE;

    /** Holds data on {@code after}, which is published next. */
    ReturnFence(Association before, Association after, Quiescence quiescence, long now) {
        this.before = before;
        this.after = after;
        this.quiescence = quiescence;
        this.deadline = now + HOLD_NANOS;
        after.hold(deadline);
    }

    /** Workers take {@code after} from now on. */
    void published(long now) {
        generation = quiescence.begin();
        lookAt = now;
    }

    /** The association that is left. */
    Association before() {
        return before;
    }

    /** When {@link #tick} is due; {@code Long.MAX_VALUE} when it is not. */
    long wakeAt() {
        return lookAt;
    }

    /** What is to be sent on the old association now, or null. */
    @Nullable
    EchoRequest tick(long now) {
        if (lookAt == Long.MAX_VALUE || now - lookAt < 0) {
            return null;
        }
        boolean isReached = quiescence.isReached(generation);
        boolean isOver = now - deadline >= 0;
        lookAt = isOver ? Long.MAX_VALUE : now + (isReached ? AGAIN_NANOS : LOOK_NANOS);
        return isReached && !isOver ? new EchoRequest(NUMBER, deadline) : null;
    }

    /** A message has come on {@code association}: the answer, perhaps. */
    void received(Association association, @Nullable ControlMessage message) {
        if (association == before && message instanceof EchoReply reply && reply.stamp() == deadline) {
            lift();
        }
    }

    /** Data need not wait any more. */
    void lift() {
        lookAt = Long.MAX_VALUE;
        after.release();
    }
}

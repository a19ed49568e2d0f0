package net.vgate.control;

import java.util.concurrent.TimeUnit;
import net.vgate.record.Association;
import net.vgate.record.Quiescence;
import net.vgate.tunnel.ControlMessage;
import net.vgate.tunnel.ControlMessage.EchoReply;
import net.vgate.tunnel.ControlMessage.EchoRequest;
import net.vgate.tunnel.DatagramPort;
import org.jspecify.annotations.Nullable;

/**
 * Keeps flows in order when a lane goes over to an association on another path: data on the new association is held
 * until what went the old way before has come out of it, however much of it waits in queues. That is known by an echo
 * request on the old association, which is sealed when no worker uses that any more: the peer opens it behind all data,
 * and the worker there is done with these before it takes anything that left after the answer.
 *
 * <p>Two paths of UDP have such queues, too: the sockets where the peer receives. When both ends call at once, two
 * associations come up one after the other, each on sockets of its own.
 *
 * <p><b>Threading.</b> The conductor's thread only; every moment is an argument.
 */
final class OrderFence {
    /** A path that takes longer is so slow that packets which come late by that are better than none. */
    static final long HOLD_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    /** Time between two looks at the workers: a turn or two of a busy one. */
    static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** Either message may be lost where queues are full. */
    static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** A path of UDP that is quiet for so long, and for two round trips, may be dead, and is not waited for. */
    static final long LIVELY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final int NUMBER = 1;

    private final Association before;
    private final Association after;
    private final Quiescence quiescence;
    private final long deadline;
    private long generation;
    private long lookAt = Long.MAX_VALUE;

    /**
     * Whether data on {@code after} could overtake what went before it, and is to wait for that. A stream says when it
     * is dead; a path of UDP has to have been heard of lately, since data that waits for a dead one is late in vain.
     * Nothing waits before it goes into a stream, which is slower than UDP.
     *
     * @param rttNanos between the two ends, 0 while unknown
     */
    static boolean isNeeded(Association before, Association after, long rttNanos, long now) {
        if (after.local() == DatagramPort.STREAM || before.path().equals(after.path())) {
            return false;
        }
        return before.local() == DatagramPort.STREAM
                || now - before.lastAuthenticatedNanos() < Math.max(LIVELY_NANOS, 2 * rttNanos);
    }

    /** Holds data on {@code after}, which is published next. */
    OrderFence(Association before, Association after, Quiescence quiescence, long now) {
        this.before = before;
        this.after = after;
        this.quiescence = quiescence;
        this.deadline = now + HOLD_NANOS;
        after.hold(deadline);
    }

    /**
     * Workers take {@code after} from now on.
     *
     * @param isBeforeHeld whether data waited on the old association until now: then it is sent first, in a turn or two
     */
    void published(boolean isBeforeHeld, long now) {
        generation = quiescence.begin();
        lookAt = isBeforeHeld ? now + 2 * LOOK_NANOS : now;
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

    /** A message has come on {@code association}. Returns whether it was the answer. */
    boolean received(Association association, @Nullable ControlMessage message) {
        if (association == before && message instanceof EchoReply reply && reply.stamp() == deadline) {
            lift();
            return true;
        }
        return false;
    }

    /** Data need not wait any more. */
    void lift() {
        lookAt = Long.MAX_VALUE;
        after.release();
    }
}

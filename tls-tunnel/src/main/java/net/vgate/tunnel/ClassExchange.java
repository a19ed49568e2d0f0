package net.vgate.tunnel;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.vgate.tunnel.ControlMessage.Demands;
import net.vgate.tunnel.ControlMessage.DemandsAck;
import org.jspecify.annotations.Nullable;

/**
 * Tells the peer what is demanded here for each V-net, and learns what it demands: in parts, some of them under way at
 * once, each repeated until it is answered. All of it is said anew on each association that comes into use; what the
 * same process of the peer has said stays good until it has said something else.
 */
final class ClassExchange {
    /** Parts under way at once. */
    private static final int WINDOW = 16;

    /** A peer that demands something else all the time is not compared with more often than this. */
    private static final long BETWEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private VnetDemands own = VnetDemands.NONE;
    private boolean isOpen;
    private int generation;
    private List<Demands> parts = List.of();
    private final BitSet answered = new BitSet();
    private long repeatAt = Deadline.NEVER;
    private Repetition repetition = new Repetition();

    private @Nullable VnetDemands peers;
    private long peerIncarnation;
    private int heardGeneration;
    private @Nullable Demands[] heard = {};
    private int heardParts;
    private long concludedAt = Deadline.NEVER;

    /** How long to wait for answers: longer each time. */
    private static final class Repetition {
        private long interval = Retransmission.FIRST_NANOS;

        long next() {
            long now = interval;
            interval = Math.min(2 * interval, Retransmission.CAP_NANOS);
            return now;
        }
    }

    /** This is demanded here from now on. */
    void adopt(VnetDemands next, long now) {
        if (!next.equals(own)) {
            own = next;
            say(now);
        }
    }

    /**
     * Another association is in use.
     *
     * @param offered whether both ends have offered {@link Capability#CLASSES} on it
     */
    void begin(boolean offered, long incarnation, long now) {
        isOpen = offered;
        if (!offered || incarnation != peerIncarnation) {
            peers = null;
        }
        peerIncarnation = incarnation;
        generation = 0;
        heardGeneration = 0;
        heard = new Demands[0];
        concludedAt = Deadline.NEVER;
        say(now);
    }

    /** No association is in use. */
    void end() {
        isOpen = false;
        repeatAt = Deadline.NEVER;
    }

    private void say(long now) {
        if (!isOpen) {
            repeatAt = Deadline.NEVER;
            return;
        }
        generation++;
        parts = Demands.of(generation, own);
        answered.clear();
        repetition = new Repetition();
        repeatAt = now;
    }

    /** What is to be sent at {@code now}. */
    List<Demands> due(long now) {
        List<Demands> due = new ArrayList<>();
        if (isOpen && Deadline.isDue(repeatAt, now)) {
            for (int part = answered.nextClearBit(0);
                    part < parts.size() && due.size() < WINDOW;
                    part = answered.nextClearBit(part + 1)) {
                due.add(parts.get(part));
            }
            repeatAt = now + repetition.next();
        }
        return due;
    }

    long wakeAt() {
        return isOpen ? repeatAt : Deadline.NEVER;
    }

    /** The peer has one of our parts. */
    void answered(DemandsAck ack, long now) {
        if (!isOpen || ack.generation() != generation || ack.part() >= parts.size() || answered.get(ack.part())) {
            return;
        }
        answered.set(ack.part());
        if (answered.cardinality() == parts.size()) {
            repeatAt = Deadline.NEVER;
        } else if (answered.cardinality() % WINDOW == 0) {
            // As many as were under way have come.
            repetition = new Repetition();
            repeatAt = now;
        }
    }

    /** A part of what the peer demands. Returns whether it is to be answered; what comes too soon is sent again. */
    boolean received(Demands part, long now) {
        if (!isOpen || part.generation() < heardGeneration) {
            return false;
        }
        if (part.generation() > heardGeneration) {
            if (concludedAt != Deadline.NEVER && now - concludedAt < BETWEEN_NANOS) {
                return false;
            }
            heardGeneration = part.generation();
            heard = new Demands[part.parts()];
            heardParts = 0;
        }
        if (part.parts() != heard.length) {
            return false;
        }
        if (heard[part.part()] == null) {
            heard[part.part()] = part;
            heardParts++;
            if (heardParts == heard.length) {
                concludedAt = now;
                conclude();
            }
        }
        return true;
    }

    private void conclude() {
        List<VnetDemands.Range> ranges = new ArrayList<>();
        for (Demands part : heard) {
            if (part != null) {
                ranges.addAll(part.ranges());
            }
        }
        VnetDemands said = new VnetDemands(ranges);
        if (!said.equals(peers)) {
            peers = said;
        }
    }

    /** What the peer demands; null when it has not said so. */
    @Nullable
    VnetDemands peers() {
        return peers;
    }
}

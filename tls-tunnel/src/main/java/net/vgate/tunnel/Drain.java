package net.vgate.tunnel;

import net.vgate.tunnel.ControlMessage.Draining;
import net.vgate.tunnel.ControlMessage.DrainingAck;
import net.vgate.tunnel.TunnelAction.SendControl;
import org.jspecify.annotations.Nullable;

/**
 * A gateway that goes into maintenance asks its peers to send flows to another one of its site, for as long as there is
 * one. It says so again on each new association, until it is acknowledged there, and again when it is over. What a peer
 * asked for holds as long as its process lives.
 */
final class Drain {
    private final Outbox out;

    private boolean drains;

    /** Rises with each change, so that a late message does not undo a later one. 0 is that nothing was ever said. */
    private int number;

    private int acknowledged;
    private @Nullable Retransmission telling;

    private boolean peerDrains;
    private int peerNumber;
    private long peerIncarnation;

    Drain(Outbox out) {
        this.out = out;
    }

    /**
     * @param next rises with each change
     * @param one the association in use, or null
     */
    void set(boolean isDraining, int next, @Nullable AssociationState one, long now) {
        if (next != number) {
            drains = isDraining;
            number = next;
            begin(one, now);
        }
    }

    /** Another association is in use, or none. */
    void begin(@Nullable AssociationState one, long now) {
        boolean isTold = one != null && number > 0 && one.offers(Capability.DRAINING);
        telling = isTold ? new Retransmission(new Draining(number, drains), now) : null;
        acknowledged = 0;
    }

    void tell(AssociationState one, long now) {
        if (telling != null && Deadline.isDue(telling.at(), now)) {
            out.add(new SendControl(one.id, telling.next(now)));
        }
    }

    long wakeAt() {
        return telling == null ? Deadline.NEVER : telling.at();
    }

    /** Returns whether the message was to be expected. */
    boolean received(AssociationState one, ControlMessage message, long incarnation) {
        if (!one.offers(Capability.DRAINING)) {
            return false;
        }
        if (message instanceof DrainingAck ack) {
            if (ack.number() == number) {
                acknowledged = number;
                telling = null;
            }
            return true;
        }
        if (message instanceof Draining draining) {
            if (incarnation != peerIncarnation) {
                peerIncarnation = incarnation;
                peerNumber = 0;
                peerDrains = false;
            }
            if (draining.number() > peerNumber) {
                peerNumber = draining.number();
                if (draining.drains() != peerDrains) {
                    peerDrains = draining.drains();
                    out.report(peerDrains ? TunnelEvent.PEER_DRAINS : TunnelEvent.PEER_STAYS, "");
                }
            }
            out.add(new SendControl(one.id, new DrainingAck(draining.number())));
            return true;
        }
        return false;
    }

    /** Whether the peer's process, the one of {@code incarnation}, wants flows to go elsewhere. */
    boolean isPeerDraining(long incarnation) {
        return peerDrains && incarnation == peerIncarnation;
    }

    /** Whether the peer has acknowledged, on the association in use, what we said last. */
    boolean isAcknowledged() {
        return number > 0 && acknowledged == number;
    }
}

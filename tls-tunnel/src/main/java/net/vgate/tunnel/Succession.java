package net.vgate.tunnel;

import java.util.concurrent.TimeUnit;
import net.vgate.tunnel.AssociationState.Phase;
import net.vgate.tunnel.ControlMessage.Closing;
import net.vgate.tunnel.ControlMessage.ClosingReason;
import net.vgate.tunnel.ControlMessage.Hello;
import net.vgate.tunnel.ControlMessage.HelloAck;
import net.vgate.tunnel.ControlMessage.Switch;
import net.vgate.tunnel.ControlMessage.SwitchAck;
import net.vgate.tunnel.TunnelAction.Close;
import net.vgate.tunnel.TunnelAction.Retire;
import net.vgate.tunnel.TunnelAction.SendControl;
import net.vgate.tunnel.TunnelAction.SendOn;
import net.vgate.tunnel.TunnelAction.StopSending;
import org.jspecify.annotations.Nullable;

/**
 * Which association of a tunnel is in use, and how one follows another without a lost packet.
 *
 * <pre>
 * client                        server
 *   | ---------- Hello ---------> |  sends on the new one from here
 *   | <-------- HelloAck -------- |
 *   |  sends on the new one,      |
 *   |  retires the old one        |
 *   | ---------- Switch --------> |  retires the old one
 *   | <-------- SwitchAck ------- |
 * </pre>
 *
 * Neither end retires an association before it knows that the other sends on a better one; a retired one opens what is
 * on its way for the drain time. Rank, see {@link AssociationSet#outranks}, is the same at both ends, and while an
 * association lives no end turns to one of lesser rank. A peer without hand-over messages has switched when its hellos
 * stop.
 */
final class Succession {
    /**
     * How long to wait for the answer to our hello before another handshake is started: the peer may have restarted.
     */
    private static final long ANSWER_NANOS = TimeUnit.MILLISECONDS.toNanos(2_400);

    /** How long an association stays without hello and answer. The server may be sending on it before we know. */
    private static final long GREETING_NANOS = TimeUnit.SECONDS.toNanos(10);

    /**
     * How much longer the server keeps what has drained: the client says that it is over, and if both said so at once,
     * each would be told of an association that it knows no more.
     */
    private static final long CLIENT_CLOSES_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final AssociationSet associations = new AssociationSet();
    private final TunnelCounters counters;
    private final Outbox out;

    private TunnelRules rules;
    private boolean ownClientWins;
    private @Nullable AssociationState inUse;
    private long peerIncarnation;
    private int highestGeneration;
    private int dialedGeneration;

    Succession(TunnelRules rules, TunnelCounters counters, Outbox out) {
        this.rules = rules;
        this.counters = counters;
        this.out = out;
        this.ownClientWins = rules.ownClientWins();
    }

    void adopt(TunnelRules next) {
        rules = next;
        ownClientWins = next.ownClientWins();
    }

    /** The association that is sent on, or null. */
    @Nullable
    AssociationState inUse() {
        return inUse;
    }

    @Nullable
    AssociationState find(long id) {
        return associations.find(id);
    }

    int size() {
        return associations.size();
    }

    long peerIncarnation() {
        return peerIncarnation;
    }

    /**
     * The peer is the process of {@code incarnation}, as it said on another lane: what was greeted with the one before
     * is dead. What has still to be greeted may be the new one's.
     */
    void peerIs(long incarnation) {
        if (peerIncarnation != incarnation) {
            endGreeted(false);
            beginWith(incarnation);
        }
    }

    /** Whether our hello on some association waits for its answer, and has reason to expect it. */
    boolean isGreeting(long now) {
        return !associations
                .matching(one -> one.phase == Phase.GREETING && !Deadline.isDue(one.bornNanos + ANSWER_NANOS, now))
                .isEmpty();
    }

    /** Whether there is an association that hello and answer have not passed on. */
    boolean hasUngreeted() {
        return !associations.matching(one -> !one.wasGreeted()).isEmpty();
    }

    /** We start a handshake: its rank is fixed now, so that whatever is established meanwhile is compared fairly. */
    void dial() {
        dialedGeneration =
                highestGeneration == ControlMessage.MAX_GENERATION ? highestGeneration : highestGeneration + 1;
    }

    /** The handshake that we started has succeeded: greet, unless something better is there. */
    void connected(long id, long now) {
        AssociationState one = new AssociationState(id, true, dialedGeneration, now, now + GREETING_NANOS);
        associations.add(one);
        if (inUse != null && !outranks(one, inUse)) {
            close(one, true);
            return;
        }
        one.asking = new Retransmission(hello(one.generation), now);
        repeat(one, one.asking, now);
        closeExcess();
    }

    /** A handshake that the peer started has succeeded: its hello must follow. */
    void accepted(long id, long now) {
        associations.add(new AssociationState(id, false, 0, now, now + GREETING_NANOS));
        closeExcess();
    }

    /** Forgets an association that nobody has greeted yet. */
    boolean handOn(long id) {
        AssociationState one = associations.find(id);
        if (one == null || one.phase != Phase.UNGREETED) {
            return false;
        }
        associations.remove(one);
        return true;
    }

    /** Returns whether the message is one about associations, and was to be expected. */
    boolean received(AssociationState one, ControlMessage message, long now) {
        if (message instanceof Hello hello) {
            return received(one, hello, now);
        } else if (message instanceof HelloAck ack) {
            return received(one, ack, now);
        } else if (message instanceof Switch over) {
            return received(one, over, now);
        } else if (message instanceof SwitchAck over) {
            return received(one, over);
        } else if (message instanceof Closing closing) {
            closing(one, closing);
            return true;
        }
        return false;
    }

    private boolean received(AssociationState one, Hello hello, long now) {
        if (one.client) {
            return false;
        }
        if (one.phase == Phase.UNGREETED) {
            if (!agree(one, hello)) {
                return true;
            }
            learn(one, hello.incarnation());
            one.generation = effectiveGeneration(hello);
            greeted(one, now);
        } else if (one == inUse && !one.offers(Capability.HANDOVER)) {
            // The client repeats its hello because it still sends on the old one.
            associations.matching(other -> other.phase == Phase.RETIRED).forEach(other -> drain(other, now));
        }
        out.add(new SendControl(one.id, new HelloAck(hello(one.generation))));
        return true;
    }

    private boolean received(AssociationState one, HelloAck ack, long now) {
        if (!one.client || one.phase != Phase.GREETING) {
            return one.client;
        }
        if (agree(one, ack.hello())) {
            learn(one, ack.hello().incarnation());
            one.generation = ack.hello().generation();
            greeted(one, now);
        }
        return true;
    }

    private boolean received(AssociationState one, Switch over, long now) {
        if (one.client || !one.wasGreeted() || over.generation() != one.generation) {
            return false;
        }
        handedOver(one, now);
        out.add(new SendControl(one.id, new SwitchAck(over.generation())));
        return true;
    }

    private boolean received(AssociationState one, SwitchAck over) {
        if (!one.client || !one.wasGreeted() || over.generation() != one.generation) {
            return false;
        }
        one.asking = null;
        return true;
    }

    private void closing(AssociationState one, Closing closing) {
        if (closing.reason() == ClosingReason.STOPPING && one.wasGreeted()) {
            out.report(TunnelEvent.PEER_STOPPED, describe(one));
            endGreeted(true);
        } else {
            if (closing.reason() == ClosingReason.INCOMPATIBLE) {
                out.report(TunnelEvent.VERSION_REFUSED, "by the peer");
            }
            end(one, true);
        }
    }

    /** The association is over; if it was in use, the best of the others is, or none. */
    void end(AssociationState one, boolean notifyPeer) {
        close(one, notifyPeer);
        if (one == inUse) {
            inUse = associations.best(ownClientWins);
            out.add(inUse == null ? new StopSending() : new SendOn(inUse.id));
        }
    }

    /** The peer is gone, and with it all that it had agreed to; what it has only just established may be its return. */
    void endGreeted(boolean notifyPeer) {
        if (inUse != null) {
            inUse = null;
            out.add(new StopSending());
        }
        associations.matching(AssociationState::wasGreeted).forEach(one -> close(one, notifyPeer));
    }

    void endAll() {
        endGreeted(true);
        associations.matching(one -> true).forEach(one -> close(one, true));
    }

    void tick(long now) {
        for (AssociationState one : associations.matching(any -> true)) {
            if (Deadline.isDue(one.deadline, now)) {
                if (!one.wasGreeted()) {
                    out.report(TunnelEvent.GREETING_LOST, describe(one));
                }
                close(one, true);
            } else if (one.asking != null && Deadline.isDue(one.asking.at(), now)) {
                repeat(one, one.asking, now);
            }
        }
    }

    long wakeAt() {
        long at = Deadline.NEVER;
        for (AssociationState one : associations.matching(any -> true)) {
            at = Deadline.earlier(at, one.deadline);
            at = one.asking == null ? at : Deadline.earlier(at, one.asking.at());
        }
        return at;
    }

    String describe(AssociationState one) {
        return (one.client ? "client" : "server") + " of association " + Long.toHexString(one.id) + ", generation "
                + one.generation;
    }

    /** Hello and answer have passed on {@code one}. */
    private void greeted(AssociationState one, long now) {
        one.phase = Phase.USABLE;
        one.deadline = Deadline.NEVER;
        one.asking = null;
        highestGeneration = Math.max(highestGeneration, one.generation);
        if (inUse == null || outranks(one, inUse)) {
            inUse = one;
            out.add(new SendOn(one.id));
            if (one.client && one.offers(Capability.HANDOVER)) {
                one.asking = new Retransmission(new Switch(one.generation), now);
                repeat(one, one.asking, now);
            }
            // The answer says that the server has switched; a client without hand-over messages will not say more.
            if (one.client || !one.offers(Capability.HANDOVER)) {
                handedOver(one, now);
            }
        } else if (inUse.handedOver) {
            retire(one, now);
        }
        closeExcess();
    }

    private void handedOver(AssociationState one, long now) {
        one.handedOver = true;
        associations
                .matching(other -> other.phase != Phase.UNGREETED
                        && other.phase != Phase.RETIRED
                        && other != one
                        && outranks(one, other))
                .forEach(other -> retire(other, now));
        closeExcess();
    }

    private void retire(AssociationState one, long now) {
        one.phase = Phase.RETIRED;
        one.asking = null;
        drain(one, now);
    }

    private void drain(AssociationState one, long now) {
        one.deadline = now + rules.drain().toNanos() + (one.client ? 0 : CLIENT_CLOSES_NANOS);
        out.add(new Retire(one.id, one.deadline));
    }

    /** Settles what both ends may use on the association; false when that is nothing, and it was closed. */
    private boolean agree(AssociationState one, Hello peers) {
        boolean peerIsNewer = ProtocolVersion.CURRENT.isBefore(peers.version());
        one.version = peerIsNewer ? ProtocolVersion.CURRENT : peers.version();
        one.capabilities = peers.capabilities() & rules.capabilities();
        one.peerLanes = peers.lanes();
        if (one.version.isBefore(ProtocolVersion.OLDEST) || one.version.isBefore(peers.oldest())) {
            out.report(TunnelEvent.VERSION_REFUSED, "peer speaks " + peers.oldest() + " to " + peers.version());
            out.add(new SendControl(one.id, new Closing(ClosingReason.INCOMPATIBLE)));
            close(one, true);
            return false;
        }
        return true;
    }

    /** Another process at the other end has none of the associations that were made with the one before. */
    private void learn(AssociationState from, long incarnation) {
        if (peerIncarnation == incarnation) {
            return;
        }
        if (peerIncarnation != 0) {
            counters.add(TunnelCounter.PEER_RESTARTS);
            out.report(TunnelEvent.PEER_RESTARTED, describe(from));
            associations.matching(AssociationState::wasGreeted).forEach(one -> close(one, false));
            inUse = null;
        }
        beginWith(incarnation);
    }

    private void beginWith(long incarnation) {
        peerIncarnation = incarnation;
        highestGeneration = 0;
        dialedGeneration = 1;
    }

    private int effectiveGeneration(Hello hello) {
        boolean saysWhom = !hello.version().isBefore(ProtocolVersion.V1_1);
        return saysWhom && hello.peerIncarnation() != rules.incarnation() ? 1 : hello.generation();
    }

    private Hello hello(int generation) {
        return new Hello(
                ProtocolVersion.CURRENT,
                ProtocolVersion.OLDEST,
                rules.incarnation(),
                peerIncarnation,
                generation,
                rules.capabilities(),
                rules.lane(),
                rules.lanes());
    }

    private void repeat(AssociationState one, Retransmission asking, long now) {
        out.add(new SendControl(one.id, asking.next(now)));
    }

    private void closeExcess() {
        for (AssociationState one : associations.excess(inUse)) {
            close(one, true);
        }
    }

    private void close(AssociationState one, boolean notifyPeer) {
        associations.remove(one);
        out.add(new Close(one.id, notifyPeer));
    }

    private boolean outranks(AssociationState one, AssociationState other) {
        return associations.outranks(one, other, ownClientWins);
    }
}

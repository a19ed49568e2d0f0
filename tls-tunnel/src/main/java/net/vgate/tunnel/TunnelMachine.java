package net.vgate.tunnel;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import net.vgate.record.Association.Path;
import net.vgate.record.PeerIdentity;
import net.vgate.tunnel.ControlMessage.Closing;
import net.vgate.tunnel.ControlMessage.Demands;
import net.vgate.tunnel.ControlMessage.DemandsAck;
import net.vgate.tunnel.ControlMessage.EchoReply;
import net.vgate.tunnel.ControlMessage.RekeyReason;
import net.vgate.tunnel.ControlMessage.RekeyRequest;
import net.vgate.tunnel.ControlMessage.RelayAnswer;
import net.vgate.tunnel.ControlMessage.RelayRequest;
import net.vgate.tunnel.ControlMessage.Unknown;
import net.vgate.tunnel.TunnelAction.AnswerRelay;
import net.vgate.tunnel.TunnelAction.Close;
import net.vgate.tunnel.TunnelAction.SendControl;
import net.vgate.tunnel.TunnelAction.StopSending;
import net.vgate.tunnel.TunnelAction.WaysChanged;
import org.jspecify.annotations.Nullable;

/**
 * The life cycle of one tunnel: first contact, rekey, liveness, end. It decides and does nothing: each event returns
 * what is to be done at once and in order, and every moment is an argument. Doing it may call the machine again.
 *
 * <p>How one association follows another is {@link Succession}'s, what is known of the way to the peer
 * {@link TunnelPath}'s; here is when an association is made and when the peer is gone.
 *
 * <p><b>Threading.</b> One thread, the Conductor's.
 */
public final class TunnelMachine {
    private final TunnelCounters counters;
    private final Outbox out = new Outbox();
    private final Succession succession;
    private final Dialer dialer;
    private final Rekeying rekeying;
    private final TunnelPath path;
    private final ClassExchange classes = new ClassExchange();
    private final WayRequests ways = new WayRequests();
    private final Drain drain = new Drain(out);
    private final Farewell farewell = new Farewell();

    private TunnelRules rules;
    private TunnelState state = TunnelState.IDLE;
    private long sinceNanos;
    private @Nullable AssociationState served;
    private boolean started;
    private boolean closed;

    /** A tunnel that does nothing before it is started. */
    public TunnelMachine(TunnelRules rules, TunnelCounters counters, RandomGenerator random) {
        this.rules = rules;
        this.counters = counters;
        this.succession = new Succession(rules, counters, out);
        this.dialer = new Dialer(counters, out, random);
        this.rekeying = new Rekeying(random);
        this.path = new TunnelPath(rules, counters, out, random);
    }

    /** Begins: calls the peer if its address is known, else waits for it. */
    public List<TunnelAction> start(long now) {
        return startAfter(0, now);
    }

    /** Begins, and calls the peer only when it has not called by itself in {@code patienceNanos}. */
    public List<TunnelAction> startAfter(long patienceNanos, long now) {
        if (!started) {
            started = true;
            sinceNanos = now;
            if (rules.canConnect()) {
                dialer.startAt(now + patienceNanos);
            }
        }
        return decided(now);
    }

    /** Goes by other rules from now on, as after a reload. The identities must be the same. */
    public List<TunnelAction> adopt(TunnelRules next, long now) {
        if (!next.own().equals(rules.own()) || !next.peer().equals(rules.peer())) {
            throw new IllegalArgumentException("another peer needs another tunnel");
        }
        rules = next;
        path.adopt(next, now);
        succession.adopt(next);
        if (!next.canConnect()) {
            dialer.cancel();
        }
        return decided(now);
    }

    /** This is demanded here for V-nets from now on. */
    public List<TunnelAction> adopt(VnetDemands own, long now) {
        classes.adopt(own, now);
        return decided(now);
    }

    /** The peer, a relay, is asked for ways to these gateways from now on. */
    public List<TunnelAction> askForWays(Collection<PeerIdentity> far, long now) {
        ways.adopt(far, now);
        return decided(now);
    }

    /** What the peer, as a relay, has said last of each way that it was asked for. */
    public Map<PeerIdentity, RelayAnswer> ways() {
        return ways.answers();
    }

    /** What the peer demands for V-nets; null when it has not said so, or cannot. */
    public @Nullable VnetDemands peerDemands() {
        return classes.peers();
    }

    /** A handshake that we started has succeeded. */
    public List<TunnelAction> connected(int attempt, long association, long now) {
        if (isRunning() && dialer.isUnderWay(attempt)) {
            dialer.end();
            succession.connected(association, now);
        } else {
            out.add(new Close(association, true));
        }
        return decided(now);
    }

    /** A handshake that the peer started has succeeded. */
    public List<TunnelAction> accepted(long association, long now) {
        if (isRunning()) {
            counters.add(TunnelCounter.HANDSHAKES_ACCEPTED);
            succession.accepted(association, now);
        } else {
            out.add(new Close(association, true));
        }
        return decided(now);
    }

    /**
     * An accepted association turns out to be for another lane, whose machine is to be told of it instead. False when
     * this machine has done something about it already.
     */
    public boolean handOn(long association) {
        return succession.handOn(association);
    }

    /** How many lanes the peer would have, as it said on the association in use; 0 without one. */
    public int peerLanes() {
        AssociationState one = succession.inUse();
        return one == null ? 0 : one.peerLanes;
    }

    /** Random number of the peer's process, as it said last; 0 while it has not. */
    public long peerIncarnation() {
        return succession.peerIncarnation();
    }

    /**
     * The peer is the process of {@code incarnation}, as it said on another lane. Associations that an earlier one
     * agreed to are dead, and close without a word to anybody; we call anew if the peer has not called by itself in
     * {@code patienceNanos}.
     */
    public List<TunnelAction> peerIs(long incarnation, long patienceNanos, long now) {
        if (isRunning()) {
            boolean wasUp = succession.inUse() != null;
            succession.peerIs(incarnation);
            boolean isDown = wasUp && succession.inUse() == null;
            if (isDown && rules.canConnect() && !dialer.isUnderWay() && !succession.isGreeting(now)) {
                dialer.startAt(now + patienceNanos);
            }
        }
        return decided(now);
    }

    /** A handshake that we started has failed, or has given up for want of any answer. */
    public List<TunnelAction> failed(int attempt, String reason, long now) {
        if (dialer.isUnderWay(attempt)) {
            dialer.fail(reason, now);
        }
        return decided(now);
    }

    /**
     * A control message has come.
     *
     * @param body what followed the Geneve header
     * @param from the path by which it came; null is the one that we send by
     */
    public List<TunnelAction> received(long association, byte[] body, @Nullable Path from, long now) {
        counters.add(TunnelCounter.CONTROL_RECEIVED);
        ControlMessage message = ControlCodec.decode(body);
        AssociationState one = succession.find(association);
        if (message == null) {
            counters.add(TunnelCounter.CONTROL_MALFORMED);
        } else if (message instanceof Unknown) {
            counters.add(TunnelCounter.CONTROL_UNKNOWN);
        } else if (one == null || !receive(one, message, from, now)) {
            counters.add(TunnelCounter.CONTROL_UNEXPECTED);
        }
        if (one != null && one.showsLife()) {
            path.sign(now);
        }
        return decided(now);
    }

    /**
     * The newest record of an association has come by {@code path}, and that is not where we send. To be told again
     * when another record has come that way, not oftener than some times a second.
     */
    public List<TunnelAction> seenElsewhere(long association, Path path, long now) {
        AssociationState one = served;
        if (one != null && one.id == association) {
            this.path.seenElsewhere(one, path, now);
        }
        return decided(now);
    }

    /**
     * The peer may be reached by these paths as well, beside the one that the association in use takes.
     *
     * @param refuges more of them, for when the peer does not answer by the path in use
     */
    public List<TunnelAction> offer(Collection<Path> others, Collection<Path> refuges, long now) {
        path.offer(others, refuges, now);
        return decided(now);
    }

    /** Whether the path in use goes by a relay, so that one that does not is to be preferred. */
    public void goesByRelay(boolean isRelayed) {
        path.goesByRelay(isRelayed);
    }

    /** The peer has closed an association: close_notify or a fatal alert. */
    public List<TunnelAction> closedByPeer(long association, long now) {
        AssociationState one = succession.find(association);
        if (one != null && isRunning()) {
            if (one == succession.inUse()) {
                out.report(TunnelEvent.PEER_CLOSED, succession.describe(one));
            }
            succession.end(one, false);
        } else if (one != null && one == succession.inUse()) {
            farewell.cutShort(now);
        }
        return decided(now);
    }

    /** The peer of an association is not to be trusted any more, for {@code reason}: it ends at once. */
    public List<TunnelAction> distrusted(long association, String reason, long now) {
        AssociationState one = succession.find(association);
        if (one != null && isRunning()) {
            out.report(TunnelEvent.PEER_REFUSED, reason);
            succession.end(one, true);
        }
        return decided(now);
    }

    /**
     * How much an association was used so far: to be told often, and of each, since a peer may still send on an old
     * one.
     */
    public List<TunnelAction> usage(long association, Usage usage, long now) {
        AssociationState one = succession.find(association);
        if (one != null) {
            if (one.showsLife() && usage.opened() > one.usage.opened()) {
                path.sign(usage.heardNanos());
            }
            if (one == served) {
                path.used(usage.sealed() - one.usage.sealed(), usage.bytes(), now);
            }
            one.usage = usage;
        }
        return decided(now);
    }

    /** The operator wants fresh keys. Without an association there is nothing to do. */
    public List<TunnelAction> rekey(long now) {
        AssociationState one = succession.inUse();
        if (isRunning() && one != null) {
            wantRekey(one, RekeyReason.OPERATOR, now);
        }
        return decided(now);
    }

    /** The operator does not want fresh keys after all: no further handshake for them. */
    public List<TunnelAction> leaveKeys(long now) {
        if (served != null && rekeying.reason() == RekeyReason.OPERATOR) {
            rekeying.end();
            dialer.cancel();
        }
        return decided(now);
    }

    /**
     * Flows are to take another gateway of our site than this one, or not any more.
     *
     * @param number how often that has changed in the life of our process
     */
    public List<TunnelAction> drain(boolean isDraining, int number, long now) {
        drain.set(isDraining, number, served, now);
        return decided(now);
    }

    /** Whether the handshake that we started last is this one, and has no outcome. */
    public boolean isUnderWay(int attempt) {
        return dialer.isUnderWay(attempt);
    }

    /** Ends: tells the peer, and is closed when the peer has closed as well, or after 300 ms. */
    public List<TunnelAction> stop(long now) {
        if (closed || farewell.isBegun()) {
            return decided(now);
        }
        out.report(TunnelEvent.STOPPED, "");
        dialer.cancel();
        farewell.begin(now);
        if (succession.inUse() != null) {
            out.add(new StopSending());
        }
        return decided(now);
    }

    /** Time has passed. */
    public List<TunnelAction> tick(long now) {
        if (isRunning()) {
            if (dialer.isOverdue(now)) {
                dialer.fail("no outcome", now);
            }
            succession.tick(now);
        }
        return decided(now);
    }

    /** When {@link #tick} is due at the latest; {@code Long.MAX_VALUE} when nothing is. */
    public long wakeAt() {
        if (closed || !started) {
            return Deadline.NEVER;
        }
        if (farewell.isBegun()) {
            return farewell.wakeAt();
        }
        long at = Deadline.earlier(dialer.wakeAt(), succession.wakeAt());
        if (served != null) {
            at = Deadline.earlier(at, path.wakeAt());
            at = Deadline.earlier(at, classes.wakeAt());
            at = Deadline.earlier(at, drain.wakeAt());
            at = Deadline.earlier(at, ways.wakeAt());
            at = Deadline.earlier(at, rekeying.wakeAt(served, rules.rekey()));
        }
        return at;
    }

    /** Whether both ends have offered a {@link Capability} on an association. */
    public boolean hasAgreedOn(long capability, long association) {
        AssociationState one = succession.find(association);
        return one != null && one.offers(capability);
    }

    /** How many echo requests in a row had no answer, on the association in use. */
    public int unansweredEchoes() {
        return served == null ? 0 : path.unanswered();
    }

    /** When age has the keys in use replaced, if nothing does before; {@code Long.MAX_VALUE} when none are. */
    public long rekeysAt() {
        return served == null ? Deadline.NEVER : rekeying.ageLimitAt(served, rules.rekey(), 1);
    }

    /** Where the tunnel is in its life. */
    public TunnelState state() {
        return state;
    }

    /** All of it for people. */
    public TunnelStatus status() {
        AssociationState one = served;
        return new TunnelStatus(
                state,
                one == null ? 0 : one.id,
                one != null && one.client,
                one == null ? 0 : one.generation,
                one == null ? ProtocolVersion.CURRENT : one.version,
                one == null ? 0 : one.capabilities,
                succession.peerIncarnation(),
                succession.size(),
                path.rttNanos(),
                path.fittedBytes(),
                drain.isPeerDraining(succession.peerIncarnation()),
                drain.isAcknowledged(),
                path.status(),
                sinceNanos);
    }

    private boolean isRunning() {
        return started && !closed && !farewell.isBegun();
    }

    private boolean receive(AssociationState one, ControlMessage message, @Nullable Path from, long now) {
        if (!isRunning()) {
            if (message instanceof Closing) {
                // Both stop at once: the peer has nothing more to hear.
                farewell.cutShort(now);
            }
            return true;
        }
        if (message instanceof RekeyRequest request) {
            return asked(one, request, now);
        } else if (message instanceof EchoReply reply) {
            if (one == succession.inUse()) {
                path.answered(reply, now);
            }
            return true;
        } else if (message instanceof Demands part) {
            if (one != served || !classes.received(part, now)) {
                return false;
            }
            out.add(new SendControl(one.id, part.ack()));
            return true;
        } else if (message instanceof DemandsAck ack) {
            if (one == served) {
                classes.answered(ack, now);
            }
            return true;
        }
        if (message instanceof RelayRequest request) {
            boolean isOffered = one.wasGreeted() && one.offers(Capability.RELAY);
            if (isOffered) {
                out.add(new AnswerRelay(one.id, request));
            }
            return isOffered;
        } else if (message instanceof RelayAnswer answer) {
            return ways.received(answer, now);
        }
        return succession.received(one, message, now)
                || path.received(one, message, from, now)
                || (one.wasGreeted() && drain.received(one, message, succession.peerIncarnation()));
    }

    private boolean asked(AssociationState one, RekeyRequest request, long now) {
        // One that is about a predecessor has been fulfilled; the answer to it is on its way.
        if (one.client && one == succession.inUse() && Rekeying.mayBeAsked(one, now)) {
            wantRekey(one, request.reason(), now);
        }
        return one.client;
    }

    private void wantRekey(AssociationState one, RekeyReason reason, long now) {
        boolean already = rekeying.isWanted();
        rekeying.want(reason, one, now);
        if (one.client && !already && !dialer.isActive() && !succession.isGreeting(now)) {
            dialer.startAt(now);
        }
    }

    /** What follows from the state, whatever event led to it; then all that was decided. */
    private List<TunnelAction> decided(long now) {
        if (farewell.isBegun() && !closed) {
            closed = farewell.goOn(succession, out, now);
            served = closed ? null : served;
        } else if (isRunning()) {
            watch(now);
            noticeChange(now);
            planHandshake(now);
            if (ways.takeChanged()) {
                out.add(new WaysChanged());
            }
        }
        enter(currentState(), now);
        return out.take();
    }

    /** Looks after the association in use: does the peer live, are the keys fresh. */
    private void watch(long now) {
        AssociationState one = succession.inUse();
        if (one == null || one != served) {
            return;
        }
        RekeyReason hard = rekeying.passed(one, rules.rekey(), RekeyLimits.HARD, now);
        if (hard != null && rekeying.isOverdue(now)) {
            out.report(TunnelEvent.HARD_LIMIT, hard.label() + ", " + succession.describe(one));
            // Those beside it are older still, or the peer has retired them.
            succession.endGreeted(true);
            return;
        }
        RekeyReason soft = rekeying.passed(one, rules.rekey(), 1, now);
        if (soft != null) {
            wantRekey(one, soft, now);
        }
        rekeying.ask(one, out, now);
        drain.tell(one, now);
        classes.due(now).forEach(part -> out.add(new SendControl(one.id, part)));
        ways.due(now).forEach(request -> out.add(new SendControl(one.id, request)));
        if (!path.watch(one, now)) {
            out.report(TunnelEvent.PEER_LOST, succession.describe(one));
            succession.endGreeted(true);
        }
    }

    private void noticeChange(long now) {
        AssociationState one = succession.inUse();
        if (one == served) {
            return;
        }
        if (one == null) {
            if (rules.lane() == 0) {
                counters.add(TunnelCounter.OUTAGES);
            }
            dialer.down(now);
            rekeying.end();
            path.end(now);
            classes.end();
            ways.end();
        } else {
            if (served != null) {
                counters.add(TunnelCounter.REKEYS);
            } else {
                dialer.up(now);
            }
            out.report(served == null ? TunnelEvent.UP : TunnelEvent.REKEYED, succession.describe(one));
            dialer.succeed();
            rekeying.begin(one);
            path.begin(one, now);
            beginClasses(one, now);
            ways.begin(one.offers(Capability.RELAY), succession.peerIncarnation(), now);
        }
        drain.begin(one, now);
        served = one;
    }

    /** They are the tunnel's, so that the first lane speaks for all. */
    private void beginClasses(AssociationState one, long now) {
        boolean isOffered = rules.lane() == 0 && one.offers(Capability.CLASSES);
        classes.begin(isOffered, succession.peerIncarnation(), now);
        classes.due(now).forEach(part -> out.add(new SendControl(one.id, part)));
    }

    /** Whatever went wrong before: while an association is missing, the next handshake is under way or planned. */
    private void planHandshake(long now) {
        AssociationState one = served;
        boolean mayCall = rules.canConnect() || (one != null && rules.roams());
        boolean needed = mayCall && (one == null || (one.client && rekeying.isWanted()));
        if (needed && !dialer.isActive() && !succession.isGreeting(now)) {
            if (one == null) {
                dialer.startAfterContactBackoff(now);
            } else {
                dialer.startAfterRekeyBackoff(now);
            }
        }
        if (dialer.isDue(now)) {
            succession.dial();
            dialer.begin(now);
        }
    }

    private TunnelState currentState() {
        if (closed) {
            return TunnelState.CLOSED;
        }
        if (farewell.isBegun()) {
            return TunnelState.CLOSING;
        }
        boolean making = dialer.isActive() || succession.hasUngreeted();
        if (served != null) {
            return making || rekeying.isWanted() ? TunnelState.REKEYING : TunnelState.ESTABLISHED;
        }
        return making ? TunnelState.HANDSHAKING : TunnelState.IDLE;
    }

    private void enter(TunnelState next, long now) {
        if (next.carries() != state.carries() || (!next.carries() && next != state)) {
            sinceNanos = now;
        }
        state = next;
    }
}

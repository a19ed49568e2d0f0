package net.vgate.tunnel;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import net.vgate.record.SocketText;
import net.vgate.tunnel.ControlMessage.Closing;
import net.vgate.tunnel.ControlMessage.ClosingReason;
import net.vgate.tunnel.ControlMessage.EchoReply;
import net.vgate.tunnel.ControlMessage.EchoRequest;
import net.vgate.tunnel.ControlMessage.Hello;
import net.vgate.tunnel.ControlMessage.HelloAck;
import net.vgate.tunnel.ControlMessage.PathChallenge;
import net.vgate.tunnel.ControlMessage.PathProbe;
import net.vgate.tunnel.ControlMessage.PathProbeAck;
import net.vgate.tunnel.ControlMessage.PathResponse;
import net.vgate.tunnel.ControlMessage.RekeyReason;
import net.vgate.tunnel.ControlMessage.RekeyRequest;
import net.vgate.tunnel.ControlMessage.Switch;
import net.vgate.tunnel.ControlMessage.SwitchAck;
import net.vgate.tunnel.ControlMessage.Unknown;
import net.vgate.tunnel.TunnelAction.Close;
import net.vgate.tunnel.TunnelAction.FitPath;
import net.vgate.tunnel.TunnelAction.MovePath;
import net.vgate.tunnel.TunnelAction.SendControl;
import net.vgate.tunnel.TunnelAction.SendOnPath;
import net.vgate.tunnel.TunnelAction.StartHandshake;
import net.vgate.tunnel.TunnelAction.StopSending;
import org.jspecify.annotations.Nullable;

/**
 * The life cycle of one tunnel: first contact, rekey, liveness, end. It decides and does nothing: each event returns
 * what is to be done at once and in order, and every moment is an argument. Doing it may call the machine again.
 *
 * <p>How one association follows another is {@link Succession}'s; here is when one is made and when the peer is gone.
 *
 * <p><b>Threading.</b> One thread, the Conductor's.
 */
public final class TunnelMachine {
    /** How long a stopping tunnel waits for the peer to have heard of it. */
    private static final long CLOSING_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private static final long CLOSING_REPEAT_NANOS = TimeUnit.MILLISECONDS.toNanos(80);

    private final TunnelCounters counters;
    private final Outbox out = new Outbox();
    private final Succession succession;
    private final Dialer dialer;
    private final Liveness liveness;
    private final Rekeying rekeying;
    private final PathMtu pathMtu;
    private final PathCheck pathCheck;

    private TunnelRules rules;
    private TunnelState state = TunnelState.IDLE;
    private long sinceNanos;
    private @Nullable AssociationState served;
    private int fittedBytes;
    private int reportedPathMtu;
    private boolean started;
    private boolean closed;
    private long closingUntil = Deadline.NEVER;
    private long closingRepeatAt = Deadline.NEVER;

    /** A tunnel that does nothing before it is started. */
    public TunnelMachine(TunnelRules rules, TunnelCounters counters, RandomGenerator random) {
        this.rules = rules;
        this.counters = counters;
        this.succession = new Succession(rules, counters, out);
        this.dialer = new Dialer(random);
        this.liveness = new Liveness(rules);
        this.rekeying = new Rekeying(random);
        this.pathMtu = new PathMtu(rules.pathMtu());
        this.pathCheck = new PathCheck(random);
        this.reportedPathMtu = pathMtu.bytes();
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
        liveness.adopt(next);
        pathMtu.adopt(next.pathMtu(), now);
        succession.adopt(next);
        if (!next.canConnect()) {
            dialer.cancel();
        }
        return decided(now);
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

    /** A handshake that we started has failed, or has given up for want of any answer. */
    public List<TunnelAction> failed(int attempt, String reason, long now) {
        if (dialer.isUnderWay(attempt)) {
            handshakeFailed(reason, now);
        }
        return decided(now);
    }

    /**
     * A control message has come.
     *
     * @param body what followed the Geneve header
     */
    public List<TunnelAction> received(long association, byte[] body, long now) {
        return received(association, body, null, now);
    }

    /**
     * The same.
     *
     * @param from where it came from; null is the address that we send to
     */
    public List<TunnelAction> received(long association, byte[] body, @Nullable InetSocketAddress from, long now) {
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
            liveness.sign(now);
        }
        return decided(now);
    }

    /**
     * The newest record of an association has come from {@code address}, and that is not where we send. To be told
     * again when another record has come from there, not oftener than some times a second.
     */
    public List<TunnelAction> seenElsewhere(long association, InetSocketAddress address, long now) {
        AssociationState one = served;
        if (one != null && one.id == association && rules.roams() && one.offers(Capability.PATH_CHALLENGE)) {
            if (pathCheck.seen(address, liveness.rttNanos(), now)) {
                counters.add(TunnelCounter.PATH_CHECKS);
            }
            checkPath(one, address, now);
        }
        return decided(now);
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
            closingUntil = now;
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
                liveness.sign(now);
            }
            if (one == served) {
                // A request and its like are not what anybody waits for.
                if (usage.sealed() - one.usage.sealed() > out.takeMessages()) {
                    liveness.sent(now);
                }
                // The peer's messages are about as many as ours.
                pathMtu.used(usage.bytes(), 2 * out.messageBytes());
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

    /** Whether the handshake that we started last is this one, and has no outcome. */
    public boolean isUnderWay(int attempt) {
        return dialer.isUnderWay(attempt);
    }

    /** Ends: tells the peer, and is closed when the peer has closed as well, or after 300 ms. */
    public List<TunnelAction> stop(long now) {
        if (closed || closingUntil != Deadline.NEVER) {
            return decided(now);
        }
        out.report(TunnelEvent.STOPPED, "");
        dialer.cancel();
        closingUntil = now + CLOSING_NANOS;
        closingRepeatAt = now;
        if (succession.inUse() != null) {
            out.add(new StopSending());
        }
        return decided(now);
    }

    /** Time has passed. */
    public List<TunnelAction> tick(long now) {
        if (isRunning()) {
            if (dialer.isOverdue(now)) {
                handshakeFailed("no outcome", now);
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
        if (closingUntil != Deadline.NEVER) {
            return Deadline.earlier(closingUntil, closingRepeatAt);
        }
        long at = Deadline.earlier(dialer.wakeAt(), succession.wakeAt());
        if (served != null) {
            at = Deadline.earlier(at, liveness.wakeAt());
            at = Deadline.earlier(at, pathMtu.wakeAt());
            at = Deadline.earlier(at, pathCheck.wakeAt());
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
        return served == null ? 0 : liveness.unanswered();
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
                liveness.rttNanos(),
                fittedBytes,
                sinceNanos);
    }

    private boolean isRunning() {
        return started && !closed && closingUntil == Deadline.NEVER;
    }

    private void handshakeFailed(String reason, long now) {
        dialer.fail(now);
        counters.add(TunnelCounter.HANDSHAKES_FAILED);
        out.report(TunnelEvent.HANDSHAKE_FAILED, reason);
    }

    private boolean receive(AssociationState one, ControlMessage message, @Nullable InetSocketAddress from, long now) {
        if (!isRunning()) {
            // Both stop at once: the peer has nothing more to hear.
            closingUntil = message instanceof Closing ? now : closingUntil;
            return true;
        }
        if (message instanceof Hello hello) {
            return succession.received(one, hello, now);
        } else if (message instanceof HelloAck ack) {
            return succession.received(one, ack, now);
        } else if (message instanceof Switch over) {
            return succession.received(one, over, now);
        } else if (message instanceof SwitchAck over) {
            return succession.received(one, over);
        } else if (message instanceof EchoRequest echo) {
            return answer(one, new EchoReply(echo.number(), echo.stamp()));
        } else if (message instanceof EchoReply reply) {
            if (one == succession.inUse()) {
                liveness.answer(reply, now);
            }
            return true;
        } else if (message instanceof PathChallenge challenge) {
            return answerTo(one, challenge, from);
        } else if (message instanceof PathResponse response) {
            if (one == served) {
                pathCheck.answered(response.cookie(), now);
            }
            return true;
        } else if (message instanceof PathProbe probe) {
            return answer(one, new PathProbeAck(probe.number()));
        } else if (message instanceof PathProbeAck ack) {
            if (one == served) {
                counters.add(TunnelCounter.PATH_PROBES_ANSWERED);
                pathMtu.answered(ack.number(), now);
            }
            return true;
        } else if (message instanceof RekeyRequest request) {
            return asked(one, request, now);
        } else if (message instanceof Closing closing) {
            return peerCloses(one, closing);
        }
        return false;
    }

    private boolean answer(AssociationState one, ControlMessage with) {
        if (!one.client && !one.wasGreeted()) {
            return false;
        }
        out.add(new SendControl(one.id, with));
        return true;
    }

    private boolean answerTo(AssociationState one, PathChallenge challenge, @Nullable InetSocketAddress from) {
        PathResponse response = new PathResponse(challenge.cookie());
        if (from == null) {
            return answer(one, response);
        }
        out.add(new SendOnPath(one.id, response, from));
        return true;
    }

    private boolean asked(AssociationState one, RekeyRequest request, long now) {
        // One that is about a predecessor has been fulfilled; the answer to it is on its way.
        if (one.client && one == succession.inUse() && Rekeying.mayBeAsked(one, now)) {
            wantRekey(one, request.reason(), now);
        }
        return one.client;
    }

    private boolean peerCloses(AssociationState one, Closing closing) {
        if (closing.reason() == ClosingReason.STOPPING && one.wasGreeted()) {
            out.report(TunnelEvent.PEER_STOPPED, succession.describe(one));
            succession.endGreeted(true);
        } else {
            if (closing.reason() == ClosingReason.INCOMPATIBLE) {
                out.report(TunnelEvent.VERSION_REFUSED, "by the peer");
            }
            succession.end(one, true);
        }
        return true;
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
        if (closingUntil != Deadline.NEVER && !closed) {
            goOnClosing(now);
        } else if (isRunning()) {
            watch(now);
            noticeChange(now);
            planHandshake(now);
        }
        enter(currentState(), now);
        return out.take();
    }

    private void goOnClosing(long now) {
        AssociationState one = succession.inUse();
        if (one == null || Deadline.isDue(closingUntil, now)) {
            succession.endAll();
            served = null;
            closed = true;
        } else if (Deadline.isDue(closingRepeatAt, now)) {
            closingRepeatAt = now + CLOSING_REPEAT_NANOS;
            out.add(new SendControl(one.id, new Closing(ClosingReason.STOPPING)));
        }
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
        Retransmission request = rekeying.request();
        if (request != null && Deadline.isDue(request.at(), now)) {
            out.add(new SendControl(one.id, request.next(now)));
        }
        echo(one, now);
        if (one == succession.inUse()) {
            checkPath(one, null, now);
            probePath(one, now);
        }
    }

    /** @param seenAt another address, if a record has just come from there */
    private void checkPath(AssociationState one, @Nullable InetSocketAddress seenAt, long now) {
        for (PathCheck.Challenge challenge : pathCheck.due(seenAt, now)) {
            InetSocketAddress to = challenge.to();
            out.add(
                    to == null
                            ? new SendControl(one.id, challenge.message())
                            : new SendOnPath(one.id, challenge.message(), to));
        }
        InetSocketAddress moved = pathCheck.moved(now);
        if (moved != null) {
            counters.add(TunnelCounter.PATHS_MOVED);
            out.add(new MovePath(one.id, moved));
            out.report(TunnelEvent.ROAMED, "to " + SocketText.of(moved));
            pathMtu.restart(now);
        }
    }

    private void probePath(AssociationState one, long now) {
        for (PathProbe probe : pathMtu.due(liveness.rttNanos(), now)) {
            counters.add(TunnelCounter.PATH_PROBES_SENT);
            out.add(new SendControl(one.id, probe));
        }
        if (pathMtu.bytes() > fittedBytes || (pathMtu.bytes() != fittedBytes && pathMtu.isNarrowedDown())) {
            fitPath(one, pathMtu.bytes());
        }
        if (pathMtu.isSettled() && pathMtu.bytes() != reportedPathMtu) {
            out.report(TunnelEvent.PATH_MTU, reportedPathMtu + " -> " + pathMtu.bytes() + " bytes");
            reportedPathMtu = pathMtu.bytes();
        }
    }

    private void fitPath(AssociationState one, int bytes) {
        fittedBytes = bytes;
        out.add(new FitPath(one.id, bytes));
    }

    private void echo(AssociationState one, long now) {
        if (!liveness.isDue(now)) {
            return;
        }
        if (liveness.missed(now)) {
            counters.add(TunnelCounter.ECHOES_UNANSWERED);
        }
        if (liveness.isLost(now)) {
            out.report(TunnelEvent.PEER_LOST, succession.describe(one));
            succession.endGreeted(true);
            return;
        }
        counters.add(TunnelCounter.ECHOES_SENT);
        out.add(new SendControl(one.id, liveness.request(now)));
    }

    private void noticeChange(long now) {
        AssociationState one = succession.inUse();
        if (one == served) {
            return;
        }
        if (one == null) {
            counters.add(TunnelCounter.OUTAGES);
            dialer.down(now);
            liveness.end();
            rekeying.end();
            pathMtu.end();
            pathCheck.end(now);
        } else {
            if (served != null) {
                counters.add(TunnelCounter.REKEYS);
            } else {
                dialer.up(now);
            }
            out.report(served == null ? TunnelEvent.UP : TunnelEvent.REKEYED, succession.describe(one));
            dialer.succeed();
            rekeying.begin(one);
            liveness.begin(now);
            served = one;
            pathCheck.end(now);
            beginPath(one, now);
            echo(one, now);
        }
        served = one;
    }

    /**
     * The path stays when the association changes, so what is known of it is good until it is found to be otherwise.
     */
    private void beginPath(AssociationState one, long now) {
        if (one.offers(Capability.PATH_PROBE)) {
            pathMtu.begin(now);
        } else {
            pathMtu.end();
        }
        fitPath(one, fittedBytes == 0 ? pathMtu.bytes() : fittedBytes);
        probePath(one, now);
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
            counters.add(TunnelCounter.HANDSHAKES_STARTED);
            out.add(new StartHandshake(dialer.begin(now)));
        }
    }

    private TunnelState currentState() {
        if (closed) {
            return TunnelState.CLOSED;
        }
        if (closingUntil != Deadline.NEVER) {
            return TunnelState.CLOSING;
        }
        boolean making = dialer.isActive() || succession.hasUngreeted();
        if (served != null) {
            return making || rekeying.isWanted() ? TunnelState.REKEYING : TunnelState.ESTABLISHED;
        }
        return making ? TunnelState.HANDSHAKING : TunnelState.IDLE;
    }

    private void enter(TunnelState next, long now) {
        if (carries(next) != carries(state) || (!carries(next) && next != state)) {
            sinceNanos = now;
        }
        state = next;
    }

    private static boolean carries(TunnelState one) {
        return one == TunnelState.ESTABLISHED || one == TunnelState.REKEYING;
    }
}

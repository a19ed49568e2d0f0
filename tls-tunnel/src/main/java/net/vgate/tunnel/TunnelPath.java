package net.vgate.tunnel;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.random.RandomGenerator;
import net.vgate.record.Association.Path;
import net.vgate.record.SocketText;
import net.vgate.tunnel.ControlMessage.EchoReply;
import net.vgate.tunnel.ControlMessage.EchoRequest;
import net.vgate.tunnel.ControlMessage.PathChallenge;
import net.vgate.tunnel.ControlMessage.PathProbe;
import net.vgate.tunnel.ControlMessage.PathProbeAck;
import net.vgate.tunnel.ControlMessage.PathResponse;
import net.vgate.tunnel.TunnelAction.FitPath;
import net.vgate.tunnel.TunnelAction.MovePath;
import net.vgate.tunnel.TunnelAction.SendControl;
import net.vgate.tunnel.TunnelAction.SendOnPath;
import org.jspecify.annotations.Nullable;

/**
 * The path of the association in use: does the peer answer on it ({@link Liveness}), where is the peer
 * ({@link PathCheck}), which path to it is the best ({@link PathChoice}), how large a packet gets there
 * ({@link PathMtu}).
 */
final class TunnelPath {
    private final TunnelCounters counters;
    private final Outbox out;
    private final Liveness liveness;
    private final PathMtu mtu;
    private final PathCheck check;
    private final PathChoice choice;

    private boolean roams;
    private @Nullable AssociationState served;
    private int fittedBytes;
    private int reportedMtu;
    private long watchedAt;
    private boolean hasOther;

    TunnelPath(TunnelRules rules, TunnelCounters counters, Outbox out, RandomGenerator random) {
        this.counters = counters;
        this.out = out;
        this.roams = rules.roams();
        this.liveness = new Liveness(rules);
        this.mtu = new PathMtu(rules.pathMtu());
        this.check = new PathCheck(random);
        this.choice = new PathChoice(random);
        this.reportedMtu = mtu.bytes();
    }

    void adopt(TunnelRules next, long now) {
        roams = next.roams();
        liveness.adopt(next);
        mtu.adopt(next.pathMtu(), now);
    }

    /**
     * Another association goes by the path. The path stays when the association changes, so what is known of it is good
     * until it is found to be otherwise.
     */
    void begin(AssociationState one, long now) {
        liveness.begin(now);
        served = one;
        check.end(now);
        if (one.offers(Capability.PATH_PROBE)) {
            mtu.begin(now);
        } else {
            mtu.end();
        }
        if (one.offers(Capability.PATH_CHALLENGE)) {
            choice.begin(now);
        } else {
            choice.end();
        }
        fit(one, fittedBytes == 0 ? mtu.bytes() : fittedBytes);
        probe(one, now);
        ask(one, now);
    }

    /** No association goes by it. */
    void end(long now) {
        served = null;
        liveness.end();
        mtu.end();
        check.end(now);
        choice.end();
    }

    /** The peer may be reached by these paths as well, and when the one in use is silent, by {@code refuges}. */
    void offer(Collection<Path> others, Collection<Path> refuges, long now) {
        choice.offer(others, refuges, now);
    }

    /** Whether the path in use goes by a relay. */
    void goesByRelay(boolean isRelayed) {
        choice.goesByRelay(isRelayed);
    }

    /** Looks after the path of {@code one}, which is in use. Returns whether the peer is still there. */
    boolean watch(AssociationState one, long now) {
        liveness.tick(now);
        if (liveness.isDue(now)) {
            if (liveness.missed(now)) {
                counters.add(TunnelCounter.ECHOES_UNANSWERED);
            }
            if (liveness.isLost(now)) {
                Path other = choice.best(0, now);
                if (other == null) {
                    return false;
                }
                move(one, other, now);
            }
            ask(one, now);
        }
        choose(one, now);
        check(one, null, now);
        probe(one, now);
        return true;
    }

    /** A message about the path has come; it is answered, or the answer to ours. Returns whether it is of that kind. */
    boolean received(AssociationState one, ControlMessage message, @Nullable Path from, long now) {
        if (message instanceof EchoRequest echo) {
            if (one == served) {
                liveness.asked(now);
            }
            return answer(one, new EchoReply(echo.number(), echo.stamp()));
        } else if (message instanceof PathProbe probe) {
            return answer(one, new PathProbeAck(probe.number()));
        } else if (message instanceof PathChallenge challenge) {
            return answerTo(one, challenge, from);
        } else if (message instanceof PathResponse response) {
            if (one == served) {
                if (!choice.answered(response.cookie(), now)) {
                    check.answered(response.cookie(), now);
                }
            }
            return true;
        } else if (message instanceof PathProbeAck ack) {
            if (one == served) {
                counters.add(TunnelCounter.PATH_PROBES_ANSWERED);
                mtu.answered(ack.number(), now);
            }
            return true;
        }
        return false;
    }

    /** The peer has answered an echo request on the association in use. */
    void answered(EchoReply reply, long now) {
        liveness.answer(reply, now);
    }

    /** The newest record has come by {@code path}, and that is not where we send. */
    void seenElsewhere(AssociationState one, Path path, long now) {
        if (one == served && roams && one.offers(Capability.PATH_CHALLENGE)) {
            if (check.seen(path, liveness.rttNanos(), now)) {
                counters.add(TunnelCounter.PATH_CHECKS);
            }
            check(one, path, now);
        }
    }

    /** Something authenticated at {@code at} that shows that the peer lives. */
    void sign(long at) {
        liveness.sign(at);
    }

    /** What has gone over the path: {@code sealed} records since the last call, {@code bytes} in all. */
    void used(long sealed, long bytes, long now) {
        // A request and its like are not what anybody waits for.
        if (sealed > out.takeMessages()) {
            liveness.sent(now);
        }
        // The peer's messages are about as many as ours.
        mtu.used(bytes, 2 * out.messageBytes());
    }

    /** How many echo requests in a row had no answer; none while there is another path to take. */
    int unanswered() {
        return hasOther ? 0 : liveness.unanswered();
    }

    /** The path in use, then those that stand by. */
    List<PathStatus> status() {
        List<PathStatus> status = new ArrayList<>();
        if (served != null) {
            double loss = choice.loss(watchedAt);
            boolean isMeasured = loss != PathStatus.UNKNOWN_LOSS;
            status.add(new PathStatus(null, true, liveness.rttNanos(), isMeasured ? loss : liveness.loss()));
            status.addAll(choice.status(watchedAt));
        }
        return status;
    }

    long rttNanos() {
        return liveness.rttNanos();
    }

    /** The largest outer packet that it is taken to carry, in bytes; 0 before the first association. */
    int fittedBytes() {
        return fittedBytes;
    }

    long wakeAt() {
        long at = Deadline.earlier(liveness.wakeAt(), mtu.wakeAt());
        return Deadline.earlier(at, Deadline.earlier(check.wakeAt(), choice.wakeAt()));
    }

    private void ask(AssociationState one, long now) {
        counters.add(TunnelCounter.ECHOES_SENT);
        out.add(new SendControl(one.id, liveness.request(now)));
    }

    private boolean answer(AssociationState one, ControlMessage with) {
        if (!one.client && !one.wasGreeted()) {
            return false;
        }
        out.add(new SendControl(one.id, with));
        return true;
    }

    private boolean answerTo(AssociationState one, PathChallenge challenge, @Nullable Path from) {
        PathResponse response = new PathResponse(challenge.cookie());
        if (from == null) {
            return answer(one, response);
        }
        out.add(new SendOnPath(one.id, response, from));
        return true;
    }

    /** @param seenAt another path, if a record has just come by it */
    private void check(AssociationState one, @Nullable Path seenAt, long now) {
        challenge(one, check.due(seenAt, now));
        Path moved = check.moved(now);
        if (moved != null) {
            choice.moved(moved, now);
            counters.add(TunnelCounter.PATHS_MOVED);
            out.add(new MovePath(one.id, moved));
            out.report(TunnelEvent.ROAMED, "to " + SocketText.of(moved.remote()));
            mtu.restart(now);
        }
    }

    private void challenge(AssociationState one, List<PathCheck.Challenge> due) {
        for (PathCheck.Challenge challenge : due) {
            Path to = challenge.to();
            out.add(
                    to == null
                            ? new SendControl(one.id, challenge.message())
                            : new SendOnPath(one.id, challenge.message(), to));
        }
    }

    private void choose(AssociationState one, long now) {
        watchedAt = now;
        challenge(one, choice.due(now));
        Path better = choice.better(now);
        if (better != null) {
            move(one, better, now);
        }
        hasOther = choice.best(0, now) != null;
    }

    private void move(AssociationState one, Path to, long now) {
        choice.moved(to, now);
        // What was found out about another path was found out beside the one before.
        check.end(now);
        liveness.moved(choice.rttNanos(), now);
        counters.add(TunnelCounter.PATHS_MOVED);
        out.add(new MovePath(one.id, to));
        out.report(TunnelEvent.PATH_CHANGED, "to " + SocketText.of(to.remote()));
        if (one.offers(Capability.PATH_PROBE)) {
            mtu.restart(now);
        }
    }

    private void probe(AssociationState one, long now) {
        for (PathProbe probe : mtu.due(liveness.rttNanos(), now)) {
            counters.add(TunnelCounter.PATH_PROBES_SENT);
            out.add(new SendControl(one.id, probe));
        }
        if (mtu.bytes() > fittedBytes || (mtu.bytes() != fittedBytes && mtu.isNarrowedDown())) {
            fit(one, mtu.bytes());
        }
        if (mtu.isSettled() && mtu.bytes() != reportedMtu) {
            out.report(TunnelEvent.PATH_MTU, reportedMtu + " -> " + mtu.bytes() + " bytes");
            reportedMtu = mtu.bytes();
        }
    }

    private void fit(AssociationState one, int bytes) {
        fittedBytes = bytes;
        out.add(new FitPath(one.id, bytes));
    }
}

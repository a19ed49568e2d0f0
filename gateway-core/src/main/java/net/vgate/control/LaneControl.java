package net.vgate.control;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.vgate.encap.Geneve;
import net.vgate.handshake.HandshakeFailure;
import net.vgate.observe.StatusReport;
import net.vgate.record.Association;
import net.vgate.record.Association.Path;
import net.vgate.record.PeerIdentity;
import net.vgate.record.VnetAdmission;
import net.vgate.tunnel.Capability;
import net.vgate.tunnel.ControlCodec;
import net.vgate.tunnel.ControlMessage;
import net.vgate.tunnel.ControlMessage.EchoRequest;
import net.vgate.tunnel.ControlMessage.PathChallenge;
import net.vgate.tunnel.ControlMessage.PathProbe;
import net.vgate.tunnel.DatagramPort;
import net.vgate.tunnel.Ladder;
import net.vgate.tunnel.Ladder.Rung;
import net.vgate.tunnel.Tunnel;
import net.vgate.tunnel.TunnelAction;
import net.vgate.tunnel.TunnelAction.AnswerRelay;
import net.vgate.tunnel.TunnelAction.Close;
import net.vgate.tunnel.TunnelAction.FitPath;
import net.vgate.tunnel.TunnelAction.MovePath;
import net.vgate.tunnel.TunnelAction.Report;
import net.vgate.tunnel.TunnelAction.Retire;
import net.vgate.tunnel.TunnelAction.SendControl;
import net.vgate.tunnel.TunnelAction.SendOn;
import net.vgate.tunnel.TunnelAction.SendOnPath;
import net.vgate.tunnel.TunnelAction.StartHandshake;
import net.vgate.tunnel.TunnelAction.StopSending;
import net.vgate.tunnel.TunnelAction.WaysChanged;
import net.vgate.tunnel.TunnelEvent;
import net.vgate.tunnel.TunnelMachine;
import net.vgate.tunnel.TunnelRules;
import net.vgate.tunnel.TunnelState;
import net.vgate.tunnel.Usage;
import net.vgate.tunnel.VnetDemands;
import org.jspecify.annotations.Nullable;

/**
 * One lane of a tunnel: does what its {@link TunnelMachine} decides.
 *
 * <p><b>Threading.</b> The conductor's thread only.
 */
final class LaneControl {
    private final Tunnel tunnel;
    private final TunnelMachine machine;
    private final TunnelEnvironment environment;
    private final ControlEnvelope envelope = new ControlEnvelope();
    private final Map<Long, Association> associations = new TreeMap<>();

    private TunnelRules rules;
    private PeerWays ways;
    private final PeerPaths paths;
    private final Ladder ladder;
    private final LaneReports reports;
    private Rung trying = Rung.NONE;

    /** Since the last change to another path. */
    private @Nullable OrderFence fence;

    private VnetAdmission admission = VnetAdmission.NOTHING_AGREED;
    private StatusReport.@Nullable Failure lastFailure;
    private StatusReport.Records closedSealed = new StatusReport.Records(0, 0);
    private StatusReport.Records closedOpened = new StatusReport.Records(0, 0);

    LaneControl(Tunnel tunnel, TunnelMachine machine, TunnelRules rules, PeerWays ways, TunnelEnvironment environment) {
        this.tunnel = tunnel;
        this.machine = machine;
        this.rules = rules;
        this.ways = ways;
        this.ladder = new Ladder(!ways.udp().isEmpty(), ways.tcp().isPresent());
        this.environment = environment;
        this.paths = new PeerPaths(environment.sockets(), rules.lane(), ways, rules.roams());
        this.reports = new LaneReports(tunnel, environment);
    }

    TunnelMachine machine() {
        return machine;
    }

    /** The rung that carries, and why it is not UDP. */
    Ladder ladder() {
        return ladder;
    }

    /** Why it is not UDP that carries, straight to the peer; empty if it is, or need not be. */
    String rungReason() {
        if (ladder.carrying() != Rung.RELAY || !ladder.why().isEmpty()) {
            return ladder.why();
        }
        return ways.hasDirect() ? "the direct path does not answer" : "no address of it is configured";
    }

    /** Why the last handshake that we started failed, or null. */
    StatusReport.@Nullable Failure lastFailure() {
        return lastFailure;
    }

    /** Whether {@code association} is this lane's. */
    boolean has(Association association) {
        return associations.get(association.id()) == association;
    }

    /** What was sealed on this lane, associations that are gone included. */
    StatusReport.Records sealed() {
        return associations.values().stream()
                .map(one -> new StatusReport.Records(one.sealedRecords(), one.sealedBytes()))
                .reduce(closedSealed, LaneControl::sum);
    }

    /** What was opened on this lane, associations that are gone included. */
    StatusReport.Records opened() {
        return associations.values().stream()
                .map(one -> new StatusReport.Records(one.openedRecords(), one.openedBytes()))
                .reduce(closedOpened, LaneControl::sum);
    }

    static StatusReport.Records sum(StatusReport.Records a, StatusReport.Records b) {
        return new StatusReport.Records(a.records() + b.records(), a.bytes() + b.bytes());
    }

    boolean isClosed() {
        return machine.state() == TunnelState.CLOSED;
    }

    void start(long patienceNanos, long now) {
        perform(machine.startAfter(patienceNanos, now), now);
    }

    void adopt(TunnelRules next, PeerWays nextWays, long now) {
        rules = next;
        noteProblems(nextWays);
        paths.adopt(nextWays, next.roams());
        ways = nextWays;
        ladder.adopt(!ways.udp().isEmpty(), ways.tcp().isPresent());
        perform(machine.adopt(next, now), now);
        offerPaths(now);
        associations.values().forEach(association -> PathFitting.refit(association, ways));
    }

    /** The peer, a relay, is asked for ways to these gateways from now on. */
    void askForWays(List<PeerIdentity> far, long now) {
        perform(machine.askForWays(far, now), now);
    }

    /** Sends what stays true when it is repeated. */
    void tell(ControlMessage message) {
        Association inUse = inUse();
        if (inUse != null) {
            send(inUse.id(), message, null);
        }
    }

    private void noteProblems(PeerWays next) {
        if (!next.problems().isEmpty() && !next.problems().equals(ways.problems()) && rules.lane() == 0) {
            lastFailure = new StatusReport.Failure(Instant.now(), next.problems());
            reports.notice(rules, "name", next.problems());
        }
    }

    void connected(int attempt, Association association, long now) {
        add(association);
        perform(machine.connected(attempt, association.id(), now), now);
    }

    void accepted(Association association, long now) {
        add(association);
        perform(machine.accepted(association.id(), now), now);
    }

    private void add(Association association) {
        association.admit(admission);
        associations.put(association.id(), association);
        environment.streams().prove(association);
    }

    /** Only V-nets of {@code next} travel on the lane from now on. */
    void admit(VnetAdmission next) {
        admission = next;
        associations.values().forEach(association -> association.admit(next));
    }

    /** This is demanded here for V-nets from now on. */
    void adopt(VnetDemands own, long now) {
        perform(machine.adopt(own, now), now);
    }

    /** The peer is another process than before, as another lane has learned; {@link TunnelMachine#peerIs} says more. */
    void peerIs(long incarnation, long patienceNanos, long now) {
        perform(machine.peerIs(incarnation, patienceNanos, now), now);
    }

    /** Lets go of an association that is for another lane; false when it is too late for that. */
    boolean handOn(Association association) {
        return machine.handOn(association.id()) && associations.remove(association.id()) != null;
    }

    void failed(int attempt, HandshakeFailure failure, long now) {
        if (failure.local() == DatagramPort.STREAM) {
            environment.streams().close(failure.remote());
        }
        failed(attempt, failure.detail(), now);
    }

    private void failed(int attempt, String detail, long now) {
        lastFailure = new StatusReport.Failure(Instant.now(), detail);
        if (machine.isUnderWay(attempt)) {
            if (paths.failed(trying, pathInUse())) {
                ladder.failed(trying, detail, machine.unansweredEchoes(), now);
            }
            environment.names().hurry(ways.names(), now);
            perform(machine.failed(attempt, detail, now), now);
            if (trying == Rung.UDP && ladder.carrying() == Rung.TCP) {
                // It was to see whether UDP carries again; the keys of what carries are as good as they were.
                perform(machine.leaveKeys(now), now);
            }
        }
    }

    /** What went by that stream has lost its way. */
    void streamEnded(InetSocketAddress stream, long now) {
        for (Association association : List.copyOf(associations.values())) {
            if (association.local() == DatagramPort.STREAM
                    && association.remote().equals(stream)) {
                closedByPeer(association, now);
            }
        }
    }

    void closedByPeer(Association association, long now) {
        perform(machine.closedByPeer(association.id(), now), now);
    }

    /** Ends the associations whose peer would not be let in any more. */
    void recheckPeer(long now) {
        for (Association association : List.copyOf(associations.values())) {
            environment.handshakes().objection(association).ifPresent(reason -> {
                lastFailure = new StatusReport.Failure(Instant.now(), reason);
                perform(machine.distrusted(association.id(), reason, now), now);
            });
        }
    }

    /** @param from the path by which it came */
    void received(Association association, byte[] body, Path from, long now) {
        ControlMessage message = ControlCodec.decode(body);
        if (message instanceof PathChallenge && paths.seen(from, now)) {
            offerPaths(now);
        }
        if (fence != null && fence.received(association, message)) {
            // Nobody else has asked.
            return;
        }
        boolean isWhereWeSend = from.equals(association.path());
        perform(machine.received(association.id(), body, isWhereWeSend ? null : from, now), now);
    }

    void seenElsewhere(Association association, long now) {
        Path elsewhere = association.elsewhere();
        if (elsewhere != null && association.local() != DatagramPort.STREAM) {
            perform(machine.seenElsewhere(association.id(), elsewhere, now), now);
        }
    }

    void rekey(long now) {
        perform(machine.rekey(now), now);
    }

    void drain(boolean isDraining, int number, long now) {
        perform(machine.drain(isDraining, number, now), now);
    }

    void stop(long now) {
        perform(machine.stop(now), now);
    }

    /** What is due by now. */
    void tick(long now) {
        if (paths.forget(now)) {
            offerPaths(now);
        }
        for (Association association : List.copyOf(associations.values())) {
            seenElsewhere(association, now);
            association.forgetElsewhere();
        }
        // All of them: while one takes the place of another, the peer's records on either show that it lives.
        for (Association association : List.copyOf(associations.values())) {
            perform(machine.usage(association.id(), usage(association), now), now);
        }
        if (machine.wakeAt() <= now) {
            perform(machine.tick(now), now);
        }
        tickFence(now);
        if (ladder.isDoubtful(machine.unansweredEchoes())) {
            environment.streams().prepare();
        }
        if (machine.state() == TunnelState.ESTABLISHED
                && (ladder.isToBeLeft(machine.unansweredEchoes(), now)
                        || (machine.status().client() && ladder.isReturnDue(now)))) {
            // Another association, on the other rung: this one carries until the peer has been heard there.
            perform(machine.rekey(now), now);
        }
    }

    /** When {@link #tick} is due at the latest. */
    long wakeAt() {
        return fence == null ? machine.wakeAt() : Math.min(machine.wakeAt(), fence.wakeAt());
    }

    private void tickFence(long now) {
        EchoRequest echo = fence == null ? null : fence.tick(now);
        if (fence != null && echo != null) {
            send(
                    fence.before(),
                    envelope.wrap(ControlCodec.encode(echo)),
                    fence.before().path());
        }
    }

    private static Usage usage(Association association) {
        return new Usage(
                Math.max(association.sealedRecords(), association.openedRecords()),
                Math.max(association.sealedBytes(), association.openedBytes()),
                association.failedOpenings(),
                association.sealedRecords(),
                association.openedRecords(),
                association.lastAuthenticatedNanos());
    }

    private void perform(List<TunnelAction> actions, long now) {
        for (TunnelAction action : actions) {
            perform(action, now);
        }
    }

    private void perform(TunnelAction action, long now) {
        if (action instanceof StartHandshake start) {
            connect(start.attempt(), now);
        } else if (action instanceof SendControl send) {
            send(send.association(), send.message(), null);
        } else if (action instanceof SendOnPath send) {
            send(send.association(), send.message(), send.to());
        } else if (action instanceof MovePath move) {
            move(move.association(), move.to(), now);
            offerPaths(now);
        } else if (action instanceof SendOn sendOn) {
            sendOn(sendOn.association(), now);
        } else if (action instanceof FitPath fit) {
            fitPath(fit.association(), fit.bytes());
        } else if (action instanceof AnswerRelay asked) {
            send(asked.association(), environment.relays().asked(rules.peer(), asked.request(), now), null);
        } else if (action instanceof WaysChanged) {
            environment.relays().waysChanged();
        } else if (action instanceof StopSending) {
            ladder.down();
            tunnel.lane(rules.lane()).publish(null);
        } else if (action instanceof Close close) {
            close(close.association(), close.notifyPeer());
        } else if (action instanceof Report report) {
            if (report.event() == TunnelEvent.PEER_LOST) {
                ladder.lost(now);
                environment.names().hurry(ways.names(), now);
            }
            reports.log(rules, inWords(report), ways.text().orElse("-"));
        } else if (!(action instanceof Retire)) {
            // A retired association opens what is still on its way; the machine closes it in its time.
            throw new IllegalStateException("unknown action " + action);
        }
    }

    /** The machine knows no names of paths that are none of UDP's. */
    private Report inWords(Report report) {
        Association inUse = tunnel.lane(rules.lane()).sending();
        return report.event() == TunnelEvent.PATH_CHANGED && inUse != null
                ? new Report(report.event(), "to " + environment.remoteOf(inUse))
                : report;
    }

    private void sendOn(long id, long now) {
        Association association = associations.get(id);
        if (association != null && machine.hasAgreedOn(Capability.PARTIAL_CHECKSUM, id)) {
            association.takePartialChecksums();
        }
        if (association != null && machine.hasAgreedOn(Capability.ECN, id)) {
            association.copyEcn();
        }
        if (association != null && machine.hasAgreedOn(Capability.FRAGMENTS, id)) {
            association.takeFragments();
        }
        if (association != null) {
            // Before packets take it: the machine says so as well, but later.
            fitPath(id, machine.status().pathMtu());
            carry(rungOf(association), now);
        }
        publish(association, now);
        paths.found();
        offerPaths(now);
    }

    private void publish(@Nullable Association next, long now) {
        Association before = inUse();
        boolean isBeforeHeld = before != null && before.isHeld();
        if (fence != null) {
            fence.lift();
            fence = null;
        }
        if (before != null
                && next != null
                && has(before)
                && OrderFence.isNeeded(before, next, machine.status().rttNanos(), now)) {
            fence = new OrderFence(before, next, environment.quiescence(), now);
        }
        tunnel.lane(rules.lane()).publish(next);
        if (fence != null) {
            fence.published(isBeforeHeld, now);
            tickFence(now);
        }
    }

    private static Rung rungOf(Association association) {
        return switch (association.local()) {
            case DatagramPort.STREAM -> Rung.TCP;
            case DatagramPort.RELAY -> Rung.RELAY;
            default -> Rung.UDP;
        };
    }

    /** The machine is told by which paths the peer may be reached beside the one that packets take. */
    private void offerPaths(long now) {
        Association inUse = inUse();
        if (inUse == null
                || inUse.local() == DatagramPort.STREAM
                || !inUse.ids().received()) {
            perform(machine.offer(List.of(), List.of(), now), now);
        } else {
            List<Path> others = new ArrayList<>(paths.others(inUse.path()));
            others.addAll(ways.pathsByRelays(inUse, rules.lane()));
            machine.goesByRelay(inUse.local() == DatagramPort.RELAY);
            perform(machine.offer(others, paths.refuges(inUse.path()), now), now);
        }
    }

    /** What packets are sent on, or null. */
    private @Nullable Association inUse() {
        return tunnel.lane(rules.lane()).sending();
    }

    private @Nullable Path pathInUse() {
        Association inUse = inUse();
        return inUse == null ? null : inUse.path();
    }

    private void carry(Rung rung, long now) {
        Rung before = ladder.carrying();
        ladder.carries(rung, now);
        if (rung != before && (before != Rung.NONE || rung != Rung.UDP)) {
            String why = rungReason().isEmpty() ? "" : "; " + rungReason();
            reports.notice(rules, "rung", rung + why);
        }
    }

    private void fitPath(long id, int bytes) {
        Association association = associations.get(id);
        if (association != null) {
            PathFitting.fit(association, bytes, ways);
        }
    }

    private void connect(int attempt, long now) {
        trying = ladder.next(now);
        Path inUse = pathInUse();
        Optional<Path> udp = paths.next(inUse);
        if (paths.isRelayDue(inUse)) {
            trying = Rung.RELAY;
            shakeHands(attempt, paths.byRelay(inUse), now);
        } else if (inUse != null && paths.isFoundByRelay(inUse)) {
            trying = Rung.UDP;
            shakeHands(attempt, inUse, now);
        } else if (trying == Rung.TCP) {
            callByStream(attempt);
        } else if (udp.isPresent()) {
            shakeHands(attempt, udp.get(), now);
        } else {
            // A reload has taken the address away, and what is up ends with its keys.
            failed(attempt, "no address of the peer is known", now);
        }
    }

    private void callByStream(int attempt) {
        environment
                .streams()
                .call(
                        rules.peer(),
                        ways.tcp().orElseThrow(),
                        stream -> shakeHands(
                                attempt,
                                new Path(DatagramPort.STREAM, stream),
                                environment.nanoClock().getAsLong()),
                        reason ->
                                failed(attempt, reason, environment.nanoClock().getAsLong()));
    }

    private void shakeHands(int attempt, Path path, long now) {
        int name = TunnelControl.nameOf(attempt, rules.lane());
        boolean isStream = path.local() == DatagramPort.STREAM;
        // Whoever blocks one way is found out sooner than a slow peer: the next round of calls is for that.
        boolean isHasty = !isStream && inUse() == null && paths.areOthersUntried();
        if (!environment.handshakes().connect(rules.peer(), name, path, rules.lane(), isHasty)) {
            if (isStream) {
                environment.streams().close(path.remote());
            }
            perform(machine.failed(attempt, "all places for handshakes are taken", now), now);
        }
    }

    private void move(long id, Path to, long now) {
        Association association = associations.get(id);
        if (association != null) {
            association.move(to);
            // It may be of the other family, whose headers leave another size, or by a relay.
            fitPath(id, machine.status().pathMtu());
            carry(rungOf(association), now);
        }
    }

    /** @param to by which path; null is the association's */
    private void send(long id, ControlMessage message, @Nullable Path to) {
        Association association = associations.get(id);
        if (association == null) {
            return;
        }
        if (message instanceof PathProbe && association.local() >= DatagramPort.STREAM) {
            // It is UDP's path to the peer that is looked into, and what is known of it is good until it carries again.
            return;
        }
        byte[] body = ControlCodec.encode(message);
        if (message instanceof PathProbe probe) {
            // The message takes the place of an inner packet.
            int bytes = PathFitting.withoutOptions(association, probe.bytes());
            body = Arrays.copyOf(body, Math.max(bytes, body.length));
        }
        send(association, envelope.wrap(body), to == null ? association.path() : to);
    }

    /** Sends a packet of a V-net to a member at the other end, on an association of whichever lane. */
    void send(Association association, byte[] packet, TargetWatch.Target to) {
        int type = to.address().isIpv4() ? Geneve.IPV4 : Geneve.IPV6;
        send(association, envelope.wrapPacket(packet, to.vni(), type), association.path());
    }

    private void send(Association association, byte[] payload, Path to) {
        byte[] record = association.sealControl(payload);
        if (record != null) {
            environment.port().send(to.local(), record, 0, record.length, to.remote());
        }
    }

    private void close(long id, boolean notifyPeer) {
        Association association = associations.remove(id);
        if (association != null) {
            if (fence != null && fence.before() == association) {
                fence.lift();
                fence = null;
            }
            closedSealed =
                    sum(closedSealed, new StatusReport.Records(association.sealedRecords(), association.sealedBytes()));
            closedOpened =
                    sum(closedOpened, new StatusReport.Records(association.openedRecords(), association.openedBytes()));
            environment.handshakes().close(association, notifyPeer);
            environment.streams().close(association);
            environment.quiescence().retire(association);
        }
    }
}

package net.vgate.control;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import net.vgate.config.GatewayConfig.PeerGateway;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.forwarding.SiteTunnels;
import net.vgate.handshake.HandshakeFailure;
import net.vgate.observe.Event;
import net.vgate.observe.StatusReport;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Association;
import net.vgate.record.Association.Path;
import net.vgate.record.PeerIdentity;
import net.vgate.tunnel.Capability;
import net.vgate.tunnel.ControlCodec;
import net.vgate.tunnel.ControlMessage;
import net.vgate.tunnel.ControlMessage.Hello;
import net.vgate.tunnel.ControlMessage.RelayAnswer;
import net.vgate.tunnel.Ladder;
import net.vgate.tunnel.Tunnel;
import net.vgate.tunnel.TunnelMachine;
import net.vgate.tunnel.TunnelRules;
import net.vgate.tunnel.TunnelStatus;
import org.jspecify.annotations.Nullable;

/**
 * One tunnel toward one remote gateway: its lanes, each an association of its own with a life of its own. The first is
 * there from the start; when the hellos on it say how many both ends would have, the others follow.
 *
 * <p><b>Threading.</b> The conductor's thread only.
 */
final class TunnelControl {
    /** The peer, whose call the first lane was, calls for the others as well; if it does not, we do. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Tunnel tunnel;
    private final TunnelEnvironment environment;
    private final RandomGenerator random;
    private final List<LaneControl> lanes = new ArrayList<>();
    private final List<LaneControl> closing = new ArrayList<>();
    private final ClassAgreement classes;

    private TunnelRules rules;
    private PeerWays ways;
    private int priority;
    private int weight = 1;
    private final TargetWatch watch;
    private boolean wasUp;
    private boolean targetsSilent;
    private long completedHandshakes;
    private StatusReport.Records closedSealed = new StatusReport.Records(0, 0);
    private StatusReport.Records closedOpened = new StatusReport.Records(0, 0);

    /** @param rules of the first lane */
    TunnelControl(
            Tunnel tunnel, TunnelRules rules, PeerWays ways, TunnelEnvironment environment, RandomGenerator random) {
        this.tunnel = tunnel;
        this.rules = rules;
        this.ways = ways;
        this.environment = environment;
        this.random = random;
        this.watch = new TargetWatch(random);
        this.classes = new ClassAgreement(rules.peer(), environment.log());
    }

    /** The name of a lane's attempt among those of all lanes. */
    static int nameOf(int attempt, int lane) {
        return attempt * ControlMessage.MAX_LANES + lane;
    }

    Tunnel tunnel() {
        return tunnel;
    }

    TunnelRules rules() {
        return rules;
    }

    PeerWays ways() {
        return ways;
    }

    /**
     * How it is taken among the gateways of its site.
     *
     * @param targets of whom one must answer
     */
    void prefer(PeerGateway gateway, List<TargetWatch.Target> targets, long now) {
        priority = gateway.priority();
        weight = gateway.weight();
        watch.adopt(targets, now);
    }

    SiteTunnels.Choice choice() {
        return new SiteTunnels.Choice(tunnel, priority, weight);
    }

    /** Where its packets go, for people; where they would go, before there is an association. */
    @Nullable
    String remoteText() {
        Association association = inUse();
        return association == null ? ways.text().orElse(null) : environment.remoteOf(association);
    }

    /** The first lane's, which is the tunnel's. */
    TunnelStatus status() {
        return first().machine().status();
    }

    /** A path that stands by, for people. */
    String text(Path path) {
        return environment.text(path);
    }

    /** The peer, a relay, is asked for ways to these gateways from now on. */
    void askForWays(List<PeerIdentity> far, long now) {
        first().askForWays(far, now);
    }

    /** What the peer, as a relay, has said of the ways that it was asked for. */
    Map<PeerIdentity, RelayAnswer> waysByPeer() {
        return first().machine().ways();
    }

    /** Tells the peer what there is of a way that it has asked this gateway for. */
    void sendRelayAnswer(RelayAnswer answer) {
        first().tell(answer);
    }

    /** The rung that carries the first lane. */
    Ladder ladder() {
        return first().ladder();
    }

    /** Why the first lane is not carried by UDP, straight to the peer; empty if it is, or need not be. */
    String rungReason() {
        return first().rungReason();
    }

    /** When age has the first lane's keys replaced. */
    long rekeysAt() {
        return first().machine().rekeysAt();
    }

    /** Which V-nets it does not carry, though it is up. */
    List<StatusReport.RefusedVnet> refusedVnets() {
        return classes.refused();
    }

    /** Why a handshake that we started failed last, or null. */
    StatusReport.@Nullable Failure lastFailure() {
        return lanes.stream()
                .map(LaneControl::lastFailure)
                .filter(Objects::nonNull)
                .max(Comparator.comparing(StatusReport.Failure::at))
                .orElse(null);
    }

    /** How many handshakes led to an association, whoever started them. */
    long completedHandshakes() {
        return completedHandshakes;
    }

    /** What was sealed on this tunnel, associations that are gone included. */
    StatusReport.Records sealed() {
        return sum(closedSealed, LaneControl::sealed);
    }

    /** What was opened on this tunnel, associations that are gone included. */
    StatusReport.Records opened() {
        return sum(closedOpened, LaneControl::opened);
    }

    private StatusReport.Records sum(StatusReport.Records gone, Function<LaneControl, StatusReport.Records> figure) {
        return all().map(figure).reduce(gone, LaneControl::sum);
    }

    /** The association that the first lane uses or, when it has none, another one; or null. */
    @Nullable
    Association inUse() {
        return tunnel.sending();
    }

    boolean isClosed() {
        return all().allMatch(LaneControl::isClosed);
    }

    void start(long now) {
        add(0, now);
    }

    /** @param next of the first lane */
    void adopt(TunnelRules next, PeerWays nextWays, long now) {
        rules = next;
        ways = nextWays;
        for (int lane = 0; lane < lanes.size(); lane++) {
            lanes.get(lane).adopt(next.ofLane(lane), nextWays, now);
        }
    }

    /** The peer may carry {@code granted}; tells it what they demand of the tunnel. */
    void adoptVnets(List<Vnet> granted, long now) {
        classes.adopt(granted);
        first().adopt(classes.own(), now);
        compareClasses(now);
    }

    /** What one end demands is compared with what the other does, and with what carries, when any of them changes. */
    private void compareClasses(long now) {
        TunnelMachine machine = first().machine();
        Association inUse = inUse();
        boolean maySay =
                machine.hasAgreedOn(Capability.CLASSES, machine.status().association());
        if (!classes.compare(inUse, machine.peerDemands(), maySay)) {
            return;
        }
        all().forEach(lane -> lane.admit(classes.admission()));
        // Ours is the first that both ends prefer, if the peer has the same classes.
        AeadAlgorithm preferred = environment.handshakes().policy().algorithms().get(0);
        if (inUse != null && classes.isBetterServedBy(preferred, inUse)) {
            rekey(now);
        }
    }

    /** @param name by {@link #nameOf} */
    void connected(int name, Association association, long now) {
        int lane = name % ControlMessage.MAX_LANES;
        completedHandshakes++;
        if (lane < lanes.size()) {
            lanes.get(lane).connected(name / ControlMessage.MAX_LANES, association, now);
            agree(now);
        } else {
            refuse(association);
        }
    }

    /** Until its hello says more, an association is the first lane's. */
    void accepted(Association association, long now) {
        completedHandshakes++;
        first().accepted(association, now);
    }

    /** @param name by {@link #nameOf} */
    void failed(int name, HandshakeFailure failure, long now) {
        int lane = name % ControlMessage.MAX_LANES;
        if (lane < lanes.size()) {
            lanes.get(lane).failed(name / ControlMessage.MAX_LANES, failure, now);
        }
    }

    void closedByPeer(Association association, long now) {
        LaneControl lane = laneOf(association);
        if (lane != null) {
            lane.closedByPeer(association, now);
        }
    }

    /** What went by that stream has lost its way. */
    void streamEnded(InetSocketAddress stream, long now) {
        all().toList().forEach(lane -> lane.streamEnded(stream, now));
    }

    /** Ends the associations whose peer would not be let in any more. */
    void recheckPeer(long now) {
        all().forEach(lane -> lane.recheckPeer(now));
    }

    void seenElsewhere(Association association, long now) {
        LaneControl lane = laneOf(association);
        if (lane != null) {
            lane.seenElsewhere(association, now);
        }
    }

    /** @param from the path by which it came */
    void received(Association association, byte[] body, Path from, long now) {
        LaneControl lane = laneOf(association);
        if (lane == first() && ControlCodec.decode(body) instanceof Hello hello && hello.lane() > 0) {
            lane = handOn(association, hello.lane(), now);
        }
        if (lane != null) {
            long before = lane.machine().peerIncarnation();
            lane.received(association, body, from, now);
            if (lane.machine().peerIncarnation() != before) {
                tellOthers(lane, now);
            }
            agree(now);
            weigh();
            compareClasses(now);
        }
    }

    /**
     * What the lanes have with an earlier process of the peer's is dead, whichever has met the new one first. Their
     * flows take that one until they are up again.
     */
    private void tellOthers(LaneControl informed, long now) {
        TunnelMachine machine = informed.machine();
        long patience = patience(machine.status().client());
        all().filter(lane -> lane != informed).forEach(lane -> lane.peerIs(machine.peerIncarnation(), patience, now));
    }

    /** Whether flows are to take another gateway, if there is one. */
    private void weigh() {
        boolean isSilent = watch.isSilent();
        if (isSilent != targetsSilent) {
            targetsSilent = isSilent;
            environment
                    .log()
                    .report(new Event.TunnelNotice(
                            rules.peer().site(),
                            rules.peer().gateway(),
                            isSilent ? "targets_silent" : "targets_answer",
                            isSilent ? "none of the members that were to answer does" : ""));
        }
        tunnel.avoid(whyAvoided() != null);
    }

    /** Why flows are to take another gateway, in a word; null when they need not. */
    @Nullable
    String whyAvoided() {
        if (status().peerDrains()) {
            return "draining";
        }
        return targetsSilent ? "target_silent" : null;
    }

    /** A target has answered the ping with that number, if it is one of ours. */
    void targetAnswered(long number) {
        if (watch.answered(number)) {
            weigh();
        }
    }

    private void askTargets(long now) {
        Association association = inUse();
        if (association == null) {
            wasUp = false;
            return;
        }
        if (!wasUp) {
            wasUp = true;
            watch.begin(now);
        }
        for (TargetWatch.Probe probe : watch.due(now)) {
            TargetProbe.packet(
                            probe,
                            association,
                            tunnel.site(),
                            environment.forwarding().get())
                    .ifPresent(packet -> first().send(association, packet, probe.target()));
        }
    }

    /** The lane that {@code association} is for; null when there is none, and it was refused. */
    private @Nullable LaneControl handOn(Association association, int lane, long now) {
        if (!first().handOn(association)) {
            return null;
        }
        if (lane >= lanes.size()) {
            refuse(association);
            return null;
        }
        lanes.get(lane).accepted(association, now);
        return lanes.get(lane);
    }

    private void refuse(Association association) {
        environment.handshakes().close(association, true);
        environment.quiescence().retire(association);
        environment.streams().close(association);
    }

    void rekey(long now) {
        lanes.forEach(lane -> lane.rekey(now));
    }

    /** The peer is to send flows elsewhere, or not any more. */
    void drain(boolean isDraining, int number, long now) {
        first().drain(isDraining, number, now);
    }

    void stop(long now) {
        all().forEach(lane -> lane.stop(now));
    }

    /** What is due by now. */
    void tick(long now) {
        all().forEach(lane -> lane.tick(now));
        askTargets(now);
        weigh();
        closing.stream().filter(LaneControl::isClosed).forEach(gone -> {
            closedSealed = LaneControl.sum(closedSealed, gone.sealed());
            closedOpened = LaneControl.sum(closedOpened, gone.opened());
        });
        closing.removeIf(LaneControl::isClosed);
        compareClasses(now);
    }

    /** When {@link #tick} is due at the latest. */
    long wakeAt() {
        long lanesAt = all().mapToLong(LaneControl::wakeAt).min().orElse(Long.MAX_VALUE);
        return inUse() == null ? lanesAt : Math.min(lanesAt, watch.wakeAt());
    }

    /** Has as many lanes as both ends would have, once the peer has said so. */
    private void agree(long now) {
        int offered = first().machine().peerLanes();
        int agreed = offered == 0 ? lanes.size() : Math.min(offered, rules.lanes());
        if (agreed == lanes.size()) {
            return;
        }
        tunnel.useLanes(agreed);
        while (lanes.size() > agreed) {
            LaneControl gone = lanes.remove(lanes.size() - 1);
            closing.add(gone);
            gone.stop(now);
        }
        long patience = patience(first().machine().status().client());
        while (lanes.size() < agreed) {
            add(patience, now);
        }
    }

    private static long patience(boolean isOurCall) {
        return isOurCall ? 0 : PATIENCE_NANOS;
    }

    private void add(long patienceNanos, long now) {
        TunnelRules ofLane = rules.ofLane(lanes.size());
        TunnelMachine machine = new TunnelMachine(ofLane, tunnel.counters(), random);
        LaneControl lane = new LaneControl(tunnel, machine, ofLane, ways, environment);
        lanes.add(lane);
        lane.admit(classes.admission());
        lane.start(patienceNanos, now);
    }

    private LaneControl first() {
        return lanes.get(0);
    }

    private Stream<LaneControl> all() {
        return Stream.concat(lanes.stream(), closing.stream());
    }

    private @Nullable LaneControl laneOf(Association association) {
        return all().filter(lane -> lane.has(association)).findFirst().orElse(null);
    }
}

package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import net.vgate.record.Association.Path;
import net.vgate.tunnel.ControlMessage.PathProbe;
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
import org.jspecify.annotations.Nullable;

/**
 * One process of a gateway in a {@link SimulatedNetwork}: does what its machine decides, sends data on what the machine
 * has put in use, and checks at each step what must hold always.
 */
final class SimulatedGateway {
    /** Both ends of one association, found by either end's connection ID. */
    static final class Pair {
        final SimulatedGateway client;
        final SimulatedGateway server;
        final long clientId;
        final long serverId;

        Pair(SimulatedGateway client, SimulatedGateway server, long clientId, long serverId) {
            this.client = client;
            this.server = server;
            this.clientId = clientId;
            this.serverId = serverId;
        }

        SimulatedGateway other(SimulatedGateway one) {
            return one == client ? server : client;
        }

        long idAt(SimulatedGateway one) {
            return one == client ? clientId : serverId;
        }
    }

    final String name;

    /** Random number of the process. */
    final long incarnation;

    final TunnelMachine machine;
    final TunnelCounters counters = new TunnelCounters();
    final Map<TunnelEvent, Integer> reports = new HashMap<>();

    /** Data packets that came for an association which was not there any more. */
    int lostForClosed;

    /** Control messages and closings that came for an association which was not there any more. */
    int strays;

    int received;
    int unsent;

    /** What packets are to fit, in bytes. */
    int fitted;

    /** Where it is; whoever sends to another address sends into the void. */
    InetSocketAddress address;

    /** By another network, where it is as well. */
    final InetSocketAddress second;

    private final SimulatedNetwork network;
    private int drainNumber;
    private final Map<Long, Pair> open = new HashMap<>();
    private final Map<Long, InetSocketAddress> paths = new HashMap<>();
    private final Map<Long, InetSocketAddress> elsewhere = new HashMap<>();
    private final Map<Long, Long> opened = new HashMap<>();
    private final Map<Long, Long> sealed = new HashMap<>();
    private final Set<Long> retired = new HashSet<>();
    private @Nullable Pair sending;
    private boolean listening;
    private boolean dead;
    private long plannedTickAt = Long.MAX_VALUE;
    private long lastTickAt;
    private int ticksAtOnce;

    SimulatedGateway(String name, TunnelRules rules, SimulatedNetwork network) {
        this.name = name;
        this.incarnation = rules.incarnation();
        this.network = network;
        this.address = new InetSocketAddress(name.equals("east") ? "192.0.2.1" : "192.0.2.2", 4_433);
        this.second = new InetSocketAddress(name.equals("east") ? "203.0.113.1" : "203.0.113.2", 4_433);
        this.machine = new TunnelMachine(rules, counters, network.random);
    }

    void start() {
        listening = true;
        perform(machine.start(network.clock.now()));
        if (network.dataEveryNanos > 0) {
            sendData();
        }
        sample();
    }

    void kill() {
        dead = true;
        network.transcript.note(name, "killed");
    }

    boolean isDead() {
        return dead;
    }

    boolean isListening() {
        return listening && !dead;
    }

    @Nullable
    Pair sending() {
        return sending;
    }

    int openAssociations() {
        return open.size();
    }

    /** What is open with that process of the other end's. */
    List<Pair> openWith(SimulatedGateway other) {
        return open.values().stream().filter(pair -> pair.other(this) == other).toList();
    }

    int reports(TunnelEvent event) {
        return reports.getOrDefault(event, 0);
    }

    void drain(boolean isDraining) {
        perform(machine.drain(isDraining, ++drainNumber, network.clock.now()));
    }

    void demand(VnetDemands demands) {
        perform(machine.adopt(demands, network.clock.now()));
    }

    /** Another lane has learned which process the peer is. */
    void peerIs(SimulatedGateway peer, Duration patience) {
        perform(machine.peerIs(peer.incarnation, patience.toNanos(), network.clock.now()));
    }

    void rekey() {
        perform(machine.rekey(network.clock.now()));
    }

    void stop() {
        perform(machine.stop(network.clock.now()));
    }

    void connected(int attempt, Pair pair) {
        open.put(pair.clientId, pair);
        paths.put(pair.clientId, pair.server.address);
        perform(machine.connected(attempt, pair.clientId, network.clock.now()));
    }

    void accepted(Pair pair) {
        open.put(pair.serverId, pair);
        paths.put(pair.serverId, pair.client.address);
        perform(machine.accepted(pair.serverId, network.clock.now()));
    }

    void failed(int attempt, String reason) {
        perform(machine.failed(attempt, reason, network.clock.now()));
    }

    void controlArrives(long id, byte[] body, InetSocketAddress from) {
        if (!dead && open.containsKey(id)) {
            opened.merge(id, 1L, Long::sum);
            arrives(id, from);
            perform(machine.received(id, body, from.equals(paths.get(id)) ? null : to(from), network.clock.now()));
        } else {
            strays++;
        }
    }

    /** Where data of the association in use goes. */
    @Nullable
    InetSocketAddress sendsTo() {
        return sending == null ? null : paths.get(sending.idAt(this));
    }

    private InetSocketAddress path(long id) {
        return Objects.requireNonNull(paths.get(id));
    }

    private void arrives(long id, InetSocketAddress from) {
        if (!from.equals(paths.get(id))) {
            if (elsewhere.putIfAbsent(id, from) == null) {
                perform(machine.seenElsewhere(id, to(from), network.clock.now()));
            }
        }
    }

    void dataArrives(long id, InetSocketAddress from) {
        if (open.containsKey(id)) {
            arrives(id, from);
            opened.merge(id, 1L, Long::sum);
            received++;
        } else if (!dead) {
            lostForClosed++;
            network.transcript.note(name, "data for closed " + id);
        }
    }

    void closeNotifyArrives(long id) {
        if (!dead && open.containsKey(id)) {
            perform(machine.closedByPeer(id, network.clock.now()));
        } else {
            strays++;
        }
    }

    private void sendData() {
        if (dead) {
            return;
        }
        if (sending == null || (network.onlyEastSends && this != network.east)) {
            unsent++;
        } else {
            Pair pair = sending;
            SimulatedGateway to = pair.other(this);
            sealed.merge(pair.idAt(this), 1L, Long::sum);
            InetSocketAddress path = path(pair.idAt(this));
            network.carry(this, to, path, null, from -> to.dataArrives(pair.idAt(to), from));
        }
        network.clock.after(network.dataEveryNanos, this::sendData);
    }

    private void sample() {
        if (dead) {
            return;
        }
        for (long id : List.copyOf(open.keySet())) {
            long in = opened.getOrDefault(id, 0L);
            long out = sealed.getOrDefault(id, 0L);
            Usage usage = new Usage(
                    Math.max(in, out), 100 * Math.max(in, out), network.failedOpenings, out, in, network.clock.now());
            perform(machine.usage(id, usage, network.clock.now()));
            InetSocketAddress seen = elsewhere.remove(id);
            if (seen != null) {
                perform(machine.seenElsewhere(id, to(seen), network.clock.now()));
            }
        }
        // As often as a conductor looks.
        network.clock.after(250_000_000, this::sample);
    }

    private void tick() {
        plannedTickAt = Long.MAX_VALUE;
        long now = network.clock.now();
        if (!dead && machine.wakeAt() <= now) {
            ticksAtOnce = now == lastTickAt ? ticksAtOnce + 1 : 0;
            lastTickAt = now;
            assertTrue(ticksAtOnce < 20, () -> name + " is due again and again\n" + network.transcript);
            perform(machine.tick(now));
        } else {
            planTick();
        }
    }

    private void planTick() {
        long at = machine.wakeAt();
        if (!dead && at < plannedTickAt) {
            plannedTickAt = at;
            network.clock.after(at - network.clock.now(), this::tick);
        }
    }

    private void perform(List<TunnelAction> actions) {
        if (dead) {
            return;
        }
        for (TunnelAction action : actions) {
            perform(action);
        }
        planTick();
        check();
    }

    private void perform(TunnelAction action) {
        if (action instanceof StartHandshake start) {
            network.transcript.note(name, "handshake " + start.attempt());
            network.handshake(this, start.attempt());
        } else if (action instanceof SendControl send) {
            send(send.association(), send.message(), null);
        } else if (action instanceof SendOnPath send) {
            send(send.association(), send.message(), send.to().remote());
        } else if (action instanceof MovePath move) {
            paths.put(move.association(), move.to().remote());
            network.transcript.note(name, "moves to " + move.to().remote());
            offer();
        } else if (action instanceof FitPath fit) {
            assertTrue(open.containsKey(fit.association()), () -> name + " fits a closed one\n" + network.transcript);
            fitted = fit.bytes();
        } else if (action instanceof SendOn sendOn) {
            sending = open.get(sendOn.association());
            network.transcript.note(name, "sends on " + (sending == null ? 0 : sending.clientId));
            offer();
        } else if (action instanceof StopSending) {
            sending = null;
            network.transcript.note(name, "stops sending");
        } else if (action instanceof Retire retire) {
            retire(retire.association());
        } else if (action instanceof Close close) {
            close(close.association(), close.notifyPeer());
        } else if (action instanceof Report report) {
            network.transcript.note(name, report.event().label() + " " + report.detail());
            reports.merge(report.event(), 1, Integer::sum);
        }
    }

    private void send(long id, ControlMessage message, @Nullable InetSocketAddress address) {
        Pair pair = open.get(id);
        assertNotNull(pair, () -> name + " sends on closed " + message + "\n" + network.transcript);
        byte[] body = ControlCodec.encode(message);
        SimulatedGateway to = pair.other(this);
        String text = message + " on " + pair.clientId;
        if (message instanceof PathProbe probe && probe.bytes() > network.pathMtu) {
            network.transcript.message(name, to.name, text, false);
        } else {
            InetSocketAddress path = address == null ? path(id) : address;
            network.carry(this, to, path, text, from -> to.controlArrives(pair.idAt(to), body, from));
        }
    }

    private void offer() {
        if (network.twoPaths && sending != null) {
            SimulatedGateway to = sending.other(this);
            InetSocketAddress now = sendsTo();
            List<Path> other = List.of(to(to.address.equals(now) ? to.second : to.address));
            perform(
                    network.onlyRefuges
                            ? machine.offer(List.of(), other, network.clock.now())
                            : machine.offer(other, List.of(), network.clock.now()));
        }
    }

    /** The only socket that there is. */
    private static Path to(InetSocketAddress remote) {
        return new Path(DatagramPort.LISTEN, remote);
    }

    /** Nobody may be sending where the other end has begun to drain. */
    private void retire(long id) {
        Pair pair = open.get(id);
        assertNotNull(pair);
        retired.add(id);
        network.transcript.note(name, "retires " + pair.clientId);
        SimulatedGateway other = pair.other(this);
        assertFalse(
                !other.dead && other.sending == pair,
                () -> name + " retires what " + other.name + " sends on\n" + network.transcript);
    }

    private void close(long id, boolean notifyPeer) {
        Pair pair = open.remove(id);
        if (pair == null) {
            throw new AssertionError(name + " closes twice " + id + "\n" + network.transcript);
        }
        network.transcript.note(name, "closes " + pair.clientId);
        if (notifyPeer) {
            SimulatedGateway to = pair.other(this);
            String text = "close_notify on " + pair.clientId;
            network.carry(this, to, path(id), text, from -> to.closeNotifyArrives(pair.idAt(to)));
        }
    }

    private void check() {
        Pair pair = sending;
        TunnelState state = machine.state();
        boolean carries = state == TunnelState.ESTABLISHED || state == TunnelState.REKEYING;
        assertTrue(carries == (pair != null), () -> name + " in " + state + "\n" + network.transcript);
        assertTrue(open.size() <= 20, () -> name + " has " + open.size() + "\n" + network.transcript);
        if (pair != null) {
            long id = pair.idAt(this);
            assertTrue(open.containsKey(id), () -> name + " sends on a closed one\n" + network.transcript);
            assertFalse(retired.contains(id), () -> name + " sends on a retired one\n" + network.transcript);
            SimulatedGateway other = pair.other(this);
            // One that has just given the tunnel up is about to be heard of.
            assertFalse(
                    !other.dead && other.sending != null && other.retired.contains(pair.idAt(other)),
                    () -> name + " sends where " + other.name + " has retired\n" + network.transcript);
        } else if (state == TunnelState.CLOSED) {
            assertTrue(open.isEmpty(), () -> name + " leaves associations\n" + network.transcript);
            assertNull(sending);
        }
    }
}

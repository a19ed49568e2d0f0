package net.vgate.control;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Peer;
import net.vgate.config.GatewayConfig.PeerGateway;
import net.vgate.dataplane.RelayAddress;
import net.vgate.dataplane.RelayExchange;
import net.vgate.dataplane.RelayTable;
import net.vgate.dataplane.RelayTraffic;
import net.vgate.observe.Event;
import net.vgate.observe.EventLog;
import net.vgate.observe.StatusReport;
import net.vgate.record.Association;
import net.vgate.record.Association.Path;
import net.vgate.record.PeerIdentity;
import net.vgate.tunnel.ControlMessage.RelayAnswer;
import net.vgate.tunnel.ControlMessage.RelayRefusal;
import net.vgate.tunnel.ControlMessage.RelayRequest;
import net.vgate.tunnel.DatagramPort;
import net.vgate.tunnel.RelayDesk;
import net.vgate.tunnel.RelayDesk.Ends;
import org.jspecify.annotations.Nullable;

/**
 * Relaying, from both sides: the ways that relays have opened for this gateway, and those that it opens for others. It
 * keeps the data path's table.
 *
 * <p><b>Threading.</b> The conductor's thread only.
 */
public final class Relays {
    /** Less has no network to offer (RFC 8200 and RFC 791 have 576 for what must get through): it is not the truth. */
    private static final int LEAST_BYTES = 400;

    private final RelayExchange exchange;
    private final EventLog log;
    private final int workers;
    private final RelayDesk desk;

    private GatewayConfig config;
    private Map<PeerIdentity, TunnelControl> tunnels = Map.of();

    /** Of ways by a relay (from) to a far gateway (to); never given to another, since associations have them. */
    private final Map<Ends, Integer> numbers = new LinkedHashMap<>();

    private final Map<Ends, RelayAnswer> answers = new HashMap<>();
    private final Map<Ends, RelayTraffic> traffic = new HashMap<>();
    private List<RelayDesk.Way> opened = List.of();
    private Map<Ends, RelayedWay> ways = Map.of();
    private boolean isStale;

    public Relays(RelayExchange exchange, GatewayConfig config, EventLog log, int workers) {
        this.exchange = exchange;
        this.config = config;
        this.log = log;
        this.workers = workers;
        this.desk = new RelayDesk(new PeerIdentity(config.site(), config.gateway()), this::isConfigured, this::leg);
    }

    /** Goes by {@code next}; {@code byPeer} are its tunnels, and stay so until the next call. */
    void adopt(GatewayConfig next, Map<PeerIdentity, TunnelControl> byPeer, long now) {
        config = next;
        tunnels = byPeer;
        desk.adopt(next.relay().stream()
                .map(grant -> Set.of(grant.one(), grant.other()))
                .collect(Collectors.toSet()));
        byPeer.forEach((relay, tunnel) -> tunnel.askForWays(wantedFrom(relay), now));
        isStale = true;
    }

    private List<PeerIdentity> wantedFrom(PeerIdentity relay) {
        List<PeerIdentity> wanted = new ArrayList<>();
        for (Peer peer : config.peers()) {
            if (peer.relays().contains(relay.site())) {
                for (PeerGateway gateway : peer.gateways()) {
                    wanted.add(new PeerIdentity(peer.site(), gateway.name()));
                }
            }
        }
        return wanted;
    }

    private boolean isConfigured(PeerIdentity gateway) {
        return tunnels.containsKey(gateway);
    }

    private RelayDesk.@Nullable Leg leg(PeerIdentity gateway) {
        TunnelControl tunnel = tunnels.get(gateway);
        Association inUse = tunnel == null ? null : tunnel.inUse();
        if (inUse == null) {
            return null;
        }
        boolean isUdp = inUse.local() < DatagramPort.STREAM;
        return new RelayDesk.Leg(
                !RelayExchange.mayCarry(inUse), RelayExchange.largest(inUse), isUdp ? inUse.remote() : null);
    }

    /** The answer to what {@code from} asks this gateway as a relay. */
    RelayAnswer asked(PeerIdentity from, RelayRequest request, long now) {
        RelayAnswer answer = desk.asked(from, request, now);
        if (answer.refusal() != RelayRefusal.NONE) {
            log.report(new Event.RelayRefused(
                    from.site(),
                    from.gateway(),
                    request.far().site() + "/" + request.far().gateway(),
                    answer.refusal().label()));
        }
        return answer;
    }

    /** Relays have said something else than before. */
    void waysChanged() {
        isStale = true;
    }

    /** What is due by now. Returns whether {@link #waysTo} may say something else than before. */
    boolean tick(long now) {
        for (RelayDesk.Notice notice : desk.tick(now)) {
            TunnelControl tunnel = tunnels.get(notice.to());
            if (tunnel != null) {
                tunnel.sendRelayAnswer(notice.answer());
            }
        }
        boolean deskChanged = desk.takeChanged();
        if (deskChanged) {
            reportOpened();
        }
        if (isStale) {
            hear();
        }
        Map<Ends, RelayedWay> next = usable();
        boolean hasChanged = !next.equals(ways);
        ways = next;
        if (deskChanged || isStale || hasChanged) {
            publish();
        }
        isStale = false;
        return hasChanged;
    }

    private void reportOpened() {
        List<RelayDesk.Way> now = desk.ways();
        Set<Ends> before = opened.stream().map(RelayDesk.Way::ends).collect(Collectors.toSet());
        Set<Ends> open = now.stream().map(RelayDesk.Way::ends).collect(Collectors.toSet());
        open.stream().filter(ends -> !before.contains(ends)).forEach(ends -> report(ends, true));
        before.stream().filter(ends -> !open.contains(ends)).forEach(ends -> report(ends, false));
        opened = now;
    }

    private void report(Ends ends, boolean isOpen) {
        log.report(new Event.RelayWay(name(ends.from()), name(ends.to()), isOpen));
    }

    static String name(PeerIdentity gateway) {
        return gateway.site() + "/" + gateway.gateway();
    }

    private void hear() {
        Map<Ends, RelayAnswer> next = new HashMap<>();
        tunnels.forEach((relay, tunnel) ->
                tunnel.waysByPeer().forEach((far, answer) -> next.put(new Ends(relay, far), answer)));
        next.forEach((ends, answer) -> {
            RelayAnswer before = answers.get(ends);
            if (before == null || before.refusal() != answer.refusal()) {
                notice(
                        ends,
                        answer.refusal() == RelayRefusal.NONE ? "relay_opened" : "relay_refused",
                        answer.refusal() == RelayRefusal.NONE
                                ? ""
                                : ": " + answer.refusal().label());
            }
        });
        answers.keySet().stream()
                .filter(ends -> !next.containsKey(ends))
                .forEach(ends -> notice(ends, "relay_closed", ""));
        answers.clear();
        answers.putAll(next);
    }

    private void notice(Ends ends, String what, String why) {
        log.report(
                new Event.TunnelNotice(ends.to().site(), ends.to().gateway(), what, "by " + name(ends.from()) + why));
    }

    /** The ways by which datagrams pass, by relay and far gateway. */
    private Map<Ends, RelayedWay> usable() {
        Map<Ends, RelayedWay> usable = new HashMap<>();
        answers.forEach((ends, answer) -> {
            TunnelControl tunnel = tunnels.get(ends.from());
            Association via = tunnel == null ? null : tunnel.inUse();
            if (answer.label() != 0 && answer.bytes() >= LEAST_BYTES && via != null && RelayExchange.mayCarry(via)) {
                int number = numbers.computeIfAbsent(ends, none -> numbers.size() + 1);
                int bytes = Math.min(answer.bytes(), RelayExchange.largest(via));
                usable.put(ends, new RelayedWay(ends.from(), number, bytes, direct(answer.seenAt(), via)));
            }
        });
        return usable;
    }

    /** By the socket that our tunnel to the relay has: only its port is open for answers in whatever is in between. */
    private Optional<Path> direct(@Nullable InetSocketAddress seenAt, Association via) {
        return seenAt == null
                        || via.local() >= DatagramPort.STREAM
                        || seenAt.getAddress().getClass()
                                != via.remote().getAddress().getClass()
                        || PeerWays.objection(seenAt, config).isPresent()
                ? Optional.empty()
                : Optional.of(new Path(via.local(), seenAt));
    }

    private void publish() {
        List<RelayTable.Way> open = new ArrayList<>();
        ways.forEach((ends, way) -> {
            TunnelControl tunnel = tunnels.get(ends.from());
            RelayAnswer answer = answers.get(ends);
            if (tunnel != null && answer != null) {
                open.add(new RelayTable.Way(way.number(), ends.from(), tunnel.tunnel(), answer.label()));
            }
        });
        List<RelayTable.Route> routes = new ArrayList<>();
        for (RelayDesk.Way way : opened) {
            TunnelControl to = tunnels.get(way.ends().to());
            if (to != null) {
                routes.add(new RelayTable.Route(
                        way.ends().from(), way.label(), to.tunnel(), way.onward(), trafficOf(way.ends())));
            }
        }
        exchange.publish(new RelayTable(open, routes));
    }

    private RelayTraffic trafficOf(Ends ends) {
        return traffic.computeIfAbsent(ends, none -> new RelayTraffic(workers));
    }

    /** The ways to a gateway by relays, in the order of the configuration. */
    List<RelayedWay> waysTo(PeerIdentity far) {
        List<RelayedWay> to = new ArrayList<>();
        relaysOf(far.site())
                .forEach(site -> ways.forEach((ends, way) -> {
                    if (ends.to().equals(far) && ends.from().site().equals(site)) {
                        to.add(way);
                    }
                }));
        return to;
    }

    private Collection<String> relaysOf(String site) {
        return config.peers().stream()
                .filter(peer -> peer.site().equals(site))
                .flatMap(peer -> peer.relays().stream())
                .toList();
    }

    /** A way for people, as {@code relay hub-1 > west-1}. */
    String text(InetSocketAddress way) {
        int number = RelayAddress.number(way);
        return numbers.entrySet().stream()
                .filter(entry -> entry.getValue() == number)
                .map(Map.Entry::getKey)
                .map(ends ->
                        "relay " + ends.from().gateway() + " > " + ends.to().gateway())
                .findFirst()
                .orElse("relay");
    }

    /** What this gateway relays, and has relayed. */
    List<StatusReport.Relay> status() {
        Map<Ends, RelayDesk.Way> now = desk.ways().stream().collect(Collectors.toMap(RelayDesk.Way::ends, way -> way));
        return traffic.entrySet().stream()
                .map(entry -> {
                    RelayDesk.Way way = now.get(entry.getKey());
                    return new StatusReport.Relay(
                            name(entry.getKey().from()),
                            name(entry.getKey().to()),
                            way != null && way.onward() != 0,
                            entry.getValue().packets(),
                            entry.getValue().bytes(),
                            entry.getValue().drops());
                })
                .sorted((a, b) -> (a.from() + a.to()).compareTo(b.from() + b.to()))
                .toList();
    }
}

package net.vgate.control;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Peer;
import net.vgate.config.GatewayConfig.PeerGateway;
import net.vgate.config.GatewayConfig.TunnelSettings;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.forwarding.SiteTunnels;
import net.vgate.handshake.HandshakePolicy;
import net.vgate.record.Association;
import net.vgate.record.PeerIdentity;
import net.vgate.tunnel.Capability;
import net.vgate.tunnel.PathMtuBounds;
import net.vgate.tunnel.RekeyLimits;
import net.vgate.tunnel.Tunnel;
import net.vgate.tunnel.TunnelRules;
import org.jspecify.annotations.Nullable;

/**
 * The tunnels toward all configured gateways, and the numbers of their sites.
 *
 * <p><b>Threading.</b> The conductor's thread only.
 */
public final class TunnelSet {
    /** Wrong tags on one association before its keys are replaced; far inside what RFC 9147 section 4.5.3 allows. */
    private static final long REKEY_AFTER_FAILED_OPENINGS = 1L << 20;

    private final TunnelEnvironment environment;
    private final RandomGenerator random;
    private final long incarnation;
    private final Map<PeerIdentity, TunnelControl> tunnels = new LinkedHashMap<>();
    private final List<TunnelControl> closing = new ArrayList<>();
    private final Carriers carriers;
    private boolean draining;

    /** How often that has changed: peers know our process by it, whichever of our tunnels tells them. */
    private int drainNumber;

    private @Nullable GatewayConfig applied;

    /** Numbers are never given to another site, since what was published may still be in use. */
    private final Map<String, Integer> siteNumbers = new HashMap<>();

    public TunnelSet(TunnelEnvironment environment, RandomGenerator random) {
        this.environment = environment;
        this.carriers = new Carriers(environment.log());
        this.random = random;
        this.incarnation = random.nextLong(1, Long.MAX_VALUE);
        environment.names().onChange(this::resolved);
    }

    /** Makes the tunnels those of {@code config}: new ones start, others go on, those of gone peers end. */
    void apply(GatewayConfig config, long now) {
        PeerIdentity own = new PeerIdentity(config.site(), config.gateway());
        applied = config;
        environment.names().adopt(names(config), now);
        environment.streams().adoptCredentials();
        Map<PeerIdentity, TunnelControl> before = new LinkedHashMap<>(tunnels);
        tunnels.clear();
        Map<String, Vnet> vnets = config.vnets().stream().collect(Collectors.toMap(Vnet::name, Function.identity()));
        for (Peer peer : config.peers()) {
            List<TargetWatch.Target> targets = targets(peer.site(), config);
            List<Vnet> granted = peer.vnets().stream()
                    .flatMap(name -> Stream.ofNullable(vnets.get(name)))
                    .toList();
            for (PeerGateway gateway : peer.gateways()) {
                PeerIdentity identity = new PeerIdentity(peer.site(), gateway.name());
                PeerWays ways = ways(peer, gateway, config);
                TunnelRules rules = rules(own, identity, ways, gateway.roams(), config);
                TunnelControl known = before.remove(identity);
                if (known == null) {
                    known = start(identity, rules, ways, now);
                    known.prefer(gateway, targets, now);
                } else {
                    known.prefer(gateway, targets, now);
                    tunnels.put(identity, known);
                    adopt(known, rules, ways, now);
                }
                known.adoptVnets(granted, now);
            }
        }
        before.values().forEach(gone -> {
            gone.stop(now);
            closing.add(gone);
        });
        carriers.adopt(tunnels.values());
        environment.relays().adopt(config, tunnels, now);
        adoptAddresses();
    }

    private PeerWays ways(Peer peer, PeerGateway gateway, GatewayConfig config) {
        PeerIdentity identity = new PeerIdentity(peer.site(), gateway.name());
        Optional<List<RelayedWay>> relayed = peer.relays().isEmpty()
                ? Optional.empty()
                : Optional.of(environment.relays().waysTo(identity));
        return PeerWays.of(gateway, relayed, config, environment.names());
    }

    private static void adopt(TunnelControl known, TunnelRules rules, PeerWays ways, long now) {
        if (!known.rules().equals(rules) || !known.ways().equals(ways)) {
            known.adopt(rules, ways, now);
        }
    }

    private static Set<String> names(GatewayConfig config) {
        return config.peers().stream()
                .flatMap(peer -> peer.gateways().stream())
                .flatMap(gateway -> PeerWays.names(gateway).stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Names have got other addresses, or are not to be had; or relays have opened other ways. */
    private void resolved() {
        GatewayConfig config = applied;
        if (config == null) {
            return;
        }
        long now = environment.nanoClock().getAsLong();
        PeerIdentity own = new PeerIdentity(config.site(), config.gateway());
        for (Peer peer : config.peers()) {
            for (PeerGateway gateway : peer.gateways()) {
                PeerIdentity identity = new PeerIdentity(peer.site(), gateway.name());
                TunnelControl known = tunnels.get(identity);
                if (known != null) {
                    PeerWays ways = ways(peer, gateway, config);
                    adopt(known, rules(own, identity, ways, gateway.roams(), config), ways, now);
                }
            }
        }
        adoptAddresses();
    }

    /** Handshakes from where peers are have places of their own. */
    private void adoptAddresses() {
        GatewayConfig config = applied;
        HandshakePolicy policy = environment.handshakes().policy();
        if (config != null) {
            environment
                    .handshakes()
                    .adopt(policy.withPeers(HandshakePolicies.knownPeers(
                            config,
                            (peer, gateway) -> ways(peer, gateway, config).callers())));
        }
    }

    /** Ends the associations whose peers would not be let in any more. */
    void recheckPeers(long now) {
        tunnels.values().forEach(control -> control.recheckPeer(now));
    }

    private static List<TargetWatch.Target> targets(String site, GatewayConfig config) {
        List<TargetWatch.Target> targets = new ArrayList<>();
        for (GatewayConfig.Vnet vnet : config.vnets()) {
            for (GatewayConfig.Remote remote : vnet.remote()) {
                if (remote.peer().equals(site)) {
                    remote.targets().forEach(address -> targets.add(new TargetWatch.Target(vnet.vni(), address)));
                }
            }
        }
        return targets;
    }

    private TunnelControl start(PeerIdentity identity, TunnelRules rules, PeerWays ways, long now) {
        Tunnel tunnel = new Tunnel(
                siteNumber(identity.site()), identity.site() + "/" + identity.gateway(), environment.workers());
        TunnelControl control = new TunnelControl(tunnel, rules, ways, environment, random);
        tunnels.put(identity, control);
        control.start(now);
        control.drain(draining, drainNumber, now);
        return control;
    }

    /** A target at {@code site} has answered; by whichever of its gateways the answer came. */
    void targetAnswered(String site, long number) {
        tunnels.values().stream()
                .filter(tunnel -> tunnel.rules().peer().site().equals(site))
                .forEach(tunnel -> tunnel.targetAnswered(number));
    }

    /** Peers are to send flows to other gateways of this site, or not any more. */
    void drain(boolean isDraining, long now) {
        if (draining != isDraining) {
            draining = isDraining;
            drainNumber++;
            tunnels.values().forEach(control -> control.drain(isDraining, drainNumber, now));
        }
    }

    /** Whether peers are asked to send flows to other gateways of this site. */
    boolean isDraining() {
        return draining;
    }

    private TunnelRules rules(PeerIdentity own, PeerIdentity peer, PeerWays ways, boolean roams, GatewayConfig config) {
        TunnelSettings settings = config.tunnel();
        long withoutPartial = Capability.ALL & ~Capability.PARTIAL_CHECKSUM;
        RekeyLimits limits = new RekeyLimits(
                settings.rekeyAfter(),
                settings.rekeyAfterRecords(),
                settings.rekeyAfterBytes(),
                REKEY_AFTER_FAILED_OPENINGS);
        return new TunnelRules(
                own,
                peer,
                ways.isKnown(),
                incarnation,
                settings.livenessEvery(),
                settings.livenessLost(),
                limits,
                roams,
                pathMtu(config),
                TunnelRules.DRAIN,
                config.offloads().partialChecksums() ? Capability.ALL : withoutPartial,
                0,
                // By a relay, a lane has no socket of its own, and no port that another lane's records could come to.
                ways.isOnlyRelayed() ? 1 : environment.workers());
    }

    private static PathMtuBounds pathMtu(GatewayConfig config) {
        int most = config.tunnel().pathMtuBytes();
        int least = config.listen().isIpv6Only() ? PathMtuBounds.LEAST_IPV6 : PathMtuBounds.LEAST_IPV4;
        return config.tunnel().probesPathMtu() && least < most
                ? new PathMtuBounds(least, most)
                : PathMtuBounds.fixed(most);
    }

    /** The number that {@code site} has for the life of the process. */
    int siteNumber(String site) {
        return siteNumbers.computeIfAbsent(site, unknown -> siteNumbers.size());
    }

    /** The numbers of the sites that have tunnels, by name. */
    Map<String, Integer> siteNumbers() {
        Map<String, Integer> numbers = new HashMap<>();
        tunnels.keySet().forEach(identity -> numbers.put(identity.site(), siteNumber(identity.site())));
        return numbers;
    }

    /** At each site's number the tunnels toward its gateways, in the order of the configuration. */
    List<SiteTunnels> bySite() {
        List<List<SiteTunnels.Choice>> bySite = new ArrayList<>();
        for (int site = 0; site < siteNumbers.size(); site++) {
            bySite.add(new ArrayList<>());
        }
        tunnels.values().forEach(control -> bySite.get(control.tunnel().site()).add(control.choice()));
        return bySite.stream().map(SiteTunnels::new).toList();
    }

    /** The tunnel toward the gateway {@code identity}; null when it is not configured any more. */
    @Nullable
    TunnelControl find(PeerIdentity identity) {
        return tunnels.get(identity);
    }

    /** The stream of an association that is none of any tunnel is over, if it has one. */
    void closeStream(Association association) {
        environment.streams().close(association);
    }

    /** The names that peers are reached by. */
    NameLookups names() {
        return environment.names();
    }

    /** What is relayed. */
    Relays relays() {
        return environment.relays();
    }

    /** Which gateway of each site flows go to. */
    Carriers carriers() {
        return carriers;
    }

    /** All tunnels of the configuration. */
    Collection<TunnelControl> all() {
        return tunnels.values();
    }

    /** When the certificates expire by which the peers of associations in use proved to be who they are. */
    Map<PeerIdentity, Instant> peerCertificates() {
        Map<PeerIdentity, Instant> expires = new LinkedHashMap<>();
        tunnels.forEach((peer, control) -> {
            Association association = control.inUse();
            Instant at = association == null ? null : association.peerCertificateExpires();
            if (at != null) {
                expires.put(peer, at);
            }
        });
        return expires;
    }

    /** The stream behind {@code stream} is over. */
    void streamEnded(InetSocketAddress stream, long now) {
        tunnels.values().forEach(tunnel -> tunnel.streamEnded(stream, now));
        closing.forEach(tunnel -> tunnel.streamEnded(stream, now));
    }

    /** What is due by now. */
    void tick(long now) {
        environment.names().tick(now);
        if (environment.relays().tick(now)) {
            resolved();
        }
        for (TunnelControl control : tunnels.values()) {
            control.tick(now);
        }
        for (TunnelControl control : closing) {
            control.tick(now);
        }
        closing.removeIf(TunnelControl::isClosed);
        carriers.look(now);
    }

    /** When {@link #tick} is due at the latest. */
    long wakeAt() {
        long at = environment.names().wakeAt();
        for (TunnelControl control : tunnels.values()) {
            at = Math.min(at, control.wakeAt());
        }
        for (TunnelControl control : closing) {
            at = Math.min(at, control.wakeAt());
        }
        return at;
    }

    /** Ends all tunnels; {@link #tick} on until {@link #areClosed}. */
    void stop(long now) {
        for (TunnelControl control : tunnels.values()) {
            control.stop(now);
        }
    }

    /** Whether all tunnels have come to their end. */
    boolean areClosed() {
        return closing.isEmpty() && tunnels.values().stream().allMatch(TunnelControl::isClosed);
    }
}

package net.vgate.control;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.vgate.config.Endpoint;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.PeerGateway;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.dataplane.RelayAddress;
import net.vgate.packet.IpAddress;
import net.vgate.record.Association;
import net.vgate.record.Association.Path;
import net.vgate.record.SocketText;
import net.vgate.stream.HttpProxy;
import net.vgate.stream.StreamTarget;
import net.vgate.tunnel.DatagramPort;

/**
 * How a peer is reached; without any way it must come to us.
 *
 * @param udp all addresses that it may have, those of names as they were last looked up, in order of preference
 * @param isRelayed whether there may be ways by relays
 * @param relayed those that are open, in order of preference
 * @param names of {@code udp}, as the configuration has them
 * @param problems why a name leads nowhere, or not everywhere; empty when all is well
 */
record PeerWays(
        List<Endpoint> endpoints,
        List<InetSocketAddress> udp,
        Optional<StreamTarget> tcp,
        boolean isRelayed,
        List<RelayedWay> relayed,
        List<String> names,
        String problems) {
    /** @param relayed the ways that are open; empty is that there may be some, absent that there are to be none */
    static PeerWays of(
            PeerGateway gateway, Optional<List<RelayedWay>> relayed, GatewayConfig config, NameLookups lookups) {
        Optional<HttpProxy> proxy = config.proxy()
                .map(one -> new HttpProxy(one.http().host(), one.http().port(), one.credentials()));
        Set<InetSocketAddress> udp = new LinkedHashSet<>();
        Set<String> problems = new LinkedHashSet<>();
        for (Endpoint endpoint : gateway.udp()) {
            endpoint.address().ifPresentOrElse(udp::add, () -> addAll(endpoint, config, lookups, udp, problems));
        }
        return new PeerWays(
                gateway.udp(),
                List.copyOf(udp),
                gateway.tcp().map(endpoint -> new StreamTarget(endpoint.host(), endpoint.port(), proxy)),
                relayed.isPresent(),
                relayed.orElse(List.of()),
                names(gateway),
                String.join("; ", problems));
    }

    static List<String> names(PeerGateway gateway) {
        return gateway.udp().stream()
                .filter(Endpoint::isName)
                .map(Endpoint::host)
                .distinct()
                .toList();
    }

    private static void addAll(
            Endpoint endpoint,
            GatewayConfig config,
            NameLookups lookups,
            Set<InetSocketAddress> udp,
            Set<String> problems) {
        List<InetAddress> found = lookups.addresses(endpoint.host());
        String failure = lookups.failure(endpoint.host());
        if (failure != null) {
            problems.add(endpoint.host() + ": " + failure);
        }
        List<String> refused = new ArrayList<>();
        for (InetAddress address : found) {
            InetSocketAddress socket = new InetSocketAddress(address, endpoint.port());
            Optional<String> objection = objection(socket, config);
            objection.ifPresent(why -> refused.add(endpoint.host() + " is " + address.getHostAddress() + ", " + why));
            if (objection.isEmpty()) {
                udp.add(socket);
            }
        }
        // A name of both families is as it should be.
        boolean isOnlyFamily = refused.size() < found.size() && refused.stream().allMatch(PeerWays::isAboutFamily);
        if (!isOnlyFamily) {
            problems.addAll(refused);
        }
    }

    private static final String FAMILY = "not of the family of listen.udp";

    private static boolean isAboutFamily(String refusal) {
        return refusal.endsWith(FAMILY);
    }

    /**
     * What the configuration's reader says of addresses, for those that it does not have: of names, or seen by relays.
     */
    static Optional<String> objection(InetSocketAddress socket, GatewayConfig config) {
        InetAddress address = socket.getAddress();
        if (!config.listen().reaches(address)) {
            return Optional.of(FAMILY);
        }
        if (address.isAnyLocalAddress()
                || address.isMulticastAddress()
                || config.listen().udp().contains(socket)) {
            return Optional.of("no peer's address");
        }
        IpAddress ip = IpAddress.of(address);
        return config.vnets().stream()
                .filter(vnet -> vnet.attachment() instanceof GatewayConfig.Tun tun
                        && tun.netns().isEmpty()
                        && leadsInto(vnet, ip))
                .map(vnet -> "to where V-net " + vnet.name()
                        + " has a route: the tunnel would go into itself; attach it in a namespace of its own")
                .findFirst();
    }

    private static boolean leadsInto(Vnet vnet, IpAddress address) {
        return vnet.remote().stream()
                .flatMap(remote -> remote.prefixes().stream())
                .anyMatch(prefix -> prefix.contains(address));
    }

    /** Whether we can call it. */
    boolean isKnown() {
        return hasDirect() || !relayed.isEmpty();
    }

    /** Whether we can call it without a relay. */
    boolean hasDirect() {
        return !udp.isEmpty() || tcp.isPresent();
    }

    /** Whether the configuration has no address of it, but relays. */
    boolean isOnlyRelayed() {
        return isRelayed && endpoints.isEmpty() && tcp.isEmpty();
    }

    /** The way that {@code path} is, if it is by a relay and open. */
    Optional<RelayedWay> wayOf(Path path) {
        return path.local() != DatagramPort.RELAY
                ? Optional.empty()
                : relayed.stream()
                        .filter(way -> way.number() == RelayAddress.number(path.remote()))
                        .findFirst();
    }

    /**
     * What relays add to the paths that {@code inUse}, of a lane, may take: the ways themselves, and where they see the
     * peer.
     */
    List<Path> pathsByRelays(Association inUse, int lane) {
        List<Path> paths = new ArrayList<>();
        relayed.forEach(way -> paths.add(way.pathOf(inUse)));
        relayed.stream()
                .flatMap(way -> way.direct().stream())
                // Another lane's records would come to a worker that does not open them.
                .filter(path -> DatagramPort.isListening(path.local()) || DatagramPort.workerOf(path.local()) == lane)
                .filter(path -> udp.stream()
                        .noneMatch(
                                known -> known.getAddress().equals(path.remote().getAddress())))
                .forEach(paths::add);
        paths.remove(inUse.path());
        return paths;
    }

    /** Where its calls come from. */
    List<InetSocketAddress> callers() {
        return Stream.concat(udp.stream(), relayed.stream().map(RelayedWay::calling))
                .toList();
    }

    /** For people, before there is an association. */
    Optional<String> text() {
        return endpoints.isEmpty()
                ? tcp.map(target -> StreamCalls.text(target.toString()))
                : Optional.of(endpoints.stream().map(this::text).collect(Collectors.joining(", ")));
    }

    private String text(Endpoint endpoint) {
        String found = udp.stream()
                .filter(address -> address.getPort() == endpoint.port())
                .map(SocketText::of)
                .collect(Collectors.joining(", "));
        return endpoint.isName() && !found.isEmpty() && endpoints.size() == 1
                ? endpoint + " (" + found + ")"
                : endpoint.toString();
    }
}

package net.vgate.config;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;
import net.vgate.packet.PrefixList;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel would mix up: V-nets in one namespace, and, in the gateway's own, V-nets and the network that the
 * tunnels run on.
 */
final class NamespaceChecks {
    private final Fields root;
    private final Problems problems;

    NamespaceChecks(Fields root, Problems problems) {
        this.root = root;
        this.problems = problems;
    }

    void check() {
        Map<Optional<String>, List<Attached>> byNamespace = new HashMap<>();
        for (Fields vnet : root.values(ConfigKeys.VNETS)) {
            Optional<Fields> tun = vnet.value(ConfigKeys.ATTACH).flatMap(attach -> attach.value(AttachmentKeys.TUN));
            Optional<String> name = vnet.value(ConfigKeys.VNET_NAME);
            boolean isKnown = tun.isPresent()
                    && (tun.get().wrote(AttachmentKeys.NETNS)
                            ? tun.get().value(AttachmentKeys.NETNS).isPresent()
                            : name.isPresent());
            if (isKnown) {
                Attached attached = new Attached(name.orElse(""), vnet, tun.get());
                byNamespace
                        .computeIfAbsent(ConfigBuilder.namespace(tun.get(), attached.name), n -> new ArrayList<>())
                        .add(attached);
            }
        }
        checkNames();
        byNamespace.values().stream().filter(list -> list.size() > 1).forEach(this::checkTogether);
        checkTaps(byNamespace);
        checkUnderlay(byNamespace.getOrDefault(Optional.<String>empty(), List.of()));
    }

    private void checkNames() {
        Map<Optional<String>, List<Located<String>>> devices = new HashMap<>();
        for (Fields vnet : root.values(ConfigKeys.VNETS)) {
            Optional<Fields> attach = vnet.value(ConfigKeys.ATTACH);
            attach.flatMap(one -> one.value(AttachmentKeys.TUN))
                    .ifPresent(tun -> addName(
                            devices,
                            ConfigBuilder.namespace(
                                    tun, vnet.value(ConfigKeys.VNET_NAME).orElse("")),
                            tun));
            attach.flatMap(one -> one.value(AttachmentKeys.TAP))
                    .ifPresent(tap -> addName(devices, ConfigBuilder.tapNamespace(tap), tap));
        }
        devices.values().forEach(names -> Checks.unique(names, "device", problems));
    }

    private static void addName(
            Map<Optional<String>, List<Located<String>>> devices, Optional<String> namespace, Fields attached) {
        attached.find(AttachmentKeys.DEVICE)
                .ifPresent(device -> devices.computeIfAbsent(namespace, n -> new ArrayList<>())
                        .add(device));
    }

    private void checkTogether(List<Attached> together) {
        Attached first = together.get(0);
        for (Attached attached : together) {
            boolean isShared = attached.tun.value(AttachmentKeys.SHARED_NETNS).orElse(true);
            if (!isShared) {
                Attached other = attached.equals(first) ? together.get(1) : first;
                problems.error(
                        attached.tun.spotOf(AttachmentKeys.NETNS),
                        "V-net %s is attached in the same namespace".formatted(other.name),
                        "give each one of its own, or write shared-netns: true in both");
            }
        }
        checkRoutes(together);
    }

    /** What a TAP's hosts send to a bridge's own Ethernet address, the kernel would route into a TUN beside it. */
    private void checkTaps(Map<Optional<String>, List<Attached>> tuns) {
        for (Fields vnet : root.values(ConfigKeys.VNETS)) {
            vnet.value(ConfigKeys.ATTACH)
                    .flatMap(attach -> attach.value(AttachmentKeys.TAP))
                    .filter(tap -> !tap.wrote(AttachmentKeys.TAP_NETNS)
                            || tap.value(AttachmentKeys.TAP_NETNS).isPresent())
                    .ifPresent(tap -> tuns.getOrDefault(ConfigBuilder.tapNamespace(tap), List.of()).stream()
                            .filter(tun -> !tun.vnet.equals(vnet))
                            .findFirst()
                            .ifPresent(tun -> problems.error(
                                    tap.spotOf(AttachmentKeys.TAP_NETNS),
                                    "V-net %s has a TUN in the same namespace, whose kernel routes".formatted(tun.name),
                                    "give each a namespace of its own")));
        }
    }

    /** In one namespace there is one route to an address. */
    private void checkRoutes(List<Attached> together) {
        List<Route> routes = new ArrayList<>();
        for (Attached attached : together) {
            attached.forEachRemote(p -> routes.add(new Route(attached, p.value(), p.spot())));
            attached.tun
                    .list(AttachmentKeys.ADDRESS)
                    .forEach(p -> routes.add(new Route(attached, p.value(), p.spot())));
        }
        routes.sort(Comparator.comparing(Route::prefix, PrefixList.ORDER)
                .thenComparingInt(route -> route.spot.line())
                .thenComparingInt(route -> route.spot.column()));
        PrefixOrder<Route> open = new PrefixOrder<>();
        for (Route route : routes) {
            @Nullable Route other = open.enclosing(route.prefix);
            if (other != null && !other.attached.equals(route.attached)) {
                problems.error(
                        route.spot,
                        "%s overlaps %s of V-net %s in the same namespace"
                                .formatted(route.prefix, other.prefix, other.attached.name),
                        "the kernel could not tell the two V-nets apart; use two namespaces");
            }
            open.open(route.prefix, route);
        }
    }

    /** A route to a peer's address through a V-net's device would send the tunnel's own packets into the tunnel. */
    private void checkUnderlay(List<Attached> own) {
        TreeMap<IpAddress, String> underlay = new TreeMap<>(PrefixOrder.ADDRESSES);
        root.value(ConfigKeys.LISTEN).ifPresent(listen -> {
            listen.values(ConfigKeys.LISTEN_UDP).forEach(a -> add(underlay, a, "this gateway listens"));
            listen.value(ConfigKeys.LISTEN_TCP).ifPresent(a -> add(underlay, a, "this gateway listens"));
        });
        for (Fields peer : root.values(ConfigKeys.PEERS)) {
            String where = "the tunnel to %s goes"
                    .formatted(peer.value(ConfigKeys.PEER_SITE).orElse("a peer"));
            for (Fields gateway : peer.values(ConfigKeys.PEER_GATEWAYS)) {
                gateway.values(ConfigKeys.PEER_GATEWAY_UDP).forEach(e -> add(underlay, e, where));
                gateway.value(ConfigKeys.PEER_GATEWAY_TCP).ifPresent(e -> add(underlay, e, where));
            }
        }
        root.value(ConfigKeys.PROXY)
                .flatMap(proxy -> proxy.value(ConfigKeys.PROXY_HTTP))
                .ifPresent(e -> add(underlay, e, "the proxy is"));
        for (Fields port : root.values(ConfigKeys.VTEP_PORTS)) {
            port.value(AttachmentKeys.LOCATOR)
                    .ifPresent(locator -> underlay.putIfAbsent(locator.network(), "a VTEP port listens"));
        }
        for (Fields vnet : root.values(ConfigKeys.VNETS)) {
            vnet.value(ConfigKeys.ATTACH)
                    .flatMap(attach -> attach.value(AttachmentKeys.VTEP))
                    .ifPresent(vtep -> vtep.values(AttachmentKeys.LOCATORS)
                            .forEach(one -> underlay.putIfAbsent(one.network(), "one of a VTEP's switches is")));
        }
        for (Attached attached : own) {
            attached.forEachRemote(prefix -> checkRoute(prefix, underlay));
            attached.tun.list(AttachmentKeys.ADDRESS).forEach(prefix -> checkRoute(prefix, underlay));
        }
    }

    private void checkRoute(Located<Prefix> prefix, NavigableMap<IpAddress, String> underlay) {
        Map.@Nullable Entry<IpAddress, String> address =
                underlay.ceilingEntry(prefix.value().network());
        if (address != null && prefix.value().contains(address.getKey())) {
            problems.error(
                    prefix.spot(),
                    "%s contains %s, where %s".formatted(prefix.value(), address.getKey(), address.getValue()),
                    "its packets would go into the V-net; attach the V-net in a namespace of its own");
        }
    }

    private static void add(NavigableMap<IpAddress, String> underlay, Endpoint endpoint, String where) {
        endpoint.address().ifPresent(address -> add(underlay, address, where));
    }

    private static void add(NavigableMap<IpAddress, String> underlay, InetSocketAddress socket, String where) {
        if (!socket.getAddress().isAnyLocalAddress()) {
            underlay.putIfAbsent(IpAddress.of(socket.getAddress()), where);
        }
    }

    private record Attached(String name, Fields vnet, Fields tun) {
        void forEachRemote(Consumer<Located<Prefix>> consumer) {
            vnet.values(ConfigKeys.REMOTE)
                    .forEach(remote -> remote.list(ConfigKeys.REMOTE_PREFIXES).forEach(consumer));
        }
    }

    private record Route(Attached attached, Prefix prefix, Spot spot) {}
}

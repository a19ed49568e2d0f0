package net.vgate.config;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.vgate.config.GatewayConfig.Listen;
import net.vgate.config.GatewayConfig.Peer;

/** Sites and gateways: named once, and whatever names one names one that is there and is granted the V-net. */
final class PeerChecks {
    private final Fields root;
    private final Problems problems;
    private final Map<String, Fields> peers = new HashMap<>();
    private final Set<String> vnetNames;

    PeerChecks(Fields root, Problems problems) {
        this.root = root;
        this.problems = problems;
        root.values(ConfigKeys.PEERS)
                .forEach(peer -> peer.value(ConfigKeys.PEER_SITE).ifPresent(site -> peers.putIfAbsent(site, peer)));
        vnetNames = Checks.names(root.values(ConfigKeys.VNETS), ConfigKeys.VNET_NAME);
    }

    void check() {
        List<Fields> all = root.values(ConfigKeys.PEERS);
        Checks.unique(
                all.stream()
                        .flatMap(peer -> peer.find(ConfigKeys.PEER_SITE).stream())
                        .toList(),
                "site",
                problems);
        all.forEach(this::checkPeer);
        checkGatewayAddresses(all);
        Map<String, Set<String>> used = new HashMap<>();
        for (Fields vnet : root.values(ConfigKeys.VNETS)) {
            checkVnet(vnet, used);
        }
        all.forEach(peer -> warnOfUnusedGrants(peer, used));
    }

    private void checkPeer(Fields peer) {
        Optional<String> own = root.value(ConfigKeys.SITE);
        peer.find(ConfigKeys.PEER_SITE)
                .filter(site -> own.isPresent() && own.get().equals(site.value()))
                .ifPresent(site -> problems.error(
                        site.spot(), site.value() + " is this gateway's own site", "name the other one"));
        List<Located<String>> names = peer.values(ConfigKeys.PEER_GATEWAYS).stream()
                .flatMap(gateway -> gateway.find(ConfigKeys.PEER_GATEWAY_NAME).stream())
                .toList();
        Checks.unique(names, "gateway", problems);
        if (names.size() > Peer.MAX_GATEWAYS) {
            problems.error(
                    peer.spotOf(ConfigKeys.PEER_GATEWAYS),
                    names.size() + " gateways of one site",
                    "list up to " + Peer.MAX_GATEWAYS);
        }
        Checks.unique(peer.list(ConfigKeys.PEER_VNETS), "V-net", problems);
        for (Located<String> vnet : peer.list(ConfigKeys.PEER_VNETS)) {
            if (!vnetNames.contains(vnet.value())) {
                String advice = Suggestion.forName(vnet.value(), vnetNames, "add it under vnets");
                problems.error(vnet.spot(), "there is no V-net " + vnet.value(), advice);
            }
        }
    }

    /** Two gateways at one address are one gateway under two names, and our own address is no peer's. */
    private void checkGatewayAddresses(List<Fields> all) {
        List<Fields> gateways = all.stream()
                .flatMap(peer -> peer.values(ConfigKeys.PEER_GATEWAYS).stream())
                .toList();
        Optional<Fields> listen = root.value(ConfigKeys.LISTEN);
        List<Located<Endpoint>> udp = gateways.stream()
                .flatMap(gateway -> gateway.list(ConfigKeys.PEER_GATEWAY_UDP).stream())
                .toList();
        List<InetSocketAddress> ownUdp =
                listen.map(one -> one.values(ConfigKeys.LISTEN_UDP)).orElse(List.of());
        checkFamilies(udp, new Listen(ownUdp, Optional.empty()));
        checkAddresses(udp, ownUdp);
        checkAddresses(
                gateways.stream()
                        .flatMap(gateway -> gateway.find(ConfigKeys.PEER_GATEWAY_TCP).stream())
                        .toList(),
                listen.flatMap(one -> one.value(ConfigKeys.LISTEN_TCP)).stream().toList());
    }

    private void checkAddresses(List<Located<Endpoint>> endpoints, List<InetSocketAddress> own) {
        Checks.unique(endpoints, "address", problems);
        endpoints.stream()
                .filter(endpoint ->
                        endpoint.value().address().filter(own::contains).isPresent())
                .forEach(endpoint -> problems.error(
                        endpoint.spot(), "this gateway listens there itself", "write the peer's address"));
    }

    /** All of our sockets are bound to addresses that we listen on, and reach their family only. */
    private void checkFamilies(List<Located<Endpoint>> endpoints, Listen own) {
        if (own.udp().isEmpty()) {
            return;
        }
        endpoints.stream()
                .filter(endpoint -> endpoint.value()
                        .address()
                        .filter(address -> !own.reaches(address.getAddress()))
                        .isPresent())
                .forEach(endpoint -> problems.error(
                        endpoint.spot(),
                        "it can never be reached from listen.udp, which is %s"
                                .formatted(own.hasIpv6() ? "IPv6" : "IPv4"),
                        "write an address of that family, or listen on one of the other"));
    }

    private void checkVnet(Fields vnet, Map<String, Set<String>> used) {
        List<Located<String>> remotes = vnet.values(ConfigKeys.REMOTE).stream()
                .flatMap(remote -> remote.find(ConfigKeys.REMOTE_PEER).stream())
                .toList();
        Checks.unique(remotes, "peer", problems);
        List<Located<String>> mentioned = new ArrayList<>(remotes);
        vnet.values(ConfigKeys.TRANSLATE)
                .forEach(rule -> rule.find(ConfigKeys.TRANSLATE_PEER).ifPresent(mentioned::add));
        List<Located<String>> limited = vnet.values(ConfigKeys.LIMIT).stream()
                .flatMap(limit -> limit.find(ConfigKeys.LIMIT_PEER).stream())
                .toList();
        Checks.unique(limited, "peer", problems);
        mentioned.addAll(limited);
        Optional<String> name = vnet.value(ConfigKeys.VNET_NAME);
        for (Located<String> peer : mentioned) {
            Fields known = peers.get(peer.value());
            if (known == null) {
                String advice = Suggestion.forName(peer.value(), peers.keySet(), "add it under peers");
                problems.error(peer.spot(), "there is no peer " + peer.value(), advice);
            } else if (name.isPresent()
                    && known.find(ConfigKeys.PEER_VNETS).isPresent()
                    && !known.values(ConfigKeys.PEER_VNETS).contains(name.get())) {
                problems.error(
                        peer.spot(),
                        "%s may not carry V-net %s".formatted(peer.value(), name.get()),
                        "add %s to peers[%s].vnets".formatted(name.get(), peer.value()));
            }
        }
        Set<String> here = new HashSet<>();
        remotes.forEach(peer -> here.add(peer.value()));
        name.ifPresent(n -> used.computeIfAbsent(n, k -> new HashSet<>()).addAll(here));
        warnOfTranslationForNobody(vnet, here);
    }

    private void warnOfTranslationForNobody(Fields vnet, Set<String> remotes) {
        vnet.values(ConfigKeys.TRANSLATE).stream()
                .flatMap(rule -> rule.find(ConfigKeys.TRANSLATE_PEER).stream())
                .filter(peer -> peers.containsKey(peer.value()) && !remotes.contains(peer.value()))
                .forEach(peer -> problems.warning(
                        peer.spot(),
                        "%s has no members in this V-net, so nothing is ever translated for it".formatted(peer.value()),
                        "add a remote with its prefixes, or remove the rule"));
    }

    private void warnOfUnusedGrants(Fields peer, Map<String, Set<String>> used) {
        Optional<String> site = peer.value(ConfigKeys.PEER_SITE);
        for (Located<String> vnet : peer.list(ConfigKeys.PEER_VNETS)) {
            Set<String> remotes = used.get(vnet.value());
            if (site.isPresent() && remotes != null && !remotes.contains(site.get())) {
                problems.warning(
                        vnet.spot(),
                        "V-net %s has no members at %s, so all that comes from there is dropped"
                                .formatted(vnet.value(), site.get()),
                        "add a remote with its prefixes to vnets[%s]".formatted(vnet.value()));
            }
        }
    }
}

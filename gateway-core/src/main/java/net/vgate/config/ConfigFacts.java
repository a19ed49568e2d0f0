package net.vgate.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.vgate.attachment.VtepEndpoint;
import net.vgate.config.GatewayConfig.Attachment;
import net.vgate.config.GatewayConfig.HandshakeRates;
import net.vgate.config.GatewayConfig.Identity;
import net.vgate.config.GatewayConfig.Limit;
import net.vgate.config.GatewayConfig.Peer;
import net.vgate.config.GatewayConfig.PeerGateway;
import net.vgate.config.GatewayConfig.Proxy;
import net.vgate.config.GatewayConfig.Remote;
import net.vgate.config.GatewayConfig.Tap;
import net.vgate.config.GatewayConfig.Translation;
import net.vgate.config.GatewayConfig.Tun;
import net.vgate.config.GatewayConfig.TunnelSettings;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.config.GatewayConfig.Vtep;
import net.vgate.packet.PrefixList;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.SocketText;
import net.vgate.tunnel.TunnelClass;

/** A configuration taken apart into what can be compared and shown: things by name, and what is said of each. */
final class ConfigFacts {
    /** Nobody reads more of them; and there may be a million. */
    private static final int SHOWN_PREFIXES = 100;

    private ConfigFacts() {}

    /** What is said of one key. */
    record Fact(String key, List<Part> parts, boolean isList, Effect effect) {
        /** What this says and {@code other} does not, as the file would write it. */
        List<String> without(Fact other) {
            return parts.stream()
                    .flatMap(part -> part.without(other.parts.stream()
                            .filter(known -> known.where.equals(part.where))
                            .findFirst()
                            .orElse(new Part(part.where, List.of()))))
                    .toList();
        }
    }

    /**
     * Values that are written alike.
     *
     * @param values texts, or what says itself by toString; a million prefixes stay a {@link PrefixList}
     * @param where follows each of them
     */
    record Part(String where, List<?> values) {
        private Stream<String> without(Part other) {
            if (values.equals(other.values)) {
                return Stream.empty();
            }
            if (values instanceof PrefixList own && other.values instanceof PrefixList theirs) {
                PrefixList rest = own.without(theirs);
                Stream<String> shown = rest.stream().limit(SHOWN_PREFIXES).map(prefix -> prefix + where);
                int left = rest.size() - SHOWN_PREFIXES;
                return left <= 0
                        ? shown
                        : Stream.concat(shown, Stream.of(String.format(Locale.ROOT, "%,d more%s", left, where)));
            }
            Set<?> known = new HashSet<>(other.values);
            return values.stream().filter(value -> !known.contains(value)).map(value -> value + where);
        }
    }

    /**
     * A thing that can come and go.
     *
     * @param summary a few words about it
     */
    record Subject(String summary, List<Fact> facts) {}

    /** By name, as "vnet blue", in the order of the file. */
    static Map<String, Subject> of(GatewayConfig config) {
        Map<String, Subject> subjects = new LinkedHashMap<>();
        subjects.put("gateway", new Subject("", gateway(config)));
        for (Peer peer : config.peers()) {
            subjects.put("peer " + peer.site(), new Subject(summary(peer), facts(peer)));
        }
        for (Vnet vnet : config.vnets()) {
            String summary =
                    "vni %d, device %s".formatted(vnet.vni(), vnet.attachment().device());
            subjects.put("vnet " + vnet.name(), new Subject(summary, facts(vnet)));
        }
        return subjects;
    }

    private static List<Fact> gateway(GatewayConfig config) {
        TunnelSettings tunnel = config.tunnel();
        List<Fact> facts = new ArrayList<>();
        facts.add(one("site", config.site(), ConfigKeys.SITE));
        facts.add(one("gateway", config.gateway(), ConfigKeys.GATEWAY));
        Identity identity = config.identity();
        facts.add(one("identity.certificate", withContent(identity, identity.certificate()), ConfigKeys.CERTIFICATE));
        facts.add(one("identity.key", config.identity().key(), ConfigKeys.PRIVATE_KEY));
        facts.add(many(
                "identity.trust",
                identity.trust().stream()
                        .map(file -> withContent(identity, file))
                        .toList(),
                ConfigKeys.TRUST));
        facts.add(many(
                "identity.revoked",
                identity.revoked().stream()
                        .map(file -> withContent(identity, file))
                        .toList(),
                ConfigKeys.REVOKED));
        facts.add(fact(
                "listen.udp",
                config.listen().udp().stream().map(SocketText::of).toList(),
                false,
                ConfigKeys.LISTEN_UDP));
        facts.add(maybe("listen.tcp", config.listen().tcp(), ConfigKeys.LISTEN_TCP));
        facts.add(fact("proxy.http", config.proxy().map(Proxy::http).stream().toList(), false, ConfigKeys.PROXY_HTTP));
        facts.add(fact(
                "proxy.credentials",
                config.proxy().flatMap(Proxy::credentials).stream().toList(),
                false,
                ConfigKeys.PROXY_CREDENTIALS));
        facts.add(many(
                "relay",
                config.relay().stream()
                        .map(grant -> "{between: [" + grant.one() + ", " + grant.other() + "]}")
                        .toList(),
                ConfigKeys.RELAY));
        facts.add(fact("directory.file", config.directory().stream().toList(), false, ConfigKeys.DIRECTORY_FILE));
        facts.add(one("tunnel.path-mtu", tunnel.pathMtuBytes(), ConfigKeys.PATH_MTU));
        facts.add(one("tunnel.probe-path-mtu", tunnel.probesPathMtu(), ConfigKeys.PROBE_PATH_MTU));
        facts.add(one("tunnel.dscp", TrafficForms.dscpText(tunnel.dscp()), ConfigKeys.DSCP));
        facts.add(one("tunnel.rekey.after", QuantityForms.text(tunnel.rekeyAfter()), ConfigKeys.REKEY_AFTER));
        facts.add(one("tunnel.rekey.bytes", QuantityForms.sizeText(tunnel.rekeyAfterBytes()), ConfigKeys.REKEY_BYTES));
        facts.add(one("tunnel.rekey.records", tunnel.rekeyAfterRecords(), ConfigKeys.REKEY_RECORDS));
        facts.add(one("tunnel.liveness.every", QuantityForms.text(tunnel.livenessEvery()), ConfigKeys.LIVENESS_EVERY));
        facts.add(one("tunnel.liveness.lost", tunnel.livenessLost(), ConfigKeys.LIVENESS_LOST));
        HandshakeRates rates = tunnel.handshakes();
        facts.add(one("tunnel.handshake.hellos-per-second", rates.hellosPerSecond(), ConfigKeys.HELLOS));
        facts.add(one("tunnel.handshake.hellos-per-source", rates.hellosPerSource(), ConfigKeys.HELLOS_PER_SOURCE));
        facts.add(one("tunnel.handshake.strangers-per-second", rates.strangersPerSecond(), ConfigKeys.STRANGERS));
        facts.add(fact("workers", config.workers().stream().toList(), false, ConfigKeys.WORKERS));
        facts.add(one("offload.tso", config.offloads().tso(), ConfigKeys.TSO));
        facts.add(one("offload.uso", config.offloads().uso(), ConfigKeys.USO));
        facts.add(one("offload.merge", config.offloads().merge(), ConfigKeys.MERGE));
        facts.add(one("offload.udp-segment", config.offloads().udpSegment(), ConfigKeys.UDP_SEGMENT));
        facts.add(one("offload.udp-gro", config.offloads().udpGro(), ConfigKeys.UDP_GRO));
        facts.add(one("offload.partial-checksums", config.offloads().partialChecksums(), ConfigKeys.PARTIAL_CHECKSUMS));
        facts.add(one("crypto.aead", config.crypto().aead().label(), ConfigKeys.AEAD));
        String ciphers =
                config.crypto().ciphers().stream().map(AeadAlgorithm::label).collect(Collectors.joining(", "));
        facts.add(one("crypto.ciphers", ciphers, ConfigKeys.CIPHERS));
        facts.add(maybe("observe.http", config.observe().http(), ConfigKeys.HTTP));
        facts.add(one("control.socket", config.control().socket(), ConfigKeys.SOCKET));
        return facts;
    }

    /** So that new certificates in a file of the same name are seen as the change that they are. */
    private static String withContent(Identity identity, Path file) {
        String content = identity.contents().get(file);
        return content == null ? file.toString() : file + " (" + content + ")";
    }

    private static List<Fact> facts(Peer peer) {
        List<Fact> facts = new ArrayList<>();
        String names = peer.gateways().stream().map(PeerGateway::name).collect(Collectors.joining(", "));
        facts.add(one("gateways", names, ConfigKeys.PEER_GATEWAYS));
        for (PeerGateway gateway : peer.gateways()) {
            String key = "gateways[" + gateway.name() + "].";
            facts.add(fact(key + "udp", gateway.udp(), false, ConfigKeys.PEER_GATEWAY_UDP));
            facts.add(fact(key + "tcp", gateway.tcp().stream().toList(), false, ConfigKeys.PEER_GATEWAY_TCP));
            facts.add(one(key + "priority", gateway.priority(), ConfigKeys.PEER_GATEWAY_PRIORITY));
            facts.add(one(key + "weight", gateway.weight(), ConfigKeys.PEER_GATEWAY_WEIGHT));
            facts.add(one(key + "roaming", gateway.roams(), ConfigKeys.PEER_GATEWAY_ROAMING));
            facts.add(fact(key + "psk", gateway.psk().stream().toList(), false, ConfigKeys.PEER_GATEWAY_PSK));
        }
        facts.add(fact("relays", peer.relays(), false, ConfigKeys.PEER_RELAYS));
        facts.add(many("vnets", peer.vnets(), ConfigKeys.PEER_VNETS));
        return facts;
    }

    private static String summary(Peer peer) {
        return "carries " + (peer.vnets().isEmpty() ? "nothing" : String.join(", ", peer.vnets()));
    }

    private static List<Fact> facts(Attachment attachment) {
        String netns = attachment.netns().orElse(ConfigBuilder.OWN_NAMESPACE);
        if (attachment instanceof Tap tap) {
            return List.of(
                    one("attach.tap.device", tap.device(), AttachmentKeys.DEVICE),
                    one("attach.tap.netns", netns, AttachmentKeys.TAP_NETNS),
                    fact("attach.tap.bridge", tap.bridge().stream().toList(), false, AttachmentKeys.BRIDGE),
                    many("attach.tap.address", tap.addresses(), AttachmentKeys.LINK_ADDRESS),
                    one("attach.tap.mac", tap.mac(), AttachmentKeys.MAC),
                    fact("attach.tap.mtu", tap.mtu().stream().toList(), false, AttachmentKeys.TAP_MTU));
        }
        if (attachment instanceof Vtep vtep) {
            return List.of(
                    one("attach.vtep.port", text(vtep.port()), AttachmentKeys.PORT),
                    one("attach.vtep.vni", vtep.vni(), AttachmentKeys.PORT_VNI),
                    many("attach.vtep.locators", vtep.locators(), AttachmentKeys.LOCATORS),
                    many("attach.vtep.address", vtep.addresses(), AttachmentKeys.LINK_ADDRESS),
                    one("attach.vtep.mac", vtep.mac(), AttachmentKeys.MAC),
                    fact("attach.vtep.mtu", vtep.mtu().stream().toList(), false, AttachmentKeys.VTEP_MTU));
        }
        Tun tun = (Tun) attachment;
        return List.of(
                one("attach.tun.device", tun.device(), AttachmentKeys.DEVICE),
                one("attach.tun.netns", netns, AttachmentKeys.NETNS),
                many("attach.tun.address", tun.addresses(), AttachmentKeys.ADDRESS),
                one("attach.tun.shared-netns", tun.sharedNetns(), AttachmentKeys.SHARED_NETNS),
                fact("attach.tun.mtu", tun.mtu().stream().toList(), false, AttachmentKeys.MTU));
    }

    private static List<Fact> facts(Vnet vnet) {
        List<Fact> facts = new ArrayList<>();
        facts.add(one("vni", vnet.vni(), ConfigKeys.VNI));
        facts.add(one("class", text(vnet.tunnelClass()), ConfigKeys.VNET_CLASS));
        facts.addAll(facts(vnet.attachment()));
        facts.add(many("members", vnet.members(), ConfigKeys.MEMBERS));
        facts.add(one("membership", vnet.isListed() ? "directory" : "prefixes", ConfigKeys.MEMBERSHIP));
        facts.add(many(
                "translate", vnet.translate().stream().map(ConfigFacts::text).toList(), ConfigKeys.TRANSLATE));
        facts.add(new Fact("remote", remoteParts(vnet), true, ConfigKeys.REMOTE.effect()));
        for (Remote remote : vnet.remote()) {
            if (!remote.targets().isEmpty()) {
                facts.add(many("remote[" + remote.peer() + "].targets", remote.targets(), ConfigKeys.REMOTE_TARGETS));
            }
        }
        facts.add(many("policy", vnet.policy(), ConfigKeys.POLICY));
        facts.add(one("max-flows", vnet.maxFlows(), ConfigKeys.MAX_FLOWS));
        facts.add(one("fragment", vnet.fragment(), ConfigKeys.FRAGMENT));
        facts.add(many("limit", vnet.limits().stream().map(ConfigFacts::text).toList(), ConfigKeys.LIMIT));
        return facts;
    }

    /** With what it demands, so that another definition of the class is seen as the change that it is. */
    private static String text(TunnelClass tunnelClass) {
        return tunnelClass.name() + " (" + TunnelClass.text(tunnelClass.demand()) + ")";
    }

    /** With what it is, so that another definition of the port is seen as the change that it is. */
    private static String text(VtepEndpoint port) {
        return "%s (%s, %s by %s)"
                .formatted(
                        port.name(),
                        port.encapsulation().name().toLowerCase(Locale.ROOT),
                        SocketText.of(port.locator()),
                        port.device());
    }

    private static String text(Translation rule) {
        return "{peer: %s, local: %s, as: %s}".formatted(rule.peer(), rule.local(), rule.as());
    }

    private static String text(Limit limit) {
        return "{peer: %s, rate: %s}".formatted(limit.peer(), QuantityForms.bitRateText(limit.bitsPerSecond()));
    }

    private static List<Part> remoteParts(Vnet vnet) {
        Map<String, PrefixList.Builder> byPeer = new LinkedHashMap<>();
        for (Remote remote : vnet.remote()) {
            PrefixList.Builder prefixes = byPeer.computeIfAbsent(remote.peer(), peer -> new PrefixList.Builder());
            remote.prefixes().forEach(prefixes::add);
        }
        return byPeer.entrySet().stream()
                .map(entry -> new Part(" at " + entry.getKey(), entry.getValue().build()))
                .toList();
    }

    private static Fact one(String key, Object value, Key<?> of) {
        return fact(key, List.of(value.toString()), false, of);
    }

    private static Fact maybe(String key, Optional<InetSocketAddress> value, Key<?> of) {
        return fact(key, value.map(SocketText::of).stream().toList(), false, of);
    }

    private static Fact many(String key, List<?> values, Key<?> of) {
        return fact(key, values, true, of);
    }

    private static Fact fact(String key, List<?> values, boolean isList, Key<?> of) {
        return new Fact(key, List.of(new Part("", values)), isList, of.effect());
    }
}

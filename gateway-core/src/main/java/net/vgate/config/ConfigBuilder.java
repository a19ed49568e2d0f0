package net.vgate.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import net.vgate.attachment.Offloads;
import net.vgate.attachment.VtepEndpoint;
import net.vgate.config.GatewayConfig.AddressLines;
import net.vgate.config.GatewayConfig.Attachment;
import net.vgate.config.GatewayConfig.Control;
import net.vgate.config.GatewayConfig.Crypto;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.config.GatewayConfig.HandshakeRates;
import net.vgate.config.GatewayConfig.Identity;
import net.vgate.config.GatewayConfig.Limit;
import net.vgate.config.GatewayConfig.Listen;
import net.vgate.config.GatewayConfig.Observe;
import net.vgate.config.GatewayConfig.Peer;
import net.vgate.config.GatewayConfig.PeerGateway;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.config.GatewayConfig.Proxy;
import net.vgate.config.GatewayConfig.RelayGrant;
import net.vgate.config.GatewayConfig.Remote;
import net.vgate.config.GatewayConfig.Tap;
import net.vgate.config.GatewayConfig.Translation;
import net.vgate.config.GatewayConfig.Tun;
import net.vgate.config.GatewayConfig.TunnelSettings;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.config.GatewayConfig.Vtep;
import net.vgate.packet.MacAddress;
import net.vgate.packet.Prefix;
import net.vgate.record.AeadAlgorithm;
import net.vgate.tunnel.TunnelClass;

/** Makes the records of a file in which nothing is wrong. */
final class ConfigBuilder {
    /** As {@code netns}: the namespace that the gateway runs in. */
    static final String OWN_NAMESPACE = "gateway";

    private final Fields root;
    private final Path folder;
    private final Shared shared = new Shared();
    private final Map<Path, String> identityContents;
    private final Map<String, TunnelClass> classes;
    private final Map<String, VtepEndpoint> vtepPorts;

    private ConfigBuilder(Fields root, Path folder, Map<Path, String> identityContents) {
        this.root = root;
        this.folder = folder;
        this.identityContents = identityContents;
        this.classes = root.values(ConfigKeys.CLASSES).stream()
                .map(ConfigBuilder::tunnelClass)
                .collect(Collectors.toMap(TunnelClass::name, Function.identity()));
        this.vtepPorts = root.values(ConfigKeys.VTEP_PORTS).stream()
                .map(ConfigBuilder::vtepPort)
                .collect(Collectors.toMap(VtepEndpoint::name, Function.identity()));
    }

    /**
     * The configuration of {@code file}, an absolute path.
     *
     * @param identityContents what was found in the files of {@code identity}
     */
    static GatewayConfig build(Fields root, Path file, Map<Path, String> identityContents) {
        Path folder = file.getParent() == null ? file : file.getParent();
        return new ConfigBuilder(root, folder, identityContents).gateway(file);
    }

    private GatewayConfig gateway(Path file) {
        return new GatewayConfig(
                file,
                root.get(ConfigKeys.SITE),
                root.get(ConfigKeys.GATEWAY),
                identity(root.get(ConfigKeys.IDENTITY)),
                listen(root.get(ConfigKeys.LISTEN)),
                tunnel(root.get(ConfigKeys.TUNNEL)),
                root.values(ConfigKeys.PEERS).stream().map(this::peer).toList(),
                root.value(ConfigKeys.PROXY).map(this::proxy),
                root.values(ConfigKeys.RELAY).stream()
                        .map(grant -> grant.values(ConfigKeys.RELAY_BETWEEN))
                        .map(sites -> new RelayGrant(sites.get(0), sites.get(1)))
                        .toList(),
                root.value(ConfigKeys.DIRECTORY)
                        .map(directory -> resolve(folder, directory.get(ConfigKeys.DIRECTORY_FILE))),
                root.values(ConfigKeys.VNETS).stream().map(this::vnet).toList(),
                root.value(ConfigKeys.WORKERS),
                offloads(root.get(ConfigKeys.OFFLOAD)),
                crypto(root.get(ConfigKeys.CRYPTO)),
                new Observe(root.get(ConfigKeys.OBSERVE).value(ConfigKeys.HTTP)),
                new Control(socket(root, folder)));
    }

    private Proxy proxy(Fields proxy) {
        return new Proxy(
                proxy.get(ConfigKeys.PROXY_HTTP),
                proxy.value(ConfigKeys.PROXY_CREDENTIALS).map(path -> resolve(folder, path)));
    }

    private Identity identity(Fields identity) {
        return new Identity(
                resolve(folder, identity.get(ConfigKeys.CERTIFICATE)),
                resolve(folder, identity.get(ConfigKeys.PRIVATE_KEY)),
                identity.values(ConfigKeys.TRUST).stream()
                        .map(path -> resolve(folder, path))
                        .toList(),
                identity.values(ConfigKeys.REVOKED).stream()
                        .map(path -> resolve(folder, path))
                        .toList(),
                identityContents);
    }

    static Path resolve(Path folder, Path path) {
        return folder.resolve(path).toAbsolutePath().normalize();
    }

    /** The admin socket's path, absolute. */
    static Path socket(Fields root, Path folder) {
        return root.value(ConfigKeys.CONTROL)
                .flatMap(control -> control.value(ConfigKeys.SOCKET))
                .map(path -> resolve(folder, path))
                .orElseGet(() -> Path.of(
                        "/run/vgate",
                        root.value(ConfigKeys.SITE).orElse("") + "-"
                                + root.value(ConfigKeys.GATEWAY).orElse("") + ".sock"));
    }

    private static Listen listen(Fields listen) {
        return new Listen(listen.values(ConfigKeys.LISTEN_UDP), listen.value(ConfigKeys.LISTEN_TCP));
    }

    private static TunnelSettings tunnel(Fields tunnel) {
        Fields rekey = tunnel.get(ConfigKeys.REKEY);
        Fields liveness = tunnel.get(ConfigKeys.LIVENESS);
        Fields handshake = tunnel.get(ConfigKeys.HANDSHAKE);
        return new TunnelSettings(
                tunnel.get(ConfigKeys.PATH_MTU),
                tunnel.get(ConfigKeys.PROBE_PATH_MTU),
                tunnel.get(ConfigKeys.DSCP),
                rekey.get(ConfigKeys.REKEY_AFTER),
                rekey.get(ConfigKeys.REKEY_BYTES),
                rekey.get(ConfigKeys.REKEY_RECORDS),
                liveness.get(ConfigKeys.LIVENESS_EVERY),
                liveness.get(ConfigKeys.LIVENESS_LOST),
                new HandshakeRates(
                        handshake.get(ConfigKeys.HELLOS),
                        handshake.get(ConfigKeys.HELLOS_PER_SOURCE),
                        handshake.get(ConfigKeys.STRANGERS)));
    }

    private static Offloads offloads(Fields offload) {
        return new Offloads(
                offload.get(ConfigKeys.TSO),
                offload.get(ConfigKeys.USO),
                offload.get(ConfigKeys.MERGE),
                offload.get(ConfigKeys.UDP_SEGMENT),
                offload.get(ConfigKeys.UDP_GRO),
                offload.get(ConfigKeys.PARTIAL_CHECKSUMS));
    }

    private static Crypto crypto(Fields crypto) {
        List<AeadAlgorithm> ciphers = crypto.values(ConfigKeys.CIPHERS);
        return new Crypto(crypto.get(ConfigKeys.AEAD), ciphers.isEmpty() ? List.of(AeadAlgorithm.values()) : ciphers);
    }

    private Peer peer(Fields peer) {
        List<PeerGateway> gateways = new ArrayList<>();
        for (Fields gateway : peer.values(ConfigKeys.PEER_GATEWAYS)) {
            gateways.add(gateway(gateway, gateways.size()));
        }
        return new Peer(
                shared.of(peer.get(ConfigKeys.PEER_SITE)),
                gateways,
                peer.values(ConfigKeys.PEER_RELAYS),
                peer.values(ConfigKeys.PEER_VNETS).stream().map(shared::of).toList());
    }

    private PeerGateway gateway(Fields gateway, int place) {
        List<Endpoint> udp = gateway.values(ConfigKeys.PEER_GATEWAY_UDP);
        return new PeerGateway(
                gateway.get(ConfigKeys.PEER_GATEWAY_NAME),
                udp,
                gateway.value(ConfigKeys.PEER_GATEWAY_TCP),
                gateway.value(ConfigKeys.PEER_GATEWAY_PRIORITY).orElse(place),
                gateway.get(ConfigKeys.PEER_GATEWAY_WEIGHT),
                gateway.value(ConfigKeys.PEER_GATEWAY_ROAMING).orElse(udp.isEmpty()),
                gateway.value(ConfigKeys.PEER_GATEWAY_PSK).map(path -> resolve(folder, path)));
    }

    private static TunnelClass tunnelClass(Fields fields) {
        return new TunnelClass(
                fields.get(ConfigKeys.CLASS_NAME),
                Set.copyOf(fields.values(ConfigKeys.CLASS_CIPHERS)),
                fields.get(ConfigKeys.CLASS_LEAST_RUNG));
    }

    private Vnet vnet(Fields vnet) {
        return new Vnet(
                shared.of(vnet.get(ConfigKeys.VNET_NAME)),
                vnet.get(ConfigKeys.VNI),
                vnet.get(ConfigKeys.KIND),
                attachment(vnet),
                vnet.values(ConfigKeys.MEMBERS),
                vnet.values(ConfigKeys.TRANSLATE).stream()
                        .map(rule -> new Translation(
                                shared.of(rule.get(ConfigKeys.TRANSLATE_PEER)),
                                shared.of(rule.get(ConfigKeys.TRANSLATE_LOCAL)),
                                shared.of(rule.get(ConfigKeys.TRANSLATE_AS))))
                        .toList(),
                vnet.values(ConfigKeys.REMOTE).stream()
                        .map(remote -> new Remote(
                                shared.of(remote.get(ConfigKeys.REMOTE_PEER)),
                                remote.values(ConfigKeys.REMOTE_PREFIXES),
                                remote.values(ConfigKeys.REMOTE_TARGETS).stream()
                                        .map(Prefix::network)
                                        .toList()))
                        .toList(),
                vnet.values(ConfigKeys.POLICY).stream()
                        .map(fields -> shared(rule(fields)))
                        .toList(),
                vnet.list(ConfigKeys.POLICY).stream()
                        .map(rule -> rule.spot().line())
                        .toList(),
                vnet.get(ConfigKeys.MAX_FLOWS),
                vnet.value(ConfigKeys.VNET_CLASS).map(classes::get).orElse(TunnelClass.DEFAULT),
                vnet.values(ConfigKeys.LIMIT).stream()
                        .map(limit -> new Limit(
                                shared.of(limit.get(ConfigKeys.LIMIT_PEER)), limit.get(ConfigKeys.LIMIT_RATE)))
                        .toList(),
                vnet.get(ConfigKeys.FRAGMENT),
                vnet.get(ConfigKeys.MEMBERSHIP),
                new AddressLines(
                        lines(vnet.list(ConfigKeys.MEMBERS)),
                        lines(vnet.list(ConfigKeys.TRANSLATE)),
                        vnet.values(ConfigKeys.REMOTE).stream()
                                .map(remote -> lines(remote.list(ConfigKeys.REMOTE_PREFIXES)))
                                .toList()));
    }

    private static <T> List<Integer> lines(List<Located<T>> items) {
        return items.stream()
                .limit(items.size() > AddressLines.MOST ? 1 : items.size())
                .map(item -> item.spot().line())
                .toList();
    }

    private PolicyRule shared(PolicyRule rule) {
        return shared.of(new PolicyRule(
                rule.direction(),
                shared.of(rule.protocol()),
                shared.of(rule.members().map(shared::of)),
                shared.of(rule.remote().map(shared::of)),
                shared.of(rule.ports()),
                rule.stateless()));
    }

    private Attachment attachment(Fields vnet) {
        Fields attach = vnet.get(ConfigKeys.ATTACH);
        int vni = vnet.get(ConfigKeys.VNI);
        return attach.value(AttachmentKeys.TAP)
                .<Attachment>map(tap -> tap(tap, vni))
                .or(() -> attach.value(AttachmentKeys.VTEP).map(vtep -> vtep(vtep, vni)))
                .orElseGet(() -> tun(attach.get(AttachmentKeys.TUN), vnet.get(ConfigKeys.VNET_NAME)));
    }

    private Tap tap(Fields tap, int vni) {
        return new Tap(
                tap.get(AttachmentKeys.DEVICE),
                tapNamespace(tap).map(shared::of),
                tap.value(AttachmentKeys.BRIDGE).map(shared::of),
                shared.of(tap.values(AttachmentKeys.LINK_ADDRESS)),
                tap.value(AttachmentKeys.MAC).orElseGet(() -> MacAddress.ofVnet(vni)),
                tap.value(AttachmentKeys.TAP_MTU));
    }

    private Vtep vtep(Fields vtep, int vni) {
        return new Vtep(
                Objects.requireNonNull(vtepPorts.get(vtep.get(AttachmentKeys.PORT))),
                vtep.value(AttachmentKeys.PORT_VNI).orElse(vni),
                shared.of(vtep.values(AttachmentKeys.LOCATORS).stream()
                        .map(Prefix::network)
                        .map(shared::of)
                        .toList()),
                shared.of(vtep.values(AttachmentKeys.LINK_ADDRESS)),
                vtep.value(AttachmentKeys.MAC).orElseGet(() -> MacAddress.ofVnet(vni)),
                vtep.value(AttachmentKeys.VTEP_MTU));
    }

    private static VtepEndpoint vtepPort(Fields port) {
        return new VtepEndpoint(
                port.get(AttachmentKeys.PORT_NAME),
                port.get(AttachmentKeys.ENCAPSULATION),
                port.get(AttachmentKeys.INTERFACE),
                new InetSocketAddress(port.get(AttachmentKeys.LOCATOR).network().toInetAddress(), udpPort(port)));
    }

    /** Where a VTEP port listens. */
    static int udpPort(Fields port) {
        return port.value(AttachmentKeys.UDP_PORT)
                .orElseGet(() -> port.get(AttachmentKeys.ENCAPSULATION).udpPort());
    }

    private Tun tun(Fields tun, String vnet) {
        return new Tun(
                tun.get(AttachmentKeys.DEVICE),
                namespace(tun, vnet).map(shared::of),
                shared.of(tun.values(AttachmentKeys.ADDRESS).stream()
                        .map(shared::of)
                        .toList()),
                tun.get(AttachmentKeys.SHARED_NETNS),
                tun.value(AttachmentKeys.MTU));
    }

    /** The namespace of a V-net's interface; empty is the gateway's own. */
    static Optional<String> namespace(Fields tun, String vnet) {
        return Optional.of(tun.value(AttachmentKeys.NETNS).orElse(vnet)).filter(netns -> !netns.equals(OWN_NAMESPACE));
    }

    /** The namespace of a TAP interface; empty is the gateway's own. */
    static Optional<String> tapNamespace(Fields tap) {
        return tap.value(AttachmentKeys.TAP_NETNS).filter(netns -> !netns.equals(OWN_NAMESPACE));
    }

    /** The rule that {@code rule} writes, which says either {@code out} or {@code in}. */
    static PolicyRule rule(Fields rule) {
        boolean isOut = rule.wrote(ConfigKeys.RULE_OUT);
        return new PolicyRule(
                isOut ? Direction.OUT : Direction.IN,
                rule.get(isOut ? ConfigKeys.RULE_OUT : ConfigKeys.RULE_IN),
                rule.value(isOut ? ConfigKeys.RULE_FROM : ConfigKeys.RULE_TO),
                rule.value(isOut ? ConfigKeys.RULE_TO : ConfigKeys.RULE_FROM),
                rule.values(ConfigKeys.RULE_PORTS),
                rule.get(ConfigKeys.RULE_STATELESS));
    }
}

package net.vgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.vgate.attachment.Offloads;
import net.vgate.attachment.VtepEndpoint;
import net.vgate.config.GatewayConfig.AddressLines;
import net.vgate.config.GatewayConfig.AeadProvider;
import net.vgate.config.GatewayConfig.Attachment;
import net.vgate.config.GatewayConfig.Control;
import net.vgate.config.GatewayConfig.Crypto;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.config.GatewayConfig.HandshakeRates;
import net.vgate.config.GatewayConfig.Identity;
import net.vgate.config.GatewayConfig.Kind;
import net.vgate.config.GatewayConfig.Listen;
import net.vgate.config.GatewayConfig.Observe;
import net.vgate.config.GatewayConfig.Peer;
import net.vgate.config.GatewayConfig.PeerGateway;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.config.GatewayConfig.PortRange;
import net.vgate.config.GatewayConfig.Proxy;
import net.vgate.config.GatewayConfig.RelayGrant;
import net.vgate.config.GatewayConfig.Remote;
import net.vgate.config.GatewayConfig.Tap;
import net.vgate.config.GatewayConfig.Translation;
import net.vgate.config.GatewayConfig.Tun;
import net.vgate.config.GatewayConfig.TunnelSettings;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.config.GatewayConfig.Vtep;
import net.vgate.encap.VtepEncapsulation;
import net.vgate.packet.InterfaceAddress;
import net.vgate.packet.MacAddress;
import net.vgate.packet.Prefix;
import net.vgate.record.AeadAlgorithm;
import net.vgate.tunnel.TunnelClass;
import org.junit.jupiter.api.Test;

/** What becomes of every key, and of every key that is not there: neither can change unseen. */
class ConfigKeysTest {
    private static final Path FOLDER = Path.of("").toAbsolutePath();

    @Test
    void everyKeyArrives() throws UnknownHostException {
        GatewayConfig expected = new GatewayConfig(
                FOLDER.resolve("gateway.yaml"),
                "east",
                "east-1",
                new Identity(
                        FOLDER.resolve("pki/east-1.crt"),
                        FOLDER.resolve("pki/east-1.key"),
                        List.of(FOLDER.resolve("pki/ca.crt")),
                        List.of(FOLDER.resolve("pki/ca.crl")),
                        Map.of()),
                new Listen(List.of(socket("0.0.0.0", 4433)), Optional.of(socket("::", 443))),
                new TunnelSettings(
                        1500,
                        true,
                        Optional.of(26),
                        Duration.ofHours(1),
                        64L << 30,
                        67_108_864,
                        Duration.ofSeconds(1),
                        3,
                        new HandshakeRates(4_000, 40, 20)),
                List.of(
                        new Peer(
                                "hub",
                                List.of(new PeerGateway(
                                        "hub-1",
                                        List.of(new Endpoint("203.0.113.5", 4433)),
                                        Optional.empty(),
                                        0,
                                        1,
                                        false,
                                        Optional.empty())),
                                List.of()),
                        new Peer(
                                "west",
                                List.of(
                                        new PeerGateway(
                                                "west-1",
                                                List.of(new Endpoint("198.51.100.2", 4433)),
                                                Optional.of(new Endpoint("198.51.100.2", 443)),
                                                0,
                                                3,
                                                false,
                                                Optional.of(FOLDER.resolve("pki/west-1.psk"))),
                                        new PeerGateway(
                                                "west-2",
                                                List.of(new Endpoint("198.51.100.4", 4433)),
                                                Optional.empty(),
                                                0,
                                                1,
                                                true,
                                                Optional.empty())),
                                List.of("hub"),
                                List.of("blue"))),
                Optional.of(new Proxy(new Endpoint("192.0.2.9", 3128), Optional.of(FOLDER.resolve("proxy.txt")))),
                List.of(new RelayGrant("west", "hub")),
                Optional.of(Path.of("/var/lib/vgate/east.directory")),
                List.of(blue(), red(), green()),
                Optional.of(2),
                new Offloads(false, true, false, true, false, true),
                new Crypto(AeadProvider.AUTO, List.of(AeadAlgorithm.AES_256_GCM, AeadAlgorithm.CHACHA20_POLY1305)),
                new Observe(Optional.of(socket("127.0.0.1", 9464))),
                new Control(Path.of("/run/vgate/east-1.sock")));

        assertEquals(expected, ConfigFileFixture.config(ConfigReference.everyKey()));
    }

    private static Vnet blue() {
        return new Vnet(
                "blue",
                5001,
                Kind.L3,
                new Tun(
                        "vg-blue",
                        Optional.of("blue"),
                        List.of(prefix("10.0.0.254/32"), prefix("2001:db8:1::fe/128")),
                        false,
                        Optional.of(1380)),
                List.of(prefix("10.0.0.0/24"), prefix("2001:db8:1::/64")),
                List.of(new Translation("west", prefix("10.0.0.0/24"), prefix("100.64.1.0/24"))),
                List.of(new Remote(
                        "west",
                        List.of(prefix("100.64.2.0/24"), prefix("2001:db8:2::/64")),
                        List.of(prefix("100.64.2.10/32").network()))),
                List.of(
                        new PolicyRule(
                                Direction.OUT,
                                Optional.of(6),
                                Optional.of(prefix("10.0.0.0/25")),
                                Optional.of(prefix("100.64.2.0/24")),
                                List.of(new PortRange(443, 443), new PortRange(8000, 8010)),
                                false),
                        new PolicyRule(
                                Direction.OUT,
                                Optional.of(58),
                                Optional.empty(),
                                Optional.of(prefix("2001:db8:2::/64")),
                                List.of(),
                                false),
                        new PolicyRule(
                                Direction.IN,
                                Optional.of(132),
                                Optional.of(prefix("10.0.0.7/32")),
                                Optional.of(prefix("100.64.2.0/24")),
                                List.of(),
                                false),
                        new PolicyRule(
                                Direction.IN,
                                Optional.of(17),
                                Optional.empty(),
                                Optional.empty(),
                                List.of(new PortRange(53, 53)),
                                true)),
                List.of(41, 42, 43, 44),
                100_000,
                new TunnelClass("gold", Set.of(AeadAlgorithm.AES_256_GCM, AeadAlgorithm.CHACHA20_POLY1305), true),
                List.of(new GatewayConfig.Limit("west", 50_000_000)),
                true,
                true,
                new AddressLines(List.of(34, 34), List.of(37), List.of(List.of(39, 39))));
    }

    private static Vnet red() {
        return plain(
                "red",
                5002,
                Kind.L3,
                new Tap(
                        "vg-red",
                        Optional.empty(),
                        Optional.of("br-red"),
                        List.of(new InterfaceAddress(prefix("10.0.0.254/32").network(), 24)),
                        new MacAddress(0x0200_5e00_0101L),
                        Optional.of(1380)),
                prefix("10.0.0.0/24"),
                56);
    }

    /** With members alone, and defaults. */
    private static Vnet plain(String name, int vni, Kind kind, Attachment attachment, Prefix members, int line) {
        return new Vnet(
                name,
                vni,
                kind,
                attachment,
                List.of(members),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                65_536,
                TunnelClass.DEFAULT,
                List.of(),
                false,
                false,
                new AddressLines(List.of(line), List.of(), List.of()));
    }

    private static Vnet green() throws UnknownHostException {
        return plain(
                "green",
                5004,
                Kind.L3,
                new Vtep(
                        new VtepEndpoint("rack", VtepEncapsulation.GENEVE, "eth1", socket("10.9.0.1", 6082)),
                        7003,
                        List.of(
                                prefix("10.9.0.11/32").network(),
                                prefix("10.9.0.12/32").network()),
                        List.of(new InterfaceAddress(prefix("10.0.0.254/32").network(), 24)),
                        new MacAddress(0x0200_5e00_0102L),
                        Optional.of(1380)),
                prefix("10.0.0.0/24"),
                62);
    }

    @Test
    void everyDefaultIsAsDocumented() throws UnknownHostException {
        GatewayConfig config = ConfigFileFixture.config("""
                site: north
                gateway: north-1
                identity: {certificate: /a, key: /b, trust: /c}
                listen: {udp: 192.0.2.1:4433}
                vnets:
                  - {name: blue, vni: 1, attach: {tun: {device: vg0, address: 10.0.0.1}}, members: [10.0.0.0/8]}
                """);

        assertEquals(new Listen(List.of(socket("192.0.2.1", 4433)), Optional.empty()), config.listen());
        assertEquals(
                new TunnelSettings(
                        1500,
                        true,
                        Optional.empty(),
                        Duration.ofHours(1),
                        64L << 30,
                        1 << 26,
                        Duration.ofSeconds(1),
                        3,
                        new HandshakeRates(5_000, 50, 50)),
                config.tunnel());
        assertEquals(List.of(), config.peers());
        assertEquals(Optional.empty(), config.directory());
        assertEquals(Offloads.ALL, config.offloads());
        assertEquals(new Crypto(AeadProvider.AUTO, List.of(AeadAlgorithm.values())), config.crypto());
        assertEquals(new Observe(Optional.empty()), config.observe());
        assertEquals(new Control(Path.of("/run/vgate/north-north-1.sock")), config.control());
        assertEquals(
                plain(
                        "blue",
                        1,
                        Kind.L3,
                        new Tun("vg0", Optional.of("blue"), List.of(prefix("10.0.0.1/32")), false, Optional.empty()),
                        prefix("10.0.0.0/8"),
                        6),
                config.vnets().get(0));
    }

    @Test
    void aTapHasTheSameAddressAtEveryGatewayOfTheVnet() {
        GatewayConfig config = ConfigFileFixture.config(
                ConfigReference.everyKey().replace(", mac: \"02:00:5e:00:01:01\", mtu: 1380", ""));
        Tap tap = (Tap) config.vnets().get(1).attachment();

        assertEquals("02:76:67:00:13:8a", tap.mac().toString());
        assertEquals(Optional.empty(), tap.mtu());
    }

    @Test
    void aVtepHasItsStandardsPortAndItsVnetsNumber() throws UnknownHostException {
        String text = ConfigReference.everyKey()
                .replace(", udp-port: 6082", "")
                .replace("vni: 7003, ", "")
                .replace(", mac: \"02:00:5e:00:01:02\", mtu: 1380", "");
        Vtep vtep = (Vtep) ConfigFileFixture.config(text).vnets().get(2).attachment();
        assertEquals(socket("10.9.0.1", 6081), vtep.port().locator());
        assertEquals(5004, vtep.vni());
        assertEquals("02:76:67:00:13:8c", vtep.mac().toString());

        String vxlan = text.replace("encapsulation: geneve, ", "");
        VtepEndpoint port =
                ((Vtep) ConfigFileFixture.config(vxlan).vnets().get(2).attachment()).port();
        assertEquals(VtepEncapsulation.VXLAN, port.encapsulation());
        assertEquals(socket("10.9.0.1", 4789), port.locator());
    }

    @Test
    void theGatewaysOwnNamespaceHasAName() {
        GatewayConfig config = ConfigFileFixture.config(ConfigReference.everyKey()
                .replace("netns: gateway", "netns: red")
                .replace("netns: blue", "netns: gateway")
                .replace("2001:db8::2", "2001:db9::2"));

        assertEquals(Optional.empty(), config.vnets().get(0).attachment().netns());
    }

    @Test
    void wordsThatYamlTakesForOtherThingsAreNames() {
        String text = ConfigReference.everyKey().replace("east-1", "no").replace("site: east", "site: 1e3");
        GatewayConfig config = ConfigFileFixture.config(text.replace("name: red", "name: 007"));

        assertEquals("no", config.gateway());
        assertEquals("1e3", config.site());
        assertEquals("007", config.vnets().get(1).name());
    }

    private static Prefix prefix(String text) {
        return Prefix.parse(text).orElseThrow();
    }

    private static InetSocketAddress socket(String address, int port) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(address), port);
    }
}

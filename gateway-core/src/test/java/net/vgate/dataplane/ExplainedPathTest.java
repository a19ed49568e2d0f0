package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.vgate.config.ConfigReader;
import net.vgate.config.ConfigResult;
import net.vgate.config.GatewayConfig;
import net.vgate.control.AddressExplanation;
import net.vgate.control.VnetFacts;
import net.vgate.forwarding.CompiledPolicy;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.MemberState;
import net.vgate.forwarding.MemberTable;
import net.vgate.forwarding.SiteTunnels;
import net.vgate.forwarding.VnetTable;
import net.vgate.observe.AddressReport;
import net.vgate.observe.AddressReport.Step;
import net.vgate.observe.AddressReport.Way;
import net.vgate.packet.DropReason;
import net.vgate.packet.IpAddress;
import net.vgate.policy.Packets;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Association;
import net.vgate.record.AssociationTable;
import net.vgate.record.Quiescence;
import net.vgate.record.RecordKeys;
import net.vgate.record.Role;
import net.vgate.record.VnetAdmission;
import net.vgate.tunnel.DatagramPort;
import net.vgate.tunnel.Tunnel;
import org.junit.jupiter.api.Test;

/**
 * What is explained of an address is what packets meet: for each way that an answer has, a packet of that way is sent
 * through two gateways in memory, and is dropped where and for what the answer says, or arrives.
 */
class ExplainedPathTest {
    private static final int BLUE = 5_001;
    private static final int WEST = 0;
    private static final int NORTH = 1;
    private static final int OPEN_PORT = 53;

    private static final String EAST = """
            site: east
            gateway: east-1
            identity: {certificate: /a, key: /b, trust: [/c]}
            listen: {udp: 192.0.2.1:4433}
            directory: {file: /d}
            classes: [{name: gold, ciphers: [aes-256-gcm]}]
            peers:
              - {site: west, gateways: [{name: west-1, udp: "192.0.2.2:4433"}], vnets: [blue]}
              - {site: north, gateways: [{name: north-1, udp: "192.0.2.3:4433"}], vnets: [blue]}
            vnets:
              - name: blue
                vni: 5001
                attach: {tun: {device: vg0, address: 10.0.0.254}}
                members: [10.0.0.0/24, 10.9.0.0/24, "fd00:e::/64"]
                membership: directory
                translate:
                  - {peer: west, local: 10.0.0.0/24, as: 100.64.1.0/24}
                remote:
                  - {peer: west, prefixes: [100.64.2.0/24, "fd00:f::/64"]}
                  - {peer: north, prefixes: [100.64.3.0/24]}
                policy:
                  - {out: udp, to: 100.64.2.0/25, ports: 53}
                  - {out: udp, to: "fd00:f::/64", ports: 53}
                  - {in: udp, from: 100.64.2.0/25, to: 10.0.0.0/25, ports: 53}
                  - {in: udp, from: "fd00:f::/64", ports: 53}
                  - {out: udp, to: 100.64.3.0/24, ports: 53}
            """;

    /** Whose members are all that packets come from, and which lets everything out that east might know. */
    private static final String FAR = """
            site: west
            gateway: west-1
            identity: {certificate: /a, key: /b, trust: [/c]}
            listen: {udp: 192.0.2.2:4433}
            peers:
              - {site: east, gateways: [{name: east-1, udp: "192.0.2.1:4433"}], vnets: [blue]}
            vnets:
              - name: blue
                vni: 5001
                attach: {tun: {device: vg0, address: 100.64.2.254}}
                members: [100.64.2.0/24, 100.64.3.0/24, 10.77.0.0/16, "fd00:f::/64"]
                remote:
                  - {peer: east, prefixes: [100.64.1.0/24, 10.0.0.0/24, 10.9.0.0/24, 100.99.0.0/16, "fd00:e::/64"]}
                policy: [{out: any}, {in: any}]
            """;

    private static final String MEMBER = "10.0.0.1";
    private static final String HIDDEN_MEMBER = "10.9.0.1";
    private static final String MEMBER6 = "fd00:e::1";

    private final MemberTable listed = new MemberTable();
    private final MemoryDevice eastDevice = new MemoryDevice();
    private final MemoryDevice westDevice = new MemoryDevice();
    private final MemoryWire eastWire = new MemoryWire(address(1), false);
    private final MemoryWire westWire = new MemoryWire(address(2), false);
    private final Association atEast;
    private final Association atWest;
    private final TreeSet<String> dropped = new TreeSet<>();
    private int port = 1_000;

    ExplainedPathTest() {
        MemoryWire.join(eastWire, westWire);
        byte[] keyBlock = new byte[RecordKeys.keyBlockBytes(AeadAlgorithm.AES_128_GCM)];
        new SplittableRandom(7).nextBytes(keyBlock);
        atEast = PathsUnderTest.association(Role.CLIENT, keyBlock, "west", westWire.address());
        atWest = PathsUnderTest.association(Role.SERVER, keyBlock, "east", eastWire.address());
        VnetAdmission all = VnetAdmission.allBut(new int[0]);
        atEast.admit(all);
        atWest.admit(all);
        for (String joined : List.of(MEMBER, HIDDEN_MEMBER, MEMBER6, "10.0.0.200")) {
            listed.set(ip(joined), MemberState.JOINED);
        }
        listed.set(ip("10.0.0.9"), MemberState.EXPECTED);
    }

    @Test
    void whatIsHereIsExplainedAsPacketsMeetIt() {
        for (String address : List.of(MEMBER, MEMBER6, HIDDEN_MEMBER, "10.0.0.200", "10.0.0.9", "10.0.0.10")) {
            expectAsExplained(EAST, address, "", true);
        }
        assertEquals(
                List.of(
                        "classify spoofed_source",
                        "permit_in policy",
                        "restore not_here",
                        "route no_route",
                        "seal no_tunnel",
                        "translate untranslatable"),
                List.copyOf(dropped));
    }

    @Test
    void whatIsElsewhereIsExplainedAsPacketsMeetIt() {
        for (String address : List.of("100.64.2.1", "100.64.2.200", "fd00:f::1", "100.64.3.1")) {
            expectAsExplained(EAST, address, "", true);
        }
        assertEquals(List.of("permit_in policy", "permit_out policy", "seal no_tunnel"), List.copyOf(dropped));
    }

    @Test
    void whatIsNobodysIsExplainedAsPacketsMeetIt() {
        for (String address : List.of("10.77.0.1", "100.64.1.1", "100.64.1.9")) {
            expectAsExplained(EAST, address, "", true);
        }
        for (String address : List.of("169.254.0.1", "224.0.0.5", "fe80::1", "255.255.255.255", "::1")) {
            expectAsExplained(EAST, address, "", false);
        }
        assertEquals(
                List.of("classify scope", "classify spoofed_source", "restore not_here", "route no_route"),
                dropped.stream().filter(one -> !one.startsWith("admit")).toList());
        assertTrue(dropped.contains("admit wrong_site_source"), dropped::toString);
    }

    @Test
    void whatWestWritesIsExplainedAsPacketsMeetIt() {
        for (String address : List.of("100.64.1.1", "100.64.1.9", "100.64.1.200", "100.99.0.1", MEMBER, MEMBER6)) {
            expectAsExplained(EAST, address, "west", true);
        }
        assertEquals(List.of("classify spoofed_source", "permit_in policy", "restore not_here"), List.copyOf(dropped));
    }

    @Test
    void whatIsNotGrantedIsExplainedAsPacketsMeetIt() {
        String text = withoutRules(EAST, "(100.64.2|fd00:f)")
                .replace("\"192.0.2.2:4433\"}], vnets: [blue]", "\"192.0.2.2:4433\"}], vnets: []")
                .replaceAll(" +- \\{peer: west, prefixes.*\n", "")
                .replaceAll(" +translate:\n.*\n", "");
        expectAsExplained(text, MEMBER, "west", true);
        assertEquals(List.of("decapsulate not_granted", "route no_route"), List.copyOf(dropped));
    }

    @Test
    void whatNoTunnelCarriesIsExplainedAsPacketsMeetIt() {
        String gold = EAST.replace("vni: 5001", "vni: 5001\n    class: gold");
        expectAsExplained(gold, MEMBER, "", true);
        assertEquals(List.of("decapsulate below_class", "seal below_class", "seal no_tunnel"), List.copyOf(dropped));
        dropped.clear();
        atEast.admit(VnetAdmission.allBut(new int[] {BLUE}));
        expectAsExplained(EAST, MEMBER, "", true);
        assertEquals(
                List.of("decapsulate class_mismatch", "seal class_mismatch", "seal no_tunnel"), List.copyOf(dropped));
    }

    @Test
    void aRouterOnALinkIsExplainedAsPacketsMeetIt() {
        String tap = withoutRules(EAST, "fd00:f")
                .replace("tun: {device: vg0, address: 10.0.0.254}", "tap: {device: vg0, address: 10.0.0.254/24}")
                .replace(", 10.9.0.0/24, \"fd00:e::/64\"", "")
                .replace(", \"fd00:f::/64\"", "")
                .replace("to: 10.0.0.0/25, ", "");
        expectAsExplained(tap, MEMBER, "", true);
        expectAsExplained(tap, "100.64.1.254", "west", true);
        assertEquals(List.of("deliver not_here", "route spoofed_source", "seal no_tunnel"), List.copyOf(dropped));
    }

    private static String withoutRules(String text, String about) {
        return text.replaceAll(" +- \\{(in|out): .*" + about + ".*\n", "");
    }

    /** Explains the address at east, and sends a packet for each way. */
    private void expectAsExplained(String text, String address, String at, boolean alsoInbound) {
        Site east = new Site(text, true);
        AddressReport report = at.isEmpty()
                ? AddressExplanation.here(east.facts(), ip(address))
                : AddressExplanation.at(east.facts(), at, ip(address));
        assertTrue(!report.ways().isEmpty(), address);
        for (Way way : report.ways()) {
            if (way.direction().equals("in")) {
                if (alsoInbound && !"north".equals(way.peer())) {
                    expect(way, arrivals(way, east, address));
                }
            } else {
                expect(way, departures(way, east, address));
            }
        }
    }

    private void expect(Way way, Map<String, Long> seen) {
        String expected = way.direction().equals("out") ? "sent" : "delivered";
        for (Step step : way.steps()) {
            // What is sent starts a flow, so it is no answer to one.
            if (step.verdict().equals("drop") || step.verdict().equals("answers")) {
                expected = step.stage() + " " + step.reason();
                dropped.add(expected);
                break;
            }
        }
        Step last = way.steps().get(way.steps().size() - 1);
        assertEquals(way.drop(), last.verdict().equals("drop") ? last.reason() : null);
        if (last.stage().equals(Stage.SEAL.label())) {
            seen.remove("sent");
            expected = way.drop() == null ? "" : expected;
        }
        assertEquals(expected.isEmpty() ? Map.of() : Map.of(expected, 1L), seen, way::toString);
    }

    private Map<String, Long> departures(Way way, Site east, String asked) {
        boolean isIpv4 = ip(asked).isIpv4();
        String from = literal(way.from(), isIpv4 ? MEMBER : MEMBER6);
        boolean isNorth = "north".equals(way.peer());
        String theirs = isIpv4 ? isNorth ? "100.64.3.1" : "100.64.2.1" : isNorth ? "fd00:a::1" : "fd00:f::1";
        String to = literal(way.to(), theirs);
        Map<String, Long> before = east.counts();
        eastDevice.offer(Packets.udp(from, port++, to, OPEN_PORT));
        east.run();
        return since(before, east.counts());
    }

    private Map<String, Long> arrivals(Way way, Site east, String asked) {
        boolean isIpv4 = ip(asked).isIpv4();
        String from = literal(way.from(), isIpv4 ? "100.64.2.1" : "fd00:f::1");
        String to = literal(way.to(), isIpv4 ? "100.64.1.1" : MEMBER6);
        Site west = new Site(FAR, false);
        Map<String, Long> before = east.counts();
        westDevice.offer(Packets.udp(from, port++, to, OPEN_PORT));
        west.run();
        assertEquals(1, west.worker.traffic().packets(0, TrafficDirection.OUT), () -> from + " " + to);
        east.run();
        return since(before, east.counts());
    }

    private static String literal(String text, String otherwise) {
        return IpAddress.parse(text).isPresent() ? text : otherwise;
    }

    private static Map<String, Long> since(Map<String, Long> before, Map<String, Long> now) {
        Map<String, Long> since = new TreeMap<>();
        now.forEach((what, count) -> {
            long more = count - before.getOrDefault(what, 0L);
            if (more > 0) {
                since.put(what, more);
            }
        });
        return since;
    }

    private static InetSocketAddress address(int host) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 4_000 + host);
    }

    private static IpAddress ip(String text) {
        return IpAddress.parse(text).orElseThrow();
    }

    /** One of the two gateways; only its tunnel to the other is up. */
    private final class Site {
        private final GatewayConfig config;
        private final GatewayConfig.Vnet vnet;
        private final ForwardingSnapshot snapshot;
        private final Map<String, Integer> numbers = new TreeMap<>();
        private final Worker worker;

        Site(String text, boolean isEast) {
            ConfigResult result = ConfigReader.parse(
                    Path.of("gateway.yaml"), text.getBytes(StandardCharsets.UTF_8), CompiledPolicy::compile);
            config = result.config()
                    .orElseThrow(() -> new AssertionError(
                            result.problems().stream().map(Object::toString).collect(Collectors.joining("\n"))));
            vnet = config.vnets().get(0);
            Association association = isEast ? atEast : atWest;
            List<SiteTunnels> tunnels = new ArrayList<>();
            for (GatewayConfig.Peer peer : config.peers()) {
                int number = peer.site().equals("north") ? NORTH : WEST;
                numbers.put(peer.site(), number);
                Tunnel tunnel = new Tunnel(
                        number, peer.site() + "/" + peer.gateways().get(0).name(), 1);
                if (number == WEST) {
                    tunnel.lane(0).publish(association);
                }
                tunnels.add(new SiteTunnels(List.of(new SiteTunnels.Choice(tunnel, 0, 1))));
            }
            VnetTable table = VnetTable.builder(0, vnet)
                    .peers(config.peers(), numbers::get)
                    .listed(vnet.isListed() ? listed : null)
                    .innerMtu(PathsUnderTest.INNER_MTU)
                    .build();
            snapshot = new ForwardingSnapshot(1, List.of(table), tunnels);
            worker = worker(isEast ? eastWire : westWire, association, isEast ? eastDevice : westDevice);
        }

        private Worker worker(MemoryWire wire, Association association, MemoryDevice device) {
            AssociationTable associations = new AssociationTable();
            associations.add(association);
            PlanReference plans = new PlanReference();
            plans.publish(new DataplanePlan(snapshot, List.of(device), new int[] {0}, numbers));
            Worker made = new Worker(
                    0,
                    wire,
                    associations,
                    (from, type, content) -> true,
                    new PathsUnderTest.NoControl(),
                    plans,
                    () -> 1_000_000_000L,
                    new Quiescence().register(),
                    true);
            made.adoptPlan();
            made.confirmPlan();
            return made;
        }

        VnetFacts facts() {
            return new VnetFacts(
                    config.site(),
                    config.gateway(),
                    config.file().toString(),
                    1,
                    config.peers(),
                    vnet,
                    snapshot,
                    0,
                    numbers,
                    1,
                    List.of(),
                    address -> Optional.empty());
        }

        void run() {
            worker.sourceReady(0);
            worker.turn();
            worker.datagramsReady(DatagramPort.LISTEN);
            worker.turn();
        }

        /** What became of packets here. */
        Map<String, Long> counts() {
            Map<String, Long> counts = new TreeMap<>();
            counts.put("sent", worker.traffic().packets(0, TrafficDirection.OUT));
            counts.put(
                    "delivered",
                    worker.traffic().packets(0, TrafficDirection.IN)
                            + worker.traffic().packets(0, TrafficDirection.LOCAL));
            for (int stage = 0; stage < Stage.count(); stage++) {
                for (DropReason reason : Arrays.asList(DropReason.values())) {
                    long packets = 0;
                    for (int site = DropCounters.NO_SITE; site < worker.drops().siteCount(); site++) {
                        packets += worker.drops().packets(Stage.of(stage), reason, site);
                    }
                    // What is consumed has been delivered; what is sealed and has no tunnel was counted as sent.
                    if (reason != DropReason.CONSUMED) {
                        counts.put(Stage.of(stage).label() + " " + reason.label(), packets);
                    }
                }
            }
            return counts;
        }
    }
}

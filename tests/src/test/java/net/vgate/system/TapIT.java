package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.vgate.packet.DropReason;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Capture;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Site east has its members on a bridge, whose port the gateway's TAP is; site west has a TUN. East is 10.1.1.0/24 and
 * fd01::/64, west 10.1.2.0/24 and fd02::/64; nothing is translated.
 */
@SystemTest
final class TapIT {
    private static final Duration SHORT = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String GATEWAY = "10.1.1.254";
    private static final String GATEWAY_V6 = "fd01::fe";
    private static final String WEST = "10.1.2.10";
    private static final String WEST_V6 = "fd02::10";

    private final Map<Integer, TestNetns> hosts = new HashMap<>();
    private TestBed bed;
    private Site east;
    private Site west;

    @BeforeAll
    void start() {
        bed = TestBed.create();
        TwoSites.authority(bed.folder(), "pki", "test authority");
        east = new Site(bed, "east", bed.folder());
        west = new Site(bed, "west", bed.folder());
        bed.link(east.wan(), "wan", "198.51.100.1/24", west.wan(), "wan", "198.51.100.2/24");
        TestNetns switching = east.tenant("blue");
        switching.setting("net/ipv6/conf/default/disable_ipv6", "1");
        switching.ip("link", "add", "br0", "type", "bridge");
        switching.ip("link", "set", "br0", "up");
        configure(
                east,
                "west",
                1,
                2,
                "tap: {device: vg-blue, netns: east-blue, bridge: br0, address: [10.1.1.254/24, \"fd01::fe/64\"]}");
        configure(west, "east", 2, 1, "tun: {device: vg-blue, netns: west-blue, address: [10.1.2.254, \"fd02::fe\"]}");
        east.change(text -> text + "directory: {file: east.directory}\n");
        west.host("blue", WEST);
        west.host("blue", WEST_V6);
        east.start();
        west.start();
        east.gateway().awaitStarted();
        west.gateway().awaitStarted();
        east.awaitPaired(west, TwoSites.PAIRING);
    }

    @AfterAll
    void stop() {
        if (bed != null) {
            bed.close();
        }
    }

    private void configure(Site site, String peer, int here, int there, String attach) {
        TwoSites.issue(bed.folder(), "pki", site.name(), site.name() + "-1");
        site.tenant("blue");
        site.configure("""
                site: SITE
                gateway: SITE-1
                identity: {certificate: pki/SITE-1.crt, key: pki/SITE-1.key, trust: [pki/ca.crt]}
                listen: {udp: 198.51.100.HERE:4433}
                peers:
                  - site: PEER
                    gateways: [{name: PEER-1, udp: 198.51.100.THERE:4433}]
                    vnets: [blue]
                vnets:
                  - name: blue
                    vni: 5001
                    attach: {ATTACH}
                    members: [10.1.HERE.0/24, "fd0HERE::/64"]
                    remote: [{peer: PEER, prefixes: [10.1.THERE.0/24, "fd0THERE::/64"]}]
                    policy: [{out: any}, {in: any}]
                workers: 2
                """.replace("ATTACH", attach)
                .replace("SITE", site.name())
                .replace("PEER", peer)
                .replace("THERE", Integer.toString(there))
                .replace("HERE", Integer.toString(here)));
    }

    /** A host on east's bridge, 10.1.1.NUMBER and fd01::NUMBER; made when first asked for. */
    private TestNetns host(int number) {
        return hosts.computeIfAbsent(number, missing -> {
            TestNetns host = bed.namespace("east-host");
            TestNetns switching = east.tenant("blue");
            bed.link(switching, "port" + number, host, "lan");
            switching.ip("link", "set", "port" + number, "master", "br0");
            host.address("lan", "10.1.1." + number + "/24");
            host.address("lan", "fd01::" + number + "/64");
            host.route("default", "via", GATEWAY);
            host.ip("-6", "route", "add", "default", "via", GATEWAY_V6);
            TestBed.await(
                    "the bridge forwards to host " + number,
                    PATIENCE,
                    () -> switching
                            .run("bridge", "link", "show", "dev", "port" + number)
                            .contains("state forwarding"));
            return host;
        });
    }

    private void awaitDrops(DropReason reason, long least) {
        TestBed.await(
                least + " packets are dropped as " + reason.label(),
                PATIENCE,
                () -> east.gateway().drops(reason) >= least);
    }

    @Test
    void hostsReachTheOtherSiteAndAreReachedByIt() {
        TestNetns host = host(10);
        assertTrue(Ping.send(host, WEST, 20, PATIENCE).isComplete());
        assertTrue(Ping.send(host, WEST_V6, 20, PATIENCE).isComplete());
        assertTrue(Ping.send(west.host("blue", WEST), "10.1.1.10", 20, PATIENCE).isComplete());
        assertTrue(
                Ping.send(west.host("blue", WEST_V6), "fd01::10", 20, PATIENCE).isComplete());
    }

    /** A host that nobody has heard of is asked for, and the packet that made it necessary is not lost. */
    @Test
    void theFirstPacketToAnUnknownHostArrives() {
        host(30);
        host(31);
        assertTrue(Ping.send(west.host("blue", WEST), "10.1.1.30", 1, PATIENCE).isComplete());
        assertTrue(
                Ping.send(west.host("blue", WEST_V6), "fd01::31", 1, PATIENCE).isComplete());
    }

    @Test
    void whatWaitsForNobodyIsCounted() {
        long before = east.gateway().drops(DropReason.NEIGHBOR_UNKNOWN);
        Ping.send(west.host("blue", WEST), "10.1.1.99", 20, SHORT);
        awaitDrops(DropReason.NEIGHBOR_UNKNOWN, before + 17);
    }

    @ParameterizedTest
    @ValueSource(strings = {WEST, WEST_V6})
    void streamsGoBothWaysBySuperPackets(String address) {
        TestNetns there = west.host("blue", address);
        for (List<String> direction : List.of(List.<String>of(), List.of("-R"))) {
            try (BackgroundProcess server = there.start(List.of("iperf3", "-s", "-1", "-p", "5201", "--forceflush"))) {
                server.awaitOutput("listening", Command.DEADLINE);
                List<String> client = new ArrayList<>(List.of("iperf3", "-c", address, "-p", "5201", "-n", "20M"));
                client.addAll(direction);
                host(10).run(client.toArray(String[]::new));
                server.awaitEnd(Command.DEADLINE);
            }
        }
        assertTrue(
                east.gateway().status().offloads().stream()
                        .filter(offload ->
                                List.of("tso", "merge", "flow-steering").contains(offload.name()))
                        .allMatch(offload -> offload.on()),
                () -> east.gateway().status().offloads().toString());
    }

    @Test
    void theGatewayIsOneHop() {
        TestNetns host = host(10);
        assertTrue(Ping.comesBack(host, GATEWAY));
        assertTrue(Ping.comesBack(host, GATEWAY_V6));
        // 64, less one at each site.
        assertTrue(Ping.send(host, WEST, 1, PATIENCE).output().contains("ttl=62"));
        assertTrue(Ping.send(west.host("blue", WEST), "10.1.1.10", 1, PATIENCE)
                .output()
                .contains("ttl=62"));
        String exceeded = Ping.send(host, WEST, 1, PATIENCE, "-t", "1").output();
        assertTrue(exceeded.contains("From " + GATEWAY) && exceeded.contains("Time to live exceeded"), exceeded);
        String exceededV6 = Ping.send(host, WEST_V6, 1, PATIENCE, "-t", "1").output();
        assertTrue(exceededV6.contains("rom " + GATEWAY_V6) && exceededV6.contains("Time exceeded"), exceededV6);
        long before = east.gateway().drops(DropReason.TTL_EXPIRED);
        assertEquals(
                0,
                Ping.send(west.host("blue", WEST), "10.1.1.10", 1, SHORT, "-t", "2")
                        .received());
        awaitDrops(DropReason.TTL_EXPIRED, before + 1);
        assertEquals(before + 1, east.gateway().drops(DropReason.TTL_EXPIRED));
    }

    /** The host's link carries 1,500 bytes, the path between the sites does not. */
    @Test
    void whoSendsTooLargePacketsIsTold() {
        int mtu = east.gateway().status().vnets().get(0).mtu();
        String output =
                Ping.send(host(10), WEST, 1, PATIENCE, "-M", "do", "-s", "1472").output();
        assertTrue(output.contains("mtu = " + mtu) || output.contains("mtu=" + mtu), output);
    }

    @Test
    void foreignAddressesAreNotAnsweredFor() {
        TestNetns host = host(40);
        host.route("10.1.2.77", "dev", "lan");
        host.ip("-6", "route", "add", "fd02::77", "dev", "lan");
        // Its own addresses it tells everybody at any time.
        String foreignOnly = "ether src 02:76:67:00:13:89 and ((arp[6:2] = 2 and arp[14:4] != 0x0a0101fe)"
                + " or (icmp6 and ip6[40] = 136 and (ip6[48:4] != 0xfd010000 or ip6[60:4] != 0xfe)))";
        try (Capture answers = east.tenant("blue").capture("vg-blue", foreignOnly)) {
            for (String foreign : List.of("10.1.1.77", "10.1.2.77", "fd01::77", "fd02::77")) {
                try (Capture asked = east.tenant("blue").capture("vg-blue", "arp or icmp6")) {
                    assertEquals(0, Ping.send(host, foreign, 1, SHORT).received());
                    asked.awaitPackets(1, PATIENCE);
                }
                assertFalse(host.ip("neigh", "show", foreign, "dev", "lan").contains("lladdr"), foreign);
            }
            assertEquals(0, answers.packets().size(), answers::text);
        }
        assertTrue(Ping.comesBack(host, WEST), "and for its own addresses the gateway goes on answering");
    }

    @Test
    void aFrameForAnotherStationIsNotTaken() {
        TestNetns host = host(50);
        host.ip("neigh", "replace", "10.1.1.88", "lladdr", "02:00:00:00:00:88", "dev", "lan");
        host.route(WEST, "via", "10.1.1.88");
        long before = east.gateway().drops(DropReason.NOT_FOR_GATEWAY);
        assertEquals(0, Ping.send(host, WEST, 5, SHORT).received());
        awaitDrops(DropReason.NOT_FOR_GATEWAY, before + 5);
    }

    @Test
    void theKernelHasNoPartInTheLink() {
        TestNetns switching = east.tenant("blue");
        assertFalse(switching.ip("addr", "show", "dev", "vg-blue").contains("inet"));
        String link = switching.ip("-d", "link", "show", "vg-blue");
        assertTrue(link.contains("NOARP") && link.contains("master br0"), link);
        assertFalse(link.contains("02:76:67:00:13:89"), "a bridge would keep what is for the gateway to itself");
    }

    @Test
    void aRestartIsThereAgainOnTheBridge() {
        TestNetns host = host(10);
        assertTrue(Ping.comesBack(host, WEST));
        String mac = host.ip("neigh", "show", GATEWAY, "dev", "lan");
        assertTrue(mac.contains("02:76:67:00:13:89"), mac);
        TestNetns stranger = host(60);
        try (Capture told = stranger.capture("lan", "arp or icmp6")) {
            east.gateway().kill();
            assertEquals(0, Ping.send(host, WEST, 1, SHORT).received());
            east.start().awaitStarted();
            TestBed.await(
                    "the link is told who the gateway is",
                    PATIENCE,
                    () -> told.text().contains("Request who-has " + GATEWAY)
                            && told.text().contains("tgt is " + GATEWAY_V6));
        }
        east.awaitPaired(west, TwoSites.PAIRING);
        assertTrue(Ping.send(host, WEST, 1, PATIENCE).isComplete());
        TestNetns westHost = west.host("blue", WEST_V6);
        assertTrue(Ping.send(westHost, "fd01::10", 20, PATIENCE).isComplete());
    }

    /** Another host that takes a member's address is not heard, until it is written that this is the member now. */
    @Test
    void aMemberHasTheEthernetAddressThatIsWritten() {
        String members = "members: [10.1.1.0/24, \"fd01::/64\"]\n";
        String listed = members + "    membership: directory\n";
        east.change(text -> text.replace(members, listed));
        vgate("reload");
        try {
            TestNetns host = host(90);
            TestNetns other = host(91);
            other.address("lan", "10.1.1.90/24");
            vgate("member", "add", "blue", "10.1.1.90", "--mac", macOf(host));
            vgate("member", "add", "blue", "10.1.1.91");
            TestNetns there = west.host("blue", WEST);
            assertTrue(Ping.send(host, WEST, 5, PATIENCE).isComplete());
            assertTrue(Ping.comesBack(other, WEST), "as itself");
            long before = east.gateway().drops(DropReason.MEMBER_ELSEWHERE);
            assertEquals(0, Ping.send(other, WEST, 3, SHORT, "-I", "10.1.1.90").received());
            awaitDrops(DropReason.MEMBER_ELSEWHERE, before + 3);
            try (Capture atOther = other.capture("lan", "icmp[icmptype] = icmp-echo and dst 10.1.1.90")) {
                assertTrue(Ping.send(there, "10.1.1.90", 5, PATIENCE).isComplete());
                assertEquals(0, atOther.packets().size(), atOther::text);
                vgate("member", "set", "blue", "10.1.1.90", "--mac", macOf(other));
                TestBed.await("it is reached there", PATIENCE, () -> Ping.comesBackSoon(there, "10.1.1.90"));
                atOther.awaitPackets(1, PATIENCE);
            }
            assertTrue(Ping.send(other, WEST, 5, PATIENCE, "-I", "10.1.1.90").received() > 0);
            assertEquals(0, Ping.send(host, WEST, 3, SHORT).received());
        } finally {
            east.change(text -> text.replace(listed, members));
            vgate("reload");
        }
    }

    private static String macOf(TestNetns host) {
        return host.run("ip", "-o", "link", "show", "lan").replaceAll("(?s).*link/ether ([0-9a-f:]+).*", "$1");
    }

    private void vgate(String... arguments) {
        List<String> command = new ArrayList<>(RunningGateway.vgate(arguments));
        command.addAll(List.of("--socket", east.socket().toString()));
        Command.Result result = Command.attempt(Command.favoured(command), Command.DEADLINE);
        assertTrue(result.isSuccess(), result::output);
    }
}

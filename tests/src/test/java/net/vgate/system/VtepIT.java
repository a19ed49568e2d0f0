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
 * Site east has its members at hypervisors, which reach the gateway by Linux' own vxlan interfaces; site west has TUNs.
 * The data center's network, 10.9.0.0/24, has the gateway's locator 1 and the hypervisors', from 11 on. V-nets blue and
 * red have the same addresses, and at east these are the very addresses of the data center's network, locators
 * included. Nothing is translated. Hypervisor 11 may speak for both, 12 for blue, 13 for red, and 66 for none.
 */
@SystemTest
final class VtepIT {
    private static final Duration SHORT = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String GATEWAY = "10.9.0.254";
    private static final String GATEWAY_V6 = "fd01::fe";
    private static final String WEST = "10.1.2.10";
    private static final String WEST_V6 = "fd02::10";
    private static final int BLUE = 7001;
    private static final int RED = 5002;

    private final Map<Integer, TestNetns> hypervisors = new HashMap<>();
    private final Map<String, String> bridges = new HashMap<>();
    private TestBed bed;
    private TestNetns fabric;
    private Site east;
    private Site west;

    @BeforeAll
    void start() {
        bed = TestBed.create();
        TwoSites.authority(bed.folder(), "pki", "test authority");
        east = new Site(bed, "east", bed.folder());
        west = new Site(bed, "west", bed.folder());
        bed.link(east.wan(), "wan", "198.51.100.1/24", west.wan(), "wan", "198.51.100.2/24");
        fabric = bed.namespace("fabric");
        fabric.setting("net/ipv6/conf/default/disable_ipv6", "1");
        fabric.ip("link", "add", "br0", "type", "bridge");
        fabric.ip("link", "set", "br0", "up");
        plug(east.wan(), 1);
        configure(
                east,
                "west",
                1,
                2,
                "members: [10.9.0.0/24, \"fd01::/64\"]",
                "members: [10.1.2.0/24, \"fd02::/64\"]",
                "vtep: {port: rack, vni: 7001, locators: [10.9.0.11, 10.9.0.12], address: [10.9.0.254/24, \"fd01::fe/64\"]}",
                "vtep: {port: rack, locators: [10.9.0.11, 10.9.0.13], address: [10.9.0.254/24, \"fd01::fe/64\"]}");
        east.change(text -> text + "vtep-ports: [{name: rack, interface: dc, locator: 10.9.0.1}]\n"
                + "directory: {file: east.directory}\n");
        configure(
                west,
                "east",
                2,
                1,
                "members: [10.1.2.0/24, \"fd02::/64\"]",
                "members: [10.9.0.0/24, \"fd01::/64\"]",
                "tun: {device: vg-blue, netns: west-blue, address: [10.1.2.254, \"fd02::fe\"]}",
                "tun: {device: vg-red, netns: west-red, address: [10.1.2.254, \"fd02::fe\"]}");
        for (String vnet : List.of("blue", "red")) {
            west.host(vnet, WEST);
            west.host(vnet, WEST_V6);
        }
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

    private void configure(
            Site site, String peer, int here, int there, String members, String remote, String blue, String red) {
        TwoSites.issue(bed.folder(), "pki", site.name(), site.name() + "-1");
        if (site == west) {
            site.tenant("blue");
            site.tenant("red");
        }
        String vnet = """
                  - name: NAME
                    vni: VNI
                    attach: {ATTACH}
                    MEMBERS
                    remote: [{peer: PEER, prefixes: REMOTE}]
                    policy: [{out: any}, {in: any}]
                """.replace("MEMBERS", members).replace("REMOTE", remote.replace("members: ", ""));
        site.configure(("""
                site: SITE
                gateway: SITE-1
                identity: {certificate: pki/SITE-1.crt, key: pki/SITE-1.key, trust: [pki/ca.crt]}
                listen: {udp: 198.51.100.HERE:4433}
                peers:
                  - site: PEER
                    gateways: [{name: PEER-1, udp: 198.51.100.THERE:4433}]
                    vnets: [blue, red]
                vnets:
                """
                        + vnet.replace("NAME", "blue").replace("VNI", "5001").replace("ATTACH", blue)
                        + vnet.replace("NAME", "red").replace("VNI", "5002").replace("ATTACH", red) + """
                workers: 2
                """)
                .replace("SITE", site.name())
                .replace("PEER", peer)
                .replace("THERE", Integer.toString(there))
                .replace("HERE", Integer.toString(here)));
    }

    /** Connects a namespace to the data center's network, where it gets address 10.9.0.NUMBER on {@code dc}. */
    private void plug(TestNetns netns, int number) {
        String port = "port" + number;
        bed.link(fabric, port, netns, "dc");
        fabric.ip("link", "set", port, "master", "br0");
        netns.address("dc", "10.9.0." + number + "/24");
        TestBed.await(
                "the data center's network forwards to " + number,
                PATIENCE,
                () -> fabric.run("bridge", "link", "show", "dev", port).contains("state forwarding"));
    }

    private TestNetns hypervisor(int number) {
        return hypervisors.computeIfAbsent(number, missing -> {
            TestNetns made = bed.namespace("hypervisor");
            made.setting("net/ipv6/conf/default/disable_ipv6", "1");
            // It does not answer for its own address on the tenants' bridges.
            made.setting("net/ipv4/conf/all/arp_ignore", "1");
            plug(made, number);
            return made;
        });
    }

    /** A VM at a hypervisor, 10.9.0.ADDRESS and fd01::ADDRESS. */
    private TestNetns vm(int hypervisor, int vni, int address) {
        TestNetns vm = bed.namespace("vm");
        // It tells its link that it is there, as hypervisors do: RFC 5227 section 2.3, RFC 4861 section 7.2.6.
        vm.setting("net/ipv4/conf/default/arp_notify", "1");
        vm.setting("net/ipv6/conf/default/ndisc_notify", "1");
        attach(vm, hypervisor, vni, address);
        return vm;
    }

    private void attach(TestNetns vm, int number, int vni, int address) {
        TestNetns under = hypervisor(number);
        String port = "vm" + vni % 100 + "-" + address;
        under.ip("link", "add", port, "type", "veth", "peer", "name", "lan", "netns", vm.name());
        under.ip("link", "set", port, "master", bridge(number, vni), "up");
        vm.ip("link", "set", "lan", "address", "02:00:00:00:00:" + address, "mtu", "1450");
        vm.address("lan", "10.9.0." + address + "/24");
        vm.address("lan", "fd01::" + address + "/64");
        vm.ip("link", "set", "lan", "up");
        vm.route("default", "via", GATEWAY);
        vm.ip("-6", "route", "add", "default", "via", GATEWAY_V6);
        TestBed.await(
                "the hypervisor forwards to the VM",
                PATIENCE,
                () -> under.run("bridge", "link", "show", "dev", port).contains("state forwarding"));
    }

    /** The hypervisor's bridge of a V-net, with an interface of vxlan that sends to the gateway alone. */
    private String bridge(int number, int vni) {
        return bridges.computeIfAbsent(number + " " + vni, missing -> {
            TestNetns under = hypervisor(number);
            String bridge = "br" + vni;
            String vxlan = "vx" + vni;
            under.ip("link", "add", bridge, "type", "bridge");
            under.ip("link", "set", bridge, "up");
            under.ip(
                    "link",
                    "add",
                    vxlan,
                    "type",
                    "vxlan",
                    "id",
                    "" + vni,
                    "dstport",
                    "4789",
                    "local",
                    "10.9.0." + number,
                    "remote",
                    "10.9.0.1",
                    "dev",
                    "dc");
            under.ip("link", "set", vxlan, "master", bridge, "up");
            return bridge;
        });
    }

    private void awaitDrops(DropReason reason, long least) {
        TestBed.await(
                least + " packets are dropped as " + reason.label(),
                PATIENCE,
                () -> east.gateway().drops(reason) >= least);
    }

    @Test
    void membersReachTheOtherSiteAndAreReachedByIt() {
        TestNetns vm = vm(11, BLUE, 20);
        assertTrue(Ping.send(vm, WEST, 20, PATIENCE).isComplete());
        assertTrue(Ping.send(vm, WEST_V6, 20, PATIENCE).isComplete());
        assertTrue(Ping.send(west.host("blue", WEST), "10.9.0.20", 20, PATIENCE).isComplete());
        assertTrue(
                Ping.send(west.host("blue", WEST_V6), "fd01::20", 20, PATIENCE).isComplete());
    }

    /** One port, one hypervisor, the same addresses in both V-nets, and they are locators. */
    @Test
    void theSameAddressesInTwoVnetsAreTwoMembers() {
        TestNetns blue = vm(11, BLUE, 11);
        TestNetns red = vm(11, RED, 11);
        try (Capture inBlue = blue.capture("lan", "icmp[icmptype] = icmp-echo");
                Capture inRed = red.capture("lan", "icmp[icmptype] = icmp-echo")) {
            assertTrue(
                    Ping.send(west.host("blue", WEST), "10.9.0.11", 5, PATIENCE).isComplete());
            inBlue.awaitPackets(5, PATIENCE);
            assertEquals(0, inRed.packets().size(), inRed::text);
            assertTrue(
                    Ping.send(west.host("red", WEST), "10.9.0.11", 7, PATIENCE).isComplete());
            inRed.awaitPackets(7, PATIENCE);
            assertEquals(5, inBlue.packets().size(), inBlue::text);
        }
        assertTrue(Ping.comesBack(blue, WEST));
        assertTrue(Ping.comesBack(red, WEST));
    }

    /** A member that nobody has heard of is asked for, and the packet that made it necessary is not lost. */
    @Test
    void theFirstPacketToAnUnknownMemberArrives() {
        vm(12, BLUE, 30);
        vm(12, BLUE, 31);
        assertTrue(Ping.send(west.host("blue", WEST), "10.9.0.30", 1, PATIENCE).isComplete());
        assertTrue(
                Ping.send(west.host("blue", WEST_V6), "fd01::31", 1, PATIENCE).isComplete());
    }

    /** One copy to each switch that may speak for the V-net, and to no other. */
    @Test
    void whatWaitsForNobodyIsCounted() {
        long before = east.gateway().drops(DropReason.NEIGHBOR_UNKNOWN);
        try (Capture at11 = hypervisor(11).capture("dc", "udp dst port 4789 and src host 10.9.0.1");
                Capture at12 = hypervisor(12).capture("dc", "udp dst port 4789 and src host 10.9.0.1");
                Capture at13 = hypervisor(13).capture("dc", "udp dst port 4789 and src host 10.9.0.1")) {
            Ping.send(west.host("blue", WEST), "10.9.0.99", 20, SHORT);
            awaitDrops(DropReason.NEIGHBOR_UNKNOWN, before + 17);
            at11.awaitPackets(1, PATIENCE);
            at12.awaitPackets(1, PATIENCE);
            assertEquals(0, at13.packets().size(), at13::text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {WEST, WEST_V6})
    void streamsGoBothWays(String address) {
        TestNetns vm = vm(11, BLUE, WEST.equals(address) ? 40 : 41);
        TestNetns there = west.host("blue", address);
        for (List<String> direction : List.of(List.<String>of(), List.of("-R"))) {
            try (BackgroundProcess server = there.start(List.of("iperf3", "-s", "-1", "-p", "5201", "--forceflush"))) {
                server.awaitOutput("listening", Command.DEADLINE);
                List<String> client = new ArrayList<>(List.of("iperf3", "-c", address, "-p", "5201", "-n", "20M"));
                client.addAll(direction);
                vm.run(client.toArray(String[]::new));
                server.awaitEnd(Command.DEADLINE);
            }
        }
        assertTrue(
                east.gateway().status().offloads().stream().allMatch(offload -> offload.on()),
                () -> east.gateway().status().offloads().toString());
    }

    @Test
    void theGatewayIsOneHop() {
        TestNetns vm = vm(11, BLUE, 42);
        assertTrue(Ping.comesBack(vm, GATEWAY));
        assertTrue(Ping.comesBack(vm, GATEWAY_V6));
        // 64, less one at each site.
        assertTrue(Ping.send(vm, WEST, 1, PATIENCE).output().contains("ttl=62"));
        assertTrue(Ping.send(west.host("blue", WEST), "10.9.0.42", 1, PATIENCE)
                .output()
                .contains("ttl=62"));
        String exceeded = Ping.send(vm, WEST, 1, PATIENCE, "-t", "1").output();
        assertTrue(exceeded.contains("From " + GATEWAY) && exceeded.contains("Time to live exceeded"), exceeded);
    }

    /** The interface of vxlan carries 1,450 bytes, the path between the sites fewer. */
    @Test
    void whoSendsTooLargePacketsIsTold() {
        int mtu = east.gateway().status().vnets().get(0).mtu();
        String output = Ping.send(vm(11, BLUE, 43), WEST, 1, PATIENCE, "-M", "do", "-s", "1422")
                .output();
        assertTrue(output.contains("mtu = " + mtu) || output.contains("mtu=" + mtu), output);
    }

    @Test
    void whoMayNotSpeakForAVnetIsNotHeard() {
        TestNetns foreign = vm(66, BLUE, 50);
        TestNetns ofRedOnly = vm(13, BLUE, 51);
        TestNetns ofNoVnet = vm(11, 4000, 52);
        for (TestNetns vm : List.of(foreign, ofRedOnly, ofNoVnet)) {
            long before = east.gateway().drops(DropReason.UNKNOWN_VTEP);
            assertEquals(0, Ping.send(vm, WEST, 3, SHORT).received());
            awaitDrops(DropReason.UNKNOWN_VTEP, before + 1);
        }
        try (Capture atForeign = hypervisor(66).capture("dc", "udp and src 10.9.0.1")) {
            assertEquals(
                    0, Ping.send(west.host("blue", WEST), "10.9.0.50", 3, SHORT).received());
            assertEquals(0, atForeign.packets().size(), atForeign::text);
        }
    }

    /** Whoever is on the data center's network can send there; what is no VXLAN is dropped and harms nobody. */
    @Test
    void whatIsNoFrameIsDropped() {
        TestNetns vm = vm(11, BLUE, 60);
        assertTrue(Ping.comesBack(vm, WEST));
        long before = east.gateway().drops(DropReason.ENCAPSULATION);
        hypervisor(11).run("bash", "-c", "for i in 1 2 3; do echo hi > /dev/udp/10.9.0.1/4789; done");
        awaitDrops(DropReason.ENCAPSULATION, before + 3);
        long malformed = east.gateway().drops(DropReason.MALFORMED);
        hypervisor(11).run("bash", "-c", "printf '\\x08\\0\\0\\0\\0\\x1b\\x59\\0short' > /dev/udp/10.9.0.1/4789");
        awaitDrops(DropReason.MALFORMED, malformed + 1);
        assertTrue(Ping.comesBack(vm, WEST));
    }

    @Test
    void aMemberThatMovesToAnotherHypervisorIsFollowed() {
        TestNetns vm = vm(11, BLUE, 70);
        TestNetns there = west.host("blue", WEST);
        assertTrue(Ping.comesBack(there, "10.9.0.70"));
        vm.ip("link", "del", "lan");
        attach(vm, 12, BLUE, 70);
        // To be told so, now that the bridge forwards.
        vm.ip("link", "set", "lan", "address", "02:00:00:00:00:70");
        TestBed.await("it is reached where it is now", PATIENCE, () -> Ping.comesBackSoon(there, "10.9.0.70"));
        assertTrue(Ping.send(there, "10.9.0.70", 10, PATIENCE).isComplete());
    }

    /** It says nothing on the link, but goes on sending. */
    @Test
    void aMemberThatMovesInSilenceIsFollowedByWhatItSends() {
        TestNetns vm = vm(11, BLUE, 71);
        TestNetns there = west.host("blue", WEST);
        assertTrue(Ping.comesBack(there, "10.9.0.71"));
        vm.ip("link", "del", "lan");
        vm.setting("net/ipv4/conf/default/arp_notify", "0");
        attach(vm, 12, BLUE, 71);
        // It does not ask for the gateway either.
        vm.ip("neigh", "replace", GATEWAY, "lladdr", "02:76:67:00:13:89", "dev", "lan");
        assertTrue(Ping.send(vm, WEST, 10, PATIENCE).isComplete());
        assertTrue(Ping.send(there, "10.9.0.71", 10, PATIENCE).isComplete());
    }

    /** Whoever else may speak for the V-net does not for that member; and it moves when that is written. */
    @Test
    void aMemberIsWhereTheDirectoryHasIt() {
        String members = "members: [10.9.0.0/24, \"fd01::/64\"]\n";
        String listed = members + "    membership: directory\n";
        east.change(text -> {
            int ofRed = text.lastIndexOf(members);
            return text.substring(0, ofRed) + listed + text.substring(ofRed + members.length());
        });
        reload();
        try {
            vgate("member", "add", "red", "10.9.0.90", "--locator", "10.9.0.11");
            TestNetns vm = vm(11, RED, 90);
            TestNetns there = west.host("red", WEST);
            assertTrue(Ping.send(vm, WEST, 10, PATIENCE).isComplete());
            assertTrue(Ping.send(there, "10.9.0.90", 10, PATIENCE).isComplete());

            TestNetns elsewhere = vm(13, RED, 90);
            long before = east.gateway().drops(DropReason.MEMBER_ELSEWHERE);
            assertEquals(0, Ping.send(elsewhere, WEST, 3, SHORT).received());
            elsewhere.ip("neigh", "replace", GATEWAY, "lladdr", "02:76:67:00:13:8a", "dev", "lan");
            assertEquals(0, Ping.send(elsewhere, WEST, 3, SHORT).received());
            awaitDrops(DropReason.MEMBER_ELSEWHERE, before + 4);
            elsewhere.ip("neigh", "del", GATEWAY, "dev", "lan");
            try (Capture atElsewhere = elsewhere.capture("lan", "icmp[icmptype] = icmp-echo")) {
                assertTrue(Ping.send(there, "10.9.0.90", 10, PATIENCE).isComplete());
                assertEquals(0, atElsewhere.packets().size(), atElsewhere::text);
                assertTrue(
                        vgate("neighbor", "list", "--vnet", "red")
                                .matches("(?s).*\\nred +10\\.9\\.0\\.90 +02:00:00:00:00:90 +10\\.9\\.0\\.11 +.*"),
                        () -> vgate("neighbor", "list"));

                vgate("member", "set", "red", "10.9.0.90", "--locator", "10.9.0.13");
                assertTrue(Ping.send(there, "10.9.0.90", 10, PATIENCE).isComplete());
                atElsewhere.awaitPackets(10, PATIENCE);
            }
            assertTrue(Ping.send(elsewhere, WEST, 10, PATIENCE).isComplete());
            assertEquals(0, Ping.send(vm, WEST, 3, SHORT).received());
            Command.Result refused = attempt("member", "set", "red", "10.9.0.90", "--locator", "10.9.0.12");
            assertFalse(refused.isSuccess());
            assertTrue(
                    refused.output()
                            .contains("10.9.0.12 is none of the locators that V-net red has in attach.vtep: 10.9.0.11,"
                                    + " 10.9.0.13"),
                    refused::output);
        } finally {
            east.change(text -> text.replace(listed, members));
            reload();
        }
    }

    private String vgate(String... arguments) {
        Command.Result result = attempt(arguments);
        assertTrue(result.isSuccess(), result::output);
        return result.output();
    }

    private Command.Result attempt(String... arguments) {
        List<String> command = new ArrayList<>(RunningGateway.vgate(arguments));
        command.addAll(List.of("--socket", east.socket().toString()));
        return Command.attempt(Command.favoured(command), Command.DEADLINE);
    }

    /** To the port's sockets it is another interface then, of which they hear nothing. */
    @Test
    void anInterfaceThatIsMadeAnewIsTakenUp() {
        TestNetns vm = vm(11, BLUE, 72);
        assertTrue(Ping.comesBack(vm, WEST));
        east.wan().ip("link", "del", "dc");
        TestBed.await(
                "it is missed",
                PATIENCE,
                () -> east.gateway().log().contains("event=device_failed")
                        && east.gateway().status().vnets().isEmpty());
        plug(east.wan(), 1);
        TestBed.await("it is taken up", PATIENCE, () -> Ping.comesBackSoon(vm, WEST));
        assertTrue(Ping.send(west.host("blue", WEST), "10.9.0.72", 10, PATIENCE).isComplete());
    }

    /** A reload that takes a locator away silences it, and others go on. */
    @Test
    void aReloadSaysWhoMaySpeak() {
        TestNetns staying = vm(11, BLUE, 80);
        TestNetns leaving = vm(12, BLUE, 81);
        assertTrue(Ping.comesBack(leaving, WEST));
        try (BackgroundProcess pinging = Ping.begin(staying, WEST, 50)) {
            east.change(text -> text.replace("10.9.0.11, 10.9.0.12]", "10.9.0.11]"));
            reload();
            long before = east.gateway().drops(DropReason.UNKNOWN_VTEP);
            assertEquals(0, Ping.send(leaving, WEST, 3, SHORT).received());
            awaitDrops(DropReason.UNKNOWN_VTEP, before + 3);
            assertFalse(Ping.comesBackSoon(west.host("blue", WEST), "10.9.0.81"));
            east.change(text ->
                    text.replace("locators: [10.9.0.11], address", "locators: [10.9.0.11, 10.9.0.12], address"));
            reload();
            assertTrue(Ping.comesBack(leaving, WEST));
            assertTrue(Ping.end(pinging).isCutOffOnly());
        }
    }

    private void reload() {
        Command.run(RunningGateway.vgate("reload", "--socket", east.socket().toString())
                .toArray(String[]::new));
    }
}

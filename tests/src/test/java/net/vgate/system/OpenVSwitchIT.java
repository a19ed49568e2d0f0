package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.vgate.packet.DropReason;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Site east has its members at a stock Open vSwitch (userspace datapath), which reaches the gateway by Geneve; site
 * west has a TUN. East is 10.1.1.0/24 and fd01::/64, west 10.1.2.0/24 and fd02::/64.
 */
@SystemTest
final class OpenVSwitchIT {
    private static final Duration SHORT = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String GATEWAY = "10.1.1.254";
    private static final String WEST = "10.1.2.10";
    private static final String WEST_V6 = "fd02::10";

    private TestBed bed;
    private Site east;
    private Site west;
    private TestNetns hypervisor;
    private Path state;

    @BeforeAll
    void start() {
        bed = TestBed.create();
        TwoSites.authority(bed.folder(), "pki", "test authority");
        east = new Site(bed, "east", bed.folder());
        west = new Site(bed, "west", bed.folder());
        bed.link(east.wan(), "wan", "198.51.100.1/24", west.wan(), "wan", "198.51.100.2/24");
        hypervisor = bed.namespace("hypervisor");
        bed.link(east.wan(), "dc", hypervisor, "dc");
        east.wan().address("dc", "10.9.0.1/24");
        // The switch's userspace takes datagrams as they are, so that nobody would complete their checksums.
        east.wan().run("ethtool", "-K", "dc", "tx", "off");
        startSwitch();
        configure(
                east,
                "west",
                1,
                2,
                "vtep: {port: rack, vni: 7001, locators: [10.9.0.11], address: [10.1.1.254/24, \"fd01::fe/64\"]}");
        east.change(
                text -> text + "vtep-ports: [{name: rack, encapsulation: geneve, interface: dc, locator: 10.9.0.1}]\n");
        configure(west, "east", 2, 1, "tun: {device: vg-blue, netns: west-blue, address: [10.1.2.254, \"fd02::fe\"]}");
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
        if (site == west) {
            site.tenant("blue");
        }
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
                """.replace("ATTACH", attach)
                .replace("SITE", site.name())
                .replace("PEER", peer)
                .replace("THERE", Integer.toString(there))
                .replace("HERE", Integer.toString(here)));
    }

    /** A switch whose own address is on a bridge with the interface toward the gateway. */
    private void startSwitch() {
        state = bed.folder().resolve("ovs");
        Command.run("mkdir", state.toString());
        Command.run("ovsdb-tool", "create", state + "/db", "/usr/share/openvswitch/vswitch.ovsschema");
        start("ovsdb-server", state + "/db", "--remote=punix:" + state + "/db.sock", "--unixctl=" + state + "/db.ctl");
        TestBed.await(
                "its database is there",
                PATIENCE,
                () -> state.resolve("db.sock").toFile().exists());
        start("ovs-vswitchd", "unix:" + state + "/db.sock", "--unixctl=" + state + "/vswitchd.ctl");
        configureSwitch("add-br", "br-dc", "--", "set", "bridge", "br-dc", "datapath_type=netdev");
        configureSwitch("add-port", "br-dc", "dc");
        hypervisor.address("br-dc", "10.9.0.11/24");
        hypervisor.ip("link", "set", "br-dc", "up");
        configureSwitch("add-br", "br-blue", "--", "set", "bridge", "br-blue", "datapath_type=netdev");
        configureSwitch(
                "add-port",
                "br-blue",
                "gateway",
                "--",
                "set",
                "interface",
                "gateway",
                "type=geneve",
                "options:remote_ip=10.9.0.1",
                "options:key=7001");
    }

    private void start(String... command) {
        List<String> inFolder = new ArrayList<>(List.of("env", "OVS_RUNDIR=" + state, "OVS_LOGDIR=" + state));
        inFolder.addAll(List.of(command));
        BackgroundProcess started = hypervisor.start(inFolder);
        bed.onClose(started);
    }

    private void configureSwitch(String... words) {
        List<String> command = new ArrayList<>(List.of("ovs-vsctl", "--db=unix:" + state + "/db.sock", "--timeout=10"));
        command.addAll(List.of(words));
        Command.run(command.toArray(new String[0]));
    }

    /** A VM at the switch, 10.1.1.NUMBER and fd01::NUMBER. */
    private TestNetns vm(int number) {
        TestNetns vm = bed.namespace("vm");
        bed.link(hypervisor, "vm" + number, vm, "lan");
        vm.run("ethtool", "-K", "lan", "tx", "off");
        vm.ip("link", "set", "lan", "mtu", "1450");
        vm.address("lan", "10.1.1." + number + "/24");
        vm.address("lan", "fd01::" + number + "/64");
        vm.route("default", "via", GATEWAY);
        vm.ip("-6", "route", "add", "default", "via", "fd01::fe");
        configureSwitch("add-port", "br-blue", "vm" + number);
        // The switch itself has to find the gateway's Ethernet address first, and drops packets until then.
        TestBed.await("the gateway is reached", TwoSites.PAIRING, () -> Ping.comesBackSoon(vm, GATEWAY));
        return vm;
    }

    @Test
    void membersReachTheOtherSiteAndAreReachedByIt() {
        TestNetns vm = vm(10);
        assertTrue(Ping.send(vm, WEST, 20, PATIENCE).isComplete());
        assertTrue(Ping.send(vm, WEST_V6, 20, PATIENCE).isComplete());
        assertTrue(Ping.send(west.host("blue", WEST), "10.1.1.10", 20, PATIENCE).isComplete());
        assertTrue(
                Ping.send(west.host("blue", WEST_V6), "fd01::10", 20, PATIENCE).isComplete());
    }

    @ParameterizedTest
    @ValueSource(strings = {WEST, WEST_V6})
    void streamsGoBothWays(String address) {
        TestNetns vm = vm(WEST.equals(address) ? 20 : 21);
        TestNetns there = west.host("blue", address);
        for (List<String> direction : List.of(List.<String>of(), List.of("-R"))) {
            try (BackgroundProcess server = there.start(List.of("iperf3", "-s", "-1", "-p", "5201", "--forceflush"))) {
                server.awaitOutput("listening", Command.DEADLINE);
                List<String> client = new ArrayList<>(List.of("iperf3", "-c", address, "-p", "5201", "-n", "5M"));
                client.addAll(direction);
                vm.run(client.toArray(String[]::new));
                server.awaitEnd(Command.DEADLINE);
            }
        }
    }

    /** The switch has a second tunnel, whose VNI nobody has configured. */
    @Test
    void anotherVniIsNotHeard() {
        configureSwitch("add-br", "br-red", "--", "set", "bridge", "br-red", "datapath_type=netdev");
        configureSwitch(
                "add-port",
                "br-red",
                "other",
                "--",
                "set",
                "interface",
                "other",
                "type=geneve",
                "options:remote_ip=10.9.0.1",
                "options:key=7002");
        TestNetns foreign = bed.namespace("foreign");
        bed.link(hypervisor, "foreign", foreign, "lan");
        foreign.address("lan", "10.1.1.30/24");
        configureSwitch("add-port", "br-red", "foreign");
        long before = east.gateway().drops(DropReason.UNKNOWN_VTEP);
        assertEquals(0, Ping.send(foreign, GATEWAY, 3, SHORT).received());
        TestBed.await(
                "it is dropped before anything else",
                PATIENCE,
                () -> east.gateway().drops(DropReason.UNKNOWN_VTEP) > before);
    }
}

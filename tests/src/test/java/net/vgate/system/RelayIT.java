package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import net.vgate.observe.StatusReport;
import net.vgate.observe.StatusReport.Relay;
import net.vgate.observe.StatusReport.Tunnel;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The sample {@code branches}: sites east and west are each behind a NAT of their own, know no address of each other,
 * and both call site hub. The hub has V-net blue as well, and members of it that nothing of this is for.
 *
 * <pre>
 *   east-gw 198.51.100.1 -- nat-east 203.0.113.1 --+-- 203.0.113.2 nat-west -- 198.51.100.2 west-gw
 *                                                  |
 *                                        203.0.113.3 hub-gw
 * </pre>
 */
@SystemTest
final class RelayIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String RELAYED = "relay hub-1 > west-1";
    private static final String HUB = "203.0.113.3";
    private static final String GRANT = "relay:\n  - {between: [east, west]}\n";

    private TestBed bed;
    private Site east;
    private Site west;
    private Site hub;
    private TestNetns natEast;
    private TestNetns natWest;

    @BeforeAll
    void start() {
        bed = TestBed.create();
        Path folder = bed.folder();
        TwoSites.authority(folder, "pki", "test authority");
        TestNetns wan = Wan.create(bed);
        natEast = nat(wan, "nat-east", "203.0.113.1");
        natWest = nat(wan, "nat-west", "203.0.113.2");
        east = behind(natEast, "east", TwoSites.EAST_WAN);
        west = behind(natWest, "west", TwoSites.WEST_WAN);
        hub = new Site(bed, "hub", folder);
        Wan.join(bed, wan, hub, HUB + "/24");
        hub.tenant("blue");
        for (Site site : List.of(east, west, hub)) {
            TwoSites.issue(folder, "pki", site.name(), site.name() + "-1");
        }
        east.configureFromSample("branches/east.yaml", UnaryOperator.identity());
        west.configureFromSample("branches/west.yaml", UnaryOperator.identity());
        hub.configureFromSample("branches/hub.yaml", text -> text.replace(GRANT, ""));
        for (Site site : List.of(east, west, hub)) {
            site.start();
        }
        for (Site site : List.of(east, west, hub)) {
            site.gateway().awaitStarted();
        }
    }

    @AfterAll
    void stop() {
        if (bed != null) {
            bed.close();
        }
    }

    /** A router that translates what comes from inside, and drops what nobody inside has asked for. */
    private TestNetns nat(TestNetns wan, String name, String address) {
        TestNetns nat = bed.namespace(name);
        nat.setting("net/ipv6/conf/default/disable_ipv6", "1");
        nat.setting("net/ipv4/ip_forward", "1");
        Wan.join(bed, wan, nat, name, address + "/24");
        nat.run("nft", "add table ip nat");
        nat.run("nft", "add chain ip nat post { type nat hook postrouting priority 100; }");
        nat.run("nft", "add rule ip nat post oifname wan masquerade");
        nat.run("nft", "add chain ip nat in { type filter hook input priority 0; }");
        nat.run("nft", "add rule ip nat in iifname wan meta l4proto udp drop");
        nat.run("nft", "add chain ip nat cut { type filter hook forward priority 0; }");
        return nat;
    }

    private Site behind(TestNetns nat, String name, String address) {
        Site site = new Site(bed, name, bed.folder());
        bed.link(site.wan(), "wan", address + "/24", nat, "lan", "198.51.100.254/24");
        site.wan().ip("route", "add", "default", "via", "198.51.100.254");
        site.host("blue", TwoSites.HOST);
        return site;
    }

    /** No datagram passes between the two NATs. */
    private void cutDirect() {
        natEast.run("nft", "add rule ip nat cut ip daddr 203.0.113.2 drop");
        natEast.run("nft", "add rule ip nat cut ip saddr 203.0.113.2 drop");
    }

    private void mendDirect() {
        natEast.run("nft", "flush chain ip nat cut");
    }

    @Test
    void twoSitesBehindNatMeetByTheHub() {
        cutDirect();
        nothingIsPassedOnWithoutAGrant();
        grant();
        TestNetns here = east.host("blue", TwoSites.HOST);
        long handshakes = trafficGoesByTheRelay(here);
        itGoesDirectWithoutAHandshake(here, handshakes);
        itComesBackWhenTheDirectPathDies(here, handshakes);
        theGrantIsTakenBack();
    }

    private void nothingIsPassedOnWithoutAGrant() {
        east.awaitPaired(hub, TwoSites.PAIRING);
        west.awaitPaired(hub, TwoSites.PAIRING);
        TestBed.await(
                "both have been refused",
                PATIENCE,
                () -> east.gateway().log().contains("what=relay_refused")
                        && west.gateway().log().contains("what=relay_refused"));
        assertTrue(hub.gateway().log().contains("event=relay_refused"), hub.gateway()::log);
        assertFalse(east.gateway().isUp("west"));
        assertEquals(List.of(), hub.gateway().status().relays());
    }

    private void grant() {
        hub.change(text -> text + GRANT);
        reload();
        east.awaitPaired(west, PATIENCE);
    }

    private void reload() {
        Command.run(RunningGateway.vgate("reload", "--socket", hub.socket().toString())
                .toArray(new String[0]));
    }

    /** Returns how many handshakes it took. */
    private long trafficGoesByTheRelay(TestNetns here) {
        Tunnel tunnel = east.gateway().tunnel("west");
        assertEquals(RELAYED, tunnel.remote());
        assertEquals("relay", tunnel.rung());
        assertEquals("no address of it is configured", tunnel.rungReason());
        TestBed.await("pings pass", PATIENCE, () -> Ping.comesBackSoon(here, TwoSites.WEST_ALIAS));
        assertTrue(
                Ping.send(here, TwoSites.WEST_ALIAS, 20, Duration.ofSeconds(1)).isComplete());
        // The first one finds out how much less passes by a relay.
        Ping.send(here, TwoSites.WEST_ALIAS, 1, Duration.ofSeconds(1), "-s", "1400");
        Ping large = Ping.send(here, TwoSites.WEST_ALIAS, 3, Duration.ofSeconds(1), "-s", "1400");
        assertTrue(large.isComplete(), large::output);

        try (BackgroundProcess server =
                west.host("blue", TwoSites.HOST).start(List.of("iperf3", "-s", "-1", "-p", "5201", "--forceflush"))) {
            server.awaitOutput("listening", PATIENCE);
            String output = here.run("iperf3", "-c", TwoSites.WEST_ALIAS, "-p", "5201", "-n", "20M");
            assertTrue(output.contains("receiver"), output);
        }
        StatusReport atHub = hub.gateway().status();
        List<Relay> relays = atHub.relays();
        assertEquals(
                List.of("east/east-1", "west/west-1"),
                relays.stream().map(Relay::from).toList());
        assertTrue(relays.stream().allMatch(Relay::open), relays::toString);
        // The client is done when its kernel has taken the last of them, and closes.
        assertTrue(relays.get(0).bytes() > 15_000_000, relays::toString);
        atHub.vnets().forEach(vnet -> {
            assertEquals(0, vnet.in().packets(), "the hub's own V-net has seen packets");
            assertEquals(0, vnet.out().packets());
        });
        assertTrue(hub.gateway().log().contains("event=relay_way"), hub.gateway()::log);
        return east.gateway().tunnel("west").handshakes().completed();
    }

    private void itGoesDirectWithoutAHandshake(TestNetns here, long handshakes) {
        BackgroundProcess pings = Ping.begin(here, TwoSites.WEST_ALIAS, 50);
        mendDirect();
        await(east, "west", "goes direct", tunnel -> isAt(tunnel, "203.0.113.2:"));
        await(west, "east", "goes direct", tunnel -> isAt(tunnel, "203.0.113.1:"));
        long passedOn = passedOn();
        assertTrue(
                Ping.send(here, TwoSites.WEST_ALIAS, 100, Duration.ofSeconds(1)).isComplete());
        Ping ping = Ping.end(pings);
        assertTrue(ping.isCutOffOnly(), ping::output);
        assertTrue(passedOn() - passedOn < 50, "packets still take the relay");
        Tunnel tunnel = east.gateway().tunnel("west");
        assertEquals(handshakes, tunnel.handshakes().completed());
        assertEquals("udp", tunnel.rung());
    }

    private void itComesBackWhenTheDirectPathDies(TestNetns here, long handshakes) {
        BackgroundProcess pings = Ping.begin(here, TwoSites.WEST_ALIAS, 50);
        cutDirect();
        TestBed.await("pings pass again", PATIENCE, () -> Ping.comesBackSoon(here, TwoSites.WEST_ALIAS));
        Ping across = Ping.end(pings);
        assertTrue(across.lostSeconds() < 2, across::output);
        Tunnel tunnel = east.gateway().tunnel("west");
        assertEquals(RELAYED, tunnel.remote());
        assertEquals(handshakes, tunnel.handshakes().completed());
    }

    private void theGrantIsTakenBack() {
        hub.change(text -> text.replace(GRANT, ""));
        reload();
        await(east, "west", "is down", tunnel -> !tunnel.up());
        assertTrue(hub.gateway().status().relays().stream().noneMatch(Relay::open));
    }

    private long passedOn() {
        return hub.gateway().status().relays().stream()
                .mapToLong(Relay::packets)
                .sum();
    }

    private static void await(Site site, String peer, String what, Predicate<Tunnel> condition) {
        site.gateway().awaitTunnel(peer, what, PATIENCE, condition);
    }

    private static boolean isAt(Tunnel tunnel, String remote) {
        return tunnel.remote() != null && tunnel.remote().startsWith(remote);
    }
}

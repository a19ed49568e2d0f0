package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.packet.DropReason;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What two tenants with the same addresses can and cannot do, on the samples as they are. */
@SystemTest
final class TwoTenantsIT {
    private static final List<String> TENANTS = TwoSites.TENANTS;
    private static final Duration SHORT = Duration.ofMillis(500);
    /** The largest inner packet that fits a path of 1,500 bytes, as the gateway says. */
    private static final int IP_ICMP_HEADERS = 28;

    private TwoSites sites;
    private Site east;
    private Site west;

    @BeforeAll
    void start() {
        sites = TwoSites.paired();
        east = sites.east();
        west = sites.west();
        for (String tenant : TENANTS) {
            TcpServer.say(tenant, sites.host(west, tenant), TwoSites.OPEN_PORT);
            TcpServer.say(tenant, sites.host(west, tenant), TwoSites.CLOSED_PORT);
        }
    }

    @AfterAll
    void stop() {
        if (sites != null) {
            sites.close();
        }
    }

    @ParameterizedTest
    @FieldSource("TENANTS")
    void reachesItsOwnHostByTheAliasInBothDirections(String tenant) {
        TestNetns here = sites.host(east, tenant);
        TestNetns there = sites.host(west, tenant);

        assertTrue(Ping.send(here, TwoSites.WEST_ALIAS, 20, SHORT).isComplete());
        assertTrue(Ping.send(there, TwoSites.EAST_ALIAS, 20, SHORT).isComplete());
    }

    @Test
    void theSameAddressAndPortIsAnotherServerForEachTenant() {
        for (String tenant : TENANTS) {
            assertEquals(tenant, TcpServer.ask(sites.host(east, tenant), TwoSites.WEST_ALIAS, TwoSites.OPEN_PORT));
        }
    }

    @Test
    void filesOfBothTenantsArriveWholeAtTheSameTime() throws Exception {
        Path blue = TcpServer.randomFile(sites.file("blue"), 16, new SplittableRandom(1));
        Path red = TcpServer.randomFile(sites.file("red"), 16, new SplittableRandom(2));
        Thread other = new Thread(() -> transfer(red, "red"));
        other.start();
        transfer(blue, "blue");
        other.join();

        assertEquals(-1, Files.mismatch(blue, sites.file("blue.received")));
        assertEquals(-1, Files.mismatch(red, sites.file("red.received")));
    }

    private void transfer(Path file, String tenant) {
        Duration deadline = Duration.ofSeconds(60);
        try (TcpServer server = TcpServer.receiving(sites.file(tenant + ".received"), sites.host(west, tenant), 5201)) {
            TcpServer.send(file, sites.host(east, tenant), TwoSites.WEST_ALIAS, 5201, deadline);
            server.awaitEnd(deadline);
        }
    }

    @Test
    void oneTenantDoesNotReachTheOthersHosts() {
        TestNetns redOnly = west.host("red", "10.0.0.20");
        assertTrue(Ping.comesBack(sites.host(east, "red"), "100.64.2.20"));
        long seen = echoesSeen(redOnly);

        assertEquals(
                0, Ping.send(sites.host(east, "blue"), "100.64.2.20", 5, SHORT).received());
        assertEquals(seen, echoesSeen(redOnly));
    }

    private static long echoesSeen(TestNetns host) {
        return Long.parseLong(host.run(
                        "sh",
                        "-c",
                        "awk '/^Icmp:/ && !n++ { for (i = 2; i <= NF; i++) if ($i == "
                                + "\"InEchos\") c = i; next } /^Icmp:/ { print $c }' /proc/net/snmp")
                .strip());
    }

    @Test
    void theUnderlayIsOutOfReachForTenants() {
        TestNetns tenant = east.tenant("blue");
        tenant.route("198.51.100.0/24", "dev", "vg-blue");
        try {
            long before = east.gateway().drops(DropReason.NO_ROUTE);
            Ping ping = Ping.send(sites.host(east, "blue"), TwoSites.WEST_WAN, 5, SHORT);

            assertEquals(0, ping.received());
            assertEquals(before + 5, east.gateway().drops(DropReason.NO_ROUTE));
        } finally {
            tenant.ip("route", "del", "198.51.100.0/24", "dev", "vg-blue");
        }
    }

    @Test
    void tenantsAreOutOfReachForTheUnderlay() {
        for (String address : List.of(TwoSites.HOST, TwoSites.WEST_ALIAS, "10.0.0.254")) {
            assertFalse(
                    east.wan().attempt("ping", "-n", "-c1", "-W0.2", address).isSuccess());
        }
    }

    @Test
    void whatThePolicyDoesNotPermitIsDroppedAndCountedAtTheSource() {
        long here = east.gateway().drops(DropReason.POLICY);
        long there = west.gateway().drops(DropReason.POLICY);

        assertEquals("", TcpServer.ask(sites.host(east, "blue"), TwoSites.WEST_ALIAS, TwoSites.CLOSED_PORT));
        assertEquals(here + 1, east.gateway().drops(DropReason.POLICY));
        assertEquals(there, west.gateway().drops(DropReason.POLICY));
    }

    @Test
    void aSourceThatIsNoMemberIsDroppedAndCounted() {
        TestNetns host = sites.host(east, "blue");
        host.address("lo", "192.0.2.66/32");
        long before = east.gateway().drops(DropReason.SPOOFED_SOURCE);

        assertEquals(
                0,
                Ping.send(host, TwoSites.WEST_ALIAS, 5, SHORT, "-I", "192.0.2.66")
                        .received());
        assertEquals(before + 5, east.gateway().drops(DropReason.SPOOFED_SOURCE));
    }

    @Test
    void theLargestPacketThatTheDeviceTakesGetsThroughWhole() {
        int mtu = east.gateway().status().vnets().get(0).mtu();
        TestNetns host = sites.host(east, "blue");
        String size = Integer.toString(mtu - IP_ICMP_HEADERS);

        assertTrue(Ping.send(host, TwoSites.WEST_ALIAS, 5, SHORT, "-M", "do", "-s", size)
                .isComplete());
        Command.Result tooBig = host.attempt(
                "ping",
                "-n",
                "-c1",
                "-W1",
                "-M",
                "do",
                "-s",
                Integer.toString(mtu - IP_ICMP_HEADERS + 1),
                TwoSites.WEST_ALIAS);
        assertTrue(tooBig.output().contains("mtu = " + mtu) || tooBig.output().contains("mtu=" + mtu), tooBig::output);
    }

    /** The far host's link is narrower: its router's ICMP error is about the address that this site uses for it. */
    @Test
    void anErrorFromTheFarSitesRouterIsUnderstoodHere() {
        TestNetns there = west.host("blue", "10.0.0.30");
        west.tenant("blue").ip("link", "set", Site.lan("10.0.0.30"), "mtu", "1280");
        there.ip("link", "set", "lan", "mtu", "1280");
        TestNetns host = sites.host(east, "blue");
        assertTrue(Ping.comesBack(host, "100.64.2.30"));

        TestBed.await(
                "the path's MTU is learnt",
                Duration.ofSeconds(20),
                () -> host.attempt("ping", "-n", "-c1", "-W0.2", "-M", "do", "-s", "1300", "100.64.2.30")
                        .output()
                        .contains("1280"));
        assertTrue(host.ip("route", "get", "100.64.2.30").contains("mtu 1280"));
    }

    @Test
    void statusSaysWhatIsThere() {
        String table = Command.checked(
                RunningGateway.vgate("status", "--socket", east.socket().toString()), Command.DEADLINE);

        for (String word : List.of("east-1", "west", "blue", "red", "5001", "100.64.1.0/24")) {
            assertTrue(table.contains(word), () -> word + " is missing in:\n" + table);
        }
    }

    @Test
    void aVerbThatFindsNoGatewaySaysSoWithItsExitCode() {
        Command.Result result = Command.attempt(
                RunningGateway.vgate(
                        "status", "--socket", sites.file("none.sock").toString()),
                Command.DEADLINE);

        assertEquals(4, result.exitCode(), result::output);
        assertEquals(1, result.output().lines().count(), result::output);
    }
}

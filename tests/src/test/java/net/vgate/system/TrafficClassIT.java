package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.vgate.observe.StatusReport;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Capture;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.Test;

/** DSCP and ECN of outer headers, with a router in the middle that sees them and marks. */
@SystemTest
class TrafficClassIT {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(300);

    private static final Pattern DELIVERED = Pattern.compile("TcpExtTCPDeliveredCE\\s+(\\d+)");

    private static final int ECT_0 = 0x02;
    private static final int CE = 0x03;
    private static final int EF_AND_ECT_0 = 0xba;
    private static final int CS6 = 0xc0;
    private static final int AF31_AND_ECT_0 = 0x6a;

    @Test
    void dscpAndEcnAreTheInnerPacketsOrAsConfigured() {
        try (TwoSites sites = paired()) {
            awaitOuter(sites, EF_AND_ECT_0, EF_AND_ECT_0);
            // Echo replies come back with what the request had.
            awaitOuter(sites, "west", EF_AND_ECT_0, EF_AND_ECT_0);
            awaitOuter(sites, CS6 | ECT_0, ECT_0);

            sites.east().change(text -> text + "\ntunnel: {dscp: af31}\n");
            reload(sites.east());
            awaitOuter(sites, EF_AND_ECT_0, AF31_AND_ECT_0);
            awaitOuter(sites, CS6, AF31_AND_ECT_0 & ~CE);
        }
    }

    @Test
    void marksOfARouterReachMembersAndWhoTakesNoneIsDropped() {
        try (TwoSites sites = paired()) {
            TestNetns from = sites.host(sites.east(), "blue");
            TestNetns to = sites.host(sites.west(), "blue");
            mark(sites, "");
            try (Capture capture = to.capture("lan", "icmp[0] == 8 and ip[1] == " + CE)) {
                Ping marked = ping(from, ECT_0, 5);
                assertTrue(marked.isComplete(), marked::output);
                assertEquals(5, capture.awaitPackets(5, PATIENCE).size());
            }
            assertEquals(5, marks(sites));
            assertEquals(0, drops(sites));

            Ping unmarked = ping(from, 0, 3);
            assertEquals(0, unmarked.received(), unmarked::output);
            assertEquals(3, drops(sites));
            assertEquals(5, marks(sites));
            String metrics = sites.west().wan().run("curl", "-sf", "http://127.0.0.1:9464/metrics");
            assertTrue(metrics.contains("\nvgate_congestion_marks_total{peer=\"east\"} 5"), metrics);
        }
    }

    @Test
    void tcpHearsOfCongestionInBetween() {
        try (TwoSites sites = paired()) {
            TestNetns east = sites.host(sites.east(), "blue");
            TestNetns west = sites.host(sites.west(), "blue");
            east.setting("net/ipv4/tcp_ecn", "1");
            west.setting("net/ipv4/tcp_ecn", "1");
            transfer(east, west);
            assertEquals(0, deliveredMarked(east));
            mark(sites, "ip ecn ect0");
            transfer(east, west);
            assertTrue(deliveredMarked(east) > 0, "ECE has come back");
            assertTrue(marks(sites) > 0);
            assertEquals(0, drops(sites));
        }
    }

    private static TwoSites paired() {
        TwoSites sites = TwoSites.throughRouter(text -> text);
        try {
            sites.startBoth();
            return sites;
        } catch (Throwable failed) {
            sites.close();
            throw failed;
        }
    }

    private static void reload(Site site) {
        List<String> command =
                RunningGateway.vgate("reload", "--socket", site.socket().toString());
        Command.checked(Command.favoured(command), Command.DEADLINE);
    }

    /** The router marks what goes to west, if it is {@code which}. */
    private static void mark(TwoSites sites, String which) {
        TestNetns router = sites.underlay();
        router.run("nft", "add table ip congested");
        router.run("nft", "add chain ip congested on { type filter hook forward priority 0; }");
        router.run("nft", "add rule ip congested on oifname west ip protocol udp " + which + " ip ecn set ce");
    }

    private static void awaitOuter(TwoSites sites, int inner, int outer) {
        awaitOuter(sites, "east", inner, outer);
    }

    /** Pings of traffic class {@code inner} are in datagrams of {@code outer}, when they come from {@code site}. */
    private static void awaitOuter(TwoSites sites, String site, int inner, int outer) {
        String source = site.equals("east") ? TwoSites.EAST_WAN : TwoSites.WEST_WAN;
        // Control messages have none, so no datagram of theirs is taken for a ping's.
        String filter = "udp and src " + source + " and ip[1] == " + outer;
        try (Capture capture = sites.underlay().capture(site, filter)) {
            Ping ping = ping(sites.host(sites.east(), "blue"), inner, 5);
            assertTrue(ping.isComplete(), ping::output);
            assertEquals(5, capture.awaitPackets(5, PATIENCE).size());
        }
    }

    private static Ping ping(TestNetns from, int trafficClass, int count) {
        return Ping.send(from, TwoSites.WEST_ALIAS, count, SHORT, "-i", "0.01", "-Q", Integer.toString(trafficClass));
    }

    private static long marks(TwoSites sites) {
        return sites.west().gateway().status().sites().stream()
                .mapToLong(StatusReport.Site::congestionMarks)
                .sum();
    }

    private static long drops(TwoSites sites) {
        return sites.west().gateway().status().drops().stream()
                .filter(drop -> drop.reason().equals("congestion"))
                .mapToLong(StatusReport.Drop::packets)
                .sum();
    }

    private static void transfer(TestNetns from, TestNetns to) {
        String port = Integer.toString(TwoSites.OPEN_PORT);
        try (BackgroundProcess server = to.start(List.of("iperf3", "-s", "-1", "-p", port, "--forceflush"))) {
            server.awaitOutput("listening", PATIENCE);
            from.run("iperf3", "-c", TwoSites.WEST_ALIAS, "-p", port, "-n", "2M");
            server.awaitEnd(Command.DEADLINE);
        }
        TestBed.await(
                "the connection is over", PATIENCE, () -> !to.run("ss", "-Htn").contains("ESTAB"));
    }

    /** Segments that came to the receiver marked, as the sender heard. */
    private static long deliveredMarked(TestNetns sender) {
        String counters = sender.run("nstat", "-asz", "TcpExtTCPDeliveredCE");
        Matcher matcher = DELIVERED.matcher(counters);
        assertTrue(matcher.find(), counters);
        return Long.parseLong(matcher.group(1));
    }
}

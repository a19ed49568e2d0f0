package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import net.vgate.observe.StatusReport;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A router in the middle whose link becomes narrow in mid-flow, and says so or does not. */
@SystemTest
class PathMtuIT {
    private static final int WIDE = 1_500;
    private static final int NARROW = 1_124;

    /** Outer headers, record and Geneve, with room for the option of a partial checksum. */
    private static final int AROUND = WIDE - 1_414;

    private static final Duration NARROWS_WITHIN = Duration.ofSeconds(5);
    private static final Duration WIDENS_WITHIN = Duration.ofSeconds(75);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @ParameterizedTest(name = "the router says so: {0}")
    @ValueSource(booleans = {true, false})
    void flowsGoOnWhenThePathNarrows(boolean saysSo) {
        try (TwoSites sites = TwoSites.throughRouter(UnaryOperator.identity())) {
            if (!saysSo) {
                sites.underlay().run("nft", "add table ip black");
                sites.underlay().run("nft", "add chain ip black out { type filter hook output priority 0; }");
                sites.underlay().run("nft", "add rule ip black out ip protocol icmp drop");
            }
            sites.startBoth();
            awaitPathMtu(sites, WIDE, NARROWS_WITHIN);
            long rekeys = sites.east().gateway().tunnel("west").rekeys();
            try (BackgroundProcess server = listen(sites);
                    BackgroundProcess flow = stream(sites)) {
                awaitProgress(sites);
                narrow(sites, NARROW);
                awaitPathMtu(sites, NARROW, NARROWS_WITHIN);
                awaitProgress(sites);
                assertTrue(flow.isAlive(), flow::output);
                assertTrue(server.isAlive(), server::output);
            }
            expectErrorForWhatIsTooBig(sites);
            assertEquals(rekeys, sites.east().gateway().tunnel("west").rekeys());

            if (saysSo) {
                // Once is enough for what takes a minute.
                narrow(sites, WIDE);
                awaitPathMtu(sites, WIDE, WIDENS_WITHIN);
            }
        }
    }

    /** Both ways out of the router. */
    private static void narrow(TwoSites sites, int bytes) {
        for (String device : List.of("east", "west")) {
            sites.underlay().ip("link", "set", device, "mtu", Integer.toString(bytes));
        }
    }

    private static BackgroundProcess listen(TwoSites sites) {
        BackgroundProcess server =
                host(sites.west(), sites).start(List.of("iperf3", "-s", "-1", "-p", port(), "--forceflush"));
        server.awaitOutput("listening", PATIENCE);
        return server;
    }

    private static BackgroundProcess stream(TwoSites sites) {
        return host(sites.east(), sites)
                .start(List.of("iperf3", "-c", TwoSites.WEST_ALIAS, "-p", port(), "-t", "60", "-b", "20M"));
    }

    private static String port() {
        return Integer.toString(TwoSites.OPEN_PORT);
    }

    private static TestNetns host(Site site, TwoSites sites) {
        return sites.host(site, "blue");
    }

    /** A megabyte more arrives. */
    private static void awaitProgress(TwoSites sites) {
        long before = arrived(sites);
        TestBed.await("the stream goes on", PATIENCE, () -> arrived(sites) > before + (1 << 20));
    }

    private static long arrived(TwoSites sites) {
        return sites.west().gateway().status().vnets().stream()
                .map(StatusReport.Vnet::in)
                .mapToLong(StatusReport.Traffic::bytes)
                .sum();
    }

    private static void expectErrorForWhatIsTooBig(TwoSites sites) {
        // The other tenant's host has not been told of anything yet.
        TestNetns from = sites.host(sites.east(), "red");
        int fits = NARROW - AROUND;
        Ping fitting = pingOf(from, fits);
        assertTrue(fitting.isComplete(), fitting::output);
        Ping tooBig = pingOf(from, fits + 1);
        assertEquals(0, tooBig.received(), tooBig::output);
        assertTrue(
                tooBig.output().contains("mtu = " + fits) || tooBig.output().contains("mtu=" + fits), tooBig::output);
    }

    /** One ping of {@code bytes}, IP header included, that may not be fragmented. */
    private static Ping pingOf(TestNetns from, int bytes) {
        String payload = Integer.toString(bytes - 28);
        return Ping.send(from, TwoSites.WEST_ALIAS, 1, Duration.ofSeconds(2), "-M", "do", "-s", payload);
    }

    private static void awaitPathMtu(TwoSites sites, int bytes, Duration deadline) {
        sites.east().gateway().awaitTunnel("west", "has an MTU of " + bytes, deadline, is(bytes));
        sites.west().gateway().awaitTunnel("east", "has an MTU of " + bytes, deadline, is(bytes));
    }

    private static Predicate<StatusReport.Tunnel> is(int bytes) {
        return tunnel -> tunnel.pathMtu() != null && tunnel.pathMtu() == bytes;
    }
}

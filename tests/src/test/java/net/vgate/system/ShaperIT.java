package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import net.vgate.observe.StatusReport;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.Test;

/** Tenant blue of site east may send to site west at a bounded rate, tenant red at any. */
@SystemTest
class ShaperIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String PORT = Integer.toString(TwoSites.OPEN_PORT);
    private static final Pattern TIME = Pattern.compile(" time=([0-9.]+) ms");
    private static final double MBIT = 1e6;

    /** Of the longest that an expedited packet should wait on a machine that has other work. */
    private static final double NEAR_MILLIS = 12;

    private static final String EF = Integer.toString(46 << 2);

    @Test
    void aVnetHasItsRateAndItsExpeditedPacketsDoNotWaitForIt() {
        try (TwoSites sites = TwoSites.paired(text -> limited(text, "20Mbit/s"));
                BackgroundProcess blueServer = listen(sites, "blue");
                BackgroundProcess redServer = listen(sites, "red");
                BackgroundProcess blue = stream(sites, "blue")) {
            awaitSent(sites, "blue", 2 << 20);
            expectRate(sites, "blue", 8 << 20, 20, 1);
            double without = roundTrip(sites, "red");
            double expedited = roundTrip(sites, "blue");
            assertTrue(expedited < without + NEAR_MILLIS, expedited + " ms, and " + without + " ms beside the queue");

            try (BackgroundProcess red = stream(sites, "red")) {
                assertTrue(rate(sites, "red", 32 << 20) > 40, red::output);
                expectRate(sites, "blue", 8 << 20, 20, 1);
            }
            StatusReport.Limit limit = vnet(sites, "blue").limits().get(0);
            assertEquals(20_000_000, limit.bitsPerSecond());
            assertTrue(limit.droppedPackets() + limit.markedPackets() > 0, limit::toString);
            String metrics = sites.east().wan().run("curl", "-sf", "http://127.0.0.1:9464/metrics");
            assertTrue(
                    metrics.contains("\nvgate_limit_bytes_per_second{peer=\"west\",vnet=\"blue\"} 2500000"), metrics);

            sites.east().change(text -> text.replace("20Mbit/s", "5Mbit/s"));
            List<String> reload = RunningGateway.vgate(
                    "reload", "--socket", sites.east().socket().toString());
            Command.checked(Command.favoured(reload), Command.DEADLINE);
            awaitSent(sites, "blue", 1 << 20);
            expectRate(sites, "blue", 2 << 20, 5, 0.4);
            assertTrue(blue.isAlive(), blue::output);
            assertTrue(blueServer.isAlive() && redServer.isAlive());
        }
    }

    private static String limited(String text, String rate) {
        return text.contains("\nsite: east\n")
                ? text.replace("    vni: 5001\n", "    vni: 5001\n    limit: [{peer: west, rate: " + rate + "}]\n")
                : text;
    }

    private static BackgroundProcess listen(TwoSites sites, String tenant) {
        BackgroundProcess server =
                sites.host(sites.west(), tenant).start(List.of("iperf3", "-s", "-p", PORT, "--forceflush"));
        server.awaitOutput("listening", PATIENCE);
        return server;
    }

    private static BackgroundProcess stream(TwoSites sites, String tenant) {
        return sites.host(sites.east(), tenant)
                .start(List.of("iperf3", "-c", TwoSites.WEST_ALIAS, "-p", PORT, "-t", "120"));
    }

    private static StatusReport.Vnet vnet(TwoSites sites, String name) {
        return sites.east().gateway().status().vnets().stream()
                .filter(vnet -> vnet.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static long sent(TwoSites sites, String tenant) {
        return vnet(sites, tenant).out().bytes();
    }

    private static void awaitSent(TwoSites sites, String tenant, long more) {
        long before = sent(sites, tenant);
        TestBed.await(more + " bytes are sent", PATIENCE, () -> sent(sites, tenant) >= before + more);
    }

    /** A machine that stands still for a moment has another rate then, but not three times. */
    private static void expectRate(TwoSites sites, String tenant, long bytes, double expected, double off) {
        double nearest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < 3 && Math.abs(nearest - expected) > off; i++) {
            double rate = rate(sites, tenant, bytes);
            nearest = Math.abs(rate - expected) < Math.abs(nearest - expected) ? rate : nearest;
        }
        assertEquals(expected, nearest, off);
    }

    /** Megabits a second, of inner packets, over the time that so many bytes take. */
    private static double rate(TwoSites sites, String tenant, long bytes) {
        long before = sent(sites, tenant);
        long start = System.nanoTime();
        awaitSent(sites, tenant, bytes);
        long after = sent(sites, tenant);
        return (after - before) * 8 / ((System.nanoTime() - start) / 1e9) / MBIT;
    }

    /** Milliseconds, the median of expedited pings. */
    private static double roundTrip(TwoSites sites, String tenant) {
        TestNetns from = sites.host(sites.east(), tenant);
        Ping ping = Ping.send(from, TwoSites.WEST_ALIAS, 40, Duration.ofSeconds(1), "-i", "0.05", "-Q", EF);
        assertTrue(ping.isComplete(), ping::output);
        double[] times = TIME.matcher(ping.output())
                .results()
                .mapToDouble(one -> Double.parseDouble(one.group(1)))
                .sorted()
                .toArray();
        return times[times.length / 2];
    }
}

package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What 50,000 hostile datagrams a second cost the throughput of a tunnel. Whoever sends them has processors of his own
 * in life and shares them here: so the measure is what is left beside the same datagrams that the kernel drops before
 * the gateway. Not part of the suite; {@code tests/soak fire} runs it.
 */
@SystemTest
final class FireSoak {
    private static final int PER_SECOND = 50_000;
    private static final int ROUNDS = 3;
    private static final int SECONDS = 8;
    private static final int DROPPED_PORT = 9;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern RECEIVED = Pattern.compile("([0-9.]+) Mbits/sec +receiver");
    private static final List<String> KINDS = List.of("records", "forged", "hellos");

    /** @param throughput of one TCP connection into west, in Mbit/s */
    private record Measured(double throughput, double gatewaySeconds) {}

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void theTunnelGoesOn() {
        try (TwoSites sites = TwoSites.onBridge(UnaryOperator.identity())) {
            TestNetns west = sites.west().wan();
            west.run("nft", "add table inet fire");
            west.run("nft", "add chain inet fire input { type filter hook input priority 0; }");
            west.run("nft", "add rule inet fire input udp dport " + DROPPED_PORT + " drop");
            HostileSources hostile;
            try (WanCapture wan = WanCapture.begin(west)) {
                sites.startBoth();
                assertTrue(Ping.send(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS, 100, PATIENCE)
                        .isComplete());
                hostile = new HostileSources(sites, wan.capture().file());
            }
            // What is new to the gateway is compiled in the first round, which does not count.
            KINDS.forEach(kind -> underFire(sites, hostile, kind, TwoSites.UDP_PORT));
            Map<String, List<Measured>> dropped = new LinkedHashMap<>();
            Map<String, List<Measured>> received = new LinkedHashMap<>();
            for (int round = 0; round < ROUNDS; round++) {
                for (String kind : KINDS) {
                    dropped.computeIfAbsent(kind, first -> new ArrayList<>())
                            .add(underFire(sites, hostile, kind, DROPPED_PORT));
                    received.computeIfAbsent(kind, first -> new ArrayList<>())
                            .add(underFire(sites, hostile, kind, TwoSites.UDP_PORT));
                }
            }
            received.forEach((kind, all) -> report(kind, Objects.requireNonNull(dropped.get(kind)), all));
            assertFalse(sites.west().gateway().log().contains("event=tunnel_down"));
        }
    }

    private static void report(String kind, List<Measured> dropped, List<Measured> received) {
        double without = median(dropped, Measured::throughput);
        double with = median(received, Measured::throughput);
        // What the gateway uses for the connection is less when that is slower.
        double used =
                median(received, Measured::gatewaySeconds) - median(dropped, Measured::gatewaySeconds) * with / without;
        System.out.printf(
                "%-8s %5.0f Mbit/s where the kernel drops them, %5.0f where it does not: %.2f; %.1f us of the gateway for"
                        + " each%n",
                kind, without, with, with / without, used * 1e6 / (PER_SECOND * SECONDS));
    }

    private static Measured underFire(TwoSites sites, HostileSources hostile, String kind, int port) {
        int count = PER_SECOND * (SECONDS + 4);
        HostileSources.Source source = kind.equals("hellos") ? hostile.mallory() : hostile.spoofer();
        try (BackgroundProcess fire = source.start(port, count, PER_SECOND, kind)) {
            double before = seconds(sites);
            double throughput = throughput(sites);
            Measured measured = new Measured(throughput, seconds(sites) - before);
            System.out.printf("%s to port %d: %s%n", kind, port, measured);
            assertEquals(0, fire.awaitEnd(PATIENCE), fire::output);
            return measured;
        }
    }

    /** Of one TCP connection into west, in Mbit/s. */
    private static double throughput(TwoSites sites) {
        String port = Integer.toString(TwoSites.OPEN_PORT);
        TestNetns server = sites.host(sites.west(), "blue");
        try (BackgroundProcess receiver = server.start(List.of("iperf3", "-s", "-1", "-p", port, "--forceflush"))) {
            receiver.awaitOutput("listening", PATIENCE);
            String said = sites.host(sites.east(), "blue")
                    .run("iperf3", "-c", TwoSites.WEST_ALIAS, "-p", port, "-f", "m", "-t", Integer.toString(SECONDS));
            Matcher matcher = RECEIVED.matcher(said);
            assertTrue(matcher.find(), said);
            return Double.parseDouble(matcher.group(1));
        }
    }

    /** What west's gateway has used of processors so far. */
    private static double seconds(TwoSites sites) {
        String[] stat = Command.run("cat", "/proc/" + sites.west().gateway().pid() + "/stat")
                .split(" ", -1);
        return (Long.parseLong(stat[13]) + Long.parseLong(stat[14])) / 100.0;
    }

    private static double median(List<Measured> all, ToDoubleFunction<Measured> of) {
        return all.stream()
                .mapToDouble(of)
                .sorted()
                .skip(all.size() / 2)
                .findFirst()
                .orElseThrow();
    }
}

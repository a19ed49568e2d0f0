package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Minutes in which every processor has more to do than it can: nobody is to take that for a peer's end. Not part of the
 * suite; {@code tests/soak busy} runs it.
 */
@SystemTest
final class BusySoak {
    private static final int MINUTES = Integer.getInteger("vgate.soak.minutes", 10);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    @Timeout(value = 24, unit = TimeUnit.HOURS)
    void nobodyIsGivenUpWhileEveryProcessorIsBusy() {
        List<BackgroundProcess> running = new ArrayList<>();
        try (TwoSites sites = FailoverIT.twoAtWest("")) {
            Site second = FailoverIT.startAll(sites);
            TestNetns east = sites.host(sites.east(), "blue");
            TestNetns west = sites.host(sites.west(), "blue");
            String port = Integer.toString(TwoSites.OPEN_PORT);
            BackgroundProcess server = west.start(List.of("iperf3", "-s", "-1", "-p", port, "--forceflush"));
            running.add(server);
            server.awaitOutput("listening", PATIENCE);
            String seconds = Integer.toString(MINUTES * 60);
            BackgroundProcess flow =
                    east.start(List.of("iperf3", "--bidir", "-c", TwoSites.WEST_ALIAS, "-p", port, "-t", seconds));
            running.add(flow);
            BackgroundProcess pings = Ping.begin(east, TwoSites.WEST_ALIAS, 50);
            running.add(pings);
            for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
                running.add(east.start(List.of("sh", "-c", "while :; do :; done")));
            }
            assertEquals(0, flow.awaitEnd(Duration.ofMinutes(MINUTES + 1)), flow::output);

            Ping ping = Ping.end(pings);
            String transferred = flow.output()
                    .lines()
                    .filter(line -> line.endsWith("receiver"))
                    .reduce("", (a, b) -> a + b + "\n");
            System.out.printf("%d minutes%n%s%d of %d pings lost%n", MINUTES, transferred, ping.lost(), ping.sent());
            for (Site site : List.of(sites.east(), sites.west(), second)) {
                String log = site.gateway().log();
                assertFalse(log.contains("event=tunnel_down"), log);
                assertFalse(log.contains("event=flows_moved"), log);
            }
            assertEquals(0, FailoverIT.site(sites.east().gateway()).flowMoves());
        } finally {
            running.forEach(BackgroundProcess::close);
        }
    }
}

package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import net.vgate.observe.StatusReport;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.Test;

/** Two sites with two links between them, and each gateway knows both addresses of the other. */
@SystemTest
final class TwoPathsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String FIRST = "198.51.100.2:";
    private static final String SECOND = "203.0.113.2:";

    @Test
    void packetsGoByThePathThatIsGood() {
        try (TwoSites sites = TwoSites.configured(TwoPathsIT::both)) {
            TestNetns east = sites.east().wan();
            sites.bed().link(east, "wan2", "203.0.113.1/24", sites.west().wan(), "wan2", "203.0.113.2/24");
            sites.startBoth();
            RunningGateway gateway = sites.east().gateway();
            gateway.awaitTunnel("west", "has two paths that answer", PATIENCE, TwoPathsIT::hasTwo);
            StatusReport.Tunnel before = gateway.tunnel("west");
            boolean isFirst = before.paths().get(0).remote().startsWith(FIRST);
            String device = isFirst ? "wan" : "wan2";
            String other = isFirst ? SECOND : FIRST;

            BackgroundProcess pings = Ping.begin(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS, 50);
            east.run("nft", "add table ip cut");
            east.run("nft", "add chain ip cut out { type filter hook output priority 0; }");
            east.run("nft", "add chain ip cut in { type filter hook input priority 0; }");
            east.run("nft", "add rule ip cut out oifname " + device + " drop");
            east.run("nft", "add rule ip cut in iifname " + device + " drop");
            gateway.awaitTunnel("west", "takes the other path", PATIENCE, tunnel -> isAt(tunnel, other));
            // The other end finds out for itself, a moment sooner or later.
            TestBed.await(
                    "packets pass both ways",
                    PATIENCE,
                    () -> Ping.comesBackSoon(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS));
            Ping across = Ping.end(pings);
            assertTrue(across.lostSeconds() < 1.5, across::output);
            StatusReport.Tunnel moved = gateway.tunnel("west");
            assertEquals(before.handshakes().completed(), moved.handshakes().completed(), "a path cost a handshake");

            east.run("nft", "flush table ip cut");
            east.run(
                    "nft",
                    "add rule ip cut out oifname " + (isFirst ? "wan2" : "wan") + " numgen random mod 10 < 3 drop");
            gateway.awaitTunnel(
                    "west",
                    "leaves the path that loses",
                    Duration.ofSeconds(60),
                    tunnel -> tunnel.up() && !isAt(tunnel, other));
            StatusReport.Tunnel back = gateway.tunnel("west");
            assertEquals(before.handshakes().completed(), back.handshakes().completed(), "loss cost a handshake");
            gateway.awaitTunnel(
                    "west",
                    "shows the loss",
                    Duration.ofSeconds(60),
                    tunnel -> tunnel.paths().stream()
                            .anyMatch(path -> path.remote().startsWith(other)
                                    && path.lossRatio() != null
                                    && path.lossRatio() > 0.05));
        }
    }

    private static String both(String text) {
        return text.replace("udp: 198.51.100.2:4433}]", "udp: [198.51.100.2:4433, 203.0.113.2:4433]}]")
                .replace("udp: 198.51.100.1:4433}]", "udp: [198.51.100.1:4433, 203.0.113.1:4433]}]")
                .replace("listen: {udp: 198.51.100.2:4433}", "listen: {udp: 0.0.0.0:4433}")
                .replace("listen: {udp: 198.51.100.1:4433}", "listen: {udp: 0.0.0.0:4433}");
    }

    private static boolean hasTwo(StatusReport.Tunnel tunnel) {
        return tunnel.paths().size() == 2 && tunnel.paths().stream().allMatch(StatusReport.Path::live);
    }

    private static boolean isAt(StatusReport.Tunnel tunnel, String remote) {
        return !tunnel.paths().isEmpty() && tunnel.paths().get(0).remote().startsWith(remote);
    }
}

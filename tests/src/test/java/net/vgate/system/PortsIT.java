package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import net.vgate.observe.StatusReport;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.Test;

/** Site west listens on UDP 4433 and on UDP 443, and on TCP; site east calls, from a network that does not pass all. */
@SystemTest
final class PortsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String FIRST = "198.51.100.2:4433";
    private static final String SECOND = "198.51.100.2:443";

    private static TwoSites configured() {
        TwoSites sites = TwoSites.configured(yaml -> yaml.replace(
                        "listen: {udp: 198.51.100.2:4433}",
                        "listen: {udp: [198.51.100.2:4433, 198.51.100.2:443], tcp: 198.51.100.2:443}")
                .replace(
                        "udp: 198.51.100.2:4433}]",
                        "udp: [198.51.100.2:4433, 198.51.100.2:443], tcp: 198.51.100.2:443}]")
                .replace("{name: east-1, udp: 198.51.100.1:4433}", "{name: east-1}"));
        TestNetns wan = sites.west().wan();
        wan.run("nft", "add table inet cut");
        wan.run("nft", "add chain inet cut in { type filter hook input priority 0; }");
        wan.run("nft", "add chain inet cut out { type filter hook output priority 0; }");
        return sites;
    }

    private static void block(TwoSites sites, int port) {
        sites.west().wan().run("nft", "add rule inet cut in udp dport " + port + " drop");
        sites.west().wan().run("nft", "add rule inet cut out udp sport " + port + " drop");
    }

    /** Starts both, and returns how long it took from then on that east knew its tunnel to be up, in seconds. */
    private static double secondsToTunnel(TwoSites sites) {
        sites.west().start();
        sites.west().gateway().awaitStarted();
        sites.east().start();
        sites.east().gateway().awaitStarted();
        long startedNanos = System.nanoTime();
        sites.east().gateway().awaitTunnel("west", "is up", PATIENCE, StatusReport.Tunnel::up);
        return (System.nanoTime() - startedNanos) / 1e9;
    }

    private static String remote(TwoSites sites) {
        return String.valueOf(sites.east().gateway().tunnel("west").remote());
    }

    @Test
    void theSecondPortIsTriedBeforeTcp() {
        try (TwoSites sites = configured()) {
            block(sites, 4433);
            double seconds = secondsToTunnel(sites);
            assertEquals(SECOND, remote(sites));
            System.out.printf("UDP 4433 blocked: up by UDP 443 after %.2f s%n", seconds);
            assertTrue(seconds < 5, () -> "it took " + seconds + " s");
            assertEquals("udp", sites.east().gateway().tunnel("west").rung());
            sites.east().awaitPaired(sites.west(), PATIENCE);
            assertTrue(Ping.comesBack(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS));
        }
    }

    @Test
    void aPortThatIsBlockedInMidFlowIsLeftWithoutAHandshake() {
        try (TwoSites sites = configured()) {
            secondsToTunnel(sites);
            RunningGateway east = sites.east().gateway();
            RunningGateway west = sites.west().gateway();
            east.awaitTunnel(
                    "west",
                    "has two paths that answer",
                    PATIENCE,
                    tunnel -> tunnel.paths().size() == 2
                            && tunnel.paths().stream().allMatch(StatusReport.Path::live));
            StatusReport.Tunnel before = east.tunnel("west");
            String other = FIRST.equals(before.remote()) ? SECOND : FIRST;
            BackgroundProcess pings = Ping.begin(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS, 50);
            block(sites, FIRST.equals(before.remote()) ? 4433 : 443);
            east.awaitTunnel("west", "takes the other port", PATIENCE, tunnel -> other.equals(tunnel.remote()));
            TestBed.await(
                    "packets pass both ways",
                    PATIENCE,
                    () -> Ping.comesBackSoon(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS));
            Ping across = Ping.end(pings);
            System.out.printf("%s blocked: %s carries after %.2f s%n", before.remote(), other, across.lostSeconds());
            assertTrue(across.lostSeconds() < 1.5, across::output);
            assertEquals(other, west.tunnel("east").local());
            StatusReport.Tunnel moved = east.tunnel("west");
            assertEquals(before.handshakes().completed(), moved.handshakes().completed(), "a port cost a handshake");
            assertEquals(before.rekeys(), moved.rekeys());
        }
    }

    @Test
    void whereNoPortOfUdpPassesTcpIsReachedSoon() {
        try (TwoSites sites = configured()) {
            block(sites, 4433);
            block(sites, 443);
            double seconds = secondsToTunnel(sites);
            System.out.printf("UDP blocked: up by TCP after %.2f s%n", seconds);
            assertTrue(remote(sites).startsWith("TCP 198.51.100.2:443"), () -> remote(sites));
            assertTrue(seconds < 6, () -> "it took " + seconds + " s");
        }
    }
}

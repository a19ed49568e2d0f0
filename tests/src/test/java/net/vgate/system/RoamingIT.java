package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import net.vgate.observe.StatusReport;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.Test;

/** Site east is behind a NAT that forgets its mapping, and takes another address for the next one. */
@SystemTest
class RoamingIT {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration MOVES_WITHIN = Duration.ofSeconds(3);

    @Test
    void aRebindCostsNoHandshake() {
        try (TwoSites sites = TwoSites.throughRouter(text -> text.replace(", udp: 198.51.100.1:4433", ""))) {
            TestNetns router = sites.underlay();
            router.run("nft", "add table ip nat");
            router.run("nft", "add chain ip nat post { type nat hook postrouting priority 100; }");
            router.run("nft", "add rule ip nat post oifname west udp dport 4433 masquerade");
            router.address("west", "198.51.100.7/32");
            sites.startBoth();
            assertTrue(isAt(tunnelAtWest(sites), "198.51.100.7"));
            StatusReport.Tunnel before = tunnelAtWest(sites);
            TestNetns west = sites.host(sites.west(), "blue");
            TestNetns east = sites.host(sites.east(), "blue");
            String port = Integer.toString(TwoSites.OPEN_PORT);
            try (BackgroundProcess server = west.start(List.of("iperf3", "-s", "-1", "-p", port, "--forceflush"))) {
                server.awaitOutput("listening", PATIENCE);
                try (BackgroundProcess flow = east.start(
                        List.of("iperf3", "-c", TwoSites.WEST_ALIAS, "-p", port, "-t", "60", "-b", "20M", "-R"))) {
                    awaitProgress(sites);
                    // Connections of an address that goes away are forgotten with it.
                    router.address("west", "198.51.100.8/32");
                    router.ip("addr", "del", "198.51.100.7/32", "dev", "west");
                    sites.west()
                            .gateway()
                            .awaitTunnel(
                                    "east",
                                    "goes to the new address",
                                    MOVES_WITHIN,
                                    tunnel -> isAt(tunnel, "198.51.100.8"));
                    awaitProgress(sites);
                    assertTrue(flow.isAlive(), flow::output);
                }
            }
            StatusReport.Tunnel after = tunnelAtWest(sites);
            assertEquals(before.handshakes().completed(), after.handshakes().completed());
            assertEquals(before.rekeys(), after.rekeys());
            assertTrue(
                    sites.west().gateway().log().contains("roamed"),
                    sites.west().gateway()::log);
        }
    }

    private static boolean isAt(StatusReport.Tunnel tunnel, String address) {
        return tunnel.remote() != null && tunnel.remote().startsWith(address + ":");
    }

    private static StatusReport.Tunnel tunnelAtWest(TwoSites sites) {
        return sites.west().gateway().tunnel("east");
    }

    /** A megabyte more arrives at east. */
    private static void awaitProgress(TwoSites sites) {
        long before = arrived(sites);
        TestBed.await("the stream goes on", PATIENCE, () -> arrived(sites) > before + (1 << 20));
    }

    private static long arrived(TwoSites sites) {
        return sites.east().gateway().status().vnets().stream()
                .map(StatusReport.Vnet::in)
                .mapToLong(StatusReport.Traffic::bytes)
                .sum();
    }
}

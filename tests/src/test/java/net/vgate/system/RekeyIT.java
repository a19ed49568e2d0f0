package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Keys are replaced again and again under load, and nobody notices. */
@SystemTest
final class RekeyIT {
    private static final int REKEYS = 1_000;

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void aThousandRekeysLoseNoPacket() {
        try (TwoSites sites = TwoSites.paired(text -> text + "\ntunnel: {rekey: {records: 1000}}\n")) {
            RunningGateway east = sites.east().gateway();
            RunningGateway west = sites.west().gateway();
            long dropsEast = east.drops();
            long dropsWest = west.drops();
            List<BackgroundProcess> pings = List.of(
                    begin(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS),
                    begin(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS),
                    begin(sites.host(sites.east(), "red"), TwoSites.WEST_ALIAS),
                    begin(sites.host(sites.west(), "blue"), TwoSites.EAST_ALIAS),
                    begin(sites.host(sites.west(), "red"), TwoSites.EAST_ALIAS),
                    begin(sites.host(sites.west(), "red"), TwoSites.EAST_ALIAS));
            long began = System.nanoTime();
            TestBed.await(
                    REKEYS + " rekeys",
                    Duration.ofMinutes(18),
                    () -> east.tunnel("west").rekeys() >= REKEYS);
            long took = System.nanoTime() - began;

            long sent = 0;
            for (BackgroundProcess running : pings) {
                Ping ping = Ping.end(running);
                sent += ping.sent();
                assertTrue(ping.isCutOffOnly(), ping::output);
            }
            assertEquals(dropsEast, east.drops(), () -> east.status().drops().toString());
            assertEquals(dropsWest, west.drops(), () -> west.status().drops().toString());
            assertEquals(0, west.tunnel("east").handshakes().failed());
            System.out.printf("%d rekeys and %d pings in %d s%n", REKEYS, sent, took / 1_000_000_000);
        }
    }

    private static BackgroundProcess begin(TestNetns host, String address) {
        return Ping.begin(host, address, 1_000);
    }
}

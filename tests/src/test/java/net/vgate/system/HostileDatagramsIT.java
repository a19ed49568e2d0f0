package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import net.vgate.packet.DropReason;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A gateway under fire at its UDP port: from mallory, who has an address of its own, and from one who sends as if it
 * were east-1.
 */
@SystemTest
final class HostileDatagramsIT {
    private static final Duration PAIRED_AGAIN = Duration.ofSeconds(2);

    private TwoSites sites;
    private Site east;
    private Site west;
    private HostileSources hostile;

    @BeforeEach
    void start() {
        sites = TwoSites.onBridge(UnaryOperator.identity());
        east = sites.east();
        west = sites.west();
        try (WanCapture wan = WanCapture.begin(west.wan())) {
            sites.startBoth();
            assertTrue(Ping.send(sites.host(east, "blue"), TwoSites.WEST_ALIAS, 100, Duration.ofSeconds(1))
                    .isComplete());
            hostile = new HostileSources(sites, wan.capture().file());
        }
    }

    @AfterEach
    void stop() {
        if (sites != null) {
            sites.close();
        }
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void aMillionDatagramsAreCountedAndTheTunnelStaysUp() {
        // What is loaded and compiled by the first ones is not to be taken for a leak.
        throwAt(hostile.spoofer(), 300_000, "records");
        throwAt(hostile.mallory(), 100_000, "hellos");
        GatewayMemory memory = GatewayMemory.of(west.gateway());
        DatagramAccount before = DatagramAccount.settled(west);

        BackgroundProcess pings = Ping.begin(sites.host(east, "blue"), TwoSites.WEST_ALIAS, 50);
        throwAt(hostile.spoofer(), 500_000, "records");
        throwAt(hostile.mallory(), 300_000, "records");
        throwAt(hostile.mallory(), 200_000, "hellos");
        Ping ping = Ping.end(pings);

        DatagramAccount after = DatagramAccount.settled(west);
        GatewayMemory now = GatewayMemory.of(west.gateway());
        System.out.printf("%s became %s%n%s became %s%n", before, after, memory, now);
        System.out.println(west.gateway().status().drops());
        long thrown = after.received() + after.overflowed() - before.received() - before.overflowed();
        assertTrue(thrown >= 1_000_000, after::toString);
        assertTrue(after.overflowed() < 10_000, after::toString);
        assertTrue(ping.sent() > 100 && ping.isCutOffOnly(), ping::output);
        assertFalse(west.gateway().log().contains("event=tunnel_down"), west.gateway()::log);
        assertTrue(now.liveKib() - memory.liveKib() < 2 << 10, () -> memory + " became " + now);
        assertTrue(now.residentKib() - memory.residentKib() < 24 << 10, () -> memory + " became " + now);
    }

    /** The datagrams of both meet at the gateway's one socket. */
    @Test
    void aPeerPairsUnderFire() {
        try (BackgroundProcess fire = hostile.spoofer().start(TwoSites.UDP_PORT, 100_000_000, 0, "records")) {
            TestBed.await("fire", Command.DEADLINE, () -> west.gateway().drops(DropReason.REPLAY) > 1_000);
            expectPairedAgain();
            assertTrue(fire.isAlive(), fire::output);
        }
    }

    private void expectPairedAgain() {
        PairingTime.assertWithin(PAIRED_AGAIN, () -> {
            west.awaitSettled(east);
            east.gateway().kill();
            try (PairingTime time = PairingTime.watch(List.of(east), sites.host(east, "blue"), TwoSites.WEST_ALIAS)) {
                east.start();
                return time.seconds();
            }
        });
    }

    private void throwAt(HostileSources.Source from, int count, String kind) {
        try (BackgroundProcess sender = from.start(TwoSites.UDP_PORT, count, 0, kind)) {
            assertEquals(0, sender.awaitEnd(Duration.ofMinutes(5)), sender::output);
        }
    }

    @Test
    void handshakesThatStallAfterTheirCookieDoNotKeepAPeerFromPairing() {
        List<String> command = TestBed.java(
                StallingClients.class, TwoSites.WEST_WAN, Integer.toString(TwoSites.UDP_PORT), "1000", "180");
        long refused = west.gateway().drops(DropReason.HANDSHAKE_LIMIT);
        long before = west.gateway().status().gateway().handshakesRefused();
        try (BackgroundProcess clients = hostile.mallory().netns().start(command)) {
            // All who are permitted at once are under way, and all others have been refused.
            TestBed.await(
                    "a thousand handshakes have stalled",
                    Duration.ofSeconds(60),
                    () -> west.gateway().drops(DropReason.HANDSHAKE_LIMIT) >= refused + 1_000);
            assertEquals(before, west.gateway().status().gateway().handshakesRefused());
            expectPairedAgain();
            assertTrue(clients.isAlive(), clients::output);
        }
    }
}

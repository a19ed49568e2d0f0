package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import net.vgate.packet.DropReason;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
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
    private static final String MALLORY = "198.51.100.66";
    private static final Duration PAIRED_AGAIN = Duration.ofSeconds(2);

    private TwoSites sites;
    private Site east;
    private Site west;
    private TestNetns mallory;
    private TestNetns spoofer;
    private Path captured;

    @BeforeEach
    void start() {
        sites = TwoSites.onBridge(UnaryOperator.identity());
        east = sites.east();
        west = sites.west();
        mallory = sites.bed().namespace("mallory");
        Wan.join(sites.bed(), sites.underlay(), mallory, "mallory", MALLORY + "/24");
        mallory.ip("route", "add", "local", "198.18.0.0/15", "dev", "lo");
        west.wan().route("198.18.0.0/15", "via", MALLORY);
        spoofer = spoofer();
        try (WanCapture wan = WanCapture.begin(west.wan())) {
            sites.startBoth();
            assertTrue(Ping.send(sites.host(east, "blue"), TwoSites.WEST_ALIAS, 100, Duration.ofSeconds(1))
                    .isComplete());
            captured = wan.capture().file();
        }
    }

    /** East's address and port, but answers go to east, and nobody is told otherwise. */
    private TestNetns spoofer() {
        TestNetns netns = sites.bed().namespace("spoofer");
        Wan.join(sites.bed(), sites.underlay(), netns, "spoofer", TwoSites.EAST_WAN + "/24");
        netns.ip("link", "set", "wan", "arp", "off");
        String link = west.wan().run("cat", "/sys/class/net/wan/address").strip();
        netns.ip("neigh", "replace", TwoSites.WEST_WAN, "lladdr", link, "dev", "wan", "nud", "permanent");
        return netns;
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
        throwAt(spoofer, TwoSites.EAST_WAN, TwoSites.UDP_PORT, 300_000, "records");
        throwAt(mallory, MALLORY, 50_000, 100_000, "hellos");
        GatewayMemory memory = GatewayMemory.of(west.gateway());
        DatagramAccount before = DatagramAccount.settled(west);

        BackgroundProcess pings = Ping.begin(sites.host(east, "blue"), TwoSites.WEST_ALIAS, 50);
        throwAt(spoofer, TwoSites.EAST_WAN, TwoSites.UDP_PORT, 500_000, "records");
        throwAt(mallory, MALLORY, 50_000, 300_000, "records");
        throwAt(mallory, MALLORY, 50_000, 200_000, "hellos");
        Ping ping = Ping.end(pings);

        DatagramAccount after = DatagramAccount.settled(west);
        GatewayMemory now = GatewayMemory.of(west.gateway());
        System.out.printf("%s became %s%n%s became %s%n", before, after, memory, now);
        System.out.println(west.gateway().status().drops());
        long thrown = after.received() + after.overflowed() - before.received() - before.overflowed();
        assertTrue(thrown >= 1_000_000, after::toString);
        assertTrue(after.overflowed() < 10_000, after::toString);
        assertTrue(ping.sent() > 100 && ping.lost() <= 1, ping::output);
        assertFalse(west.gateway().log().contains("event=tunnel_down"), west.gateway()::log);
        assertTrue(now.liveKib() - memory.liveKib() < 2 << 10, () -> memory + " became " + now);
        assertTrue(now.residentKib() - memory.residentKib() < 24 << 10, () -> memory + " became " + now);
    }

    /** The datagrams of both meet at the gateway's one socket. */
    @Test
    void aPeerPairsUnderFire() {
        try (BackgroundProcess fire = sender(spoofer, TwoSites.EAST_WAN, TwoSites.UDP_PORT, 100_000_000, "records")) {
            TestBed.await("fire", Command.DEADLINE, () -> west.gateway().drops(DropReason.REPLAY) > 1_000);
            east.gateway().kill();
            try (PairingTime time = PairingTime.watch(List.of(east), sites.host(east, "blue"), TwoSites.WEST_ALIAS)) {
                east.start();
                time.assertWithin(PAIRED_AGAIN);
            }
            assertTrue(fire.isAlive(), fire::output);
        }
    }

    private void throwAt(TestNetns from, String address, int port, int count, String kind) {
        try (BackgroundProcess sender = sender(from, address, port, count, kind)) {
            assertEquals(0, sender.awaitEnd(Duration.ofMinutes(5)), sender::output);
        }
    }

    private BackgroundProcess sender(TestNetns from, String address, int port, int count, String kind) {
        List<String> command = TestBed.java(
                HostileSender.class,
                address,
                Integer.toString(port),
                TwoSites.WEST_WAN,
                Integer.toString(TwoSites.UDP_PORT),
                Long.toString(west.gateway().pid()),
                Integer.toString(count),
                Integer.toString(count),
                captured.toString(),
                kind);
        return from.start(command);
    }

    @Test
    void handshakesThatStallAfterTheirCookieDoNotKeepAPeerFromPairing() {
        List<String> command = TestBed.java(
                StallingClients.class, TwoSites.WEST_WAN, Integer.toString(TwoSites.UDP_PORT), "1000", "60");
        long refused = west.gateway().drops(DropReason.HANDSHAKE_LIMIT);
        long before = west.gateway().status().gateway().handshakesRefused();
        try (BackgroundProcess clients = mallory.start(command)) {
            // All who are permitted at once are under way, and all others have been refused.
            TestBed.await(
                    "a thousand handshakes have stalled",
                    Duration.ofSeconds(30),
                    () -> west.gateway().drops(DropReason.HANDSHAKE_LIMIT) >= refused + 1_000);
            assertEquals(before, west.gateway().status().gateway().handshakesRefused());
            east.gateway().kill();
            try (PairingTime time = PairingTime.watch(List.of(east), sites.host(east, "blue"), TwoSites.WEST_ALIAS)) {
                east.start();
                time.assertWithin(PAIRED_AGAIN);
            }
            assertTrue(clients.isAlive(), clients::output);
        }
    }
}

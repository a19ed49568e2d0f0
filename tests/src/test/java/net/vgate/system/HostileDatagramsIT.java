package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A gateway under fire at its UDP port: from mallory, who has an address of its own, and from one who sends as if it
 * were east-1.
 */
@SystemTest
@Unsettled
final class HostileDatagramsIT {
    private static final String MALLORY = "198.51.100.66";
    private static final Duration PAIRED_AGAIN = Duration.ofSeconds(2);
    private static final int RATE = 20_000;

    private TwoSites sites;
    private Site east;
    private Site west;
    private TestNetns mallory;
    private TestNetns spoofer;
    private Path captured;

    @BeforeAll
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

    @AfterAll
    void stop() {
        if (sites != null) {
            sites.close();
        }
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void aMillionDatagramsAreCountedAndTheTunnelStaysUp() {
        // What is loaded and compiled by the first ones is not to be taken for a leak.
        throwAt(spoofer, TwoSites.EAST_WAN, TwoSites.UDP_PORT, 20_000, "records");
        long memory = residentKib();
        long dropsBefore = west.gateway().drops();
        long datagramsBefore = datagrams();
        long recordsBefore = west.gateway().tunnel("east").in().records();
        long handshakes = west.gateway().tunnel("east").handshakes().completed();

        throwAt(spoofer, TwoSites.EAST_WAN, TwoSites.UDP_PORT, 500_000, "records");
        throwAt(mallory, MALLORY, 50_000, 300_000, "records");
        throwAt(mallory, MALLORY, 50_000, 200_000, "hellos");

        assertTrue(Ping.send(sites.host(east, "blue"), TwoSites.WEST_ALIAS, 100, Duration.ofSeconds(1))
                .isComplete());
        assertEquals(handshakes, west.gateway().tunnel("east").handshakes().completed());
        long received = datagrams() - datagramsBefore;
        long opened = west.gateway().tunnel("east").in().records() - recordsBefore;
        long dropped = west.gateway().drops() - dropsBefore;
        long grown = residentKib() - memory;
        System.out.printf(
                "%d datagrams received, %d records opened, %d dropped and counted, %d KiB more memory; %s%n",
                received, opened, dropped, grown, west.gateway().status().drops());
        assertTrue(received > 900_000, () -> received + " datagrams got through to the gateway");
        assertTrue(dropped + opened >= received - 200_000, "what is no ClientHello is dropped and counted");
        assertTrue(grown < 48 << 10, () -> "grown by " + grown + " KiB");
    }

    private void throwAt(TestNetns from, String address, int port, int count, String kind) {
        List<String> command = TestBed.java(
                HostileSender.class,
                address,
                Integer.toString(port),
                TwoSites.WEST_WAN,
                Integer.toString(TwoSites.UDP_PORT),
                Integer.toString(count),
                Integer.toString(RATE),
                Integer.toString(count),
                captured.toString(),
                kind);
        try (BackgroundProcess sender = from.start(command)) {
            assertEquals(0, sender.awaitEnd(Duration.ofMinutes(2)), sender::output);
        }
    }

    private long residentKib() {
        return Long.parseLong(west.wan()
                .run("awk", "/^VmRSS:/ { print $2 }", "/proc/" + west.gateway().pid() + "/status")
                .strip());
    }

    /** Handed to the gateway by its kernel. */
    private long datagrams() {
        return Long.parseLong(west.wan()
                .run("awk", "/^Udp:/ && n++ { print $2 }", "/proc/net/snmp")
                .strip());
    }

    @Test
    void handshakesThatStallAfterTheirCookieDoNotKeepAPeerFromPairing() {
        List<String> command = TestBed.java(
                StallingClients.class, TwoSites.WEST_WAN, Integer.toString(TwoSites.UDP_PORT), "1000", "60");
        try (BackgroundProcess clients = mallory.start(command)) {
            clients.awaitOutput("stalled ", Duration.ofSeconds(20));
            east.gateway().kill();
            east.start();
            east.awaitListening(TwoSites.UDP_PORT);
            TestBed.await(
                    "a ping comes back",
                    PAIRED_AGAIN,
                    () -> Ping.comesBackSoon(sites.host(east, "blue"), TwoSites.WEST_ALIAS));
            assertTrue(clients.isAlive(), clients::output);
        }
    }
}

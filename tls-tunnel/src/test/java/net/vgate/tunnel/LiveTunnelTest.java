package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import net.vgate.handshake.Credentials;
import net.vgate.handshake.TestAuthority;
import net.vgate.record.Association;
import net.vgate.record.PeerIdentity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two real ends in one process: certificates, handshakes, records, control messages; only the network is not. */
@Timeout(120)
class LiveTunnelTest {
    /** Two seconds, and a half for a machine that is busy with other tests. */
    private static final Duration PAIRED_AGAIN = Duration.ofMillis(2_500);

    private static final PeerIdentity EAST = new PeerIdentity("east", "east-1");
    private static final PeerIdentity WEST = new PeerIdentity("west", "west-1");
    private static final InetSocketAddress EAST_LISTENS = address(1, 4_433);
    private static final InetSocketAddress EAST_CONNECTS = address(1, 50_001);
    private static final InetSocketAddress WEST_LISTENS = address(2, 4_433);
    private static final InetSocketAddress WEST_CONNECTS = address(2, 50_002);

    @TempDir
    Path folder;

    private final MemoryWire wire = new MemoryWire(1);
    private Credentials eastCredentials;
    private Credentials westCredentials;
    private LiveGateway east;
    private LiveGateway west;

    @BeforeEach
    void start() {
        TestAuthority authority = TestAuthority.root(folder, "authority");
        eastCredentials = authority.issue(EAST).with(authority);
        westCredentials = authority.issue(WEST).with(authority);
        east = east();
        west = west(true);
    }

    @AfterEach
    void stop() throws InterruptedException {
        east.kill();
        west.kill();
    }

    private LiveGateway east() {
        return new LiveGateway(wire.port(EAST_LISTENS, EAST_CONNECTS), eastCredentials, EAST, WEST, WEST_LISTENS, true);
    }

    private LiveGateway west(boolean calls) {
        return new LiveGateway(
                wire.port(WEST_LISTENS, WEST_CONNECTS), westCredentials, WEST, EAST, EAST_LISTENS, calls);
    }

    @Test
    void pairsAndCarriesDataBothWays() {
        awaitPaired();
        assertEquals(ProtocolVersion.CURRENT, east.tunnel.status().version());
        assertEquals(Capability.ALL, west.tunnel.status().capabilities());
        exchangeWithoutLoss(Duration.ofMillis(500));
        await(() -> east.tunnel.status().rttNanos() > 0, "a round-trip time");
    }

    @Test
    void rekeysUnderTrafficWithoutALostPacket() {
        wire.behave(0, 0, 3);
        awaitPaired();
        long before = east.tunnel.counters().get(TunnelCounter.REKEYS);
        east.traffic(true);
        west.traffic(true);
        for (int i = 0; i < 20; i++) {
            Association old = east.tunnel.sending();
            (i % 2 == 0 ? east : west).rekey();
            await(() -> east.tunnel.sending() != old && isPaired(), "rekey " + i);
        }
        east.traffic(false);
        west.traffic(false);
        assertNothingLost();
        assertTrue(east.tunnel.counters().get(TunnelCounter.REKEYS) - before >= 20);
        assertEquals(0, east.tunnel.counters().get(TunnelCounter.OUTAGES));
        assertEquals(0, west.tunnel.counters().get(TunnelCounter.OUTAGES));
    }

    @Test
    void pairsAndRekeysOverABadNetwork() {
        wire.behave(0.1, 0.1, 20);
        awaitPaired();
        east.traffic(true);
        west.traffic(true);
        for (int i = 0; i < 5; i++) {
            Association old = east.tunnel.sending();
            (i % 2 == 0 ? east : west).rekey();
            await(() -> east.tunnel.sending() != old && isPaired(), "rekey " + i);
        }
        wire.behave(0, 0, 0);
        exchange();
        assertEquals(0, east.doubles.get() + west.doubles.get());
    }

    @Test
    void isPairedAgainAfterARestart() throws InterruptedException {
        awaitPaired();
        west.kill();
        await(() -> east.tunnel.sending() == null, "the loss of the peer");
        assertEquals(1, east.tunnel.counters().get(TunnelCounter.OUTAGES));
        west = west(true);
        long from = System.nanoTime();
        awaitPaired();
        assertTrue(System.nanoTime() - from < PAIRED_AGAIN.toNanos());
        exchangeWithoutLoss(Duration.ofMillis(100));
    }

    @Test
    void aRestartedPeerThatOnlyWaitsIsFoundAgain() throws InterruptedException {
        awaitPaired();
        west.kill();
        await(() -> east.tunnel.sending() == null, "the loss of the peer");
        LockSupport.parkNanos(Duration.ofMillis(3_300).toNanos());
        west = west(false);
        long from = System.nanoTime();
        awaitPaired();
        long took = System.nanoTime() - from;
        assertTrue(took < PAIRED_AGAIN.toNanos(), () -> "took " + Duration.ofNanos(took));
    }

    @Test
    void aStoppedPeerSaysSo() throws InterruptedException {
        awaitPaired();
        long from = System.nanoTime();
        west.stop();
        await(() -> east.tunnel.sending() == null, "the end");
        assertTrue(System.nanoTime() - from < Duration.ofMillis(1_500).toNanos());
        assertTrue(east.events.stream().anyMatch(event -> event.startsWith("peer_stopped")));
        assertNull(east.tunnel.sending());
    }

    @Test
    void comesBackWhenATranslatorOnTheWayChangesThePort() throws InterruptedException {
        east.kill();
        west.kill();
        wire.translate(EAST_CONNECTS, address(9, 1_024));
        east = east();
        west = west(false);
        awaitPaired();
        exchangeWithoutLoss(Duration.ofMillis(100));

        wire.translate(EAST_CONNECTS, address(9, 1_025));
        await(() -> east.tunnel.counters().get(TunnelCounter.OUTAGES) > 0, "the loss of the way back");
        awaitPaired();
        exchange();
    }

    private void exchangeWithoutLoss(Duration time) {
        east.traffic(true);
        west.traffic(true);
        LockSupport.parkNanos(time.toNanos());
        east.traffic(false);
        west.traffic(false);
        assertNothingLost();
    }

    private void assertNothingLost() {
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        await(() -> west.received.size() >= east.sent.get() && east.received.size() >= west.sent.get(), "all packets");
        assertTrue(east.sent.get() > 10 && west.sent.get() > 10);
        assertEquals(east.sent.get(), west.received.size());
        assertEquals(west.sent.get(), east.received.size());
        assertEquals(0, east.doubles.get() + west.doubles.get());
    }

    private void exchange() {
        int eastBefore = east.received.size();
        int westBefore = west.received.size();
        east.traffic(true);
        west.traffic(true);
        await(() -> east.received.size() > eastBefore + 10 && west.received.size() > westBefore + 10, "data");
    }

    private void awaitPaired() {
        await(this::isPaired, "the pair");
    }

    private boolean isPaired() {
        Association one = east.tunnel.sending();
        Association other = west.tunnel.sending();
        return one != null
                && other != null
                && one.role() != other.role()
                && east.tunnel.status().generation() == west.tunnel.status().generation()
                && east.tunnel.status().state() == TunnelState.ESTABLISHED
                && west.tunnel.status().state() == TunnelState.ESTABLISHED;
    }

    private void await(BooleanSupplier condition, String what) {
        long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(
                    System.nanoTime() - deadline < 0,
                    () -> "waited in vain for " + what + "\neast " + say(east) + "\nwest " + say(west));
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static String say(LiveGateway one) {
        return one.tunnel.status() + " sent " + one.sent + " received " + one.received.size() + " drops " + one.drops
                + "\n  " + String.join("\n  ", one.events);
    }

    private static InetSocketAddress address(int host, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) host}), port);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}

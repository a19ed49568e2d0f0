package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import net.vgate.tunnel.SimulatedGateway.Pair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A lane whose peer has restarted, as another lane has learned first. */
class PeerRestartTest {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    static LongStream seeds() {
        return LongStream.range(1, 200);
    }

    private static SimulatedNetwork paired(long seed) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.startBoth();
        net.run(Duration.ofSeconds(3));
        assertTrue(net.isPaired(), net.transcript::toString);
        return net;
    }

    /** Paired, and west is a process that waits to be called. */
    private static SimulatedNetwork restarted(long seed) {
        SimulatedNetwork net = paired(seed);
        net.westCalls = false;
        net.restartWest();
        assertNotNull(net.east.sending());
        return net;
    }

    @Test
    void whatTheEarlierProcessAgreedToIsOverAtOnce() {
        SimulatedNetwork net = restarted(1);
        net.east.peerIs(net.west, Duration.ZERO);
        assertNull(net.east.sending(), net.transcript::toString);
        assertEquals(0, net.east.openAssociations());

        net.runMillis(100);
        assertTrue(net.isPaired(), net.transcript::toString);
        assertTrue(net.east.machine.status().client());
        assertEquals(net.west.incarnation, net.east.machine.peerIncarnation());
        assertEquals(1, net.east.machine.status().generation());
        assertEquals(0, net.east.reports(TunnelEvent.PEER_LOST));
        assertEquals(0, net.west.strays, "the new process knows nothing of it");
    }

    /** Otherwise each end would call at the same moment, and one handshake of a process that is cold be for nothing. */
    @Test
    void givesThePeerTimeToCallByItself() {
        SimulatedNetwork net = restarted(2);
        long started = net.east.counters.get(TunnelCounter.HANDSHAKES_STARTED);
        net.east.peerIs(net.west, PATIENCE);
        net.run(PATIENCE.minusMillis(1));
        assertEquals(started, net.east.counters.get(TunnelCounter.HANDSHAKES_STARTED));
        net.runMillis(100);
        assertTrue(net.isPaired(), net.transcript::toString);

        net = paired(2);
        started = net.east.counters.get(TunnelCounter.HANDSHAKES_STARTED);
        net.restartWest();
        net.east.peerIs(net.west, PATIENCE);
        net.run(PATIENCE.plusSeconds(1));
        assertTrue(net.isPaired(), net.transcript::toString);
        assertEquals(started, net.east.counters.get(TunnelCounter.HANDSHAKES_STARTED));
    }

    @Test
    void whoHasNoAddressOfThePeerWaitsForItsCall() {
        SimulatedNetwork net = new SimulatedNetwork(3);
        net.eastCalls = false;
        net.startBoth();
        net.run(Duration.ofSeconds(3));
        net.westCalls = false;
        net.restartWest();
        net.east.peerIs(net.west, Duration.ZERO);
        net.run(Duration.ofSeconds(10));
        assertEquals(TunnelState.IDLE, net.east.machine.state());
        assertEquals(0, net.east.counters.get(TunnelCounter.HANDSHAKES_STARTED));
    }

    /** It is told at any moment of a restart and of a rekey whose handshake meets the one process or the other. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatIsTheNewProcessesStays(long seed) {
        SimulatedNetwork net = paired(seed);
        net.minDelayNanos = 1_000_000;
        net.maxDelayNanos = 40_000_000;
        net.east.rekey();
        net.runMillis(net.random.nextLong(200));
        net.west.kill();
        // What it sent comes before the next one starts.
        net.runMillis(41);
        net.restartWest();
        net.runMillis(net.random.nextLong(600));

        SimulatedGateway west = net.west;
        Pair sending = net.east.sending();
        List<Pair> open = net.east.openWith(west);
        boolean isGreeting = sending == null || sending.other(net.east) != west;
        isGreeting &= open.stream().anyMatch(pair -> pair.client == net.east);
        long started = net.east.counters.get(TunnelCounter.HANDSHAKES_STARTED);
        net.east.peerIs(west, Duration.ZERO);
        assertEquals(open, net.east.openWith(west), net.transcript::toString);
        if (sending != null && sending.other(net.east) == west) {
            assertSame(sending, net.east.sending(), net.transcript::toString);
        } else {
            assertNull(net.east.sending(), net.transcript::toString);
        }

        net.run(Duration.ofSeconds(2));
        assertTrue(net.isPaired(), net.transcript::toString);
        assertEquals(0, net.east.lostForClosed + west.lostForClosed, net.transcript::toString);
        assertEquals(0, net.east.reports(TunnelEvent.PEER_LOST), net.transcript::toString);
        if (isGreeting) {
            assertEquals(started, net.east.counters.get(TunnelCounter.HANDSHAKES_STARTED), net.transcript::toString);
        }
    }

    @Test
    void whoKnowsItAlreadyGoesOn() {
        SimulatedNetwork net = paired(5);
        Pair pair = net.east.sending();
        net.east.rekey();
        net.runMillis(200);
        assertEquals(2, net.east.machine.status().generation());
        net.east.peerIs(net.west, Duration.ZERO);
        assertTrue(net.isPaired(), net.transcript::toString);
        net.east.rekey();
        net.west.rekey();
        net.runMillis(200);
        assertTrue(net.isPaired(), net.transcript::toString);
        assertEquals(3, net.east.machine.status().generation());
        assertFalse(net.east.sending() == pair);
    }

    @Test
    void aRestartIsCountedOnce() {
        SimulatedNetwork net = restarted(6);
        net.east.peerIs(net.west, Duration.ZERO);
        net.run(Duration.ofSeconds(1));
        assertTrue(net.isPaired(), net.transcript::toString);
        assertEquals(0, net.east.reports(TunnelEvent.PEER_RESTARTED), "the lane that learned it has said so");
        assertEquals(0, net.east.counters.get(TunnelCounter.PEER_RESTARTS));
    }

    @Test
    void whatTheEarlierProcessAskedForIsOver() {
        SimulatedNetwork net = paired(7);
        net.west.drain(true);
        net.runMillis(500);
        assertTrue(net.east.machine.status().peerDrains());
        net.westCalls = false;
        net.restartWest();
        net.east.peerIs(net.west, Duration.ZERO);
        assertFalse(net.east.machine.status().peerDrains());
        net.run(Duration.ofSeconds(1));
        assertFalse(net.east.machine.status().peerDrains());
    }

    @Test
    void whoStopsDoesNotBeginAnew() {
        SimulatedNetwork net = restarted(8);
        long started = net.east.counters.get(TunnelCounter.HANDSHAKES_STARTED);
        net.east.stop();
        net.east.peerIs(net.west, Duration.ZERO);
        net.run(Duration.ofSeconds(5));
        assertEquals(TunnelState.CLOSED, net.east.machine.state());
        assertEquals(started, net.east.counters.get(TunnelCounter.HANDSHAKES_STARTED));
    }
}

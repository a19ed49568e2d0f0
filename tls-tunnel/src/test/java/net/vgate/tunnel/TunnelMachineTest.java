package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import net.vgate.tunnel.SimulatedGateway.Pair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two machines over a simulated network; the invariants that hold at each step are {@link SimulatedGateway}'s. */
class TunnelMachineTest {
    /** Kill, silence for so many echoes and the one before, and a tick. */
    private static final Duration LIVENESS_TIME = SimulatedNetwork.LIVENESS
            .multipliedBy(SimulatedNetwork.LOST_AFTER + 1)
            .plusMillis(100);

    static LongStream seeds() {
        return LongStream.concat(
                LongStream.range(1, 150), ThreadLocalRandom.current().longs(5));
    }

    @Test
    void pairsWhicheverStartsFirst() {
        SimulatedNetwork net = new SimulatedNetwork(1);
        net.east.start();
        net.run(Duration.ofMinutes(1));
        assertEquals(TunnelState.HANDSHAKING, net.east.machine.state());
        net.west.start();
        net.runMillis(200);
        assertPaired(net);

        net = new SimulatedNetwork(2);
        net.west.start();
        net.run(Duration.ofMinutes(1));
        net.east.start();
        net.runMillis(200);
        assertPaired(net);
    }

    @Test
    void waitsForAPeerWithoutAnAddress() {
        SimulatedNetwork net = new SimulatedNetwork(1);
        net.westCalls = false;
        net.renew();
        net.west.start();
        net.run(Duration.ofSeconds(10));
        assertEquals(TunnelState.IDLE, net.west.machine.state());
        assertEquals(0, net.west.counters.get(TunnelCounter.HANDSHAKES_STARTED));

        net.east.start();
        net.runMillis(200);
        assertPaired(net);
        assertFalse(net.west.machine.status().client());

        net.restartEast();
        net.runMillis(200);
        assertPaired(net);
        assertEquals(1, net.west.reports(TunnelEvent.PEER_RESTARTED));
        assertEquals(0, net.west.counters.get(TunnelCounter.HANDSHAKES_STARTED));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void firstContactFromBothEndsLeavesTheAssociationOfTheLowerIdentity(long seed) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.minDelayNanos = 1_000_000;
        net.maxDelayNanos = 80_000_000;
        net.startBoth();
        net.run(Duration.ofSeconds(1));
        assertPaired(net);
        assertEquals(0, net.east.lostForClosed + net.west.lostForClosed, net.transcript::toString);

        net.run(Duration.ofSeconds(12));
        assertPaired(net);
        assertEquals(1, net.east.openAssociations(), net.transcript::toString);
        assertEquals(1, net.west.openAssociations(), net.transcript::toString);
        assertEquals(0, net.east.lostForClosed + net.west.lostForClosed, net.transcript::toString);
        Pair pair = net.east.sending();
        assertNotNull(pair);
        boolean bothMade = net.east.counters.get(TunnelCounter.HANDSHAKES_STARTED)
                                - net.east.counters.get(TunnelCounter.HANDSHAKES_FAILED)
                        > 0
                && net.west.counters.get(TunnelCounter.HANDSHAKES_STARTED) > 0;
        if (bothMade) {
            assertEquals(lowerIdentity(), pair.client.name, net.transcript::toString);
        }
    }

    /** SHA-256 of vgate://east/east-1 begins with a lower byte than that of vgate://west/west-1, or the other way. */
    private static String lowerIdentity() {
        return new SimulatedNetwork(0).rules(SimulatedNetwork.EAST).ownClientWins() ? "east" : "west";
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void isPairedAgainAfterARestartedPeerListens(long seed) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.maxDelayNanos = 30_000_000;
        net.startBoth();
        net.run(Duration.ofSeconds(3));
        net.restartWest();
        net.runMillis(500);
        assertPaired(net);
        net.restartEast();
        net.runMillis(500);
        assertPaired(net);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void isPairedWithinTwoSecondsWhenOnlyTheOtherEndCalls(long seed) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.westCalls = false;
        net.startBoth();
        net.run(Duration.ofSeconds(1));
        net.west.kill();
        net.run(Duration.ofSeconds(20).plusMillis(seed * 37 % 4_000));
        net.restartWest();
        net.run(Duration.ofSeconds(2));
        assertPaired(net);
    }

    @Test
    void aKilledPeerIsNoticedAndNothingIsSentAnyMore() {
        for (int seed = 0; seed < 20; seed++) {
            SimulatedNetwork net = new SimulatedNetwork(seed);
            net.startBoth();
            net.runMillis(3_000 + 50 * seed);
            net.west.kill();
            net.run(LIVENESS_TIME);
            assertNull(net.east.sending(), net.transcript::toString);
            assertEquals(TunnelState.HANDSHAKING, net.east.machine.state());
            assertEquals(1, net.east.reports(TunnelEvent.PEER_LOST));
        }
    }

    @Test
    void aKilledPeerIsNoticedWithinASecondWhenItIsSentPackets() {
        for (boolean onlyEastSends : new boolean[] {false, true}) {
            for (int seed = 0; seed < 40; seed++) {
                SimulatedNetwork net = new SimulatedNetwork(seed);
                // One that may be elsewhere is given until it asks by itself.
                net.roams = false;
                net.renew();
                net.onlyEastSends = onlyEastSends;
                net.startBoth();
                net.runMillis(3_000 + 13 * seed);
                net.west.kill();
                net.run(Duration.ofSeconds(1));
                assertNull(net.east.sending(), net.transcript::toString);
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whoOnlyListensIsNotTakenForDead(long seed) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.onlyEastSends = true;
        net.minDelayNanos = net.random.nextLong(100_000_000);
        net.maxDelayNanos = net.minDelayNanos + net.random.nextLong(20_000_000);
        net.startBoth();
        net.run(Duration.ofSeconds(5));
        net.loss = 0.05;
        net.run(Duration.ofMinutes(2));
        assertEquals(0, net.east.reports(TunnelEvent.PEER_LOST), net.transcript::toString);
    }

    @Test
    void aBusyTunnelOutlivesLostEchoes() {
        SimulatedNetwork net = new SimulatedNetwork(3);
        net.startBoth();
        net.run(Duration.ofSeconds(2));
        net.loss = 0.6;
        net.run(Duration.ofMinutes(2));
        assertEquals(0, net.east.reports(TunnelEvent.PEER_LOST) + net.west.reports(TunnelEvent.PEER_LOST));
    }

    @Test
    void measuresTheRoundTrip() {
        SimulatedNetwork net = new SimulatedNetwork(3);
        net.startBoth();
        net.run(Duration.ofSeconds(5));
        assertEquals(10_000_000, net.east.machine.status().rttNanos());
        assertEquals(10_000_000, net.west.machine.status().rttNanos());
    }

    @Test
    void aThousandRekeysLoseNothing() {
        SimulatedNetwork net = new SimulatedNetwork(4);
        net.minDelayNanos = 1_000_000;
        net.maxDelayNanos = 8_000_000;
        net.startBoth();
        net.run(Duration.ofSeconds(1));
        long before = net.east.counters.get(TunnelCounter.REKEYS);
        for (int i = 0; i < 1_000; i++) {
            (i % 2 == 0 ? net.east : net.west).rekey();
            net.runMillis(100);
        }
        assertPaired(net);
        assertEquals(1_000, net.east.counters.get(TunnelCounter.REKEYS) - before);
        assertEquals(0, net.east.lostForClosed + net.west.lostForClosed);
        assertEquals(0, net.east.strays + net.west.strays, net.transcript::toString);
        assertEquals(0, net.east.counters.get(TunnelCounter.OUTAGES) + net.west.counters.get(TunnelCounter.OUTAGES));
        assertTrue(Math.max(net.east.unsent, net.west.unsent) < 50);
        assertTrue(net.east.received > 49_000 && net.west.received > 49_000);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void rekeysUnderLossLoseNothingOfTheirOwn(long seed) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.startBoth();
        net.run(Duration.ofSeconds(1));
        net.loss = 0.2;
        net.duplicates = 0.1;
        net.minDelayNanos = 1_000_000;
        net.maxDelayNanos = 50_000_000;
        for (int i = 0; i < 10; i++) {
            (net.random.nextBoolean() ? net.east : net.west).rekey();
            net.runMillis(net.random.nextLong(3_000));
        }
        assertEquals(0, net.east.lostForClosed + net.west.lostForClosed, net.transcript::toString);
        net.run(Duration.ofSeconds(20));
        assertPaired(net);
        assertTrue(net.east.counters.get(TunnelCounter.REKEYS) > 0, net.transcript::toString);
    }

    @Test
    void theServerAsksAndTheClientRekeys() {
        SimulatedNetwork net = new SimulatedNetwork(5);
        net.westCalls = false;
        net.startBoth();
        net.run(Duration.ofSeconds(1));
        Pair first = net.east.sending();
        net.west.rekey();
        assertEquals(TunnelState.REKEYING, net.west.machine.state());
        net.runMillis(200);
        assertPaired(net);
        assertNotSame(first, net.east.sending());
        assertEquals(TunnelState.ESTABLISHED, net.west.machine.state());
        assertEquals(2, net.east.machine.status().generation());
        assertEquals(0, net.west.counters.get(TunnelCounter.HANDSHAKES_STARTED));
    }

    @Test
    void rekeysByAgeRecordsBytesAndFailedOpenings() {
        assertRekeys(new RekeyLimits(Duration.ofSeconds(10), 1L << 40, 1L << 40, 1_000), 5, 7);
        // 500 records of 100 bytes in a second.
        assertRekeys(new RekeyLimits(Duration.ofHours(1), 5_000, 1L << 40, 1_000), 5, 7);
        assertRekeys(new RekeyLimits(Duration.ofHours(1), 1L << 40, 500_000, 1_000), 5, 7);

        SimulatedNetwork net = new SimulatedNetwork(6);
        net.startBoth();
        net.run(Duration.ofSeconds(1));
        long before = net.east.counters.get(TunnelCounter.REKEYS);
        net.failedOpenings = 1_000;
        net.runMillis(251);
        net.failedOpenings = 0;
        net.runMillis(100);
        assertEquals(before + 1, net.east.counters.get(TunnelCounter.REKEYS));
    }

    private static void assertRekeys(RekeyLimits limits, int least, int most) {
        for (int seed = 0; seed < 4; seed++) {
            SimulatedNetwork net = new SimulatedNetwork(seed);
            net.limits = limits;
            net.eastCalls = seed % 2 == 0;
            net.westCalls = seed % 2 != 0;
            net.startBoth();
            net.run(Duration.ofSeconds(60));
            long rekeys = net.east.counters.get(TunnelCounter.REKEYS);
            assertTrue(rekeys >= least && rekeys <= most, () -> rekeys + " rekeys\n" + net.transcript);
            assertEquals(0, net.east.lostForClosed + net.west.lostForClosed);
        }
    }

    @Test
    void aRekeyThatFailsIsTriedAgainUntilTheHardLimit() {
        SimulatedNetwork net = new SimulatedNetwork(7);
        net.limits = new RekeyLimits(Duration.ofMinutes(2), 1L << 40, 1L << 40, 1_000);
        net.startBoth();
        net.run(Duration.ofSeconds(10));
        net.handshakesFail = true;
        Pair pair = net.east.sending();
        net.run(Duration.ofMinutes(3));
        assertSame(pair, net.east.sending());
        assertEquals(TunnelState.REKEYING, net.east.machine.state());
        long failed = net.east.counters.get(TunnelCounter.HANDSHAKES_FAILED)
                + net.west.counters.get(TunnelCounter.HANDSHAKES_FAILED);
        assertTrue(failed >= 4 && failed < 30, () -> failed + " failed");

        net.run(Duration.ofMinutes(2));
        assertNull(net.east.sending());
        assertNull(net.west.sending());
        assertTrue(net.east.reports(TunnelEvent.HARD_LIMIT) + net.west.reports(TunnelEvent.HARD_LIMIT) >= 1);

        net.handshakesFail = false;
        net.run(Duration.ofSeconds(4));
        assertPaired(net);
    }

    /** 500 records a second, a handshake of 600 ms, and limits that are passed twice in 400 ms. */
    @Test
    void aRekeyHasItsTimeHoweverSoonALimitIsPassedTwice() {
        SimulatedNetwork net = new SimulatedNetwork(7);
        net.minDelayNanos = 150_000_000;
        net.maxDelayNanos = 150_000_000;
        net.limits = new RekeyLimits(Duration.ofHours(1), 100, 1L << 40, 1_000);
        net.startBoth();
        net.run(Duration.ofSeconds(5));
        int unsent = net.east.unsent + net.west.unsent;
        net.run(Duration.ofMinutes(1));
        assertTrue(net.east.counters.get(TunnelCounter.REKEYS) > 40);
        assertEquals(0, net.east.counters.get(TunnelCounter.OUTAGES) + net.west.counters.get(TunnelCounter.OUTAGES));
        assertEquals(unsent, net.east.unsent + net.west.unsent);
        assertEquals(0, net.east.lostForClosed + net.west.lostForClosed);
    }

    @Test
    void stopsWithTheKnowledgeOfThePeer() {
        SimulatedNetwork net = new SimulatedNetwork(8);
        net.startBoth();
        net.run(Duration.ofSeconds(2));
        net.east.stop();
        assertEquals(TunnelState.CLOSING, net.east.machine.state());
        assertNull(net.east.sending());
        net.runMillis(20);
        assertEquals(TunnelState.CLOSED, net.east.machine.state());
        assertNull(net.west.sending());
        assertEquals(1, net.west.reports(TunnelEvent.PEER_STOPPED));
        assertEquals(TunnelState.HANDSHAKING, net.west.machine.state());
        assertEquals(Long.MAX_VALUE, net.east.machine.wakeAt());
    }

    @Test
    void stopsAlsoWhenNobodyAnswers() {
        SimulatedNetwork net = new SimulatedNetwork(9);
        net.startBoth();
        net.run(Duration.ofSeconds(2));
        net.west.kill();
        net.east.stop();
        net.runMillis(299);
        assertEquals(TunnelState.CLOSING, net.east.machine.state());
        net.runMillis(1);
        assertEquals(TunnelState.CLOSED, net.east.machine.state());
        assertEquals(0, net.east.openAssociations());
    }

    @Test
    void bothMayStopAtOnce() {
        SimulatedNetwork net = new SimulatedNetwork(10);
        net.startBoth();
        net.run(Duration.ofSeconds(2));
        net.east.stop();
        net.west.stop();
        net.runMillis(20);
        assertEquals(TunnelState.CLOSED, net.east.machine.state());
        assertEquals(TunnelState.CLOSED, net.west.machine.state());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void settlesAfterAnyDisorder(long seed) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.loss = net.random.nextDouble(0.35);
        net.duplicates = net.random.nextDouble(0.2);
        net.minDelayNanos = 100_000;
        net.maxDelayNanos = 1_000_000 + net.random.nextLong(200_000_000);
        net.dataEveryNanos = 20_000_000;
        net.limits = new RekeyLimits(Duration.ofMillis(net.random.nextLong(300, 20_000)), 1L << 40, 1L << 40, 1_000);
        net.startBoth();
        for (int i = 0; i < 40; i++) {
            disturb(net);
            net.runMillis(net.random.nextLong(2_000));
        }
        net.loss = 0;
        net.duplicates = 0;
        net.handshakesFail = false;
        net.run(Duration.ofSeconds(8));
        net.east.rekey();
        net.run(Duration.ofSeconds(3));
        assertSettled(net);
    }

    /** In the midst of a hand-over the ends send on different associations for a moment. */
    private static void assertSettled(SimulatedNetwork net) {
        for (int i = 0; i < 100 && !net.isPaired(); i++) {
            net.runMillis(5);
        }
        assertPaired(net);
    }

    private static void disturb(SimulatedNetwork net) {
        switch (net.random.nextInt(12)) {
            case 0 -> net.restartEast();
            case 1 -> net.restartWest();
            case 2, 3, 4 -> net.east.rekey();
            case 5, 6, 7 -> net.west.rekey();
            case 8 -> net.handshakesFail = !net.handshakesFail;
            case 9 -> net.loss = net.random.nextInt(4) == 0 ? 1 : net.random.nextDouble(0.35);
            case 10 -> net.east.peerIs(net.west, Duration.ZERO);
            default -> {}
        }
    }

    private static void assertPaired(SimulatedNetwork net) {
        assertTrue(net.isPaired(), net.transcript::toString);
        assertEquals(
                net.east.machine.status().generation(),
                net.west.machine.status().generation());
    }
}

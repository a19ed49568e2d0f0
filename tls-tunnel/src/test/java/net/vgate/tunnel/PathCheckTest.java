package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two machines, of which one moves, or seems to. */
class PathCheckTest {
    private static final InetSocketAddress NEW = new InetSocketAddress("203.0.113.1", 1_024);

    static LongStream seeds() {
        return LongStream.concat(
                LongStream.range(1, 60), ThreadLocalRandom.current().longs(5));
    }

    @Test
    void followsAPeerThatHasMovedWithoutAHandshake() {
        SimulatedNetwork net = paired(1);
        net.west.address = NEW;
        net.runMillis(400);
        assertEquals(NEW, net.east.sendsTo(), net.transcript::toString);
        assertEquals(1, net.east.reports(TunnelEvent.ROAMED));
        assertEquals(0, net.east.counters.get(TunnelCounter.REKEYS));
        assertEquals(0, net.east.counters.get(TunnelCounter.OUTAGES));

        int received = net.west.received;
        net.runMillis(200);
        assertTrue(net.west.received > received + 90, net.transcript::toString);
    }

    @Test
    void followsAnIdlePeer() {
        SimulatedNetwork net = new SimulatedNetwork(1);
        net.dataEveryNanos = 0;
        net.startBoth();
        net.run(Duration.ofSeconds(2));
        net.west.address = NEW;
        net.run(Duration.ofSeconds(2));
        assertEquals(NEW, net.east.sendsTo(), net.transcript::toString);
        assertEquals(0, net.east.counters.get(TunnelCounter.OUTAGES));
    }

    @Test
    void followsBothWhenBothHaveMovedButNotAtOnce() {
        SimulatedNetwork net = paired(1);
        net.west.address = NEW;
        net.run(Duration.ofSeconds(1));
        InetSocketAddress other = new InetSocketAddress("203.0.113.2", 1_025);
        net.east.address = other;
        net.run(Duration.ofSeconds(2));
        assertEquals(other, net.west.sendsTo(), net.transcript::toString);
        assertEquals(NEW, net.east.sendsTo());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void followsAPeerThatMovesAgainAndAgainUnderLoss(long seed) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.loss = 0.1;
        net.duplicates = 0.1;
        net.minDelayNanos = 1_000_000;
        net.maxDelayNanos = 40_000_000;
        net.startBoth();
        net.run(Duration.ofSeconds(5));
        for (int i = 0; i < 10; i++) {
            net.west.address = new InetSocketAddress("203.0.113.3", 1_024 + i);
            net.run(Duration.ofSeconds(15));
            assertEquals(net.west.address, net.east.sendsTo(), net.transcript::toString);
        }
        // Where too much is lost, a new handshake finds it.
        assertTrue(net.east.counters.get(TunnelCounter.OUTAGES) <= 3, net.transcript::toString);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whoCopiesRecordsAndPassesOnChallengesGainsNoTraffic(long seed) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.minDelayNanos = 1_000_000 * net.random.nextLong(1, 50);
        net.maxDelayNanos = net.minDelayNanos;
        net.startBoth();
        net.run(Duration.ofSeconds(3));
        net.relay = NEW;
        net.run(Duration.ofMinutes(1));
        assertEquals(net.west.address, net.east.sendsTo(), net.transcript::toString);
        assertEquals(0, net.east.counters.get(TunnelCounter.PATHS_MOVED));
        // Nothing but a challenge now and then, and what answers those that were passed on.
        assertTrue(net.east.counters.get(TunnelCounter.PATH_CHECKS) <= 7, net.transcript::toString);
        assertTrue(net.relayed <= 100, () -> net.relayed + " datagrams\n" + net.transcript);
    }

    @Test
    void aPeerThatMayNotRoamStaysWhereItIs() {
        SimulatedNetwork net = new SimulatedNetwork(1);
        net.roams = false;
        net.startBoth();
        net.run(Duration.ofSeconds(1));
        InetSocketAddress before = net.east.sendsTo();
        net.west.address = NEW;
        net.runMillis(300);
        assertEquals(before, net.east.sendsTo());
        assertEquals(0, net.east.counters.get(TunnelCounter.PATH_CHECKS));
    }

    private static SimulatedNetwork paired(long seed) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.startBoth();
        net.run(Duration.ofSeconds(2));
        assertTrue(net.isPaired(), net.transcript::toString);
        return net;
    }
}

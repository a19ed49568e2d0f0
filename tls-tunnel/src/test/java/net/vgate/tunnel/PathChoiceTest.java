package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two machines with two paths between them: 5 ms on the first, 20 ms on the second. */
class PathChoiceTest {
    static LongStream seeds() {
        return LongStream.concat(
                LongStream.range(1, 40), ThreadLocalRandom.current().longs(5));
    }

    private static SimulatedNetwork paired(long seed) {
        return paired(seed, false);
    }

    private static SimulatedNetwork paired(long seed, boolean onlyRefuges) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.onlyRefuges = onlyRefuges;
        net.roams = false;
        net.twoPaths = true;
        net.startBoth();
        net.run(Duration.ofSeconds(5));
        assertTrue(net.isPaired(), net.transcript::toString);
        return net;
    }

    private static String told(SimulatedNetwork net, long seed) {
        return "seed " + seed + "\n" + net.transcript;
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aPathThatDiesIsReplacedWithinASecondWithoutAHandshake(long seed) {
        SimulatedNetwork net = paired(seed);
        net.runMillis(net.random.nextLong(1_000));
        assertEquals(net.west.address, net.east.sendsTo(), () -> told(net, seed));
        net.loss = 1;
        net.runMillis(900);
        assertEquals(net.west.second, net.east.sendsTo(), () -> told(net, seed));
        assertEquals(net.east.second, net.west.sendsTo(), () -> told(net, seed));
        int received = net.west.received;
        net.run(Duration.ofSeconds(10));

        assertTrue(net.west.received > received + 4_900, () -> told(net, seed));
        assertEquals(
                1,
                net.east.counters.get(TunnelCounter.HANDSHAKES_STARTED)
                        + net.west.counters.get(TunnelCounter.HANDSHAKES_STARTED)
                        - crossed(net),
                () -> told(net, seed));
        assertEquals(0, net.east.counters.get(TunnelCounter.OUTAGES), () -> told(net, seed));
        assertEquals(1, net.east.reports(TunnelEvent.PATH_CHANGED), () -> told(net, seed));
    }

    /** Who is sent by where it was merely seen could be somebody who passes on what he copies, and is fast. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aRefugeIsTakenWhenThePathInUseIsSilentAndNotForBeingFaster(long seed) {
        SimulatedNetwork net = paired(seed, true);
        net.secondDelayNanos = 500_000;
        net.run(Duration.ofSeconds(60));
        assertEquals(net.west.address, net.east.sendsTo(), () -> told(net, seed));
        assertEquals(net.east.address, net.west.sendsTo(), () -> told(net, seed));
        assertEquals(2, net.east.machine.status().paths().size());

        net.loss = 1;
        net.runMillis(900);
        assertEquals(net.west.second, net.east.sendsTo(), () -> told(net, seed));
        assertEquals(net.east.second, net.west.sendsTo(), () -> told(net, seed));
        assertEquals(0, net.east.counters.get(TunnelCounter.OUTAGES), () -> told(net, seed));
        assertEquals(1, net.east.reports(TunnelEvent.PATH_CHANGED), () -> told(net, seed));
    }

    /** Both may have called at first contact. */
    private static long crossed(SimulatedNetwork net) {
        return net.west.counters.get(TunnelCounter.HANDSHAKES_STARTED) > 0
                        && net.east.counters.get(TunnelCounter.HANDSHAKES_STARTED) > 0
                ? 1
                : 0;
    }

    /** By satellite: its answer is under way when the path in use is given up. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aSlowPathThatStandsByTakesOverAsWell(long seed) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.roams = false;
        net.twoPaths = true;
        net.secondDelayNanos = 300_000_000;
        net.startBoth();
        net.run(Duration.ofSeconds(5));
        net.runMillis(net.random.nextLong(1_000));
        assertEquals(net.west.address, net.east.sendsTo(), () -> told(net, seed));
        net.loss = 1;
        net.run(Duration.ofSeconds(10));
        assertEquals(net.west.second, net.east.sendsTo(), () -> told(net, seed));
        assertEquals(0, net.east.counters.get(TunnelCounter.OUTAGES), () -> told(net, seed));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aLossyPathIsLeftAndTakenAgainWhenItIsGood(long seed) {
        SimulatedNetwork net = paired(seed);
        net.loss = 0.3;
        net.run(Duration.ofSeconds(60));
        assertEquals(net.west.second, net.east.sendsTo(), () -> told(net, seed));
        List<PathStatus> paths = net.east.machine.status().paths();
        assertEquals(2, paths.size());
        assertEquals(0, paths.get(0).loss(), () -> told(net, seed));
        double lost = paths.get(1).loss();
        // Of both directions: the path loses 0.51 of what goes there and back.
        assertTrue(lost > 0.2 && lost < 0.85, () -> lost + " " + told(net, seed));

        net.loss = 0;
        net.run(Duration.ofSeconds(60));
        assertEquals(net.west.address, net.east.sendsTo(), () -> told(net, seed));
        assertEquals(0, net.east.counters.get(TunnelCounter.OUTAGES), () -> told(net, seed));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void pathsThatAreAlikeAreNotChangedToAndFro(long seed) {
        SimulatedNetwork net = paired(seed);
        net.secondDelayNanos = 5_000_000;
        net.loss = 0.01;
        net.secondLoss = 0.01;
        net.run(Duration.ofMinutes(5));
        assertTrue(net.east.reports(TunnelEvent.PATH_CHANGED) <= 6, () -> told(net, seed));
        assertEquals(0, net.east.counters.get(TunnelCounter.OUTAGES), () -> told(net, seed));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whenBothDieTheTunnelEndsAsSoonAsWithOnePath(long seed) {
        SimulatedNetwork net = paired(seed);
        net.runMillis(net.random.nextLong(1_000));
        net.loss = 1;
        net.secondLoss = 1;
        net.runMillis(1_100);
        assertEquals(1, net.east.counters.get(TunnelCounter.OUTAGES), () -> told(net, seed));
        assertEquals(0, net.east.reports(TunnelEvent.PATH_CHANGED), () -> told(net, seed));
        net.loss = 0;
        net.run(Duration.ofSeconds(10));
        assertTrue(net.isPaired(), () -> told(net, seed));
    }

    @Test
    void theLossOfASinglePathIsMeasured() {
        SimulatedNetwork net = new SimulatedNetwork(3);
        net.startBoth();
        net.run(Duration.ofSeconds(20));
        assertEquals(0, net.east.machine.status().paths().get(0).loss());
        net.loss = 0.2;
        net.run(Duration.ofSeconds(40));
        double loss = net.east.machine.status().paths().get(0).loss();
        assertTrue(loss > 0.1 && loss < 0.7, () -> loss + "\n" + net.transcript);
        assertEquals(1, net.east.machine.status().paths().size());
    }

    @Test
    void theShareOfTheLastRequestsIsCountedWithoutThoseUnderWay() {
        LossWindow window = new LossWindow();
        assertEquals(PathStatus.UNKNOWN_LOSS, window.loss(0));
        for (int i = 0; i < 100; i++) {
            window.sent();
            if (i % 4 != 0) {
                window.answered(0);
            }
        }
        assertEquals(0.25, window.loss(0));
        window.sent();
        window.sent();
        assertEquals(0.25, window.loss(2));
        window.answered(1);
        window.answered(70);
        window.answered(-1);
        assertEquals(LossWindow.SIZE, window.known(2));
        window.reset();
        assertEquals(0, window.known(0));
    }
}

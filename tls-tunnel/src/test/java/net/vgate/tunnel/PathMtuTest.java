package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two machines, and a path between them that becomes narrower and wider. */
class PathMtuTest {
    private static final int LEAST = PathMtuBounds.LEAST_IPV4;
    private static final int MOST = 1_500;

    /** Of an issue: the new value is in use so soon after the path has changed, traffic provided. */
    private static final Duration NARROWS_WITHIN = Duration.ofSeconds(5);

    /** A minute to the next look, and the search. */
    private static final Duration WIDENS_WITHIN = Duration.ofSeconds(95);

    static LongStream seeds() {
        return LongStream.concat(
                LongStream.range(1, 60), ThreadLocalRandom.current().longs(5));
    }

    @Test
    void aWidePathIsFoundToBeSoInOneRoundTrip() {
        SimulatedNetwork net = paired(1);
        net.runMillis(500);
        assertFitted(net, MOST);
        assertTrue(net.east.counters.get(TunnelCounter.PATH_PROBES_SENT) <= 4, net.transcript::toString);
        assertEquals(0, net.east.reports(TunnelEvent.PATH_MTU));
    }

    @Test
    void anIdlePathIsLeftInPeace() {
        SimulatedNetwork net = new SimulatedNetwork(1);
        net.dataEveryNanos = 0;
        net.startBoth();
        net.run(Duration.ofMinutes(10));
        long rounds = net.east.counters.get(TunnelCounter.PATH_PROBES_SENT) / 2;
        assertTrue(rounds <= 21, rounds + " rounds\n" + net.transcript);
    }

    @ParameterizedTest
    @ValueSource(ints = {1_499, 1_496, 1_400, 1_280, 1_124, 800, 580, 579, 576})
    void aPathThatNarrowsIsFollowed(int bytes) {
        SimulatedNetwork net = paired(bytes);
        net.run(Duration.ofSeconds(3));
        net.pathMtu = bytes;
        net.run(NARROWS_WITHIN);
        assertFitted(net, grid(bytes));
        assertEquals(1, net.east.reports(TunnelEvent.PATH_MTU), net.transcript::toString);
        assertEquals(0, net.east.counters.get(TunnelCounter.OUTAGES));
    }

    @Test
    void aPathThatIsNarrowFromTheStartIsFound() {
        SimulatedNetwork net = new SimulatedNetwork(1);
        net.pathMtu = 1_124;
        net.startBoth();
        net.run(NARROWS_WITHIN);
        assertFitted(net, 1_124);
    }

    @Test
    void aPathThatWidensIsFollowed() {
        SimulatedNetwork net = paired(1);
        net.pathMtu = 1_124;
        net.run(NARROWS_WITHIN);
        net.pathMtu = 1_300;
        net.run(WIDENS_WITHIN);
        assertFitted(net, 1_300);
        net.pathMtu = 9_000;
        net.run(WIDENS_WITHIN);
        assertFitted(net, MOST);
    }

    @Test
    void aDeadPathIsNotANarrowOne() {
        SimulatedNetwork net = paired(1);
        net.run(Duration.ofSeconds(1));
        net.loss = 1;
        net.run(Duration.ofSeconds(10));
        net.loss = 0;
        net.run(Duration.ofSeconds(5));
        assertFitted(net, MOST);
        assertEquals(0, net.east.reports(TunnelEvent.PATH_MTU), net.transcript::toString);
    }

    @Test
    void whatIsKnownOutlivesARekey() {
        SimulatedNetwork net = paired(1);
        net.pathMtu = 1_124;
        net.run(NARROWS_WITHIN);
        net.east.rekey();
        net.west.rekey();
        net.runMillis(300);
        assertFitted(net, 1_124);
        assertEquals(1, net.east.counters.get(TunnelCounter.REKEYS));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void followsAnyPathUnderLoss(long seed) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.minDelayNanos = 1_000_000;
        net.maxDelayNanos = net.random.nextLong(2_000_000, 60_000_000);
        net.loss = 0.1 * net.random.nextDouble();
        net.duplicates = 0.1;
        net.startBoth();
        net.run(Duration.ofSeconds(10));
        for (int i = 0; i < 4; i++) {
            net.pathMtu = net.random.nextInt(LEAST, 1_600);
            net.run(WIDENS_WITHIN.plus(WIDENS_WITHIN));
            // Bad luck may make it smaller than it is for a while, never larger for longer than it takes to notice.
            assertTrue(net.east.fitted <= net.pathMtu, net.transcript::toString);
            net.loss = 0;
            net.run(WIDENS_WITHIN);
            assertFitted(net, grid(net.pathMtu));
            net.loss = 0.1 * net.random.nextDouble();
        }
    }

    private static SimulatedNetwork paired(long seed) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.startBoth();
        net.runMillis(500);
        assertTrue(net.isPaired(), net.transcript::toString);
        return net;
    }

    /** The largest size that is looked for in a path. */
    private static int grid(int pathMtu) {
        return pathMtu >= MOST ? MOST : LEAST + (pathMtu - LEAST) / 4 * 4;
    }

    private static void assertFitted(SimulatedNetwork net, int bytes) {
        assertEquals(bytes, net.east.fitted, net.transcript::toString);
        assertEquals(bytes, net.west.fitted, net.transcript::toString);
    }
}

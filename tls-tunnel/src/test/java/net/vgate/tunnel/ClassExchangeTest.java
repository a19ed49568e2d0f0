package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two machines that tell each other what they demand for V-nets. */
class ClassExchangeTest {
    private static final long GOLD = TunnelClass.demand(4, 1);

    static LongStream seeds() {
        return LongStream.concat(
                LongStream.range(1, 15), ThreadLocalRandom.current().longs(3));
    }

    @Test
    void eachKnowsWhatTheOtherDemandsWithinARoundTrip() {
        SimulatedNetwork net = paired(1);
        assertEquals(demands(7, 1), net.west.machine.peerDemands());
        assertEquals(VnetDemands.NONE, net.east.machine.peerDemands());
    }

    @Test
    void aChangeIsToldAtOnce() {
        SimulatedNetwork net = paired(1);
        net.west.demand(demands(100, 20_000));
        net.runMillis(11);
        // 318 parts, 16 under way at once, a round trip of 10 ms.
        net.runMillis(220);
        assertEquals(demands(100, 20_000), net.east.machine.peerDemands());
        net.west.demand(VnetDemands.NONE);
        // The next one is taken a while after, and is repeated until then.
        net.runMillis(700);
        assertEquals(VnetDemands.NONE, net.east.machine.peerDemands());
    }

    @Test
    void nothingIsSaidTwiceWithoutNeed() {
        SimulatedNetwork net = paired(1);
        net.run(Duration.ofSeconds(3));
        long before = net.west.counters.get(TunnelCounter.CONTROL_UNEXPECTED);
        int said = net.transcript.count("Demands[");
        net.run(Duration.ofSeconds(30));
        assertEquals(said, net.transcript.count("Demands["));
        assertEquals(before, net.west.counters.get(TunnelCounter.CONTROL_UNEXPECTED));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void bothKnowUnderLossAcrossRekeysAndRestarts(long seed) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.loss = 0.2;
        net.duplicates = 0.1;
        net.minDelayNanos = 1_000_000;
        net.maxDelayNanos = 60_000_000;
        net.dataEveryNanos = 0;
        net.startBoth();
        for (int round = 0; round < 8; round++) {
            switch (net.random.nextInt(4)) {
                case 0 -> net.east.rekey();
                case 1 -> net.restartWest();
                case 2 -> net.restartEast();
                default -> {}
            }
            VnetDemands east = demands(net.random.nextInt(1, 9), net.random.nextInt(300));
            VnetDemands west = demands(net.random.nextInt(1, 9), net.random.nextInt(3_000));
            net.east.demand(east);
            net.west.demand(west);
            net.run(Duration.ofSeconds(30));
            if (net.isPaired()) {
                assertEquals(east, net.west.machine.peerDemands());
                assertEquals(west, net.east.machine.peerDemands());
            }
        }
        assertTrue(net.east.machine.peerDemands() != null || net.west.machine.peerDemands() != null);
    }

    @Test
    void whatThePeerSaidStaysGoodAcrossARekey() {
        SimulatedNetwork net = paired(1);
        long before = net.west.counters.get(TunnelCounter.REKEYS);
        net.east.rekey();
        for (int i = 0; i < 1_000; i++) {
            net.runMillis(1);
            assertEquals(demands(7, 1), net.west.machine.peerDemands());
        }
        assertEquals(before + 1, net.west.counters.get(TunnelCounter.REKEYS));
    }

    @Test
    void whatAnotherProcessOfThePeerSaidMeansNothing() {
        ClassExchange exchange = new ClassExchange();
        exchange.begin(true, 1, 0);
        assertTrue(exchange.received(ControlMessage.Demands.of(1, demands(7, 1)).get(0), 0));
        assertEquals(demands(7, 1), exchange.peers());
        ControlMessage.Demands next =
                ControlMessage.Demands.of(2, demands(7, 1)).get(0);
        assertFalse(exchange.received(next, 249_000_000), "too soon; it is sent again");
        assertTrue(exchange.received(next, 250_000_000));
        exchange.begin(true, 1, 0);
        assertEquals(demands(7, 1), exchange.peers());
        exchange.begin(true, 2, 0);
        assertNull(exchange.peers());
    }

    @Test
    void aPeerThatCannotSayIsNotAsked() {
        SimulatedNetwork net = new SimulatedNetwork(1);
        net.westCapabilities = Capability.ALL & ~Capability.CLASSES;
        net.startBoth();
        net.east.demand(demands(7, 1));
        net.run(Duration.ofSeconds(5));
        assertTrue(net.isPaired());
        assertNull(net.east.machine.peerDemands());
        assertNull(net.west.machine.peerDemands());
        assertEquals(0, net.transcript.count("Demands"));
    }

    /** East demands something for V-net 7. */
    private static SimulatedNetwork paired(long seed) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.startBoth();
        net.east.demand(demands(7, 1));
        net.run(Duration.ofSeconds(1));
        assertTrue(net.isPaired());
        return net;
    }

    /** For so many V-nets, none beside another. */
    private static VnetDemands demands(int first, int count) {
        TreeMap<Integer, Long> byVni = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            byVni.put(first + 2 * i, GOLD);
        }
        return VnetDemands.of(byVni);
    }
}

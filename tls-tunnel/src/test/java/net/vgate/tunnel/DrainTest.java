package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A gateway that goes into maintenance, over a network that loses, doubles and reorders. */
class DrainTest {
    static LongStream seeds() {
        return LongStream.range(1, 65);
    }

    private static SimulatedNetwork paired(long seed) {
        SimulatedNetwork net = new SimulatedNetwork(seed);
        net.loss = 0.2;
        net.duplicates = 0.2;
        net.maxDelayNanos = 60_000_000;
        net.startBoth();
        net.run(Duration.ofSeconds(5));
        assertTrue(net.east.machine.state().carries(), net.transcript::toString);
        return net;
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void thePeerHearsOfItAndOfItsEnd(long seed) {
        SimulatedNetwork net = paired(seed);
        assertFalse(net.east.machine.status().knowsDraining());
        for (int round = 0; round < 4; round++) {
            boolean isDraining = round % 2 == 0;
            net.east.drain(!isDraining);
            net.east.drain(isDraining);
            net.run(Duration.ofSeconds(10));
            assertEquals(isDraining, net.west.machine.status().peerDrains(), net.transcript::toString);
            assertTrue(net.east.machine.status().knowsDraining(), net.transcript::toString);
            assertFalse(net.east.machine.status().peerDrains());
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void itOutlivesAnAssociationAndNotTheProcess(long seed) {
        SimulatedNetwork net = paired(seed);
        net.east.drain(true);
        net.run(Duration.ofSeconds(10));
        net.east.rekey();
        net.run(Duration.ofSeconds(10));
        assertTrue(net.west.machine.status().peerDrains(), net.transcript::toString);
        assertTrue(net.east.machine.status().knowsDraining(), net.transcript::toString);

        net.restartWest();
        net.run(Duration.ofSeconds(15));
        assertTrue(net.west.machine.status().peerDrains(), net.transcript::toString);

        net.restartEast();
        net.run(Duration.ofSeconds(15));
        assertFalse(net.west.machine.status().peerDrains(), net.transcript::toString);
        assertTrue(net.west.machine.state().carries(), net.transcript::toString);
    }
}

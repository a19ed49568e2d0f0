package net.vgate.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SteeringTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64})
    void aConnectionIdBelongsToTheWorkerThatItWasMadeFor(int workers) {
        Steering steering = new Steering(workers);
        SplittableRandom random = new SplittableRandom(workers);
        Set<Long> lastBytes = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            int worker = random.nextInt(workers);
            long cid = steering.newCid(worker, random);

            assertEquals(worker, steering.workerOf(cid));
            lastBytes.add(cid & 0xff);
        }
        // Nearly all values are used: what the last byte says beyond the worker is nothing.
        assertTrue(lastBytes.size() > 256 - workers, () -> lastBytes.size() + " values");
    }

    @Test
    void refusesMoreWorkersThanTheByteCanName() {
        assertThrows(IllegalArgumentException.class, () -> new Steering(0));
        assertThrows(IllegalArgumentException.class, () -> new Steering(Steering.MAX_WORKERS + 1));
    }
}

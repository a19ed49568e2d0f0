package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadyQueueTest {
    private static final int VNETS = 5;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void isASetInOrderOfArrival(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ReadyQueue queue = new ReadyQueue(VNETS);
        LinkedHashSet<Integer> model = new LinkedHashSet<>();
        for (int i = 0; i < 2_000; i++) {
            if (model.isEmpty() || random.nextInt(5) < 3) {
                int vnet = random.nextInt(VNETS);
                queue.add(vnet);
                model.add(vnet);
            } else {
                int first = model.iterator().next();
                model.remove(first);
                assertEquals(first, queue.take());
            }
            assertEquals(model.size(), queue.count());
        }
    }

    @Test
    void servesEveryVnetOnceInTurnWhenAllAreReady() {
        ReadyQueue queue = new ReadyQueue(VNETS);
        queue.add(3);
        queue.addAll();
        LinkedHashSet<Integer> served = new LinkedHashSet<>();
        while (queue.count() > 0) {
            assertTrue(served.add(queue.take()));
        }
        assertEquals(3, served.iterator().next());
        assertEquals(VNETS, served.size());
    }

    @Test
    void forgetsWhatThePlanDoesNotHave() {
        ReadyQueue queue = new ReadyQueue(VNETS);
        queue.add(VNETS);
        assertEquals(0, queue.count());
        assertThrows(IllegalStateException.class, queue::take);
    }
}

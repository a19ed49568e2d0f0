package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("EnumOrdinal")
class TrafficCountersTest {
    private final TrafficCounters counters = new TrafficCounters();

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void agreesWithPlainArrays(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TrafficDirection[] directions = TrafficDirection.values();
        long[][] packets = new long[20][directions.length];
        long[][] bytes = new long[20][directions.length];
        int vnets = 0;
        for (int step = 0; step < 5_000; step++) {
            if (step % 250 == 0) {
                counters.growTo(++vnets);
            }
            int vnet = random.nextBoolean() ? vnets - 1 : random.nextInt(vnets);
            if (random.nextInt(200) == 0) {
                counters.clear(vnet);
                packets[vnet] = new long[directions.length];
                bytes[vnet] = new long[directions.length];
            }
            TrafficDirection direction = directions[random.nextInt(directions.length)];
            int size = random.nextInt(65_536);
            counters.count(vnet, direction, size);
            packets[vnet][direction.ordinal()]++;
            bytes[vnet][direction.ordinal()] += size;
        }
        for (int vnet = 0; vnet < vnets; vnet++) {
            for (TrafficDirection direction : directions) {
                assertEquals(packets[vnet][direction.ordinal()], counters.packets(vnet, direction));
                assertEquals(bytes[vnet][direction.ordinal()], counters.bytes(vnet, direction));
            }
        }
    }

    @Test
    void readsZeroForAVnetThatItDoesNotReach() {
        assertEquals(0, counters.packets(7, TrafficDirection.LOCAL));
    }

    @Test
    void allocatesNothing() {
        counters.growTo(8);
        countMany();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        // The virtual machine itself may allocate once in a while.
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            countMany();
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least);
    }

    @Test
    @Timeout(30)
    void neverFallsForAReaderWhileItGrows() throws Exception {
        counters.growTo(1);
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Boolean> rising = CompletableFuture.supplyAsync(() -> {
            long last = 0;
            do {
                long now = counters.bytes(0, TrafficDirection.IN);
                if (now < last) {
                    return false;
                }
                last = now;
            } while (!done.get());
            return last > 0;
        });
        long until = System.nanoTime() + Duration.ofMillis(200).toNanos();
        for (int vnets = 1; System.nanoTime() - until < 0; vnets++) {
            counters.growTo(vnets % 2_000);
            counters.count(0, TrafficDirection.IN, 1);
        }
        done.set(true);
        assertTrue(rising.get());
    }

    private void countMany() {
        for (int i = 0; i < 20_000; i++) {
            counters.count(i % 8, TrafficDirection.OUT, i);
        }
    }
}

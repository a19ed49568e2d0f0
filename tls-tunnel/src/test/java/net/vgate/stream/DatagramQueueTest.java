package net.vgate.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatagramQueueTest {
    @Test
    void theOldestGoesForTheYoungest() {
        DatagramQueue queue = new DatagramQueue(2);

        assertTrue(queue.add(datagram(0, 1)));
        assertTrue(queue.add(datagram(0, 2)));
        assertFalse(queue.add(datagram(0, 3)));

        assertArrayEquals(datagram(0, 2), queue.take());
        assertArrayEquals(datagram(0, 3), queue.take());
        assertNull(queue.take());
        assertEquals(1, queue.dropped());
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void doesWhatAPlainQueueDoes(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        DatagramQueue queue = new DatagramQueue(8);
        Deque<byte[]> model = new ArrayDeque<>();
        long dropped = 0;
        for (int i = 0; i < 20_000; i++) {
            // Runs of the same, so that full and empty are met.
            boolean adds = random.nextInt(2) == 0;
            for (int run = random.nextInt(12); run > 0; run--) {
                if (adds) {
                    boolean isFull = model.size() == 8;
                    dropped += isFull ? 1 : 0;
                    if (isFull) {
                        model.removeFirst();
                    }
                    byte[] datagram = datagram(run, i);
                    model.addLast(datagram);
                    assertEquals(!isFull, queue.add(datagram));
                } else {
                    assertEquals(model.pollFirst(), queue.take());
                }
                assertEquals(model.size(), queue.size());
                assertEquals(dropped, queue.dropped());
            }
        }
    }

    @ParameterizedTest(name = "capacity {0}")
    @ValueSource(ints = {2, 64})
    @Timeout(30)
    void losesNothingUncountedAndKeepsTheOrderOfEachThread(int capacity) throws InterruptedException {
        int producers = 3;
        int each = 200_000;
        DatagramQueue queue = new DatagramQueue(capacity);
        CountDownLatch added = new CountDownLatch(producers);
        AtomicBoolean isOutOfOrder = new AtomicBoolean();
        long[] taken = {0};
        Thread consumer = new Thread(() -> {
            int[] last = new int[producers];
            while (true) {
                boolean isLast = added.getCount() == 0;
                for (byte[] next = queue.take(); next != null; next = queue.take()) {
                    int producer = ByteBuffer.wrap(next).getInt(0);
                    int number = ByteBuffer.wrap(next).getInt(4);
                    isOutOfOrder.compareAndSet(false, number <= last[producer]);
                    last[producer] = number;
                    taken[0]++;
                }
                if (isLast) {
                    return;
                }
            }
        });
        consumer.start();
        List<Thread> threads = new ArrayList<>();
        for (int producer = 0; producer < producers; producer++) {
            int own = producer;
            threads.add(new Thread(() -> {
                for (int number = 1; number <= each; number++) {
                    queue.add(datagram(own, number));
                }
                added.countDown();
            }));
        }
        threads.forEach(Thread::start);
        assertTrue(added.await(25, TimeUnit.SECONDS));
        consumer.join();

        assertFalse(isOutOfOrder.get());
        assertEquals((long) producers * each, taken[0] + queue.dropped());
        assertEquals(0, queue.size());
    }

    private static byte[] datagram(int producer, int number) {
        return ByteBuffer.allocate(8).putInt(producer).putInt(number).array();
    }
}

package net.vgate.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SequenceSourceTest {
    @Test
    @Timeout(30)
    void givesANumberOutOnce() throws InterruptedException {
        SequenceSource source = new SequenceSource();
        List<BitSet> taken = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            BitSet mine = new BitSet();
            taken.add(mine);
            SplittableRandom random = new SplittableRandom(i);
            Thread thread = new Thread(() -> {
                for (int round = 0; round < 50_000; round++) {
                    int count = 1 + random.nextInt(8);
                    int first = (int) source.reserve(count, count);
                    mine.set(first, first + count);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        BitSet all = new BitSet();
        for (BitSet mine : taken) {
            assertFalse(all.intersects(mine));
            all.or(mine);
        }
        assertEquals(source.taken(), all.cardinality());
        assertEquals(source.bytes(), all.cardinality());
    }

    @Test
    void staysFarBelowTheEndOfTheNumbers() {
        assertEquals(-1, new SequenceSource(RecordFormat.SEQUENCE_LIMIT - 1).reserve(1, 0));
        assertEquals(-1, new SequenceSource(SequenceSource.MAX_RECORDS).reserve(1, 0));
    }
}

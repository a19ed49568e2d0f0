package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import net.vgate.packet.DropReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropCountersTest {
    private record Key(Stage stage, DropReason reason, int site) {}

    private final DropCounters counters = new DropCounters();

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void agreesWithAMap(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<Key, Long> model = new HashMap<>();
        int sites = 0;
        for (int step = 0; step < 5_000; step++) {
            if (step % 500 == 0) {
                sites += random.nextInt(3);
                counters.growTo(sites);
            }
            Stage stage = edge(random, Stage.values());
            DropReason reason = edge(random, DropReason.values());
            int site = random.nextInt(DropCounters.NO_SITE, sites);
            counters.count(stage, reason, site);
            model.merge(new Key(stage, reason, site), 1L, Long::sum);
        }
        for (Stage stage : Stage.values()) {
            for (DropReason reason : DropReason.values()) {
                for (int site = DropCounters.NO_SITE; site < sites; site++) {
                    Key key = new Key(stage, reason, site);
                    assertEquals(model.getOrDefault(key, 0L), counters.packets(stage, reason, site), key::toString);
                }
            }
        }
    }

    @Test
    void countsAnUnknownSiteAsNone() {
        counters.growTo(2);
        counters.count(Stage.SEND, DropReason.CONSUMED, 2, 7);
        assertEquals(7, counters.packets(Stage.SEND, DropReason.CONSUMED, DropCounters.NO_SITE));
        assertEquals(0, counters.packets(Stage.SEND, DropReason.CONSUMED, 2));
    }

    @Test
    void keepsItsCountsWhenItGrowsAndNeverShrinks() {
        counters.growTo(3);
        counters.count(Stage.DELIVER, DropReason.CONSUMED, 2);
        counters.growTo(100);
        counters.growTo(1);
        assertEquals(1, counters.packets(Stage.DELIVER, DropReason.CONSUMED, 2));
        assertEquals(100, counters.siteCount());
    }

    @Test
    void allocatesNothing() {
        counters.growTo(4);
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

    private void countMany() {
        for (int i = 0; i < 20_000; i++) {
            counters.count(Stage.of(i % Stage.count()), DropReason.of(i % DropReason.count()), i % 5 - 1);
        }
    }

    /** The first, the last, or any. */
    private static <T> T edge(SplittableRandom random, T[] values) {
        return switch (random.nextInt(3)) {
            case 0 -> values[0];
            case 1 -> values[values.length - 1];
            default -> values[random.nextInt(values.length)];
        };
    }
}

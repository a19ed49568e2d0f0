package net.vgate.forwarding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import net.vgate.forwarding.FlowTable.Insertion;
import net.vgate.packet.InnerHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowTableTest {
    private static final long TICK = 1L << 30;
    private static final FlowHash HASH = new FlowHash(1, 2);

    private final FlowMemory memory = new FlowMemory(1L << 30);
    private final FlowProbe probe = new FlowProbe(HASH);

    @Test
    void aTableWithoutFlowsTakesNextToNothing() {
        List<FlowTable> tables = new ArrayList<>();
        for (int i = 0; i < 4_096; i++) {
            tables.add(FlowTable.of(1_000_000, memory));
        }
        assertTrue(memory.takenBytes() < 16 << 20, () -> memory.takenBytes() + " bytes");
        tables.forEach(FlowTable::close);
        assertEquals(0, memory.takenBytes());
    }

    @Test
    void growsWithItsFlowsAndLosesNone() {
        FlowTable table = FlowTable.of(100_000, memory);
        for (int i = 0; i < 100_000; i++) {
            assertEquals(Insertion.INSERTED, insert(table, i, FlowState.TCP_ESTABLISHED, 0), "flow " + i);
            if (i % 1_000 == 0) {
                for (int j = 0; j <= i; j += 37) {
                    assertTrue(table.find(key(probe, j)), "flow " + j + " of " + i);
                }
            }
        }
        for (int i = 0; i < 100_000; i++) {
            assertTrue(table.find(key(probe, i)), "flow " + i);
            assertEquals(FlowState.TCP_ESTABLISHED, probe.state());
        }
        assertEquals(100_000, table.flows());
        assertEquals(0, table.replacedFlows());
        assertEquals(table.bytes(), memory.takenBytes());
    }

    @Test
    void isNeverLargerThanAllowed() {
        FlowTable table = FlowTable.of(100, memory);
        int refused = 0;
        for (int i = 0; i < 10_000; i++) {
            refused += insert(table, i, FlowState.TCP_ESTABLISHED, 0) == Insertion.FULL ? 1 : 0;
            assertTrue(table.flows() <= 100);
        }
        assertEquals(10_000, table.flows() + refused);
        assertEquals(100, table.flows());
    }

    @Test
    void expiredFlowsMakeRoom() {
        FlowTable table = FlowTable.of(1_000, memory);
        for (int i = 0; i < 1_000; i++) {
            assertEquals(Insertion.INSERTED, insert(table, i, FlowState.UDP_ANSWERED, 0));
        }
        long later = TimeUnit.MINUTES.toNanos(6);
        assertEquals(Insertion.FULL, insert(table, 5_000, FlowState.UDP_ASKED, later / 2));
        for (int i = 0; i < 1_000; i++) {
            assertEquals(Insertion.INSERTED, insert(table, 10_000 + i, FlowState.UDP_ANSWERED, later), "flow " + i);
        }
        assertEquals(0, table.replacedFlows());
        assertTrue(table.flows() <= 1_000);
        table.reclaim(2 * later);
        assertEquals(0, table.flows());
    }

    @Test
    void aFloodOfOneSidedPacketsLeavesLastingFlowsAlone() {
        FlowTable table = FlowTable.of(1_000, memory);
        for (int i = 0; i < 500; i++) {
            assertEquals(Insertion.INSERTED, insert(table, i, FlowState.TCP_ESTABLISHED, 0));
        }
        long now = 0;
        int inserted = 0;
        for (int i = 0; i < 100_000; i++) {
            now += TICK / 100;
            inserted += insert(table, 10_000 + i, FlowState.TCP_OPENING, now) == Insertion.INSERTED ? 1 : 0;
        }
        for (int i = 0; i < 500; i++) {
            assertTrue(table.find(key(probe, i)), "flow " + i);
        }
        assertTrue(inserted > 10_000, "new flows still find a place: " + inserted);
        assertTrue(table.replacedFlows() > 0);
        assertTrue(table.flows() <= 1_000);
    }

    @Test
    void aFlowThatHasJustBegunIsNotGivenUp() {
        FlowTable table = FlowTable.of(4, memory);
        for (int i = 0; i < 4; i++) {
            assertEquals(Insertion.INSERTED, insert(table, i, FlowState.TCP_OPENING, 0));
        }
        assertEquals(Insertion.FULL, insert(table, 4, FlowState.TCP_OPENING, TICK));
    }

    @Test
    void memoryOfTheProcessBoundsTheGrowthOfTables() {
        FlowMemory little = new FlowMemory(50_000);
        FlowTable table = FlowTable.of(1_000_000, little);
        int inserted = 0;
        for (int i = 0; i < 10_000; i++) {
            inserted += insert(table, i, FlowState.TCP_ESTABLISHED, 0) == Insertion.INSERTED ? 1 : 0;
        }
        assertEquals(inserted, table.flows());
        assertTrue(little.takenBytes() <= 50_000);
        int there = 0;
        for (int i = 0; i < 10_000; i++) {
            there += table.find(key(probe, i)) ? 1 : 0;
        }
        assertEquals(inserted, there);
    }

    @Test
    void anotherBoundKeepsTheFlows() {
        FlowTable table = FlowTable.of(10, memory);
        for (int i = 0; i < 10; i++) {
            insert(table, i, FlowState.TCP_ESTABLISHED, 0);
        }
        FlowTable larger = table.withMaxFlows(11);
        assertTrue(larger.find(key(probe, 9)));
        assertEquals(Insertion.INSERTED, insert(larger, 10, FlowState.TCP_ESTABLISHED, 0));
        assertEquals(Insertion.FULL, insert(larger.withMaxFlows(5), 11, FlowState.TCP_ESTABLISHED, 0));
        assertTrue(table.find(key(probe, 10)));
    }

    @Test
    void whatChangedSinceItWasFoundIsNotChanged() {
        FlowTable table = FlowTable.of(10, memory);
        insert(table, 1, FlowState.UDP_ASKED, 0);
        FlowProbe other = key(new FlowProbe(HASH), 1);
        assertTrue(table.find(other));
        assertTrue(table.find(key(probe, 1)));
        assertTrue(table.update(probe, FlowState.UDP_ANSWERED, true, 0, 0));
        assertFalse(table.update(other, FlowState.UDP_ASKED, true, 1, 0));
        assertFalse(table.end(other));
        assertTrue(table.end(probe));
        assertTrue(probe.isExpired(0));
        assertTrue(table.find(key(probe, 1)));
        assertTrue(probe.isExpired(0));
        table.reclaim(0);
        assertFalse(table.find(key(probe, 1)));
        assertEquals(0, table.flows());
    }

    @Test
    void timeDoesNotGoBack() {
        FlowTable table = FlowTable.of(10, memory);
        insert(table, 1, FlowState.UDP_ASKED, TimeUnit.MINUTES.toNanos(5));
        assertTrue(table.find(key(probe, 1)));
        assertTrue(table.update(probe, FlowState.UDP_ASKED, true, 0, TimeUnit.MINUTES.toNanos(4)));
        assertFalse(probe.isExpired(TimeUnit.MINUTES.toNanos(10)));
    }

    /** What the table must hold, as far as the model knows: flows far below the bound, so that none is given up. */
    private record Expected(FlowState state, boolean outbound, int generation, int tick) {
        boolean isExpired(int now) {
            return now - tick > state.timeoutTicks();
        }

        Expected ended() {
            return new Expected(FlowState.ENDED, outbound, generation, tick);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void doesAsAMapWouldDo(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        FlowTable table = FlowTable.of(1 << 16, memory);
        Map<Integer, Expected> model = new HashMap<>();
        // Near the wrap of the ticks' 32 bits.
        long now = (Integer.MAX_VALUE - 500L) * TICK;
        int keys = 16 << random.nextInt(8);
        for (int step = 0; step < 40_000; step++) {
            now += switch (random.nextInt(400)) {
                case 0 -> TimeUnit.MINUTES.toNanos(4);
                case 1 -> TICK * 57;
                default -> random.nextLong(TICK / 4);
            };
            int tick = FlowWord.tick(now);
            int number = random.nextInt(keys);
            Expected expected = model.get(number);
            boolean found = table.find(key(probe, number));
            if (expected != null && !expected.isExpired(tick)) {
                assertTrue(found);
                assertEquals(expected.state(), probe.state());
                assertEquals(expected.outbound(), probe.isOutbound());
                assertEquals(expected.generation(), probe.generation());
            } else if (found) {
                assertTrue(expected != null && probe.isExpired(now), () -> "flow " + number + " came back");
            }
            FlowState state = FlowState.of(random.nextInt(FlowState.ENDED.code()));
            boolean outbound = random.nextBoolean();
            int generation = random.nextInt(1 << 16);
            if (found && random.nextInt(10) == 0) {
                assertTrue(table.end(probe));
                model.computeIfPresent(number, (unused, flow) -> flow.ended());
            } else if (found) {
                assertTrue(table.update(probe, state, outbound, generation, now));
                model.put(number, new Expected(state, outbound, generation, tick));
            } else {
                assertEquals(Insertion.INSERTED, table.insert(probe, state, outbound, generation, now));
                assertEquals(Insertion.PRESENT, table.insert(probe, state, outbound, generation, now));
                model.put(number, new Expected(state, outbound, generation, tick));
            }
            if (random.nextInt(2_000) == 0) {
                table.reclaim(now);
                model.values().removeIf(flow -> flow.isExpired(tick));
                assertTrue(table.isMoving() ? model.size() <= table.flows() : model.size() == table.flows());
            }
        }
        assertEquals(0, table.replacedFlows());
    }

    /** All threads add the same keys at the same time, while the table doubles many times. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    @Timeout(60)
    void aKeyIsAddedOnceByManyThreads(long seed) throws Exception {
        int keys = 60_000;
        int threads = 4;
        FlowTable table = FlowTable.of(1 << 17, memory);
        AtomicIntegerArray inserted = new AtomicIntegerArray(keys);
        inThreads(threads, thread -> {
            FlowProbe own = new FlowProbe(HASH);
            // Alike for all, so that they meet; each looks back at others' keys on the way.
            SplittableRandom random = new SplittableRandom(seed);
            SplittableRandom back = new SplittableRandom(seed + thread);
            for (int i = 0; i < keys; i++) {
                int number = (i & ~7) + random.nextInt(8);
                Insertion insertion = Insertion.FULL;
                while (insertion == Insertion.FULL) {
                    // A thread that was stopped while it moved flows keeps the table from doubling once more.
                    insertion = table.insert(key(own, number), FlowState.TCP_ESTABLISHED, true, 0, 0);
                }
                if (insertion == Insertion.INSERTED) {
                    inserted.incrementAndGet(number);
                }
                int earlier = back.nextInt(keys);
                if (inserted.get(earlier) > 0) {
                    assertTrue(table.find(key(own, earlier)), "flow " + earlier);
                }
            }
        });
        int distinct = 0;
        for (int number = 0; number < keys; number++) {
            int times = inserted.get(number);
            assertTrue(times <= 1, "flow " + number + " was added " + times + " times");
            assertEquals(times == 1, table.find(key(probe, number)));
            distinct += times;
        }
        assertEquals(distinct, table.flows());
    }

    /** Threads add, change and end few flows, and give slots back: none may be taken for another, or never be found. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    @Timeout(60)
    void flowsThatManyThreadsChangeStayWhole(long seed) throws Exception {
        int keys = 24;
        FlowTable table = FlowTable.of(4 * keys, memory);
        inThreads(4, thread -> {
            FlowProbe own = new FlowProbe(HASH);
            SplittableRandom random = new SplittableRandom(seed * 10 + thread);
            for (int i = 0; i < 100_000; i++) {
                int number = random.nextInt(keys);
                if (!table.find(key(own, number))) {
                    Insertion insertion = table.insert(own, FlowState.TCP_ESTABLISHED, true, number, 0);
                    assertTrue(insertion != Insertion.FULL, "more slots than keys");
                } else {
                    assertEquals(number, own.generation(), "the flow of another key");
                    switch (random.nextInt(4)) {
                        case 0 -> table.end(own);
                        case 1 -> table.reclaim(0);
                        default -> table.update(own, FlowState.UDP_ASKED, random.nextBoolean(), number, 0);
                    }
                }
            }
        });
        for (int number = 0; number < keys; number++) {
            while (table.find(key(probe, number)) && !probe.isExpired(0)) {
                assertTrue(table.end(probe));
                table.reclaim(0);
            }
        }
        for (int number = 1_000; table.isMoving(); number++) {
            assertEquals(Insertion.INSERTED, insert(table, number, FlowState.ENDED, 0));
        }
        table.reclaim(0);
        assertEquals(0, table.flows(), "flows that nobody finds");
    }

    @Test
    void aLookUpAllocatesNothing() {
        FlowTable table = FlowTable.of(1_000, memory);
        insert(table, 1, FlowState.UDP_ASKED, 0);
        long[] now = {0};
        Allocation.assertNone(() -> {
            now[0] += TICK;
            assertTrue(table.find(key(probe, 1)));
            assertTrue(table.update(probe, FlowState.UDP_ANSWERED, true, 0, now[0]));
            assertFalse(table.find(key(probe, 2)));
            assertEquals(Insertion.INSERTED, table.insert(probe, FlowState.UDP_ASKED, true, 0, now[0]));
            assertTrue(table.end(probe));
            table.reclaim(now[0]);
        });
    }

    private interface Task {
        void run(int thread) throws Exception;
    }

    private static void inThreads(int count, Task task) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(count);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < count; thread++) {
                int number = thread;
                running.add(pool.submit(() -> {
                    task.run(number);
                    return null;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private Insertion insert(FlowTable table, int number, FlowState state, long now) {
        return table.insert(key(probe, number), state, true, 0, now);
    }

    /** Keys that differ in one part each, the parts taking turns. */
    private static FlowProbe key(FlowProbe probe, int number) {
        int rest = number / 3;
        return switch (number % 3) {
            case 0 -> probe.member(0, 0xffff_0a00_0000L | rest).remote(0, 1).ports(InnerHeader.UDP, 5, 6);
            case 1 -> probe.member(0, 1).remote(0x2001_0db8_0000_0000L, rest).ports(InnerHeader.TCP, 5, 6);
            default -> probe.member(0, 1).remote(rest >>> 16, 1).ports(InnerHeader.TCP, rest & 0xffff, 443);
        };
    }
}

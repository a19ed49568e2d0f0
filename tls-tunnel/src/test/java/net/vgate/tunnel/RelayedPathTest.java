package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import net.vgate.record.Association.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A path by a relay, of 10 ms there and back, and a direct one beside it. */
class RelayedPathTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Path RELAYED = new Path(DatagramPort.RELAY, new InetSocketAddress("100:0:0:1::1", 1));
    private static final Path DIRECT = new Path(DatagramPort.CONNECT, new InetSocketAddress("203.0.113.2", 1_024));

    private final Map<Path, Long> delays = new HashMap<>(Map.of(RELAYED, 10 * MILLI, DIRECT, 10 * MILLI));
    private final Map<Path, Double> loss = new HashMap<>(Map.of(RELAYED, 0.0, DIRECT, 1.0));
    private final PriorityQueue<Answer> answers = new PriorityQueue<>();
    private SplittableRandom random = new SplittableRandom(1);
    private PathChoice choice = new PathChoice(random);
    private Path inUse = RELAYED;
    private long now = MILLI;
    private int moves;

    private record Answer(long at, long cookie) implements Comparable<Answer> {
        @Override
        public int compareTo(Answer other) {
            return Long.compare(at, other.at);
        }
    }

    static LongStream seeds() {
        return LongStream.range(1, 40);
    }

    @BeforeEach
    void begin() {
        begin(1);
    }

    private void begin(long seed) {
        random = new SplittableRandom(seed);
        choice = new PathChoice(random);
        choice.begin(now);
        offer();
        choice.goesByRelay(true);
    }

    @Test
    void aDirectPathIsTakenSoonAfterItOpens() {
        run(60_000);
        assertEquals(RELAYED, inUse);
        loss.put(DIRECT, 0.0);
        run(4_200);
        assertEquals(DIRECT, inUse, "what was lost before it opened does not count");
        run(60_000);
        assertEquals(1, moves);
    }

    @Test
    void theRelayIsTakenAgainAtOnceAndTheDirectPathOnlyWhenItIsGood() {
        loss.put(DIRECT, 0.0);
        run(5_000);
        assertEquals(DIRECT, inUse);
        loss.put(DIRECT, 1.0);
        run(700);
        assertEquals(RELAYED, inUse);
        run(10_000);
        loss.put(DIRECT, 0.0);
        run(20_000);
        assertEquals(RELAYED, inUse, "it was not good for long");
        run(40_000);
        assertEquals(DIRECT, inUse);
        assertEquals(3, moves);
    }

    @Test
    void aDirectPathThatIsMuchSlowerIsNotTaken() {
        loss.put(DIRECT, 0.0);
        delays.put(DIRECT, 30 * MILLI);
        run(60_000);
        assertEquals(RELAYED, inUse);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aDirectPathThatLosesIsLeftAndNotTakenToAndFro(long seed) {
        begin(seed);
        loss.put(DIRECT, 0.4);
        run(300_000);
        assertTrue(moves <= 3, () -> moves + " moves");
        assertEquals(RELAYED, inUse);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aLittleLossLeavesTheDirectPathInUse(long seed) {
        begin(seed);
        // Three in a row are silence, so of many seeds one would see that with twice as much.
        loss.put(DIRECT, 0.01);
        run(300_000);
        assertNotEquals(0, moves);
        assertEquals(DIRECT, inUse);
        assertTrue(moves <= 3, () -> moves + " moves");
    }

    private void run(long millis) {
        long until = now + millis * MILLI;
        for (; now < until; now += MILLI) {
            while (!answers.isEmpty() && answers.element().at() <= now) {
                boolean unused = choice.answered(answers.remove().cookie(), now);
            }
            for (PathCheck.Challenge challenge : choice.due(now)) {
                Path path = by(challenge.to());
                if (random.nextDouble() >= loss.getOrDefault(path, 1.0)) {
                    long delay = delays.getOrDefault(path, MILLI);
                    answers.add(new Answer(now + delay, challenge.message().cookie()));
                }
            }
            Path better = choice.better(now);
            if (better != null) {
                moves++;
                inUse = better;
                choice.moved(better, now);
                offer();
                choice.goesByRelay(better.equals(RELAYED));
            }
        }
    }

    private Path by(@Nullable Path to) {
        return to == null ? inUse : to;
    }

    private void offer() {
        choice.offer(List.of(inUse.equals(RELAYED) ? DIRECT : RELAYED), List.of(), now);
    }
}

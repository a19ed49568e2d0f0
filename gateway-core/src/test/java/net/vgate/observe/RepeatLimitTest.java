package net.vgate.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.observe.RepeatLimit.Repeats;
import net.vgate.observe.RepeatLimit.Subject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepeatLimitTest {
    private static final long WINDOW = 60_000_000_000L;
    private static final Subject A = new Subject("kind", "a");
    private static final Subject B = new Subject("kind", "b");

    private final RepeatLimit limit = new RepeatLimit(2, Duration.ofNanos(WINDOW), 2);

    @ParameterizedTest(name = "from {0}")
    @ValueSource(longs = {0, Long.MAX_VALUE - 2, Long.MAX_VALUE - WINDOW, -3})
    void admitsSoManyOfAKindInAWindow(long start) {
        assertEquals(0, limit.admit(A, start));
        assertEquals(0, limit.admit(A, start + 1));
        assertEquals(RepeatLimit.SUPPRESSED, limit.admit(A, start + 2));
        assertEquals(RepeatLimit.SUPPRESSED, limit.admit(A, start + WINDOW - 1));
        assertEquals(0, limit.admit(B, start + 3));
        assertEquals(2, limit.admit(A, start + WINDOW));
        assertEquals(0, limit.admit(A, start + WINDOW + 1));
        assertEquals(RepeatLimit.SUPPRESSED, limit.admit(A, start + WINDOW + 2));
    }

    @Test
    void tellsWhatNoFurtherOneTold() {
        limit.admit(A, 0);
        limit.admit(A, 0);
        limit.admit(A, 0);
        assertEquals(List.of(), limit.takeEnded(WINDOW - 1));
        assertEquals(List.of(new Repeats(A, 1)), limit.takeEnded(WINDOW));
        assertEquals(List.of(), limit.takeEnded(2 * WINDOW));
    }

    @Test
    void forgetsTheEldestButNotItsCount() {
        for (int i = 0; i < 5; i++) {
            limit.admit(A, 0);
        }
        limit.admit(B, 0);
        limit.admit(new Subject("kind", "c"), 0);
        assertEquals(List.of(new Repeats(A, 3)), limit.takeEnded(0));
    }

    /** Whatever comes when: every one is either let through or counted once. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void losesNoCount(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long now = Long.MAX_VALUE - 20 * WINDOW; // wraps on its way
        long admitted = 0;
        long told = 0;
        int tries = 20_000;
        for (int i = 0; i < tries; i++) {
            now += random.nextInt(10) == 0 ? WINDOW / 3 : random.nextInt(1_000);
            long before = limit.admit(random.nextInt(40) > 0 ? A : new Subject("kind", "x" + random.nextInt(3)), now);
            if (before != RepeatLimit.SUPPRESSED) {
                admitted++;
                told += before;
            }
            if (random.nextInt(50) == 0) {
                told += sum(limit.takeEnded(now));
            }
        }
        told += sum(limit.takeEnded(now + WINDOW));
        assertEquals(tries, admitted + told);
    }

    private static long sum(List<Repeats> repeats) {
        return repeats.stream().mapToLong(Repeats::suppressed).sum();
    }
}

package net.vgate.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;

    private static int takeAll(TokenBucket bucket, long now) {
        int taken = 0;
        while (taken < 100_000 && bucket.take(now)) {
            taken++;
        }
        return taken;
    }

    @ParameterizedTest(name = "beginning at {0}")
    @ValueSource(longs = {0, -1, Long.MAX_VALUE - 5, Long.MIN_VALUE, 123_456_789})
    void givesABurstAndThenTheRateWhereverTheClockBegins(long start) {
        TokenBucket bucket = new TokenBucket(10, 5, start);
        assertEquals(5, takeAll(bucket, start));
        assertEquals(0, takeAll(bucket, start + SECOND / 10 - 1));
        assertEquals(1, takeAll(bucket, start + SECOND / 10));
        assertEquals(2, takeAll(bucket, start + 3 * SECOND / 10));
        assertEquals(5, takeAll(bucket, start + 1000 * SECOND), "never more than a burst");
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void isAnArrayOfTokensThatFillsUp(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int rate = 1 + random.nextInt(1_000);
        int burst = 1 + random.nextInt(20);
        long interval = SECOND / rate;
        TokenBucket bucket = new TokenBucket(rate, burst, 0);
        long now = 0;
        long tokens = burst * interval; // the naive model counts in nanoseconds' worth
        for (int round = 0; round < 10_000; round++) {
            long step = random.nextInt(3) == 0 ? interval + random.nextInt(3) - 1 : random.nextLong(2 * interval);
            now += step;
            tokens = Math.min(burst * interval, tokens + step);
            boolean expected = tokens >= interval;
            if (expected) {
                tokens -= interval;
            }
            assertEquals(expected, bucket.take(now), "round " + round);
        }
    }

    @Test
    void whatTakesManyAtOnceOwesThem() {
        TokenBucket bucket = new TokenBucket(10, 5, 0);
        assertTrue(bucket.take(0, 25), "more than a burst, so that it is ever possible");
        assertFalse(bucket.take(2 * SECOND));
        assertTrue(bucket.take(21 * SECOND / 10));
        assertFalse(bucket.take(21 * SECOND / 10));
    }

    @Test
    void refusesRatesThatAreNone() {
        assertThrows(IllegalArgumentException.class, () -> new TokenBucket(0, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new TokenBucket(1, 0, 0));
        TokenBucket fastest = new TokenBucket(Integer.MAX_VALUE, 1, 0);
        assertTrue(fastest.take(0));
        assertFalse(fastest.take(0));
        assertTrue(fastest.take(1));
    }
}

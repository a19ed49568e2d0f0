package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceRatesTest {
    private long now = Long.MAX_VALUE - 1_000_000;
    private final SourceRates rates = new SourceRates(1, now);

    private int taken(String source, int tries) throws UnknownHostException {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += rates.take(InetAddress.getByName(source), 10, now) ? 1 : 0;
        }
        return taken;
    }

    @Test
    void eachIpv4AddressHasItsOwn() throws UnknownHostException {
        assertEquals(10, taken("192.0.2.1", 100));
        assertEquals(10, taken("192.0.2.2", 100));
        assertEquals(0, taken("192.0.2.1", 1));
    }

    @Test
    void eachIpv6SixtyFourHasItsOwn() throws UnknownHostException {
        assertEquals(10, taken("2001:db8::1", 100));
        assertEquals(0, taken("2001:db8::ffff:1", 1));
        assertEquals(10, taken("2001:db8:0:1::1", 100));
    }

    /** Against a model that knows when each token comes back, in steps that aim at those times. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void agreesWithTheModel(long seed) throws UnknownHostException {
        SplittableRandom random = new SplittableRandom(seed);
        Map<Integer, Deque<Long>> model = new HashMap<>();
        long[] steps = {0, 0, 0, 1, 99_999_999, 100_000_000, 100_000_001, 1_000_000_000, 3_600_000_000_000L};
        for (int i = 0; i < 20_000; i++) {
            int roll = random.nextInt(60);
            now += roll < steps.length ? steps[roll] : 0;
            int source = random.nextInt(4);
            Deque<Long> returning = model.computeIfAbsent(source, unknown -> new ArrayDeque<>());
            InetAddress address = InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) source});
            while (!returning.isEmpty() && returning.peekFirst() - now <= 0) {
                returning.removeFirst();
            }
            boolean expected = returning.size() < 10;
            if (expected) {
                // One token after the other comes back, each 100 ms after the one before.
                returning.addLast((returning.isEmpty() ? now : returning.peekLast()) + 100_000_000);
            }
            assertEquals(expected, rates.take(address, 10, now), "step " + i);
        }
    }

    @Test
    void aFloodOfForgedSourcesTakesNoMemoryAndLeavesWhoIsHeldHeldForTheMostPart() throws UnknownHostException {
        assertEquals(10, taken("198.51.100.1", 100));
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < SourceRates.PLACES / 100; i++) {
            byte[] forged = new byte[4];
            random.nextBytes(forged);
            assertTrue(rates.take(InetAddress.getByAddress(forged), 10, now));
        }
        assertFalse(rates.take(InetAddress.getByName("198.51.100.1"), 10, now));
        now += TimeUnit.SECONDS.toNanos(1);
        assertEquals(10, taken("198.51.100.1", 100));
    }
}

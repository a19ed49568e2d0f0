package net.vgate.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayWindowTest {
    /** Remembers everything. */
    private static final class Model {
        private final Set<Long> seen = new HashSet<>();
        private final long window;
        private long highest = -1;

        Model(long window) {
            this.window = window;
        }

        boolean mayBeNew(long sequence) {
            return sequence > highest || (highest - sequence < window && !seen.contains(sequence));
        }

        boolean commit(long sequence) {
            boolean isNew = mayBeNew(sequence);
            seen.add(sequence);
            highest = Math.max(highest, sequence);
            return isNew;
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void agreesWithASetOnWalksAlongItsEdges(long seed) {
        for (int bits : new int[] {128, 256, 1024, ReplayWindow.DEFAULT_BITS}) {
            SplittableRandom random = new SplittableRandom(seed);
            ReplayWindow window = new ReplayWindow(bits);
            Model model = new Model(window.window());
            long[] steps = {
                0, 1, 2, 63, 64, 65, window.window() - 1, window.window(), window.window() + 1, bits - 1, bits, bits + 1
            };
            long at = random.nextLong(200);
            for (int i = 0; i < 20_000; i++) {
                long step = steps[random.nextInt(steps.length)] * (random.nextInt(40) == 0 ? 2 : 1);
                long probe = Math.max(0, random.nextInt(3) == 0 ? at + step : at - step);
                assertEquals(model.mayBeNew(probe), window.mayBeNew(probe), "number " + probe + " at " + at);
                if (random.nextBoolean()) {
                    assertEquals(model.commit(probe), window.commit(probe), "number " + probe + " at " + at);
                    at = Math.max(at, probe);
                }
            }
        }
    }

    @Test
    void refusesARecordSeenBefore() {
        ReplayWindow window = new ReplayWindow(128);
        assertTrue(window.commit(0));
        assertFalse(window.mayBeNew(0));
        assertFalse(window.commit(0));
    }

    @Test
    void keepsTheWholeWindowAndNotOneMore() {
        ReplayWindow window = new ReplayWindow(ReplayWindow.DEFAULT_BITS);
        window.commit(100_000);
        assertTrue(window.mayBeNew(100_000 - window.window() + 1));
        assertFalse(window.mayBeNew(100_000 - window.window()));
    }

    @Test
    void jumpsToTheLastNumberThereIs() {
        ReplayWindow window = new ReplayWindow(256);
        window.commit(5);
        assertTrue(window.commit(RecordFormat.SEQUENCE_LIMIT - 1));
        assertFalse(window.commit(5));
        assertTrue(window.commit(RecordFormat.SEQUENCE_LIMIT - 2));
    }

    @Test
    void hasAPowerOfTwoOfBits() {
        assertThrows(IllegalArgumentException.class, () -> new ReplayWindow(64));
        assertThrows(IllegalArgumentException.class, () -> new ReplayWindow(192));
    }
}

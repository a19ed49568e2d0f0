package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import net.vgate.tunnel.ControlMessage.PathChallenge;
import org.junit.jupiter.api.Test;

class MeasuredPathTest {
    private static final long MILLI = 1_000_000;
    private static final long EVERY = 150 * MILLI;
    private static final long SILENT = 400 * MILLI;

    private final MeasuredPath path = new MeasuredPath(new SplittableRandom(5));
    private long now = 7 * MILLI;

    /** Overtaken by the answers to what was asked later. */
    @Test
    void aLateAnswerDoesNotMakeAPathSilent() {
        path.restart(now);
        long late = ask().cookie();
        for (int i = 0; i < 4; i++) {
            assertTrue(path.answered(ask().cookie(), now + MILLI));
        }
        assertTrue(path.answered(late, now + 2 * MILLI));
        assertFalse(path.isSilent(SILENT, now + 2 * MILLI));
    }

    @Test
    void isSilentSinceTheFirstRequestWithoutAnswer() {
        path.restart(now);
        assertTrue(path.answered(ask().cookie(), now + MILLI));
        ask();
        long since = now;
        ask();
        assertFalse(path.isSilent(SILENT, since + SILENT - 1));
        assertTrue(path.isSilent(SILENT, since + SILENT));
    }

    private PathChallenge ask() {
        now += EVERY;
        return path.challenge(EVERY, now);
    }
}

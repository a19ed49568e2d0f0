package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import net.vgate.tunnel.ControlMessage.EchoReply;
import net.vgate.tunnel.ControlMessage.EchoRequest;
import org.junit.jupiter.api.Test;

/** One end of a path with a round trip of 2 ms, asked for what is due every 5 ms. */
class LivenessTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final Liveness liveness = new Liveness(new SimulatedNetwork(1).rules(SimulatedNetwork.EAST));
    private long now = MILLI;
    private boolean isHeard = true;
    private int requests;

    LivenessTest() {
        liveness.begin(now);
    }

    /** @param askedEvery how often the peer asks, in ms */
    private void run(int millis, int askedEvery) {
        for (int passed = 0; passed < millis; passed += 5) {
            if (passed % askedEvery == 0) {
                liveness.asked(now);
                liveness.sign(now);
            }
            if (liveness.isDue(now)) {
                boolean unused = liveness.missed(now);
                EchoRequest request = liveness.request(now);
                requests++;
                if (isHeard) {
                    liveness.answer(new EchoReply(request.number(), request.stamp()), now + 2 * MILLI);
                }
            }
            now += 5 * MILLI;
        }
    }

    @Test
    void aPeerThatAsksInAHurryAndDoesNotAnswerIsAskedInAHurry() {
        run(3_000, 1_000);
        isHeard = false;
        run(700, 75);
        assertTrue(liveness.unanswered() >= Ladder.SUSPICIOUS_ECHOES, () -> liveness.unanswered() + " unanswered");
        run(10_000, 75);
        assertFalse(liveness.isLost(now), "it is heard");

        isHeard = true;
        run(1_000, 75);
        assertEquals(0, liveness.unanswered());
        requests = 0;
        run(5_000, 1_000);
        assertTrue(requests <= 11, () -> requests + " requests in five seconds");
    }

    @Test
    void whoWasLateOnceDoesNotCountThatMissAndNoMore() {
        run(3_000, 1_000);
        isHeard = false;
        run(200, 5_000);
        liveness.sent(now);
        liveness.tick(now);
        run(300, 5_000);
        int before = liveness.unanswered();
        assertTrue(before >= 3, () -> before + " unanswered");
        // Answers may have come meanwhile, and wait to be looked at.
        now += 200 * MILLI;
        run(5, 5_000);
        assertEquals(before, liveness.unanswered());
        run(80, 5_000);
        assertEquals(before + 1, liveness.unanswered());
    }

    @Test
    void theRoundTripIsKnownSoonAlsoIfTheFirstRequestIsPassedOver() {
        isHeard = false;
        run(50, 1_000);
        isHeard = true;
        run(100, 1_000);
        assertTrue(liveness.rttNanos() > 0);

        liveness.end();
        liveness.begin(now);
        isHeard = false;
        requests = 0;
        run(1_200, 5_000);
        assertTrue(requests <= 5, () -> requests + " requests to somebody far away");
    }

    @Test
    void aPeerThatAsksByAndByIsNoReasonToHurry() {
        run(3_000, 1_000);
        requests = 0;
        run(10_000, 1_000);
        assertTrue(requests <= 21, () -> requests + " requests in ten seconds");
        requests = 0;
        run(2_000, 75);
        assertTrue(requests <= 30, () -> requests + " requests while it asked in a hurry and was answered");
    }

    @Test
    void aSilenceThatHasBegunIsLookedAtWhenItIsLongEnough() {
        run(3_200, 1_000);
        isHeard = false;
        liveness.sign(now);
        long silentSince = now;
        now += 30 * MILLI;
        liveness.sent(now);
        assertEquals(silentSince + 150 * MILLI, liveness.wakeAt());
        now = liveness.wakeAt();
        liveness.tick(now);
        assertTrue(liveness.isDue(now), "asked in a hurry");
        while (liveness.unanswered() < 6) {
            if (liveness.isDue(now)) {
                boolean unused = liveness.missed(now);
                liveness.request(now);
            }
            now += MILLI;
        }
        long silent = (now - silentSince) / MILLI;
        assertTrue(silent <= 610, () -> "as many as there may be after " + silent + " ms");
    }

    @Test
    void aSilenceThatEndsIsNotLookedAt() {
        run(3_200, 1_000);
        liveness.sign(now);
        now += 30 * MILLI;
        liveness.sent(now);
        now += 5 * MILLI;
        liveness.sign(now);
        now += 5 * MILLI;
        liveness.sent(now);
        assertTrue(liveness.wakeAt() - now > 150 * MILLI, "the next request by and by");
    }

    @Test
    void slowFirstAnswersAreSoonForgotten() {
        liveness.answer(new EchoReply(liveness.request(now).number(), now), now + 160 * MILLI);
        now += 500 * MILLI;
        for (int i = 0; i < 3; i++) {
            liveness.answer(new EchoReply(liveness.request(now).number(), now), now + MILLI);
            now += 500 * MILLI;
        }
        assertTrue(liveness.rttNanos() < 50 * MILLI, () -> liveness.rttNanos() + " ns");
    }
}

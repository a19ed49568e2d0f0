package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import net.vgate.tunnel.Ladder.Rung;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LadderTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Ladder ladder = new Ladder(true, true);

    @Test
    void udpComesFirst() {
        assertEquals(Rung.UDP, ladder.next(5));
    }

    @Test
    void withoutTcpItIsAlwaysUdp() {
        Ladder udp = new Ladder(true, false);
        udp.failed(Rung.UDP, "timeout", 0, 0);

        assertEquals(Rung.UDP, udp.next(SECOND));
        assertEquals(Rung.TCP, new Ladder(false, true).next(0));
        assertEquals(Rung.NONE, new Ladder(false, false).next(0));
    }

    @Test
    void aHandshakeThatFailsOnUdpIsFollowedByOneOnTcp() {
        ladder.failed(Rung.UDP, "timeout", 0, 0);

        assertEquals(Rung.TCP, ladder.next(SECOND));
        assertEquals("UDP: handshake: timeout", ladder.why());
    }

    @Test
    void oneHandshakeThatFailsIsNoReasonToLeaveUdpWhileItCarries() {
        ladder.carries(Rung.UDP, 0);
        ladder.failed(Rung.UDP, "timeout", 0, SECOND);
        assertEquals(Rung.UDP, ladder.next(SECOND));
        assertEquals("", ladder.why());

        ladder.failed(Rung.UDP, "timeout", 0, 2 * SECOND);
        assertEquals(Rung.TCP, ladder.next(2 * SECOND));
        ladder.carries(Rung.TCP, 3 * SECOND);
        ladder.carries(Rung.UDP, 30 * SECOND);
        ladder.failed(Rung.UDP, "timeout", 1, 31 * SECOND);
        assertEquals(Rung.UDP, ladder.next(31 * SECOND));
    }

    @Test
    void oneIsEnoughWhenEchoesStayAwayAsWell() {
        ladder.carries(Rung.UDP, 0);
        ladder.failed(Rung.UDP, "timeout", 2, SECOND);
        assertEquals(Rung.TCP, ladder.next(SECOND));
    }

    @Test
    void whenTcpFailsAsWellTheyTakeTurns() {
        ladder.failed(Rung.UDP, "timeout", 0, 0);
        ladder.failed(Rung.TCP, "refused", 0, SECOND);
        assertEquals(Rung.UDP, ladder.next(SECOND));
        ladder.failed(Rung.UDP, "timeout", 0, 2 * SECOND);
        assertEquals(Rung.TCP, ladder.next(2 * SECOND));
    }

    @Test
    void echoesThatStayAwayOnUdpLeadToTcpAtOnce() {
        ladder.carries(Rung.UDP, 0);
        ladder.lost(200 * SECOND);

        assertEquals(Rung.TCP, ladder.next(200 * SECOND));
        assertEquals("UDP: echoes stayed away", ladder.why());
    }

    @Test
    void udpIsLeftWhenFiveEchoesInARowStayAway() {
        ladder.carries(Rung.UDP, 0);

        assertFalse(ladder.isDoubtful(1));
        assertTrue(ladder.isDoubtful(2));
        assertFalse(ladder.isToBeLeft(4, 100 * SECOND));
        assertTrue(ladder.isToBeLeft(5, 100 * SECOND));
        assertEquals(Rung.TCP, ladder.next(100 * SECOND));
        assertEquals(Rung.UDP, ladder.carrying());
        // Once: the way to TCP takes its time, and the next echo is missed meanwhile.
        assertFalse(ladder.isToBeLeft(6, 101 * SECOND));
        ladder.carries(Rung.TCP, 101 * SECOND);
        assertFalse(ladder.isToBeLeft(9, 102 * SECOND));
        assertTrue(ladder.isReturnDue(110 * SECOND));
    }

    @Test
    void udpIsNotLeftForNothing() {
        Ladder udp = new Ladder(true, false);
        udp.carries(Rung.UDP, 0);

        assertFalse(udp.isToBeLeft(50, SECOND));
        assertFalse(udp.isDoubtful(50));
    }

    @Test
    void udpIsTriedAgainWhileTcpCarriesAndTakesOver() {
        ladder.carries(Rung.UDP, 0);
        ladder.lost(200 * SECOND);
        ladder.carries(Rung.TCP, 201 * SECOND);

        assertFalse(ladder.isReturnDue(209 * SECOND));
        assertTrue(ladder.isReturnDue(210 * SECOND));
        assertEquals(Rung.UDP, ladder.next(210 * SECOND));
        ladder.carries(Rung.UDP, 211 * SECOND);
        assertFalse(ladder.isReturnDue(300 * SECOND));
        assertEquals("", ladder.why());
    }

    /** Hysteresis: lost again soon after it came back, UDP has to wait longer, up to five minutes. */
    @Test
    void udpThatComesAndGoesRestsLongerEachTime() {
        long now = 0;
        ladder.carries(Rung.UDP, now);
        now += 300 * SECOND;
        long expected = 10;
        for (int i = 0; i < 8; i++) {
            ladder.lost(now);
            ladder.carries(Rung.TCP, now + SECOND);
            assertFalse(ladder.isReturnDue(now + (expected - 1) * SECOND), "after " + i);
            assertTrue(ladder.isReturnDue(now + expected * SECOND), "after " + i);
            now += expected * SECOND;
            ladder.carries(Rung.UDP, now);
            now += 20 * SECOND;
            expected = Math.min(2 * expected, 300);
        }
        // Steady for a minute: forgiven.
        now += 60 * SECOND;
        ladder.lost(now);
        ladder.carries(Rung.TCP, now);
        assertTrue(ladder.isReturnDue(now + 10 * SECOND));
    }

    /** Whatever happens, a peer that has both is never left without a rung, and rests end. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void alwaysHasARungAndAlwaysComesBackToUdp(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long now = random.nextLong();
        for (int i = 0; i < 5_000; i++) {
            now += random.nextLong(30 * SECOND);
            Rung next = ladder.next(now);
            assertTrue(next != Rung.NONE);
            switch (random.nextInt(4)) {
                case 0 -> ladder.failed(next, "any", 0, now);
                case 1 -> ladder.carries(next, now);
                case 2 -> ladder.lost(now);
                default -> ladder.isReturnDue(now);
            }
            if (ladder.carrying() == Rung.TCP) {
                assertTrue(ladder.isReturnDue(now + Ladder.LONGEST_REST_NANOS));
                assertEquals(Rung.UDP, ladder.next(now + Ladder.LONGEST_REST_NANOS));
            }
        }
    }
}

package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CoDelTest {
    private static final long MS = 1_000_000;
    private static final long LONG = 20 * MS;
    private static final long SHORT = CoDel.TARGET_NANOS - 1;

    private final CoDel codel = new CoDel();

    /** When packets are condemned, in milliseconds, of those that leave each millisecond after {@code waited}. */
    private List<Long> condemned(long fromMillis, long toMillis, long waited) {
        List<Long> at = new ArrayList<>();
        for (long ms = fromMillis; ms < toMillis; ms++) {
            if (codel.condemns(waited, ms * MS, false)) {
                at.add(ms);
            }
        }
        return at;
    }

    @Test
    void leavesAQueueAloneThatIsShortOrSoonShortAgain() {
        assertEquals(List.of(), condemned(0, 1_000, SHORT));
        assertEquals(List.of(), condemned(1_000, 1_099, LONG));
        assertFalse(codel.condemns(SHORT, 1_099 * MS, false));
        assertEquals(List.of(), condemned(1_100, 1_199, LONG));
        // A single packet is no queue that stands, however long it took.
        for (long ms = 1_200; ms < 1_500; ms++) {
            assertFalse(codel.condemns(LONG, ms * MS, true));
        }
    }

    @Test
    void condemnsMoreAndMoreOftenWhatStands() {
        // 100 ms after the first, then at intervals of 100 ms through the square root of the count.
        assertEquals(List.of(100L, 200L, 271L, 329L, 379L, 424L, 464L), condemned(0, 500, LONG));
    }

    @Test
    void stopsOnceTheQueueIsShortAndRemembersHowOftenItTook() {
        assertEquals(7, condemned(0, 500, LONG).size());
        assertEquals(List.of(), condemned(500, 550, SHORT));
        // Again for an interval, and then it goes on at the pace that it had found.
        List<Long> again = condemned(550, 800, LONG);
        assertEquals(650, again.get(0));
        assertTrue(again.get(1) - again.get(0) < 50, again::toString);
        // After a long time it has forgotten.
        assertEquals(List.of(), condemned(10_000, 10_010, SHORT));
        assertEquals(List.of(10_110L, 10_210L), condemned(10_010, 10_270, LONG));
    }
}

package net.vgate.forwarding;

import static net.vgate.packet.InnerHeader.TCP_ACK;
import static net.vgate.packet.InnerHeader.TCP_FIN;
import static net.vgate.packet.InnerHeader.TCP_RST;
import static net.vgate.packet.InnerHeader.TCP_SYN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FlowStateTest {
    private static final boolean STARTER = true;
    private static final boolean OTHER = false;

    @Test
    void aConnectionOpensAndCloses() {
        FlowState state = FlowState.firstOfTcp(true, TCP_SYN);
        assertEquals(FlowState.TCP_OPENING, state);
        assertEquals(FlowState.TCP_OPENING, state.next(STARTER, TCP_SYN), "sent again");
        assertEquals(FlowState.TCP_OPENING, state.next(OTHER, TCP_ACK), "a challenge, RFC 5961");
        assertEquals(FlowState.TCP_CLOSING, state.next(OTHER, TCP_RST | TCP_ACK), "refused");
        state = state.next(OTHER, TCP_SYN | TCP_ACK);
        assertEquals(FlowState.TCP_ANSWERED, state);
        assertEquals(FlowState.TCP_ANSWERED, state.next(OTHER, TCP_SYN | TCP_ACK));
        state = state.next(STARTER, TCP_ACK);
        assertEquals(FlowState.TCP_ESTABLISHED, state);
        assertEquals(FlowState.TCP_ESTABLISHED, state.next(STARTER, TCP_SYN), "half-open, RFC 9293 section 3.5.1");
        state = state.next(OTHER, TCP_FIN | TCP_ACK);
        assertEquals(FlowState.TCP_CLOSING, state);
        assertEquals(FlowState.TCP_CLOSING, state.next(STARTER, TCP_ACK));
        assertEquals(FlowState.TCP_CLOSING, state.next(OTHER, TCP_SYN));
        assertEquals(FlowState.TCP_OPENING, state.next(STARTER, TCP_SYN));
    }

    @Test
    void whatIsTakenUpInTheMiddleNeedsTheOtherSide() {
        FlowState state = FlowState.firstOfTcp(true, TCP_ACK);
        assertEquals(FlowState.TCP_PICKED_UP, state);
        assertEquals(FlowState.TCP_PICKED_UP, FlowState.firstOfTcp(true, TCP_SYN | TCP_ACK));
        assertEquals(FlowState.TCP_CLOSING, FlowState.firstOfTcp(true, TCP_FIN | TCP_ACK));
        assertEquals(FlowState.TCP_PICKED_UP, state.next(STARTER, TCP_ACK));
        assertEquals(FlowState.TCP_CLOSING, state.next(OTHER, TCP_RST | TCP_ACK));
        assertEquals(FlowState.TCP_ESTABLISHED, state.next(OTHER, TCP_ACK));
    }

    @Test
    void othersAreAskedAndAnswered() {
        Map<FlowState, FlowState> answered = Map.of(
                FlowState.UDP_ASKED, FlowState.UDP_ANSWERED,
                FlowState.ECHO_ASKED, FlowState.ECHO_ANSWERED,
                FlowState.OTHER_ASKED, FlowState.OTHER_ANSWERED);
        answered.forEach((asked, after) -> {
            assertEquals(asked, asked.next(STARTER, 0));
            assertEquals(after, asked.next(OTHER, 0));
            assertEquals(after, after.next(STARTER, 0));
            assertEquals(after, after.next(OTHER, 0));
            assertFalse(asked.isLasting());
            assertTrue(after.isLasting());
        });
    }

    @Test
    void livesAtLeastAsLongAsTheRfcsAsk() {
        assertLifetime(FlowState.UDP_ASKED, Duration.ofMinutes(5));
        assertLifetime(FlowState.UDP_ANSWERED, Duration.ofMinutes(5));
        assertLifetime(FlowState.ECHO_ASKED, Duration.ofSeconds(60));
        assertLifetime(FlowState.TCP_OPENING, Duration.ofMinutes(4));
        assertLifetime(FlowState.TCP_CLOSING, Duration.ofMinutes(4));
        assertLifetime(FlowState.TCP_PICKED_UP, Duration.ofMinutes(4));
        assertLifetime(FlowState.TCP_ESTABLISHED, Duration.ofMinutes(124));
    }

    private static void assertLifetime(FlowState state, Duration asked) {
        long nanos = asked.toNanos();
        for (long start : new long[] {0, -1, 1, 1L << 30, (1L << 30) - 1, Long.MIN_VALUE, Long.MAX_VALUE - 5}) {
            long word = FlowWord.live(0, state, true, 0, FlowWord.tick(start));
            assertFalse(FlowWord.isExpired(word, FlowWord.tick(start + nanos)), () -> state + " from " + start);
            long late = start + nanos + 3 * (1L << 30);
            assertTrue(FlowWord.isExpired(word, FlowWord.tick(late)), () -> state + " from " + start);
        }
    }

    @Test
    void aWordKeepsWhatItIsGiven() {
        for (FlowState state : FlowState.values()) {
            long word = FlowWord.live(FlowWord.claim(0), state, false, 0xffff, -7);
            assertEquals(state, FlowWord.state(word));
            assertEquals(FlowWord.LIVE, FlowWord.status(word));
            assertEquals(0xffff, FlowWord.generation(word));
            assertEquals(-7, FlowWord.seen(word));
            assertFalse(FlowWord.isOutbound(word));
            assertTrue(FlowWord.isSameKey(word, FlowWord.claim(0)));
            assertFalse(FlowWord.isSameKey(word, 0));
        }
        long word = 0;
        for (int i = 0; i < 1_000; i++) {
            long next = FlowWord.claim(FlowWord.live(word, FlowState.UDP_ASKED, true, i, i));
            assertFalse(FlowWord.isSameKey(word, next));
            assertEquals(FlowWord.BUSY, FlowWord.status(next));
            word = next;
        }
    }
}

package net.vgate.forwarding;

/**
 * The word of a flow's slot that changes; all that workers compete for is in it, so that one compare-and-set decides.
 *
 * <pre>
 * | last seen, ticks: 32 | generation: 16 | version: 9 | starter: 1 | state: 4 | status: 2 |
 * </pre>
 *
 * The version changes whenever the slot gets another key.
 */
final class FlowWord {
    /** The slot was never used, or was given back. */
    static final int EMPTY = 0;
    /** A worker is writing the key. */
    static final int BUSY = 1;
    /** The key is whole, until the version changes. */
    static final int LIVE = 2;
    /** The flow is in the next larger table; the key stays. */
    static final int MOVED = 3;

    /** About a second: fine enough for timeouts of minutes, and coarse enough that most packets write nothing. */
    private static final int TICK_SHIFT = 30;

    private static final int STATE_SHIFT = 2;
    private static final int STARTER_SHIFT = 6;
    private static final int VERSION_SHIFT = 7;
    private static final int GENERATION_SHIFT = 16;
    private static final int SEEN_SHIFT = 32;

    private static final long STATUS_MASK = 3;
    private static final long VERSION_MASK = 0x1ffL << VERSION_SHIFT;

    private FlowWord() {}

    /** The tick that {@code nowNanos} is in. Wraps after 146 years. */
    static int tick(long nowNanos) {
        return (int) (nowNanos >> TICK_SHIFT);
    }

    /** How many whole ticks last at least as long as {@code nanos}. */
    static int ticksOf(long nanos) {
        return tick(nanos - 1) + 1;
    }

    static int status(long word) {
        return (int) (word & STATUS_MASK);
    }

    static FlowState state(long word) {
        return FlowState.of((int) (word >>> STATE_SHIFT) & 0xf);
    }

    /** Whether our member's side started the flow. */
    static boolean isOutbound(long word) {
        return (word >>> STARTER_SHIFT & 1) == 0;
    }

    /** The generation of the policy that permitted the flow, its lower 16 bits. */
    static int generation(long word) {
        return (int) (word >>> GENERATION_SHIFT) & 0xffff;
    }

    static int seen(long word) {
        return (int) (word >>> SEEN_SHIFT);
    }

    /** Whether the two are of one key. */
    static boolean isSameKey(long word, long other) {
        return ((word ^ other) & VERSION_MASK) == 0;
    }

    /** A live flow's word, with the version of {@code before}. */
    static long live(long before, FlowState state, boolean outbound, int generation, int tick) {
        return (before & VERSION_MASK)
                | (long) tick << SEEN_SHIFT
                | (generation & 0xffffL) << GENERATION_SHIFT
                | (outbound ? 0 : 1L) << STARTER_SHIFT
                | (long) state.code() << STATE_SHIFT
                | LIVE;
    }

    /** The word that takes the slot for another key. */
    static long claim(long before) {
        return ((before + (1L << VERSION_SHIFT)) & VERSION_MASK) | BUSY;
    }

    /** The word that gives the slot back. */
    static long release(long before) {
        return before & VERSION_MASK;
    }

    /** The word of a flow that is expired from now on. */
    static long ended(long word) {
        return live(word, FlowState.ENDED, isOutbound(word), generation(word), seen(word));
    }

    static long moved(long before) {
        return (before & ~STATUS_MASK) | MOVED;
    }

    /** {@code word} in another slot, whose word is {@code before}. */
    static long copy(long word, long before) {
        return (word & ~VERSION_MASK) | (before & VERSION_MASK);
    }

    /** For how many ticks the flow was silent. */
    static int idleTicks(long word, int tick) {
        // A worker whose clock reading is a little older sees the flow as just used.
        return Math.max(0, tick - seen(word));
    }

    static boolean isExpired(long word, int tick) {
        return idleTicks(word, tick) > state(word).timeoutTicks();
    }
}

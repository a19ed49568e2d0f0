package net.vgate.tunnel;

/** Moments on the clock of {@code System.nanoTime()}, where only differences mean something. */
final class Deadline {
    /** No moment: it never comes. */
    static final long NEVER = Long.MAX_VALUE;

    private Deadline() {}

    static boolean isDue(long at, long now) {
        return at != NEVER && now - at >= 0;
    }

    static long earlier(long a, long b) {
        if (a == NEVER || b == NEVER) {
            return a == NEVER ? b : a;
        }
        return a - b < 0 ? a : b;
    }
}

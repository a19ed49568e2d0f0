package net.vgate.tunnel;

import net.vgate.record.Association;
import org.jspecify.annotations.Nullable;

/**
 * One of the associations side by side that a tunnel spreads its flows over: each is sealed by one worker here and
 * opened by one worker there.
 *
 * <p><b>Threading.</b> The Conductor publishes, any thread reads.
 */
public final class Lane {
    private final int index;
    private volatile @Nullable Association sending;

    Lane(int index) {
        this.index = index;
    }

    /** The lane's place in its tunnel, from 0. */
    public int index() {
        return index;
    }

    /** What packets are sealed on now; null when there is none, and then nothing is sent. Read once per batch. */
    public @Nullable Association sending() {
        return sending;
    }

    /** From now on packets are sealed on {@code next}, or not at all. */
    public void publish(@Nullable Association next) {
        sending = next;
    }
}

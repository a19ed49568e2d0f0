package net.vgate.forwarding;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory all flow tables of the process may take together. Each is bounded by itself, but V-nets are
 * configured with more than they all use at once. Any thread.
 */
public final class FlowMemory {
    private final long limitBytes;
    private final AtomicLong takenBytes = new AtomicLong();

    public FlowMemory(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** Takes {@code bytes}, or nothing and says false when they are not left. */
    boolean take(long bytes) {
        if (takenBytes.addAndGet(bytes) <= limitBytes) {
            return true;
        }
        takenBytes.addAndGet(-bytes);
        return false;
    }

    /** Takes {@code bytes} even if the limit is passed. */
    void takeAtAnyRate(long bytes) {
        takenBytes.addAndGet(bytes);
    }

    void giveBack(long bytes) {
        takenBytes.addAndGet(-bytes);
    }

    /** Bytes in use. */
    public long takenBytes() {
        return takenBytes.get();
    }

    public long limitBytes() {
        return limitBytes;
    }
}

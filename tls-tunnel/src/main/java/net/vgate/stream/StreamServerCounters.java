package net.vgate.stream;

import java.util.concurrent.atomic.AtomicLong;

/** What became of the connections to a {@link StreamServer}. Any thread. */
public final class StreamServerCounters {
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong tooSlow = new AtomicLong();
    private final AtomicLong overLimit = new AtomicLong();

    /** Those that became streams. */
    public long accepted() {
        return accepted.get();
    }

    /** Those that wanted something else, or spoke no HTTP. */
    public long refused() {
        return refused.get();
    }

    /** Those whose TLS failed, or that broke. */
    public long failed() {
        return failed.get();
    }

    /** Those that took too long to say what they want. */
    public long tooSlow() {
        return tooSlow.get();
    }

    /** Those that were too many, in all or from one source. */
    public long overLimit() {
        return overLimit.get();
    }

    void countAccepted() {
        accepted.incrementAndGet();
    }

    void countRefused() {
        refused.incrementAndGet();
    }

    void countFailed() {
        failed.incrementAndGet();
    }

    void countTooSlow() {
        tooSlow.incrementAndGet();
    }

    void countOverLimit() {
        overLimit.incrementAndGet();
    }
}

package net.vgate.tunnel;

import java.util.random.RandomGenerator;

/** Waiting times between tries: twice as long each time up to a cap, each cut by a random part of up to a half. */
final class Backoff {
    private final RandomGenerator random;
    private final long firstNanos;
    private final long capNanos;
    private long nextNanos;

    Backoff(RandomGenerator random, long firstNanos, long capNanos) {
        this.random = random;
        this.firstNanos = firstNanos;
        this.capNanos = capNanos;
        this.nextNanos = firstNanos;
    }

    long next() {
        long wait = nextNanos;
        nextNanos = Math.min(2 * wait, capNanos);
        return wait - random.nextLong(wait / 2);
    }

    void reset() {
        nextNanos = firstNanos;
    }
}

package net.vgate.handshake;

import java.util.concurrent.TimeUnit;

/** Allows so many a second, and as many at once after a pause. One thread. */
final class TokenBucket {
    private final long perSecond;
    private final long nanosPerToken;
    private long tokens;
    private long filledUpTo;

    TokenBucket(int perSecond, long nowNanos) {
        this.perSecond = perSecond;
        this.nanosPerToken = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.tokens = perSecond;
        this.filledUpTo = nowNanos;
    }

    boolean take(long nowNanos) {
        long earned = (nowNanos - filledUpTo) / nanosPerToken;
        if (earned > 0) {
            filledUpTo += earned * nanosPerToken;
            tokens = Math.min(perSecond, tokens + earned);
        }
        if (tokens == 0) {
            return false;
        }
        tokens--;
        return true;
    }
}

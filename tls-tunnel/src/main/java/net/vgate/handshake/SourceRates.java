package net.vgate.handshake;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * How much each source may ask for: a token bucket for each IPv4 address and each IPv6 /64, in a table of fixed size. A
 * source that takes another's place there begins with a full bucket, so whoever forges sources gets past this limit,
 * and is held by the one of all.
 *
 * <p><b>Threading.</b> One thread.
 */
final class SourceRates {
    /** 256 KB; a power of two. */
    static final int PLACES = 1 << 14;

    /** What Knuth's multiplicative hashing multiplies by: 2^64 divided by the golden ratio. */
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    /** The upper half of the addresses that stand for streams. */
    private static final long STREAMS = 0x0100L << 48;

    private final long[] sources = new long[PLACES];

    /** When the bucket of the source is full again. */
    private final long[] fullAt = new long[PLACES];

    private final long secret;

    /**
     * With full buckets.
     *
     * @param secret keeps others from choosing who shares a place
     */
    SourceRates(long secret, long nowNanos) {
        this.secret = secret;
        Arrays.fill(fullAt, nowNanos);
    }

    /** Takes a token of {@code source}, which gets {@code perSecond}, and has as many at once after a pause. */
    boolean take(InetAddress source, int perSecond, long nowNanos) {
        long key = key(source);
        int place = (int) (((key ^ secret) * GOLDEN) >>> (Long.SIZE - Integer.numberOfTrailingZeros(PLACES)));
        if (sources[place] != key) {
            sources[place] = key;
            fullAt[place] = nowNanos;
        }
        long second = TimeUnit.SECONDS.toNanos(1);
        long perToken = second / perSecond;
        long missing = Math.max(0, fullAt[place] - nowNanos);
        if (missing > second - perToken) {
            return false;
        }
        fullAt[place] = nowNanos + missing + perToken;
        return true;
    }

    /**
     * Whoever has an IPv6 address has its /64. The first of these are of no host, so that IPv4 addresses fit there. In
     * 100::/64 each address is a stream, and the peers that come by TCP must not wait for one another.
     */
    private static long key(InetAddress source) {
        ByteBuffer bytes = ByteBuffer.wrap(source.getAddress());
        if (source instanceof Inet4Address) {
            return bytes.getInt(0) & 0xffff_ffffL;
        }
        long prefix = bytes.getLong(0);
        return prefix == STREAMS ? prefix | bytes.getLong(Long.BYTES) : prefix;
    }
}

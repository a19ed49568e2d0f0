package net.vgate.forwarding;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How fast a V-net may send to a site: so many bits a second on average, whatever the number of workers, and what
 * passes in {@link #BURST_NANOS} at once. It keeps debts: a packet passes while the debt is not above the burst, and
 * what it is larger by is paid before the next one, so that the average is exact for packets of any size.
 *
 * <p>It lives on from one snapshot to the next, and so do the figures of the queues before it.
 *
 * <p><b>Threading.</b> Any thread takes and reads; each worker writes figures of its own.
 */
public final class RateLimit {
    /**
     * epoll wakes to the millisecond, and a worker may be late: what was not sent in time is made up for within this.
     */
    public static final long BURST_NANOS = 10_000_000;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    /** In place of a moment: nothing was sent yet. */
    private static final long NEVER = Long.MIN_VALUE;

    private static final int FIGURES = Figure.values().length;

    private final AtomicLongArray figures;

    /** The moment at which all that was sent is paid for. */
    private final AtomicLong paidNanos = new AtomicLong(NEVER);

    private volatile long bitsPerSecond;

    /** What workers tell of their queues. */
    public enum Figure {
        /** Packets that wait. */
        WAITING,
        /** How long the packet waited that was sent last, in nanoseconds. */
        DELAY_NANOS,
        /** Packets dropped. */
        DROPPED,
        /** Packets marked (ECN CE) in place of being dropped. */
        MARKED
    }

    RateLimit(long bitsPerSecond, int workers) {
        this.bitsPerSecond = bitsPerSecond;
        this.figures = new AtomicLongArray(workers * FIGURES);
    }

    public long bitsPerSecond() {
        return bitsPerSecond;
    }

    void setBitsPerSecond(long value) {
        bitsPerSecond = value;
    }

    /** How many bytes pass in {@code nanos}. */
    public long bytesIn(long nanos) {
        return (long) ((double) bitsPerSecond * nanos / (8.0 * NANOS_PER_SECOND));
    }

    /** For how long nothing may pass yet; 0 or less when something may. */
    public long waitNanos(long nowNanos) {
        long paid = paidNanos.get();
        return paid == NEVER ? 0 : paid - nowNanos - BURST_NANOS;
    }

    /** Something of {@code bytes} bytes passes now. Another worker's may, too, and then the debt is both. */
    public void charge(long bytes, long nowNanos) {
        long cost = (long) (bytes * (8.0 * NANOS_PER_SECOND) / bitsPerSecond);
        long paid;
        long from;
        do {
            paid = paidNanos.get();
            from = paid == NEVER || paid - nowNanos < 0 ? nowNanos : paid;
        } while (!paidNanos.compareAndSet(paid, from + cost));
    }

    /** The figure of all workers; of {@link Figure#DELAY_NANOS} the largest. */
    public long figure(Figure figure) {
        long sum = 0;
        for (int at = index(0, figure); at < figures.length(); at += FIGURES) {
            long one = figures.getOpaque(at);
            sum = figure == Figure.DELAY_NANOS ? Math.max(sum, one) : sum + one;
        }
        return sum;
    }

    /** Sets a worker's figure; by its thread. */
    public void set(int worker, Figure figure, long value) {
        figures.setOpaque(index(worker, figure), value);
    }

    /** Raises a worker's figure; by its thread. */
    public void add(int worker, Figure figure, long amount) {
        int at = index(worker, figure);
        figures.setOpaque(at, figures.getOpaque(at) + amount);
    }

    @SuppressWarnings("EnumOrdinal") // dense arrays, within one process
    private static int index(int worker, Figure figure) {
        return worker * FIGURES + figure.ordinal();
    }
}

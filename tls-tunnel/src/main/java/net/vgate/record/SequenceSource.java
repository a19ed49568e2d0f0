package net.vgate.record;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The one source of sequence numbers, and so of nonces, of an association's write direction. A number is given out
 * once; whoever took it and then fails does not give it back.
 */
final class SequenceSource {
    /**
     * How many records one key may seal. With {@link #MAX_BYTES} it keeps the key below 2^34.4 blocks of 16 bytes; the
     * bound that RFC 8446 section 5.5 takes for AES-GCM is 2^34.5 (2^24.5 records of 2^14 bytes).
     */
    static final long MAX_RECORDS = 1L << 31;

    /** How many bytes one key may seal. */
    static final long MAX_BYTES = 1L << 38;

    private final AtomicLong next;
    private final AtomicLong bytes = new AtomicLong();

    SequenceSource() {
        this(0);
    }

    SequenceSource(long first) {
        this.next = new AtomicLong(first);
    }

    /**
     * Takes {@code count} numbers in a row, for texts of {@code textBytes} in all.
     *
     * @return the first of them, or -1 when the key's limit does not allow them
     */
    long reserve(int count, long textBytes) {
        // Both bounds are far enough below what is fatal for the few reservations that may pass them together.
        if (next.get() >= MAX_RECORDS - count || bytes.get() >= MAX_BYTES - textBytes) {
            return -1;
        }
        bytes.addAndGet(textBytes);
        return next.getAndAdd(count);
    }

    /** How many numbers were taken, burned ones included. */
    long taken() {
        return next.get();
    }

    /** How many bytes of text they were taken for. */
    long bytes() {
        return bytes.get();
    }
}

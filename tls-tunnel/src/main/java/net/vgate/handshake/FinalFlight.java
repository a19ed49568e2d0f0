package net.vgate.handshake;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import net.vgate.record.Association;
import net.vgate.record.RecordFormat;

/**
 * A server's last flight, change of cipher spec and Finished, for a client that repeats its own because ours was lost:
 * RFC 6347 section 4.2.4. The client shows that by its Finished, which is authentic, so nothing else needs to be
 * remembered.
 */
final class FinalFlight {
    /** More than a client repeats in its own time. */
    private static final int MAX_REPEATS = 10;

    private static final long MIN_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final byte[] finished;
    private long plainSequence;
    private int repeats;
    private long lastNanos;

    /**
     * Remembers what was sent.
     *
     * @param finished the message with its header
     * @param plainSequence the last number that was used in epoch 0
     */
    FinalFlight(byte[] finished, long plainSequence) {
        this.finished = finished.clone();
        this.plainSequence = plainSequence;
    }

    /** Sends the flight again, within limits. */
    synchronized void repeat(Association association, DatagramSender sender, long nowNanos) {
        if (repeats == MAX_REPEATS || (repeats != 0 && nowNanos - lastNanos < MIN_INTERVAL_NANOS)) {
            return;
        }
        byte[] sealed = association.seal(RecordFormat.HANDSHAKE, finished);
        if (sealed == null) {
            return;
        }
        repeats++;
        lastNanos = nowNanos;
        byte[] change = new byte[RecordFormat.HEADER_BYTES + 1];
        RecordFormat.writePlainHeader(
                ByteBuffer.wrap(change), 0, RecordFormat.CHANGE_CIPHER_SPEC, RecordFormat.DTLS_1_2, ++plainSequence, 1);
        change[RecordFormat.HEADER_BYTES] = 1;
        sender.send(association.local(), change, 0, change.length, association.remote());
        sender.send(association.local(), sealed, 0, sealed.length, association.remote());
    }
}

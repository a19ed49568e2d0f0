package net.vgate.handshake;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import net.vgate.record.Association;
import net.vgate.record.RecordFormat;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.DatagramTransport;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.bouncycastle.tls.TlsTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The datagrams of one handshake. Those that come go through the filter at once, so that however many are forged, they
 * take no place from those that are not; those to be sent go out at once.
 *
 * <p><b>Threading.</b> {@link #accept} and {@link #cancel} may be called by any thread, all else by the handshake's.
 */
final class HandshakeTransport implements DatagramTransport {
    /** The largest datagram that is sent, in bytes, IP and UDP headers not counted: passes a path MTU of 1,280. */
    static final int SEND_LIMIT_BYTES = 1_200;

    /** The same after {@link #NARROW_AFTER_NANOS}: with IPv4, what any path carries. */
    static final int NARROW_SEND_LIMIT_BYTES = 548;

    /** A handshake that takes so long has lost something: by bad luck, or because the path is a narrow one. */
    private static final long NARROW_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(700);

    /** How long after an alert in clear we go on hoping that it was forged. */
    private static final long ALERT_PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);

    private final Object lock = new Object();
    private final RecordFilter filter;
    private final DatagramSender sender;
    private final Association.Path path;
    private final LongSupplier nanoClock;
    private final long began;
    private final long answerBy;

    private volatile boolean cancelled;
    private boolean answered;
    private long alertBelievedAt;
    private int stepsAtAlert;
    private boolean alertPending;
    private long plainSequence;
    private ProtectedSend protectedSend = () -> {
        throw new IllegalStateException("no keys yet");
    };

    /** Asked before each protected record of ours goes out. */
    @FunctionalInterface
    interface ProtectedSend {
        /** Returns the epoch and sequence number that the record was sealed with. */
        long prepare();
    }

    /**
     * Begins to wait.
     *
     * @param noAnswerNanos when to give up if nothing comes; the whole time in server role, whose peer has spoken
     *     already
     */
    HandshakeTransport(
            RecordFilter filter,
            DatagramSender sender,
            Association.Path path,
            LongSupplier nanoClock,
            long noAnswerNanos) {
        this.filter = filter;
        this.sender = sender;
        this.path = path;
        this.nanoClock = nanoClock;
        this.began = nanoClock.getAsLong();
        this.answerBy = began + noAnswerNanos;
    }

    /** Takes a datagram from the peer's address. False when nothing in it was let through. */
    boolean accept(byte[] datagram) {
        synchronized (lock) {
            boolean taken = filter.accept(datagram);
            lock.notifyAll();
            return taken;
        }
    }

    /** Ends the handshake as soon as may be. When this returns, it has sent its last datagram. */
    void cancel() {
        synchronized (lock) {
            cancelled = true;
            lock.notifyAll();
        }
    }

    boolean isCancelled() {
        return cancelled;
    }

    /** Whether anything at all came that the filter let through. */
    boolean isAnswered() {
        return answered;
    }

    /** The handshake goes by a pre-shared key. */
    void expectNoCertificates() {
        synchronized (lock) {
            filter.expectNoCertificates();
        }
    }

    /** The last sequence number in epoch 0 that was sent. */
    long plainSequence() {
        return plainSequence;
    }

    void beforeProtectedSend(ProtectedSend action) {
        protectedSend = action;
    }

    /** How many records and fragments of the peer's the filter did not let through. */
    int refused() {
        synchronized (lock) {
            return filter.refused();
        }
    }

    @Override
    public int getReceiveLimit() {
        return RecordFilter.MAX_OUTPUT_BYTES;
    }

    @Override
    public int getSendLimit() {
        boolean takesLong = nanoClock.getAsLong() - began >= NARROW_AFTER_NANOS;
        return takesLong ? NARROW_SEND_LIMIT_BYTES : SEND_LIMIT_BYTES;
    }

    @Override
    public int receive(byte[] buffer, int offset, int length, int waitMillis) throws IOException {
        byte[] record = await(nanoClock.getAsLong() + TimeUnit.MILLISECONDS.toNanos(Math.max(1, waitMillis)));
        if (record == null) {
            return -1;
        }
        System.arraycopy(record, 0, buffer, offset, record.length);
        return record.length;
    }

    private byte @Nullable [] await(long deadline) throws IOException {
        synchronized (lock) {
            for (; ; ) {
                checkCancelled();
                byte[] record = filter.poll();
                if (record != null) {
                    answered = true;
                    return record;
                }
                long now = nanoClock.getAsLong();
                checkPatience(now);
                long nanos = Math.min(deadline, patienceEnds()) - now;
                if (nanos <= 0) {
                    return null;
                }
                try {
                    lock.wait(nanos / 1_000_000, (int) (nanos % 1_000_000));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new TlsFatalAlertReceived(AlertDescription.user_canceled);
                }
            }
        }
    }

    private void checkCancelled() throws IOException {
        if (cancelled) {
            // Bouncy Castle sends no alert of its own upon this one.
            throw new TlsFatalAlertReceived(AlertDescription.user_canceled);
        }
    }

    private long patienceEnds() {
        long ends = Long.MAX_VALUE;
        if (!answered) {
            ends = answerBy;
        }
        return alertPending ? Math.min(ends, alertBelievedAt) : ends;
    }

    private void checkPatience(long now) throws IOException {
        byte[] alert = filter.alert();
        if (alert == null) {
            alertPending = false;
        } else if (!alertPending || stepsAtAlert != filter.steps()) {
            alertPending = true;
            stepsAtAlert = filter.steps();
            alertBelievedAt = now + ALERT_PATIENCE_NANOS;
        } else if (now - alertBelievedAt >= 0) {
            throw new TlsFatalAlertReceived((short) (alert[1] & 0xff));
        }
        if (!answered && now - answerBy >= 0) {
            throw new TlsTimeoutException("no answer");
        }
    }

    @Override
    public void send(byte[] buffer, int offset, int length) throws IOException {
        checkCancelled();
        ByteBuffer record = ByteBuffer.wrap(buffer);
        if (RecordFormat.epoch(record, offset) == 0) {
            plainSequence = RecordFormat.sequence(record, offset);
        } else {
            // Bouncy Castle counted a number of its own, and has just written it over the one that was used.
            RecordFormat.writeEpochAndSequence(record, offset, protectedSend.prepare());
        }
        synchronized (lock) {
            // What another handshake with the same peer goes on with must not be mixed with a flight of this one.
            checkCancelled();
            sender.send(path.local(), buffer, offset, length, path.remote());
        }
    }

    /** The socket is shared: nothing is closed. */
    @Override
    public void close() {}
}

package net.vgate.handshake;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import net.vgate.packet.DropReason;
import net.vgate.record.Association;
import net.vgate.record.NonDataRecords;
import net.vgate.record.OpenedRecord;
import net.vgate.record.RecordFormat;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.AlertLevel;
import org.bouncycastle.tls.HandshakeType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Attends to what peers of established associations send besides data: alerts, and their last flight once more. It has
 * one thread and a bounded queue. Everything that it hears is authentic; what it does may be done twice.
 */
final class AssociationAttendant implements NonDataRecords, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AssociationAttendant.class);
    private static final int QUEUE_RECORDS = 1_024;

    private final HandshakeEnvironment environment;
    private final HandshakeListener listener;
    private final Map<Long, FinalFlight> finalFlights = new ConcurrentHashMap<>();
    private final ExecutorService thread;

    AssociationAttendant(HandshakeEnvironment environment, HandshakeListener listener) {
        this.environment = environment;
        this.listener = listener;
        this.thread =
                new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(QUEUE_RECORDS), task -> {
                    Thread made = new Thread(task, "association-attendant");
                    made.setDaemon(true);
                    return made;
                });
    }

    void remember(Association association, FinalFlight finalFlight) {
        finalFlights.put(association.id(), finalFlight);
    }

    void forget(Association association) {
        finalFlights.remove(association.id());
    }

    @Override
    public boolean offer(Association association, int contentType, byte[] content) {
        try {
            thread.execute(() -> attend(association, contentType, content));
            return true;
        } catch (RejectedExecutionException full) {
            return false;
        }
    }

    /**
     * Takes a datagram for which no handshake is under way: a client that repeats its flight may have packed plain and
     * protected records into one.
     *
     * @return null when it was of use, or why it was dropped
     */
    @Nullable
    DropReason receive(Association.Path path, byte[] datagram) {
        ByteBuffer buffer = ByteBuffer.wrap(datagram);
        DropReason reason = DropReason.HANDSHAKE_FILTERED;
        int at = 0;
        while (datagram.length - at >= RecordFormat.HEADER_BYTES) {
            boolean withCid = RecordFormat.contentType(buffer, at) == RecordFormat.TLS12_CID;
            int cidBytes = withCid ? RecordFormat.LOCAL_CID_BYTES : 0;
            int headerBytes = RecordFormat.HEADER_BYTES + cidBytes;
            int left = datagram.length - at - headerBytes;
            if (left < 0 || RecordFormat.length(buffer, at, cidBytes) > left) {
                return DropReason.NOT_A_RECORD;
            }
            int total = headerBytes + RecordFormat.length(buffer, at, cidBytes);
            if (RecordFormat.epoch(buffer, at) == RecordFormat.PROTECTED_EPOCH) {
                reason = open(path, datagram, at, total);
            }
            at += total;
        }
        return reason;
    }

    private @Nullable DropReason open(Association.Path path, byte[] datagram, int at, int total) {
        ByteBuffer buffer = ByteBuffer.wrap(datagram);
        Association association = RecordFormat.contentType(buffer, at) == RecordFormat.TLS12_CID
                ? environment.table().find(RecordFormat.localCid(buffer, at))
                : environment.table().find(path);
        if (association == null) {
            return DropReason.UNKNOWN_ASSOCIATION;
        }
        OpenedRecord opened = association.openApart(datagram, at, total);
        if (opened == null) {
            return DropReason.AUTH_FAILED;
        }
        return offer(association, opened.contentType(), opened.content()) ? null : DropReason.CONTROL_QUEUE_FULL;
    }

    private void attend(Association association, int contentType, byte[] content) {
        // What was closed in the meantime has nothing more to say.
        if (!association.equals(environment.table().find(association.id()))) {
            return;
        }
        if (contentType == RecordFormat.ALERT && content.length == 2) {
            attendAlert(association, content[0], content[1]);
        } else if (contentType == RecordFormat.HANDSHAKE
                && content.length > 0
                && content[0] == HandshakeType.finished) {
            FinalFlight finalFlight = finalFlights.get(association.id());
            if (finalFlight != null) {
                finalFlight.repeat(
                        association,
                        environment.sender(),
                        environment.nanoClock().getAsLong());
            }
        }
    }

    private void attendAlert(Association association, byte level, byte description) {
        if (description == AlertDescription.close_notify) {
            listener.closed(association, CloseReason.PEER_CLOSED);
        } else if (level == AlertLevel.fatal) {
            LOG.warn("{}: fatal alert {}", association, AlertDescription.getText((short) (description & 0xff)));
            listener.closed(association, CloseReason.PEER_FAILED);
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}

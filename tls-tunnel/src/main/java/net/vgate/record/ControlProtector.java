package net.vgate.record;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Seals and opens single records of an association outside of the data path: the handshake's own, alerts and control
 * messages. It shares keys and the one sequence source with the workers, but no cipher and no replay window.
 *
 * <p><b>Threading.</b> Any thread; it allocates and locks.
 */
public final class ControlProtector {
    private final Object sealLock = new Object();
    private final Object openLock = new Object();
    private final ConnectionIds ids;
    private final SequenceSource sequence = new SequenceSource();
    private final AeadAlgorithm algorithm;
    private final AeadCipher sealing;
    private final AeadCipher opening;
    private final FixedIv sealingIv;
    private final FixedIv openingIv;

    /** Keys are copied. */
    public ControlProtector(ConnectionIds ids, RecordKeys keys) {
        this.ids = ids;
        this.algorithm = keys.algorithm();
        this.sealing = keys.newWriteCipher();
        this.opening = keys.newReadCipher();
        this.sealingIv = keys.writeIv();
        this.openingIv = keys.readIv();
    }

    ConnectionIds ids() {
        return ids;
    }

    SequenceSource sequence() {
        return sequence;
    }

    /** What sealing adds to a plaintext, in bytes. */
    public int sealOverheadBytes() {
        return RecordFormat.overheadBytes(algorithm, ids.remoteBytes());
    }

    /** What opening takes off a record, in bytes; a record with less is none. */
    public int openOverheadBytes() {
        return RecordFormat.overheadBytes(algorithm, ids.receivedBytes());
    }

    /**
     * A whole record of {@code length} bytes of {@code content}.
     *
     * @return null when the keys are destroyed or have reached their limit
     */
    public byte @Nullable [] seal(int contentType, byte[] content, int offset, int length) {
        if (length > RecordFormat.MAX_PLAINTEXT_BYTES) {
            throw new IllegalArgumentException("a plaintext of " + length + " bytes");
        }
        byte[] cid = ids.remote();
        int headerBytes = RecordFormat.HEADER_BYTES + cid.length;
        int textLength = length + RecordFormat.contentTypeBytes(cid.length);
        byte[] record = new byte[sealOverheadBytes() + length];
        ByteBuffer buffer = ByteBuffer.wrap(record);
        int textAt = headerBytes + algorithm.explicitNonceBytes();
        synchronized (sealLock) {
            long number = sealing.isDestroyed() ? -1 : sequence.reserve(1, textLength);
            if (number < 0) {
                return null;
            }
            RecordFormat.writeHeader(buffer, 0, contentType, number, cid, record.length - headerBytes);
            long epochAndSequence = RecordFormat.protectedNumber(number);
            if (algorithm.explicitNonceBytes() != 0) {
                buffer.putLong(headerBytes, epochAndSequence);
            }
            buffer.put(textAt, content, offset, length);
            if (cid.length != 0) {
                buffer.put(textAt + length, (byte) contentType);
            }
            byte[] aad = aad(contentType, epochAndSequence, cid, textLength);
            sealing.seal(
                    nonce(sealingIv, epochAndSequence), aad, aad.length, record, textAt, textLength, record, textAt);
        }
        return record;
    }

    /**
     * Opens the record that fills {@code length} bytes at {@code at}. The replay window of the data path does not see
     * it: only for what may be repeated without harm.
     *
     * @return null when it is no authentic record of the association
     */
    public @Nullable OpenedRecord open(byte[] bytes, int at, int length) {
        int cidBytes = ids.receivedBytes();
        if (length < openOverheadBytes() || length > openOverheadBytes() + RecordFormat.MAX_PLAINTEXT_BYTES) {
            return null;
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int headerBytes = RecordFormat.HEADER_BYTES + cidBytes;
        int type = RecordFormat.contentType(buffer, at);
        if (RecordFormat.version(buffer, at) != RecordFormat.DTLS_1_2
                || RecordFormat.epoch(buffer, at) != RecordFormat.PROTECTED_EPOCH
                || RecordFormat.length(buffer, at, cidBytes) != length - headerBytes
                || (type == RecordFormat.TLS12_CID) != ids.received()
                || (ids.received() && RecordFormat.localCid(buffer, at) != ids.local())) {
            return null;
        }
        return open(RecordFormat.epochAndSequence(buffer, at), type, bytes, at + headerBytes, length - headerBytes);
    }

    /**
     * Opens what follows a record's header, the explicit nonce first if there is one.
     *
     * @param recordType the outer content type
     * @return null when it is not authentic
     */
    public @Nullable OpenedRecord open(long epochAndSequence, int recordType, byte[] bytes, int at, int length) {
        int textLength = length - algorithm.explicitNonceBytes() - AeadBatch.TAG_BYTES;
        if (textLength < RecordFormat.contentTypeBytes(ids.receivedBytes())) {
            return null;
        }
        byte[] cid = ids.received()
                ? ByteBuffer.allocate(RecordFormat.LOCAL_CID_BYTES)
                        .putLong(ids.local())
                        .array()
                : new byte[0];
        byte[] aad = aad(recordType, epochAndSequence, cid, textLength);
        int explicitBytes = algorithm.explicitNonceBytes();
        long number =
                explicitBytes == 0 ? epochAndSequence : ByteBuffer.wrap(bytes).getLong(at);
        byte[] nonce = nonce(openingIv, number);
        byte[] text = new byte[textLength];
        synchronized (openLock) {
            if (opening.isDestroyed()
                    || !opening.open(
                            nonce, aad, aad.length, bytes, at + explicitBytes, length - explicitBytes, text, 0)) {
                return null;
            }
        }
        return ids.received() ? innerPlaintext(text) : new OpenedRecord(recordType, text);
    }

    /** RFC 9146 section 4: the last byte that is not zero is the content type. */
    private static @Nullable OpenedRecord innerPlaintext(byte[] text) {
        int last = text.length - 1;
        while (last >= 0 && text[last] == 0) {
            last--;
        }
        return last < 0 ? null : new OpenedRecord(text[last] & 0xff, Arrays.copyOf(text, last));
    }

    private static byte[] nonce(FixedIv iv, long number) {
        byte[] nonce = new byte[AeadBatch.NONCE_BYTES];
        iv.writeNonce(ByteBuffer.wrap(nonce), 0, number);
        return nonce;
    }

    private static byte[] aad(int contentType, long epochAndSequence, byte[] cid, int textLength) {
        ByteBuffer aad = ByteBuffer.allocate(AeadBatch.MAX_AAD_BYTES);
        int length = cid.length == 0
                ? RecordFormat.writeAad(aad, 0, contentType, epochAndSequence, textLength)
                : RecordFormat.writeCidAad(aad, 0, epochAndSequence, cid, textLength);
        return Arrays.copyOf(aad.array(), length);
    }

    /** Wipes the keys; from then on nothing is sealed or opened. */
    public void destroy() {
        synchronized (sealLock) {
            sealing.destroy();
        }
        synchronized (openLock) {
            opening.destroy();
        }
    }

    @Override
    public String toString() {
        return "ControlProtector";
    }
}

package net.vgate.record;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
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
    private final AesKey writeKey;
    private final AesKey readKey;
    private final int writeSalt;
    private final int readSalt;
    private final Cipher sealing = JceAead.newCipher();
    private final Cipher opening = JceAead.newCipher();

    /** Keys are copied. */
    public ControlProtector(ConnectionIds ids, RecordKeys keys) {
        this.ids = ids;
        this.writeKey = keys.copyWriteKey();
        this.readKey = keys.copyReadKey();
        this.writeSalt = keys.writeSalt();
        this.readSalt = keys.readSalt();
    }

    ConnectionIds ids() {
        return ids;
    }

    SequenceSource sequence() {
        return sequence;
    }

    /** What sealing adds to a plaintext, in bytes. */
    public int sealOverheadBytes() {
        return RecordFormat.overheadBytes(ids.remoteBytes());
    }

    /** What opening takes off a record, in bytes; a record with less is none. */
    public int openOverheadBytes() {
        return RecordFormat.overheadBytes(ids.receivedBytes());
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
        int textAt = headerBytes + RecordFormat.EXPLICIT_NONCE_BYTES;
        synchronized (sealLock) {
            long number = writeKey.isDestroyed() ? -1 : sequence.reserve(1, textLength);
            if (number < 0) {
                return null;
            }
            RecordFormat.writeHeader(buffer, 0, contentType, number, cid, record.length - headerBytes);
            buffer.putLong(headerBytes, RecordFormat.protectedNumber(number));
            buffer.put(textAt, content, offset, length);
            if (cid.length != 0) {
                buffer.put(textAt + length, (byte) contentType);
            }
            byte[] aad = aad(contentType, RecordFormat.protectedNumber(number), cid, textLength);
            try {
                sealing.init(Cipher.ENCRYPT_MODE, writeKey, JceAead.parameters(nonce(writeSalt, buffer, headerBytes)));
                sealing.updateAAD(aad);
                sealing.doFinal(record, textAt, textLength, record, textAt);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("AES-GCM refused to seal", e);
            }
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
     * Opens what follows a record's header, explicit nonce first.
     *
     * @param recordType the outer content type
     * @return null when it is not authentic
     */
    public @Nullable OpenedRecord open(long epochAndSequence, int recordType, byte[] bytes, int at, int length) {
        int textLength = length - RecordFormat.EXPLICIT_NONCE_BYTES - AeadBatch.TAG_BYTES;
        if (textLength < RecordFormat.contentTypeBytes(ids.receivedBytes())) {
            return null;
        }
        byte[] cid = ids.received()
                ? ByteBuffer.allocate(RecordFormat.LOCAL_CID_BYTES)
                        .putLong(ids.local())
                        .array()
                : new byte[0];
        byte[] aad = aad(recordType, epochAndSequence, cid, textLength);
        byte[] nonce = nonce(readSalt, ByteBuffer.wrap(bytes), at);
        byte[] text;
        synchronized (openLock) {
            if (readKey.isDestroyed()) {
                return null;
            }
            try {
                opening.init(Cipher.DECRYPT_MODE, readKey, JceAead.parameters(nonce));
                opening.updateAAD(aad);
                text = opening.doFinal(
                        bytes, at + RecordFormat.EXPLICIT_NONCE_BYTES, length - RecordFormat.EXPLICIT_NONCE_BYTES);
            } catch (AEADBadTagException forged) {
                return null;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("AES-GCM refused to open", e);
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

    private static byte[] nonce(int salt, ByteBuffer buffer, int explicitAt) {
        byte[] nonce = new byte[AeadBatch.NONCE_BYTES];
        RecordFormat.writeNonce(ByteBuffer.wrap(nonce), 0, salt, buffer.getLong(explicitAt));
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
            writeKey.destroy();
        }
        synchronized (openLock) {
            readKey.destroy();
        }
    }

    @Override
    public String toString() {
        return "ControlProtector";
    }
}

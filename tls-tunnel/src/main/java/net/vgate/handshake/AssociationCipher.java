package net.vgate.handshake;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import net.vgate.record.ConnectionIds;
import net.vgate.record.ControlProtector;
import net.vgate.record.OpenedRecord;
import net.vgate.record.RecordFormat;
import net.vgate.record.RecordKeys;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsCipher;
import org.bouncycastle.tls.crypto.TlsDecodeResult;
import org.bouncycastle.tls.crypto.TlsEncodeResult;
import org.jspecify.annotations.Nullable;

/**
 * Bouncy Castle's view of an association's record protection. Sequence numbers come from the association's one source,
 * not from Bouncy Castle; {@link HandshakeTransport} puts them into the header that Bouncy Castle writes.
 */
final class AssociationCipher implements TlsCipher {
    private final String suiteName;
    private final ConnectionIds ids;
    private final RecordKeys keys;
    private final ControlProtector control;
    private byte @Nullable [] finished;
    private long sealedNumber;

    AssociationCipher(String suiteName, ConnectionIds ids, RecordKeys keys, ControlProtector control) {
        this.suiteName = suiteName;
        this.ids = ids;
        this.keys = keys;
        this.control = control;
    }

    /** IANA name of the cipher suite. */
    String suiteName() {
        return suiteName;
    }

    ConnectionIds ids() {
        return ids;
    }

    RecordKeys keys() {
        return keys;
    }

    ControlProtector control() {
        return control;
    }

    /** Our Finished message, once it was sealed. */
    byte @Nullable [] finished() {
        return finished;
    }

    /** Epoch and sequence number of the record that was sealed last for Bouncy Castle. */
    long sealedNumber() {
        return sealedNumber;
    }

    @Override
    public int getCiphertextDecodeLimit(int plaintextLimit) {
        return plaintextLimit + bodyOverhead(control.openOverheadBytes(), ids.received());
    }

    @Override
    public int getCiphertextEncodeLimit(int plaintextLimit) {
        return plaintextLimit + sealBodyOverhead();
    }

    @Override
    public int getPlaintextDecodeLimit(int ciphertextLimit) {
        return ciphertextLimit - bodyOverhead(control.openOverheadBytes(), ids.received());
    }

    @Override
    public int getPlaintextEncodeLimit(int ciphertextLimit) {
        return ciphertextLimit - sealBodyOverhead();
    }

    private int sealBodyOverhead() {
        return control.sealOverheadBytes() - RecordFormat.HEADER_BYTES - ids.remoteBytes();
    }

    private static int bodyOverhead(int overheadBytes, boolean withCid) {
        return overheadBytes - RecordFormat.HEADER_BYTES - (withCid ? RecordFormat.LOCAL_CID_BYTES : 0);
    }

    @Override
    public TlsEncodeResult encodePlaintext(
            long ignoredSequence,
            short contentType,
            ProtocolVersion recordVersion,
            int headerAllocation,
            byte[] plaintext,
            int offset,
            int length)
            throws IOException {
        if (headerAllocation != RecordFormat.HEADER_BYTES + ids.remoteBytes()
                || !ProtocolVersion.DTLSv12.equals(recordVersion)) {
            throw new TlsFatalAlert(AlertDescription.internal_error);
        }
        byte[] record = control.seal(contentType, plaintext, offset, length);
        if (record == null) {
            throw new TlsFatalAlert(AlertDescription.internal_error);
        }
        sealedNumber = RecordFormat.epochAndSequence(ByteBuffer.wrap(record), 0);
        if (contentType == RecordFormat.HANDSHAKE) {
            finished = Arrays.copyOfRange(plaintext, offset, offset + length);
        }
        return new TlsEncodeResult(record, 0, record.length, (short) (record[0] & 0xff));
    }

    @Override
    public TlsDecodeResult decodeCiphertext(
            long sequence, short recordType, ProtocolVersion recordVersion, byte[] ciphertext, int offset, int length)
            throws IOException {
        OpenedRecord opened = ProtocolVersion.DTLSv12.equals(recordVersion)
                ? control.open(sequence, recordType, ciphertext, offset, length)
                : null;
        if (opened == null) {
            // Also for a record that is too short: nothing that is not authentic may end the association.
            throw new TlsFatalAlert(AlertDescription.bad_record_mac);
        }
        return new TlsDecodeResult(opened.content(), 0, opened.content().length, (short) opened.contentType());
    }

    @Override
    public void rekeyDecoder() throws IOException {
        throw new TlsFatalAlert(AlertDescription.internal_error);
    }

    @Override
    public void rekeyEncoder() throws IOException {
        throw new TlsFatalAlert(AlertDescription.internal_error);
    }

    @Override
    public boolean usesOpaqueRecordTypeDecode() {
        return ids.received();
    }

    @Override
    public boolean usesOpaqueRecordTypeEncode() {
        return ids.remoteBytes() != 0;
    }
}

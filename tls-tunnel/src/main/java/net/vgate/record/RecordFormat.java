package net.vgate.record;

import java.nio.ByteBuffer;

/**
 * DTLS 1.2 records: RFC 6347 section 4.1, with connection ID RFC 9146 section 4; protected by AES-GCM as RFC 5288 says,
 * or ChaCha20-Poly1305 as RFC 7905 does. All fields are in network byte order.
 *
 * <pre>
 * | type 1 | version 2 | epoch 2 | sequence number 6 | connection ID 0..32, type 25 only | length 2 |
 * then, in a protected record:  | explicit nonce 8, AES-GCM only | text | tag 16 |
 * </pre>
 *
 * The text of a record with connection ID ends with the real content type and perhaps zeroes.
 */
public final class RecordFormat {
    /** Content types, RFC 5246 section 6.2.1 and RFC 9146 section 4. */
    public static final int CHANGE_CIPHER_SPEC = 20;

    public static final int ALERT = 21;
    public static final int HANDSHAKE = 22;
    public static final int APPLICATION_DATA = 23;
    public static final int TLS12_CID = 25;

    /** DTLS 1.2 and DTLS 1.0 on the wire. */
    public static final int DTLS_1_2 = 0xfefd;

    public static final int DTLS_1_0 = 0xfeff;

    /** The only epoch of protected records: there is no renegotiation. */
    public static final int PROTECTED_EPOCH = 1;

    /** Length of the header without connection ID, in bytes. */
    public static final int HEADER_BYTES = 13;

    /** Length of the connection IDs that we choose, in bytes. */
    public static final int LOCAL_CID_BYTES = 8;

    /** The longest connection ID of a peer that we write, in bytes. RFC 9146 allows 255. */
    public static final int MAX_CID_BYTES = 32;

    /** The longest plaintext, RFC 5246 section 6.2.1, in bytes. */
    public static final int MAX_PLAINTEXT_BYTES = 1 << 14;

    /** The longest text: plaintext and content type; padding of other programs must stay within. */
    public static final int MAX_TEXT_BYTES = MAX_PLAINTEXT_BYTES + 1;

    /** Sequence numbers are below this one, RFC 6347 section 4.1. */
    public static final long SEQUENCE_LIMIT = 1L << 48;

    private static final int VERSION_OFFSET = 1;
    private static final int EPOCH_OFFSET = 3;
    private static final int CID_OFFSET = 11;

    /**
     * Where the last byte of our connection ID is in a {@link #TLS12_CID} record: it names the worker, see
     * {@link Steering}.
     */
    public static final int LAST_CID_BYTE_OFFSET = CID_OFFSET + LOCAL_CID_BYTES - 1;

    private static final long SEQUENCE_NUMBER_PLACEHOLDER = -1;

    private RecordFormat() {}

    /** The outer content type. */
    public static int contentType(ByteBuffer buffer, int at) {
        return buffer.get(at) & 0xff;
    }

    public static int version(ByteBuffer buffer, int at) {
        return buffer.getShort(at + VERSION_OFFSET) & 0xffff;
    }

    public static int epoch(ByteBuffer buffer, int at) {
        return buffer.getShort(at + EPOCH_OFFSET) & 0xffff;
    }

    /** The sequence number, 48 bits. */
    public static long sequence(ByteBuffer buffer, int at) {
        return buffer.getLong(at + EPOCH_OFFSET) & (SEQUENCE_LIMIT - 1);
    }

    /** Epoch and sequence number as one number of 64 bits, as nonces and associated data have it. */
    public static long epochAndSequence(ByteBuffer buffer, int at) {
        return buffer.getLong(at + EPOCH_OFFSET);
    }

    /** The connection ID of a {@link #TLS12_CID} record, if it is one of ours. */
    public static long localCid(ByteBuffer buffer, int at) {
        return buffer.getLong(at + CID_OFFSET);
    }

    /**
     * Whether the datagram of {@code bytes} bytes begins with a record that carries {@code cid}, and that is not empty.
     */
    static boolean hasCid(ByteBuffer buffer, int at, int bytes, byte[] cid) {
        if (cid.length == 0
                || bytes < HEADER_BYTES + cid.length
                || contentType(buffer, at) != TLS12_CID
                || version(buffer, at) != DTLS_1_2) {
            return false;
        }
        for (int i = 0; i < cid.length; i++) {
            if (buffer.get(at + CID_OFFSET + i) != cid[i]) {
                return false;
            }
        }
        return true;
    }

    /** Length of what follows the header, of a record whose connection ID has {@code cidBytes} bytes. */
    public static int length(ByteBuffer buffer, int at, int cidBytes) {
        return buffer.getShort(at + CID_OFFSET + cidBytes) & 0xffff;
    }

    /**
     * Whether the datagram of {@code bytes} bytes at {@code at} begins with a record that claims to be protected data
     * of an association: one with connection ID, whose content type is hidden, or application data. Everything else
     * belongs to handshakes, also protected records without connection ID: they may be of a handshake beside the
     * association.
     */
    public static boolean isProtected(ByteBuffer buffer, int at, int bytes) {
        if (bytes < HEADER_BYTES) {
            return false;
        }
        int type = contentType(buffer, at);
        return type == TLS12_CID || (type == APPLICATION_DATA && epoch(buffer, at) != 0);
    }

    /** What sealing adds to a payload, in bytes, if the receiver's connection ID has {@code cidBytes} bytes. */
    public static int overheadBytes(AeadAlgorithm algorithm, int cidBytes) {
        return leastOverheadBytes(cidBytes) + algorithm.explicitNonceBytes();
    }

    /** The same for the algorithm that adds the least: nothing shorter is a protected record. */
    public static int leastOverheadBytes(int cidBytes) {
        return HEADER_BYTES + cidBytes + contentTypeBytes(cidBytes) + AeadBatch.TAG_BYTES;
    }

    /** Bytes of the real content type inside the text: RFC 9146 section 4. */
    static int contentTypeBytes(int cidBytes) {
        return cidBytes == 0 ? 0 : 1;
    }

    /** Writes the header of a protected record; {@code contentType} is the real one. */
    static void writeHeader(ByteBuffer buffer, int at, int contentType, long sequence, byte[] cid, int length) {
        buffer.put(at, (byte) (cid.length == 0 ? contentType : TLS12_CID));
        buffer.putShort(at + VERSION_OFFSET, (short) DTLS_1_2);
        buffer.putLong(at + EPOCH_OFFSET, protectedNumber(sequence));
        buffer.put(at + CID_OFFSET, cid);
        buffer.putShort(at + CID_OFFSET + cid.length, (short) length);
    }

    /** Writes the header of a record of epoch 0. */
    public static void writePlainHeader(
            ByteBuffer buffer, int at, int contentType, int version, long sequence, int length) {
        buffer.put(at, (byte) contentType);
        buffer.putShort(at + VERSION_OFFSET, (short) version);
        buffer.putLong(at + EPOCH_OFFSET, sequence);
        buffer.putShort(at + CID_OFFSET, (short) length);
    }

    public static void writeEpochAndSequence(ByteBuffer buffer, int at, long epochAndSequence) {
        buffer.putLong(at + EPOCH_OFFSET, epochAndSequence);
    }

    /** Epoch and sequence number of a protected record. */
    static long protectedNumber(long sequence) {
        return (long) PROTECTED_EPOCH << 48 | sequence;
    }

    /**
     * Writes the associated data of a record without connection ID, RFC 5246 section 6.2.3.3 with RFC 6347 section
     * 4.1.2.1. Returns its length.
     */
    static int writeAad(ByteBuffer buffer, int at, int contentType, long epochAndSequence, int textLength) {
        buffer.putLong(at, epochAndSequence);
        buffer.put(at + 8, (byte) contentType);
        buffer.putShort(at + 9, (short) DTLS_1_2);
        buffer.putShort(at + 11, (short) textLength);
        return 13;
    }

    /** Writes the associated data of a record with connection ID, RFC 9146 section 5.3. Returns its length. */
    static int writeCidAad(ByteBuffer buffer, int at, long epochAndSequence, byte[] cid, int textLength) {
        buffer.putLong(at, SEQUENCE_NUMBER_PLACEHOLDER);
        buffer.put(at + 8, (byte) TLS12_CID);
        buffer.put(at + 9, (byte) cid.length);
        buffer.put(at + 10, (byte) TLS12_CID);
        buffer.putShort(at + 11, (short) DTLS_1_2);
        buffer.putLong(at + 13, epochAndSequence);
        buffer.put(at + 21, cid);
        buffer.putShort(at + 21 + cid.length, (short) textLength);
        return 23 + cid.length;
    }
}

package net.vgate.handshake;

import org.bouncycastle.tls.HandshakeType;

/**
 * Handshake messages of DTLS 1.2, RFC 6347 section 4.2.2.
 *
 * <pre>
 * | type 1 | length 3 | message sequence 2 | fragment offset 3 | fragment length 3 | body
 * </pre>
 */
final class HandshakeMessage {
    static final int HEADER_BYTES = 12;

    /** The longest body that is taken: a certificate chain. */
    static final int MAX_BODY_BYTES = 32 * 1024;

    private static final int SMALL_BODY_BYTES = 4 * 1024;

    private HandshakeMessage() {}

    static int type(byte[] bytes, int at) {
        return bytes[at] & 0xff;
    }

    static int length(byte[] bytes, int at) {
        return uint24(bytes, at + 1);
    }

    static int sequence(byte[] bytes, int at) {
        return (bytes[at + 4] & 0xff) << 8 | (bytes[at + 5] & 0xff);
    }

    static int fragmentOffset(byte[] bytes, int at) {
        return uint24(bytes, at + 6);
    }

    static int fragmentLength(byte[] bytes, int at) {
        return uint24(bytes, at + 9);
    }

    /** The longest body that a message of this type has in any handshake of ours, in bytes. */
    static int maxBodyBytes(int type) {
        return switch (type) {
            case HandshakeType.certificate, HandshakeType.certificate_request -> MAX_BODY_BYTES;
            default -> SMALL_BODY_BYTES;
        };
    }

    static void writeHeader(
            byte[] bytes, int at, int type, int length, int sequence, int fragmentAt, int fragmentBytes) {
        bytes[at] = (byte) type;
        putUint24(bytes, at + 1, length);
        bytes[at + 4] = (byte) (sequence >> 8);
        bytes[at + 5] = (byte) sequence;
        putUint24(bytes, at + 6, fragmentAt);
        putUint24(bytes, at + 9, fragmentBytes);
    }

    private static int uint24(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 16 | (bytes[at + 1] & 0xff) << 8 | (bytes[at + 2] & 0xff);
    }

    private static void putUint24(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >> 16);
        bytes[at + 1] = (byte) (value >> 8);
        bytes[at + 2] = (byte) value;
    }
}

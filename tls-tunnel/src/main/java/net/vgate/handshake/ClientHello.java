package net.vgate.handshake;

import java.nio.ByteBuffer;
import net.vgate.record.RecordFormat;
import org.bouncycastle.tls.ExtensionType;

/** A ClientHello of one datagram, RFC 6347 section 4.2.1 and RFC 5246 section 7.4.1.2, as far as we look into it. */
final class ClientHello {
    private static final int SESSION_ID_AT = RecordFormat.HEADER_BYTES + HandshakeMessage.HEADER_BYTES + 2 + 32;

    /** Lengths of the lengths of session ID, cookie, cipher suites and compression methods. */
    private static final int[] BEFORE_EXTENSIONS = {1, 1, 2, 1};

    private ClientHello() {}

    /**
     * The last byte of the connection ID that the client wants to receive (RFC 9146 section 3), 0 to 255; 0 as well
     * when there is none, or no way to find it.
     */
    static int lastByteOfConnectionId(byte[] datagram) {
        ByteBuffer in = ByteBuffer.wrap(datagram);
        if (datagram.length < SESSION_ID_AT) {
            return 0;
        }
        in.position(SESSION_ID_AT);
        for (int lengthBytes : BEFORE_EXTENSIONS) {
            if (!skip(in, lengthBytes)) {
                return 0;
            }
        }
        if (in.remaining() < 2) {
            return 0;
        }
        in.getShort();
        while (in.remaining() >= 4) {
            int type = in.getShort() & 0xffff;
            int bytes = in.getShort() & 0xffff;
            if (bytes > in.remaining()) {
                return 0;
            }
            if (type == ExtensionType.connection_id) {
                // A length, and then the connection ID itself.
                return bytes < 2 ? 0 : in.get(in.position() + bytes - 1) & 0xff;
            }
            in.position(in.position() + bytes);
        }
        return 0;
    }

    /** Passes over a field behind its length of {@code lengthBytes}; false when it is not all there. */
    private static boolean skip(ByteBuffer in, int lengthBytes) {
        if (in.remaining() < lengthBytes) {
            return false;
        }
        int bytes = lengthBytes == 1 ? in.get() & 0xff : in.getShort() & 0xffff;
        if (bytes > in.remaining()) {
            return false;
        }
        in.position(in.position() + bytes);
        return true;
    }
}

package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ClientHelloTest {
    private static final byte[] CID = {1, 2, 3, 4, 5, 6, 7, (byte) 0xa7};

    @Test
    void findsTheConnectionId() {
        assertEquals(0xa7, ClientHello.lastByteOfConnectionId(hello(CID)));
    }

    @Test
    void anEmptyOneIsNone() {
        assertEquals(0, ClientHello.lastByteOfConnectionId(hello(new byte[0])));
    }

    @Test
    void whatIsCutShortHasNone() {
        byte[] whole = hello(CID);
        for (int length = 0; length < whole.length; length++) {
            assertEquals(0, ClientHello.lastByteOfConnectionId(Arrays.copyOf(whole, length)), "of " + length);
        }
    }

    /** Record and message header, version and random; session ID, cookie, suites, compression, then the extensions. */
    private static byte[] hello(byte[] cid) {
        ByteBuffer out = ByteBuffer.allocate(200);
        out.put(new byte[13 + 12 + 2 + 32]);
        out.put((byte) 3).put(new byte[3]);
        out.put((byte) 20).put(new byte[20]);
        out.putShort((short) 4).put(new byte[4]);
        out.put((byte) 1).put((byte) 0);
        out.putShort((short) (6 + 5 + cid.length));
        out.putShort((short) 23).putShort((short) 2).put(new byte[2]);
        out.putShort((short) 54)
                .putShort((short) (1 + cid.length))
                .put((byte) cid.length)
                .put(cid);
        return Arrays.copyOf(out.array(), out.position());
    }
}

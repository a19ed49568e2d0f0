package net.vgate.system;

import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/** A DTLS 1.2 ClientHello in one datagram, RFC 6347 section 4.2.1, by hand: so that it can be wrong on purpose. */
final class ClientHello {
    private static final int RECORD_HEADER_BYTES = 13;
    private static final int HANDSHAKE_HEADER_BYTES = 12;
    private static final int COOKIE_LENGTH_OFFSET = RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES + 2;

    /** extended_master_secret; supported_groups, secp256r1; ec_point_formats, uncompressed; ECDSA with SHA-256. */
    private static final byte[] EXTENSIONS = {
        0, 23, 0, 0, 0, 10, 0, 4, 0, 2, 0, 23, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3
    };

    private ClientHello() {}

    /** One with {@code cookie}, which is empty at first, and 32 bytes of {@code clientRandom}. */
    static byte[] of(byte[] clientRandom, byte[] cookie, int messageNumber) {
        int bodyBytes = 2 + 32 + 1 + 1 + cookie.length + 2 + 4 + 2 + 2 + EXTENSIONS.length;
        ByteBuffer hello = ByteBuffer.allocate(RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES + bodyBytes);
        hello.put((byte) 22).putShort((short) 0xfefd).putShort((short) 0);
        hello.putShort((short) 0).putInt(messageNumber);
        hello.putShort((short) (HANDSHAKE_HEADER_BYTES + bodyBytes));
        hello.putInt(1 << 24 | bodyBytes).putShort((short) messageNumber);
        hello.put(new byte[3]).put((byte) 0).putShort((short) bodyBytes);
        hello.putShort((short) 0xfefd).put(clientRandom).put((byte) 0);
        hello.put((byte) cookie.length).put(cookie);
        // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 and TLS_EMPTY_RENEGOTIATION_INFO_SCSV; no compression.
        hello.putShort((short) 4).putShort((short) 0xc02b).putShort((short) 0x00ff);
        hello.putShort((short) 0x0100);
        hello.putShort((short) EXTENSIONS.length).put(EXTENSIONS);
        return hello.array();
    }

    /** 32 random bytes. */
    static byte[] random(RandomGenerator random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return bytes;
    }

    /** The cookie in a HelloVerifyRequest. */
    static byte[] cookieOf(ByteBuffer helloVerifyRequest) {
        byte[] cookie = new byte[helloVerifyRequest.get(COOKIE_LENGTH_OFFSET) & 0xff];
        helloVerifyRequest.get(COOKIE_LENGTH_OFFSET + 1, cookie);
        return cookie;
    }
}

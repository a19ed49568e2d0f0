package net.vgate.handshake;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import net.vgate.record.RecordFormat;

/** A client that shows that its address is its own, and then says nothing more. */
final class StallingClient {
    private static final int COOKIE_AT = RecordFormat.HEADER_BYTES + HandshakeMessage.HEADER_BYTES + 2;

    private final MemoryNetwork network;
    private final InetSocketAddress address;
    private final byte[] random = new byte[32];
    private final CountDownLatch cookieSent = new CountDownLatch(1);

    StallingClient(MemoryNetwork network, InetSocketAddress address, long seed) {
        this.network = network;
        this.address = address;
        new SplittableRandom(seed).nextBytes(random);
    }

    void begin(InetSocketAddress to) {
        network.attach(address, (from, datagram) -> {
            if (datagram[0] == RecordFormat.HANDSHAKE && datagram[RecordFormat.HEADER_BYTES] == 3) {
                byte[] cookie =
                        Arrays.copyOfRange(datagram, COOKIE_AT + 1, COOKIE_AT + 1 + (datagram[COOKIE_AT] & 0xff));
                send(to, clientHello(random, cookie, 1));
                cookieSent.countDown();
            }
        });
        send(to, clientHello(random, new byte[0], 0));
    }

    boolean awaitCookieSent() throws InterruptedException {
        return cookieSent.await(10, TimeUnit.SECONDS);
    }

    private void send(InetSocketAddress to, byte[] datagram) {
        network.send(address, to, datagram, 0, datagram.length);
    }

    /** A ClientHello that a server of ours accepts. */
    static byte[] clientHello(byte[] random, byte[] cookie, int messageSequence) {
        byte[] extensions = {
            0,
            23,
            0,
            0, // extended master secret
            0,
            10,
            0,
            6,
            0,
            4,
            0,
            29,
            0,
            23, // x25519, secp256r1
            0,
            11,
            0,
            2,
            1,
            0, // uncompressed points
            0,
            13,
            0,
            4,
            0,
            2,
            4,
            3 // ecdsa with SHA-256
        };
        ByteBuffer body = ByteBuffer.allocate(400);
        body.putShort((short) RecordFormat.DTLS_1_2).put(random).put((byte) 0);
        body.put((byte) cookie.length).put(cookie);
        body.putShort((short) 4).putShort((short) 0xc02b).putShort((short) 0x00ff);
        body.put((byte) 1).put((byte) 0);
        body.putShort((short) extensions.length).put(extensions);
        byte[] bytes = Arrays.copyOf(body.array(), body.position());
        byte[] record = Attacks.fragment(1, bytes.length, messageSequence, 0, bytes);
        ByteBuffer.wrap(record).putLong(3, messageSequence);
        return record;
    }
}

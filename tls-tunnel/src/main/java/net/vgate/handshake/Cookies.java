package net.vgate.handshake;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import net.vgate.packet.DropReason;
import net.vgate.record.Association;
import net.vgate.record.RecordFormat;
import org.bouncycastle.tls.DTLSRequest;
import org.bouncycastle.tls.DTLSVerifier;
import org.bouncycastle.tls.DatagramSender;
import org.bouncycastle.tls.crypto.TlsCrypto;
import org.jspecify.annotations.Nullable;

/**
 * Makes a client show that it receives at the address that it writes, before anything is remembered of it:
 * HelloVerifyRequest, RFC 6347 section 4.2.1. The secret changes each minute, and the one before goes on to count.
 * Nothing is computed for a source beyond its rate, or when all together are beyond theirs; configured peers' sources
 * have a rate of their own, of which one gets no more than half.
 *
 * <p><b>Threading.</b> One thread.
 */
final class Cookies {
    private static final long ROTATE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final DatagramSender SILENT = new Reply();
    private static final int BODY_AT = RecordFormat.HEADER_BYTES + HandshakeMessage.HEADER_BYTES;
    private static final int RANDOM_AT = BODY_AT + 2;
    private static final int RANDOM_BYTES = 32;
    private static final int SESSION_ID_AT = RANDOM_AT + RANDOM_BYTES;

    private final TlsCrypto crypto;
    private final LongSupplier nanoClock;
    private final int configuredPerSource;
    private final int othersPerSource;
    private final SourceRates rates;
    private final TokenBucket forConfigured;
    private final TokenBucket forOthers;
    private DTLSVerifier current;
    private DTLSVerifier previous;
    private long rotatedAt;

    /** What is to be done about a ClientHello: one of the three is not null. */
    static final class Verdict {
        private final @Nullable DTLSRequest request;
        private final byte @Nullable [] reply;
        private final @Nullable DropReason reason;

        private Verdict(@Nullable DTLSRequest request, byte @Nullable [] reply, @Nullable DropReason reason) {
            this.request = request;
            this.reply = reply;
            this.reason = reason;
        }

        static Verdict goOn(DTLSRequest request) {
            return new Verdict(request, null, null);
        }

        static Verdict challenge(byte[] reply) {
            return new Verdict(null, reply, null);
        }

        static Verdict drop(DropReason reason) {
            return new Verdict(null, null, reason);
        }

        /** To go on with: the cookie was right. */
        @Nullable
        DTLSRequest request() {
            return request;
        }

        /** To send: there was no cookie, or a wrong one. */
        byte @Nullable [] reply() {
            return reply;
        }

        @Nullable
        DropReason reason() {
            return reason;
        }
    }

    /** Keeps what Bouncy Castle would send. */
    private static final class Reply implements DatagramSender {
        private byte @Nullable [] datagram;

        @Override
        public int getSendLimit() {
            return HandshakeTransport.SEND_LIMIT_BYTES;
        }

        @Override
        public void send(byte[] buffer, int offset, int length) {
            datagram = Arrays.copyOfRange(buffer, offset, offset + length);
        }
    }

    /**
     * @param perSecond how many ClientHellos are looked into, of configured sources and of all others each
     * @param perSource how many of those of a source that is not configured
     */
    Cookies(TlsCrypto crypto, int perSecond, int perSource, LongSupplier nanoClock) {
        long now = nanoClock.getAsLong();
        this.configuredPerSource = Math.max(1, perSecond / 2);
        this.othersPerSource = perSource;
        this.rates = new SourceRates(crypto.getSecureRandom().nextLong(), now);
        this.crypto = crypto;
        this.nanoClock = nanoClock;
        this.forConfigured = new TokenBucket(perSecond, now);
        this.forOthers = new TokenBucket(perSecond, now);
        this.current = new DTLSVerifier(crypto);
        this.previous = current;
        this.rotatedAt = now;
    }

    /** Whether the datagram begins with a whole ClientHello in one record, which is how all clients begin. */
    static boolean isClientHello(byte[] datagram) {
        if (datagram.length <= SESSION_ID_AT) {
            return false;
        }
        ByteBuffer buffer = ByteBuffer.wrap(datagram);
        int length = RecordFormat.length(buffer, 0, 0);
        return RecordFormat.contentType(buffer, 0) == RecordFormat.HANDSHAKE
                && RecordFormat.epoch(buffer, 0) == 0
                && HandshakeMessage.type(datagram, RecordFormat.HEADER_BYTES) == 1
                && RecordFormat.HEADER_BYTES + length <= datagram.length
                && length - HandshakeMessage.HEADER_BYTES
                        == HandshakeMessage.fragmentLength(datagram, RecordFormat.HEADER_BYTES)
                && HandshakeMessage.length(datagram, RecordFormat.HEADER_BYTES)
                        <= HandshakeMessage.maxBodyBytes(HandshakeMessage.type(datagram, RecordFormat.HEADER_BYTES));
    }

    /** The client's random, by which one attempt of a client is told from the next. */
    static byte[] clientRandom(byte[] clientHello) {
        return Arrays.copyOfRange(clientHello, RANDOM_AT, RANDOM_AT + RANDOM_BYTES);
    }

    /** Looks at a datagram for which {@link #isClientHello} holds. */
    Verdict verify(Association.Path path, byte[] clientHello, boolean configured) {
        long now = nanoClock.getAsLong();
        // A source beyond its own rate takes nothing from the others'.
        if (!rates.take(path.remote().getAddress(), configured ? configuredPerSource : othersPerSource, now)
                || !(configured ? forConfigured : forOthers).take(now)) {
            return Verdict.drop(DropReason.RATE_LIMITED);
        }
        rotate(now);
        byte[] client = clientId(path);
        Reply reply = new Reply();
        DTLSRequest request;
        try {
            request = current.verifyRequest(client, clientHello, 0, clientHello.length, reply);
            if (request == null && previous != current && hasCookie(clientHello)) {
                request = previous.verifyRequest(client, clientHello, 0, clientHello.length, SILENT);
            }
        } catch (RuntimeException malformed) {
            // The thread serves all peers: what Bouncy Castle's parser makes of one datagram must not end it.
            return Verdict.drop(DropReason.HANDSHAKE_FILTERED);
        }
        if (request != null) {
            return Verdict.goOn(request);
        }
        byte[] datagram = reply.datagram;
        // Whoever forges a source must not get more sent there than he sends himself.
        return datagram == null || datagram.length > clientHello.length
                ? Verdict.drop(DropReason.HANDSHAKE_FILTERED)
                : Verdict.challenge(datagram);
    }

    private void rotate(long now) {
        if (now - rotatedAt >= ROTATE_NANOS) {
            previous = current;
            current = new DTLSVerifier(crypto);
            rotatedAt = now;
        }
    }

    private static boolean hasCookie(byte[] clientHello) {
        int cookieAt = SESSION_ID_AT + 1 + (clientHello[SESSION_ID_AT] & 0xff);
        return cookieAt < clientHello.length && clientHello[cookieAt] != 0;
    }

    private static byte[] clientId(Association.Path path) {
        InetSocketAddress remote = path.remote();
        byte[] address = remote.getAddress().getAddress();
        return ByteBuffer.allocate(address.length + 8)
                .putInt(path.local())
                .putInt(remote.getPort())
                .put(address)
                .array();
    }
}

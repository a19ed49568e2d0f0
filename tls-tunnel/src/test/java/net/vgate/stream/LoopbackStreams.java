package net.vgate.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import net.vgate.pki.SelfSigned;
import org.jspecify.annotations.Nullable;

/** A server and a client in this process, on loopback, and what both heard. */
final class LoopbackStreams implements AutoCloseable {
    static final StreamLimits LIMITS =
            new StreamLimits(64, 32, Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(30), 256);

    /** On a busy machine the classes of Netty alone take ten. */
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    final StreamLoop loop = new StreamLoop();
    final Recorder atServer = new Recorder();
    final Recorder atClient = new Recorder();
    final List<StreamFailure> failures = new CopyOnWriteArrayList<>();
    final StreamServer server;
    final StreamClient client;

    /** What one end heard. */
    static final class Recorder implements StreamListener {
        final List<StreamPath> opened = new CopyOnWriteArrayList<>();
        final Map<StreamPath, String> closed = new ConcurrentHashMap<>();
        volatile long count;
        volatile long bytes;
        volatile byte @Nullable [] last;
        volatile @Nullable Consumer<byte[]> onDatagram;

        @Override
        public void opened(StreamPath path) {
            opened.add(path);
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
        public void received(StreamPath path, ByteBuffer datagram) {
            byte[] copy = new byte[datagram.remaining()];
            datagram.get(copy);
            bytes += copy.length;
            last = copy;
            count++;
            Consumer<byte[]> hook = onDatagram;
            if (hook != null) {
                hook.accept(copy);
            }
        }

        @Override
        public void closed(StreamPath path, String reason) {
            closed.put(path, reason);
        }
    }

    LoopbackStreams(StreamLimits limits) {
        try {
            server = StreamServer.open(
                    loop,
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    newCertificate("vgate://west/west-1"),
                    limits,
                    atServer);
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
        client = new StreamClient(() -> loop, limits, atClient);
    }

    static ServerCertificate newCertificate(String uri) {
        SelfSigned made = SelfSigned.of(uri, Instant.now());
        return new ServerCertificate(made.key(), List.of(made.certificate()));
    }

    StreamTarget target() {
        return new StreamTarget("127.0.0.1", server.localAddress().getPort(), Optional.empty());
    }

    /** A stream; its client's end. */
    StreamPath connect() {
        return connect(target());
    }

    StreamPath connect(StreamTarget target) {
        int before = atClient.opened.size();
        int accepted = atServer.opened.size();
        client.connect(target, chain -> Optional.empty(), failures::add);
        await("the stream is open", () -> atClient.opened.size() > before || !failures.isEmpty());
        assertEquals(List.of(), failures);
        await("the server has it", () -> atServer.opened.size() > accepted);
        return atClient.opened.get(before);
    }

    /** How a try to make a stream failed. */
    StreamFailure failure(StreamTarget target, CertificateCheck check) {
        client.connect(target, check, failures::add);
        await("it failed", () -> !failures.isEmpty());
        return failures.get(0);
    }

    /** A connection with TLS, as anybody can make one. */
    SSLSocket stranger() throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new CheckingTrust(chain -> Optional.empty())}, null);
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket();
            socket.connect(server.localAddress());
            socket.setSoTimeout((int) DEADLINE.toMillis());
            socket.startHandshake();
            return socket;
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** What the server says to {@code request}, until it closes. */
    String answer(byte[] request) throws IOException {
        try (SSLSocket socket = stranger()) {
            socket.getOutputStream().write(request);
            return text(socket.getInputStream());
        }
    }

    static String text(InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    static Optional<String> accept(List<X509Certificate> chain) {
        return Optional.empty();
    }

    static void await(String what, BooleanSupplier condition) {
        await(what, DEADLINE, condition);
    }

    static void await(String what, Duration deadline, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > deadline.toNanos()) {
                throw new AssertionError("not within " + deadline + ": " + what);
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        client.close();
        server.close();
        loop.close();
    }
}

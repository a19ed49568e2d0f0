package net.vgate.system;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import net.vgate.pki.SelfSigned;
import net.vgate.stream.HttpProxy;
import net.vgate.stream.ServerCertificate;
import net.vgate.stream.StreamClient;
import net.vgate.stream.StreamFailure;
import net.vgate.stream.StreamLimits;
import net.vgate.stream.StreamListener;
import net.vgate.stream.StreamLoop;
import net.vgate.stream.StreamPath;
import net.vgate.stream.StreamServer;
import net.vgate.stream.StreamTarget;

/**
 * A program: both ends of a stream in one process, with whatever is between them. The server sends back what comes; the
 * client counts what comes back in order, and says so.
 */
final class StreamProbe {
    private static final int DATAGRAMS = 1_500;
    private static final int DATAGRAM_BYTES = 1_300;

    private StreamProbe() {}

    /** What happens to the client's stream first. */
    private record Outcome(Optional<StreamPath> path, String words) {}

    private static final class Echo implements StreamListener {
        @Override
        public void opened(StreamPath path) {
            path.prove();
        }

        @Override
        public void received(StreamPath path, ByteBuffer datagram) {
            path.offer(datagram, datagram.position(), datagram.remaining());
        }

        @Override
        public void closed(StreamPath path, String reason) {
            // The client says what it sees.
        }
    }

    private static final class Client implements StreamListener {
        private final SynchronousQueue<Outcome> outcome = new SynchronousQueue<>();
        private final AtomicInteger inOrder = new AtomicInteger();

        @Override
        public void opened(StreamPath path) {
            path.prove();
            end(new Outcome(Optional.of(path), "open"));
        }

        @Override
        public void received(StreamPath path, ByteBuffer datagram) {
            if (datagram.remaining() == DATAGRAM_BYTES && datagram.getInt() == inOrder.get()) {
                inOrder.incrementAndGet();
            }
        }

        @Override
        public void closed(StreamPath path, String reason) {
            System.out.println("closed " + reason);
        }

        void failed(StreamFailure failure) {
            end(new Outcome(Optional.empty(), "failed " + failure.reason() + " " + failure.detail()));
        }

        private void end(Outcome one) {
            // Not by the loop's own thread, which must not wait.
            new Thread(() -> {
                        try {
                            outcome.put(one);
                        } catch (InterruptedException over) {
                            Thread.currentThread().interrupt();
                        }
                    })
                    .start();
        }

        Optional<String> look(List<X509Certificate> chain) {
            System.out.println(
                    "certificate " + chain.get(0).getSubjectX500Principal().getName());
            return Optional.empty();
        }
    }

    /**
     * Arguments: port of the server; host and port of the target; host, port and credentials of a proxy, or nothing.
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Optional<HttpProxy> proxy = arguments.length == 3
                ? Optional.empty()
                : Optional.of(new HttpProxy(
                        arguments[3], Integer.parseInt(arguments[4]), Optional.of(Path.of(arguments[5]))));
        StreamTarget target = new StreamTarget(arguments[1], Integer.parseInt(arguments[2]), proxy);
        SelfSigned own = SelfSigned.of("vgate://west/west-1", Instant.now());
        Client listener = new Client();
        try (StreamLoop loop = new StreamLoop();
                StreamServer server = StreamServer.open(
                        loop,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0])),
                        new ServerCertificate(own.key(), List.of(own.certificate())),
                        StreamLimits.DEFAULT,
                        new Echo());
                StreamClient client = new StreamClient(() -> loop, StreamLimits.DEFAULT, listener)) {
            client.connect(target, listener::look, listener::failed);
            Outcome outcome = listener.outcome.poll(20, TimeUnit.SECONDS);
            System.out.println(outcome == null ? "nothing happened" : outcome.words());
            if (outcome != null && outcome.path().isPresent()) {
                StreamPath path = outcome.path().get();
                System.out.println(
                        "tls " + path.tls().protocol() + " " + path.tls().group());
                exchange(path, listener);
            }
            System.out.println("refused " + server.counters().refused());
        }
    }

    /** About a megabyte a second. */
    private static void exchange(StreamPath path, Client listener) {
        byte[] datagram = new byte[DATAGRAM_BYTES];
        for (int i = 0; i < DATAGRAMS; i++) {
            ByteBuffer.wrap(datagram).putInt(0, i);
            path.offer(datagram, 0, datagram.length);
            if (i % 16 == 15) {
                LockSupport.parkNanos(20_000_000);
            }
        }
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (listener.inOrder.get() < DATAGRAMS && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(5_000_000);
        }
        System.out.println("echoed " + listener.inOrder.get() + " of " + DATAGRAMS);
    }
}

package net.vgate.stream;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A stream of the process with itself, by loopback: Java sees there which classes a gateway needs at the moment that
 * its UDP ceases to carry, when there is no time to look for them.
 */
public final class StreamRehearsal {
    private static final long PATIENCE_SECONDS = 30;
    private static final byte[] DATAGRAM = {1, 2, 3};

    private StreamRehearsal() {}

    /**
     * Makes a stream, sends a datagram each way, and ends both.
     *
     * @throws IOException when that did not succeed
     */
    public static void run(ServerCertificate shown) throws IOException, InterruptedException {
        CompletableFuture<Void> answered = new CompletableFuture<>();
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (StreamLoop loop = new StreamLoop();
                StreamServer server =
                        StreamServer.open(loop, any, shown, StreamLimits.DEFAULT, new Answering(answered));
                StreamClient client = new StreamClient(() -> loop, StreamLimits.DEFAULT, new Asking(answered))) {
            InetSocketAddress address = server.localAddress();
            StreamTarget target =
                    new StreamTarget(address.getAddress().getHostAddress(), address.getPort(), Optional.empty());
            client.prepare();
            client.connect(
                    target,
                    chain -> Optional.empty(),
                    failure -> answered.completeExceptionally(new IOException(failure.detail())));
            answered.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException failed) {
            throw new IOException("no stream to loopback", failed);
        }
    }

    private static void send(StreamPath path, CompletableFuture<Void> answered) {
        if (!path.offer(DATAGRAM, 0, DATAGRAM.length)) {
            answered.completeExceptionally(new IOException("a new stream takes no datagram"));
        }
    }

    /** The end that calls: done when the answer has come. */
    private record Asking(CompletableFuture<Void> answered) implements StreamListener {
        @Override
        public void opened(StreamPath path) {
            send(path, answered);
        }

        @Override
        public void received(StreamPath path, ByteBuffer datagram) {
            answered.complete(null);
        }

        @Override
        public void closed(StreamPath path, String reason) {
            answered.completeExceptionally(new IOException(reason));
        }
    }

    /** The end that is called. */
    private record Answering(CompletableFuture<Void> answered) implements StreamListener {
        @Override
        public void opened(StreamPath path) {
            // The other end speaks first.
        }

        @Override
        public void received(StreamPath path, ByteBuffer datagram) {
            send(path, answered);
        }

        @Override
        public void closed(StreamPath path, String reason) {
            answered.completeExceptionally(new IOException(reason));
        }
    }
}

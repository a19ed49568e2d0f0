package net.vgate.control;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import net.vgate.dataplane.StreamExchange;
import net.vgate.handshake.Credentials;
import net.vgate.handshake.OuterCertificate;
import net.vgate.record.Association;
import net.vgate.record.PeerIdentity;
import net.vgate.record.SocketText;
import net.vgate.record.Steering;
import net.vgate.stream.ServerCertificate;
import net.vgate.stream.StreamClient;
import net.vgate.stream.StreamFailure;
import net.vgate.stream.StreamLimits;
import net.vgate.stream.StreamListener;
import net.vgate.stream.StreamLoop;
import net.vgate.stream.StreamPath;
import net.vgate.stream.StreamServer;
import net.vgate.stream.StreamServerCounters;
import net.vgate.stream.StreamTarget;
import net.vgate.tunnel.DatagramPort;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams of this gateway: those that it calls peers by, for lanes whose UDP does not carry, and the port where
 * peers call. Their thread is started for the first of these, and not before.
 *
 * <p><b>Threading.</b> Any thread; what a call leads to is told to the conductor, by whose thread it is then done.
 */
public final class StreamCalls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamCalls.class);

    private final StreamExchange exchange;
    private final Supplier<Credentials> credentials;
    private final Inbox<Command> conductor;
    /** Guards the loop alone: to start it takes time, which nobody is to wait for who does not want it. */
    private final Object loopLock = new Object();

    private @Nullable StreamLoop loop;
    private boolean isStopping;
    private @Nullable StreamServer server;
    private @Nullable Credentials shown;
    private @Nullable StreamClient client;

    public StreamCalls(StreamExchange exchange, Supplier<Credentials> credentials, Inbox<Command> conductor) {
        this.exchange = exchange;
        this.credentials = credentials;
        this.conductor = conductor;
    }

    /** Where streams and workers meet; {@code conductor} hears when a stream is over. */
    public static StreamExchange newExchange(Steering steering, Inbox<Command> conductor) {
        return new StreamExchange(steering, stream -> conductor.put(new Command.StreamEnded(stream)));
    }

    /**
     * Lets peers call.
     *
     * @throws IOException when the address is in use or not of this machine
     */
    public synchronized void listen(InetSocketAddress address) throws IOException {
        shown = credentials.get();
        server = StreamServer.open(loop(), address, certificateOf(shown), StreamLimits.DEFAULT, exchange);
    }

    /** What became of those that peers and strangers made; empty when none are listened for. */
    public synchronized Optional<StreamServerCounters> counters() {
        return Optional.ofNullable(server).map(StreamServer::counters);
    }

    /** Shows the certificate that the gateway has now to those who call from now on. */
    synchronized void adoptCredentials() {
        Credentials now = credentials.get();
        if (server != null && now != shown) {
            try {
                server.adopt(certificateOf(now));
                shown = now;
            } catch (IOException unusable) {
                LOG.atWarn()
                        .addKeyValue("event", "tcp_certificate_kept")
                        .setCause(unusable)
                        .log("TCP goes on with the certificate that it had");
            }
        }
    }

    private static ServerCertificate certificateOf(Credentials own) {
        return OuterCertificate.of(own, InstantSource.system().instant());
    }

    private StreamLoop loop() {
        synchronized (loopLock) {
            if (isStopping) {
                throw new IllegalStateException("the gateway is stopping");
            }
            if (loop == null) {
                loop = new StreamLoop();
            }
            return loop;
        }
    }

    private synchronized StreamClient client() {
        if (client == null) {
            client = new StreamClient(this::loop, StreamLimits.DEFAULT, exchange);
        }
        return client;
    }

    /** A stream may be wanted soon: its libraries are loaded meanwhile. */
    void prepare() {
        client().prepare();
    }

    /**
     * Makes a stream to {@code peer}.
     *
     * @param opened is given the address that stands for it
     * @param failed is given the reason, in words
     */
    void call(PeerIdentity peer, StreamTarget target, Consumer<InetSocketAddress> opened, Consumer<String> failed) {
        client().connect(
                        target,
                        chain -> OuterCertificate.refuse(
                                credentials.get(),
                                peer,
                                chain,
                                InstantSource.system().instant()),
                        new Call(opened),
                        failure -> tell(() -> failed.accept(text(failure))));
    }

    private void tell(Runnable action) {
        conductor.put(new Command.Run(action));
    }

    private static String text(StreamFailure failure) {
        return "over TCP: " + failure.detail();
    }

    /** A stream of ours, which one lane waits for. */
    private final class Call implements StreamListener {
        private final Consumer<InetSocketAddress> opened;

        Call(Consumer<InetSocketAddress> opened) {
            this.opened = opened;
        }

        @Override
        public void opened(StreamPath path) {
            exchange.opened(path);
            tell(() -> opened.accept(StreamExchange.addressOf(path)));
        }

        @Override
        public void received(StreamPath path, ByteBuffer datagram) {
            exchange.received(path, datagram);
        }

        @Override
        public void closed(StreamPath path, String reason) {
            exchange.closed(path, reason);
        }
    }

    /** The peer has proved itself on {@code association}: if it is a stream's, that may stay. */
    void prove(Association association) {
        StreamPath path = pathOf(association);
        if (path != null) {
            path.prove();
        }
    }

    /** {@code association} is over, and so is its stream, if it has one. */
    void close(Association association) {
        StreamPath path = pathOf(association);
        if (path != null) {
            path.close();
        }
    }

    /** A stream that led to nothing. */
    void close(InetSocketAddress stream) {
        StreamPath path = exchange.find(stream);
        if (path != null) {
            path.close();
        }
    }

    /** Where the datagrams of {@code association} go, for people. */
    String remoteOf(Association association) {
        if (association.local() != DatagramPort.STREAM) {
            return SocketText.of(association.remote());
        }
        StreamPath path = pathOf(association);
        if (path == null) {
            return text("closed");
        }
        String group = path.tls().group();
        return text(path.remote()) + (group.isEmpty() ? "" : " (" + group + ")");
    }

    static String text(String remote) {
        return "TCP " + remote;
    }

    private @Nullable StreamPath pathOf(Association association) {
        return association.local() == DatagramPort.STREAM ? exchange.find(association.remote()) : null;
    }

    @Override
    public synchronized void close() {
        if (server != null) {
            server.close();
        }
        if (client != null) {
            client.close();
        }
        synchronized (loopLock) {
            isStopping = true;
            if (loop != null) {
                loop.close();
            }
        }
    }
}

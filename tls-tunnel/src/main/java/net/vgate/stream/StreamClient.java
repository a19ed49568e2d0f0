package net.vgate.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import net.vgate.stream.StreamFailure.Reason;

/**
 * Makes streams to peers, directly or through an HTTP proxy.
 *
 * <p><b>Threading.</b> Any thread may call anything, and never waits. Names are looked up, credentials read and
 * libraries loaded on a thread that ends when there is nothing of that kind to do.
 */
public final class StreamClient implements AutoCloseable {
    private static final int WAITING_LOOKUPS = 64;
    private static final String ATTEMPT = "attempt";

    private final Supplier<StreamLoop> loop;
    private final StreamLimits limits;
    private final StreamListener listener;
    private final ThreadPoolExecutor lookups;
    private volatile boolean isPrepared;
    private volatile boolean isClosed;

    /**
     * @param loop is asked for the loop by the client's own thread, when a stream is wanted; throws
     *     IllegalStateException when the gateway is stopping
     */
    public StreamClient(Supplier<StreamLoop> loop, StreamLimits limits, StreamListener listener) {
        this.loop = loop;
        this.limits = limits;
        this.listener = listener;
        this.lookups = new ThreadPoolExecutor(
                1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(WAITING_LOOKUPS), StreamClient::thread);
        lookups.allowCoreThreadTimeOut(true);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "stream-lookup");
        thread.setDaemon(true);
        return thread;
    }

    /** Loads what the first stream needs, for which it would have to wait otherwise. */
    public void prepare() {
        if (!isPrepared) {
            isPrepared = true;
            try {
                lookups.execute(this::load);
            } catch (RejectedExecutionException full) {
                // What waits there loads the same.
                return;
            }
        }
    }

    private void load() {
        try {
            StreamLoop unused = loop.get();
            StreamTls.prepare();
        } catch (IllegalStateException stopping) {
            // Nobody will want a stream.
            return;
        }
    }

    /**
     * Begins to make a stream. Either the listener hears that it is open, or {@code failed} why it is not; the latter
     * on any thread.
     *
     * @param check of the certificate that ends the TLS
     */
    public void connect(StreamTarget target, CertificateCheck check, Consumer<StreamFailure> failed) {
        connect(target, check, listener, failed);
    }

    /** The same, for a listener of the stream's own. */
    public void connect(
            StreamTarget target, CertificateCheck check, StreamListener own, Consumer<StreamFailure> failed) {
        try {
            lookups.execute(() -> lookUp(target, check, own, failed));
        } catch (RejectedExecutionException full) {
            failed.accept(new StreamFailure(
                    isClosed ? Reason.STOPPED : Reason.UNREACHABLE, "too many names wait to be looked up"));
        }
    }

    private void lookUp(
            StreamTarget target, CertificateCheck check, StreamListener own, Consumer<StreamFailure> failed) {
        String host = target.proxy().map(HttpProxy::host).orElse(target.host());
        int port = target.proxy().map(HttpProxy::port).orElse(target.port());
        Optional<String> authorization;
        InetAddress address;
        try {
            authorization = target.proxy().isPresent() ? target.proxy().get().authorization() : Optional.empty();
        } catch (IOException unreadable) {
            failed.accept(new StreamFailure(Reason.PROXY, "credentials: " + unreadable.getMessage()));
            return;
        }
        try {
            address = InetAddress.getByName(host);
        } catch (IOException unknown) {
            failed.accept(new StreamFailure(Reason.UNREACHABLE, "there is no address of " + host));
            return;
        }
        Establishment made;
        try {
            made = new Establishment(own, limits, true, StreamTls.provider());
        } catch (LinkageError unusable) {
            failed.accept(new StreamFailure(Reason.TLS, String.valueOf(unusable.getMessage())));
            return;
        }
        begin(new InetSocketAddress(address, port), target, authorization, check, made, failed);
    }

    private void begin(
            InetSocketAddress hop,
            StreamTarget target,
            Optional<String> authorization,
            CertificateCheck check,
            Establishment made,
            Consumer<StreamFailure> failed) {
        Attempt attempt = new Attempt(limits, failed);
        ChannelFuture connecting;
        try {
            connecting = loop.get()
                    .client()
                    .handler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel channel) {
                            Runnable tls = () -> addTls(channel, target, check, attempt, made);
                            channel.pipeline().addLast(ATTEMPT, attempt);
                            if (target.proxy().isPresent()) {
                                add(channel, newCodec());
                                add(channel, new ProxyConnect(target.authority(), authorization, attempt, tls));
                            } else {
                                tls.run();
                            }
                        }
                    })
                    .connect(hop);
        } catch (IllegalStateException | RejectedExecutionException stopping) {
            failed.accept(new StreamFailure(Reason.STOPPED, "the gateway is stopping"));
            return;
        }
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                attempt.fail(
                        connecting.channel(),
                        Reason.UNREACHABLE,
                        String.valueOf(done.cause().getMessage()));
            }
        });
    }

    private static HttpClientCodec newCodec() {
        return new HttpClientCodec(Upgrade.DECODER, false, false);
    }

    /** Adds what comes after TCP's connection, and after the proxy's. */
    private static void addTls(
            Channel channel, StreamTarget target, CertificateCheck check, Attempt attempt, Establishment made) {
        CheckingTrust trust = new CheckingTrust(check);
        SslHandler handler;
        try {
            SslContext context = StreamTls.client(trust);
            handler = context.newHandler(channel.alloc(), target.host(), target.port());
            // The handler keeps it from here on.
            ReferenceCountUtil.release(context);
        } catch (SSLException unusable) {
            attempt.fail(channel, Reason.TLS, String.valueOf(unusable.getMessage()));
            return;
        }
        handler.setHandshakeTimeoutMillis(0);
        add(channel, new GroupReader());
        add(channel, handler);
        add(channel, newCodec());
        add(channel, new ClientUpgrade(target.authority(), trust, attempt, made));
    }

    /** The attempt stays last: it hears of what nobody else took care of. */
    private static void add(Channel channel, ChannelHandler handler) {
        channel.pipeline().addBefore(ATTEMPT, null, handler);
    }

    /** Begins no more; streams that there are live on until they or the loop are closed. */
    @Override
    public void close() {
        isClosed = true;
        lookups.shutdownNow();
    }
}

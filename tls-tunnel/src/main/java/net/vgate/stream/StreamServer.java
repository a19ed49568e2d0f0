package net.vgate.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * The gateway's TCP port: peers find a stream there, everybody else an HTTPS server that has not got the page. Bounded
 * in all that a stranger chooses.
 *
 * <p><b>Threading.</b> Any thread may call anything; the listener is called by the loop's.
 */
public final class StreamServer implements AutoCloseable {
    private final StreamServerCounters counters = new StreamServerCounters();
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final StreamLimits limits;
    private final ConnectionCount count;
    private final Establishment establishment;
    private final Channel acceptor;
    private volatile SslContext tls;

    private StreamServer(
            StreamLoop loop,
            InetSocketAddress address,
            ServerCertificate certificate,
            StreamLimits limits,
            StreamListener listener)
            throws IOException {
        this.limits = limits;
        this.count = new ConnectionCount(limits);
        this.establishment = new Establishment(listener, limits, false, StreamTls.provider());
        this.tls = StreamTls.server(certificate);
        ChannelFuture bound = loop.server()
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        begin(channel);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            ReferenceCountUtil.release(tls);
            throw new IOException(
                    "TCP " + StreamTarget.text(address.getHostString(), address.getPort()) + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        acceptor = bound.channel();
    }

    /**
     * Listens.
     *
     * @throws IOException when the address is in use or not of this machine, or TLS cannot use the certificate
     */
    public static StreamServer open(
            StreamLoop loop,
            InetSocketAddress address,
            ServerCertificate certificate,
            StreamLimits limits,
            StreamListener listener)
            throws IOException {
        return new StreamServer(loop, address, certificate, limits, listener);
    }

    private void begin(SocketChannel channel) {
        InetSocketAddress remote = channel.remoteAddress();
        if (remote == null || !count.enter(remote.getAddress())) {
            counters.countOverLimit();
            var unused = channel.close();
            return;
        }
        connections.add(channel);
        SslHandler handler = tls.newHandler(channel.alloc());
        // The deadline of ServerUpgrade is for all of it.
        handler.setHandshakeTimeoutMillis(0);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addLast(new SourceLimit(count, remote.getAddress()));
        pipeline.addLast(new GroupReader(), handler);
        pipeline.addLast(new HttpServerCodec(Upgrade.DECODER), new ServerUpgrade(establishment, limits, counters));
    }

    /** Where it listens, with its real port. */
    public InetSocketAddress localAddress() {
        return (InetSocketAddress) acceptor.localAddress();
    }

    /** What became of connections so far. */
    public StreamServerCounters counters() {
        return counters;
    }

    /** Shows {@code certificate} on later connections, as after a reload. */
    public void adopt(ServerCertificate certificate) throws IOException {
        SslContext next = StreamTls.server(certificate);
        SslContext before = tls;
        tls = next;
        // A connection that begins at this moment may still use it: on the loop's thread there is none.
        acceptor.eventLoop().execute(() -> ReferenceCountUtil.release(before));
    }

    /** Listens no longer, and ends the connections. */
    @Override
    public void close() {
        acceptor.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
        ReferenceCountUtil.release(tls);
    }
}

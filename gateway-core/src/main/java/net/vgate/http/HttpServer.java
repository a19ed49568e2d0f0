package net.vgate.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A small HTTP/1.1 server on a TCP address or a Unix socket, bounded in everything that a peer chooses.
 *
 * <p><b>Threading.</b> One thread moves bytes, another runs the handlers, one request after the other.
 */
public final class HttpServer implements AutoCloseable {
    private final EventLoopGroup loop;
    private final ExecutorService handlerThread;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Channel listener;
    private final @Nullable SocketFile socketFile;

    private HttpServer(
            String name,
            Class<? extends ServerChannel> kind,
            SocketAddress address,
            @Nullable SocketFile socketFile,
            Routes routes,
            HttpLimits limits)
            throws IOException {
        this.socketFile = socketFile;
        loop = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
        handlerThread = Executors.newSingleThreadExecutor(new DefaultThreadFactory(name + "-handler", true));
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channel(kind)
                // A pool would hold megabytes for a few requests a minute.
                .option(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connect(channel.pipeline(), routes, limits);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        listener = bound.channel();
        if (!bound.isSuccess()) {
            shutDown();
            throw new IOException(
                    "cannot listen on " + describe(address) + ": " + reason(bound.cause()), bound.cause());
        }
    }

    /**
     * Listens on a TCP address; port 0 lets the system choose.
     *
     * @param name of its threads
     * @throws IOException in one line that says what to do
     */
    public static HttpServer onTcp(String name, InetSocketAddress address, Routes routes, HttpLimits limits)
            throws IOException {
        return new HttpServer(name, NioServerSocketChannel.class, address, null, routes, limits);
    }

    /**
     * Listens on a Unix socket that only its owner can open. What a dead process left there is replaced; a live one is
     * not.
     *
     * @param name of its threads
     * @throws IOException in one line that says what to do
     */
    public static HttpServer onUnixSocket(String name, Path path, Routes routes, HttpLimits limits) throws IOException {
        SocketFile file = SocketFile.claim(path);
        try {
            HttpServer server = new HttpServer(
                    name,
                    NioServerDomainSocketChannel.class,
                    UnixDomainSocketAddress.of(file.bindPath()),
                    file,
                    routes,
                    limits);
            try {
                file.publish();
            } catch (IOException | RuntimeException e) {
                server.close();
                throw e;
            }
            return server;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Where it listens on TCP. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /** Closes all connections. What is under way is lost. */
    @Override
    public void close() {
        if (socketFile != null) {
            socketFile.close();
        }
        shutDown();
    }

    private void connect(ChannelPipeline pipeline, Routes routes, HttpLimits limits) {
        connections.add(pipeline.channel());
        if (connections.size() > limits.connections()) {
            pipeline.addLast(new HttpServerCodec(), new Refusal());
            return;
        }
        pipeline.addLast(
                new HttpServerCodec(new HttpDecoderConfig()
                        .setMaxInitialLineLength(limits.requestLineBytes())
                        .setMaxHeaderSize(limits.headerBytes())),
                new HttpObjectAggregator(limits.bodyBytes(), true),
                // Holds back what a peer pipelines until the request before it is answered.
                new FlowControlHandler(),
                new Connection(routes, handlerThread, limits.patience()));
    }

    private void shutDown() {
        listener.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
        handlerThread.shutdownNow();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static String describe(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            return address.toString();
        }
        InetAddress resolved = inet.getAddress();
        String host = resolved == null ? inet.getHostString() : resolved.getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + inet.getPort();
    }

    private static String reason(@Nullable Throwable cause) {
        return cause == null || cause.getMessage() == null ? "unknown reason" : cause.getMessage();
    }
}

package net.vgate.stream;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The thread that moves the bytes of all streams of the process, and how its sockets are set up: short queues, since
 * what waits in TCP can no longer be dropped for something younger.
 *
 * <p><b>Threading.</b> Any thread may call anything.
 */
public final class StreamLoop implements AutoCloseable {
    /** Encrypted bytes that wait in this process. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(16 << 10, 32 << 10);

    /** Bytes that wait in the kernel and were never sent: tcp(7), TCP_NOTSENT_LOWAT; what was sent does not count. */
    private static final long NOT_SENT_BYTES = 64 << 10;

    /** How long the kernel repeats what nobody acknowledges: tcp(7), TCP_USER_TIMEOUT. */
    private static final int USER_TIMEOUT_MILLIS = 20_000;

    private static final int CONNECT_MILLIS = 5_000;
    private static final int PAGE_BYTES = 8_192;

    /** Chunks of 512 KiB: some streams are to cost no more. */
    private static final int MAX_ORDER = 6;

    private final boolean isNative = Epoll.isAvailable();
    private final EventLoopGroup group;
    private final ByteBufAllocator allocator = new PooledByteBufAllocator(
            true,
            0,
            1,
            PAGE_BYTES,
            MAX_ORDER,
            PooledByteBufAllocator.defaultSmallCacheSize(),
            PooledByteBufAllocator.defaultNormalCacheSize(),
            false);

    /** Starts the thread. */
    public StreamLoop() {
        group = new MultiThreadIoEventLoopGroup(
                1,
                new DefaultThreadFactory("stream", true),
                isNative ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    /** Whether sockets are epoll's, which alone can keep the kernel's queue short. */
    public boolean isNative() {
        return isNative;
    }

    ServerBootstrap server() {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(isNative ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
        return isNative
                ? bootstrap
                        .childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, NOT_SENT_BYTES)
                        .childOption(EpollChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MILLIS)
                : bootstrap;
    }

    Bootstrap client() {
        Bootstrap bootstrap = new Bootstrap()
                .group(group)
                .channel(isNative ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .option(ChannelOption.ALLOCATOR, allocator)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
        return isNative
                ? bootstrap
                        .option(EpollChannelOption.TCP_NOTSENT_LOWAT, NOT_SENT_BYTES)
                        .option(EpollChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MILLIS)
                : bootstrap;
    }

    /** Ends every connection and the thread; waits for that a second at most. */
    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}

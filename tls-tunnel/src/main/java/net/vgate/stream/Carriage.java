package net.vgate.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The last handler of an established stream: gives datagrams to the listener, and ends what is of no use. */
final class Carriage extends ChannelInboundHandlerAdapter {
    /** More than a handshake takes, with all that is sent twice: strangers may not displace what peers send. */
    private static final int UNPROVEN_DATAGRAMS = 64;

    private final StreamPath path;
    private final StreamListener listener;
    private final StreamLimits limits;
    private final long openedNanos = System.nanoTime();

    private long heardNanos = openedNanos;
    private String reason = "closed";
    private @Nullable ScheduledFuture<?> watch;

    Carriage(StreamPath path, StreamListener listener, StreamLimits limits) {
        this.path = path;
        this.listener = listener;
        this.limits = limits;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        long everyNanos =
                Math.max(1, Math.min(limits.unproven().toNanos(), limits.idle().toNanos()) / 4);
        watch = context.executor()
                .scheduleAtFixedRate(() -> watch(context), everyNanos, everyNanos, TimeUnit.NANOSECONDS);
        listener.opened(path);
    }

    private void watch(ChannelHandlerContext context) {
        long now = System.nanoTime();
        if (now - heardNanos > limits.idle().toNanos()) {
            end(context, "nothing was heard");
        } else if (!path.isProven() && now - openedNanos > limits.unproven().toNanos()) {
            end(context, "no peer proved itself");
        }
    }

    private void end(ChannelHandlerContext context, String why) {
        reason = why;
        var unused = context.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf datagram = (ByteBuf) message;
        try {
            heardNanos = System.nanoTime();
            path.countReceived();
            if (!path.isProven() && path.received() > UNPROVEN_DATAGRAMS) {
                end(context, "too much without a peer that proves itself");
                return;
            }
            listener.received(path, datagram.nioBuffer());
        } finally {
            datagram.release();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            path.drain();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (watch != null) {
            watch.cancel(false);
        }
        listener.closed(path, reason);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end(context, String.valueOf(cause.getMessage()));
    }
}

package net.vgate.stream;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Answers the one request that a connection may make: with a stream, or with what a web server without that page would
 * say. A connection that takes longer than it may ends without an answer.
 */
final class ServerUpgrade extends SimpleChannelInboundHandler<HttpObject> {
    private final Establishment establishment;
    private final StreamLimits limits;
    private final StreamServerCounters counters;

    private boolean isWanted;
    private boolean isAnswered;
    private @Nullable ScheduledFuture<?> deadline;

    ServerUpgrade(Establishment establishment, StreamLimits limits, StreamServerCounters counters) {
        this.establishment = establishment;
        this.limits = limits;
        this.counters = counters;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        deadline = context.executor()
                .schedule(() -> expire(context), limits.establish().toNanos(), TimeUnit.NANOSECONDS);
    }

    private void expire(ChannelHandlerContext context) {
        counters.countTooSlow();
        var unused = context.close();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
        if (isAnswered) {
            return;
        }
        if (message.decoderResult().isFailure()) {
            refuse(context, HttpResponseStatus.BAD_REQUEST);
        } else if (message instanceof HttpRequest request) {
            isWanted = Upgrade.isWanted(request);
            if (!isWanted) {
                refuse(context, HttpResponseStatus.NOT_FOUND);
            }
        } else if (message instanceof LastHttpContent && isWanted) {
            isAnswered = true;
            counters.countAccepted();
            // The response is encoded by the codec before that goes.
            var unused = context.writeAndFlush(Upgrade.accepted());
            establishment.establish(context.channel(), context.pipeline().get(HttpServerCodec.class), this);
        }
    }

    private void refuse(ChannelHandlerContext context, HttpResponseStatus status) {
        isAnswered = true;
        counters.countRefused();
        context.writeAndFlush(Upgrade.refused(status)).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        counters.countFailed();
        var unused = context.close();
    }
}

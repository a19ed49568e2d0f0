package net.vgate.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import net.vgate.stream.StreamFailure.Reason;
import org.jspecify.annotations.Nullable;

/**
 * One try to make a stream, from TCP's connection on: last in the pipeline, where all that goes wrong arrives. It ends
 * in a stream or in one failure, within its time.
 */
final class Attempt extends ChannelInboundHandlerAdapter {
    private final StreamLimits limits;
    private final Consumer<StreamFailure> failed;
    private boolean isOver;
    private @Nullable ScheduledFuture<?> deadline;

    Attempt(StreamLimits limits, Consumer<StreamFailure> failed) {
        this.limits = limits;
        this.failed = failed;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        Channel channel = context.channel();
        deadline = context.executor()
                .schedule(
                        () -> fail(channel, Reason.TIMEOUT, "no stream within " + limits.establish()),
                        limits.establish().toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    /** It has led to a stream. */
    void succeed() {
        end();
    }

    /** It has failed; the connection ends, and only the first reason counts. */
    void fail(Channel channel, Reason reason, String detail) {
        if (end()) {
            failed.accept(new StreamFailure(reason, detail));
        }
        var unused = channel.close();
    }

    private boolean end() {
        boolean isFirst = !isOver;
        isOver = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        return isFirst;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(context.channel(), Reason.CLOSED, "the connection was closed");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(context.channel(), Reason.CLOSED, String.valueOf(cause.getMessage()));
    }
}

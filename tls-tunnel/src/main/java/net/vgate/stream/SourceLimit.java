package net.vgate.stream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;

/** Counts one connection of a server while it lives: once as a stranger's, then as a peer's. */
final class SourceLimit extends ChannelInboundHandlerAdapter {
    private final ConnectionCount count;
    private final InetAddress source;
    private boolean isProven;

    SourceLimit(ConnectionCount count, InetAddress source) {
        this.count = count;
        this.source = source;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == StreamPath.Event.PROVEN && !isProven) {
            isProven = true;
            count.prove(source);
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (isProven) {
            count.leaveProven();
        } else {
            count.leaveUnproven(source);
        }
        context.fireChannelInactive();
    }
}

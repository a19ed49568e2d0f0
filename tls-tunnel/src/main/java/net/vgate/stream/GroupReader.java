package net.vgate.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.AttributeKey;

/**
 * Stands between socket and TLS until the key exchange's group has passed. A hello that comes in pieces is passed on
 * unread: the group is for people to see, and decides nothing.
 */
final class GroupReader extends ChannelDuplexHandler {
    static final AttributeKey<Integer> GROUP = AttributeKey.valueOf("net.vgate.stream.group");

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        look(context, message);
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        look(context, message);
        var unused = context.write(message, promise);
    }

    private static void look(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf bytes) {
            int group = ServerHello.group(bytes);
            if (group != NamedGroup.NONE) {
                // After a retry the second hello counts, so this stays until TLS is established.
                context.channel().attr(GROUP).set(group);
            }
        }
    }
}

package net.vgate.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSession;

/** Makes a stream of a connection on which both ends have agreed to it. */
final class Establishment {
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final StreamListener listener;
    private final StreamLimits limits;
    private final boolean isOurs;
    private final String provider;

    /** @param isOurs whether the connections are those that we make */
    Establishment(StreamListener listener, StreamLimits limits, boolean isOurs, String provider) {
        this.listener = listener;
        this.limits = limits;
        this.isOurs = isOurs;
        this.provider = provider;
    }

    /** Puts capsules in place of HTTP: {@code last} goes as well, and what {@code codec} has not read comes first. */
    StreamPath establish(Channel channel, ChannelHandler codec, ChannelHandler last) {
        ChannelPipeline pipeline = channel.pipeline();
        StreamPath path =
                new StreamPath(NUMBERS.incrementAndGet(), isOurs, channel, remote(channel), tls(channel), queued());
        pipeline.addLast(new CapsuleDecoder(), new Carriage(path, listener, limits));
        pipeline.remove(last);
        if (pipeline.get(GroupReader.class) != null) {
            pipeline.remove(GroupReader.class);
        }
        pipeline.remove(codec);
        return path;
    }

    private int queued() {
        return limits.queuedDatagrams();
    }

    private static String remote(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress address
                ? StreamTarget.text(address.getAddress().getHostAddress(), address.getPort())
                : "";
    }

    private OuterTls tls(Channel channel) {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        SSLSession session = handler.engine().getSession();
        Integer group = channel.attr(GroupReader.GROUP).get();
        return new OuterTls(
                provider,
                session.getProtocol(),
                session.getCipherSuite(),
                NamedGroup.name(group == null ? NamedGroup.NONE : group));
    }
}

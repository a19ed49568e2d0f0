package net.vgate.stream;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Optional;
import net.vgate.stream.StreamFailure.Reason;

/** Asks an HTTP proxy for a tunnel (RFC 9110 section 9.3.6), and then has TLS begin in it. */
final class ProxyConnect extends SimpleChannelInboundHandler<HttpObject> {
    private final String authority;
    private final Optional<String> authorization;
    private final Attempt attempt;
    private final Runnable then;
    private boolean isOpen;

    /** @param then adds what follows to the pipeline */
    ProxyConnect(String authority, Optional<String> authorization, Attempt attempt, Runnable then) {
        this.authority = authority;
        this.authorization = authorization;
        this.attempt = attempt;
        this.then = then;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        FullHttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.CONNECT, authority, Unpooled.EMPTY_BUFFER);
        request.headers().set(HttpHeaderNames.HOST, authority);
        authorization.ifPresent(value -> request.headers().set(HttpHeaderNames.PROXY_AUTHORIZATION, value));
        var unused = context.writeAndFlush(request);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
        if (message.decoderResult().isFailure()) {
            attempt.fail(context.channel(), Reason.PROXY, "the proxy does not speak HTTP");
        } else if (message instanceof HttpResponse response) {
            isOpen = response.status().code() == HttpResponseStatus.OK.code();
            if (!isOpen) {
                attempt.fail(context.channel(), Reason.PROXY, "the proxy answered " + response.status());
            }
        } else if (message instanceof LastHttpContent && isOpen) {
            context.pipeline().remove(HttpClientCodec.class);
            context.pipeline().remove(this);
            then.run();
        }
    }
}

package net.vgate.stream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import net.vgate.stream.StreamFailure.Reason;

/** Asks for a stream as soon as TLS is established, and makes one of the connection if the server agrees. */
final class ClientUpgrade extends SimpleChannelInboundHandler<HttpObject> {
    private final String authority;
    private final CheckingTrust trust;
    private final Attempt attempt;
    private final Establishment establishment;
    private boolean isAccepted;

    ClientUpgrade(String authority, CheckingTrust trust, Attempt attempt, Establishment establishment) {
        this.authority = authority;
        this.trust = trust;
        this.attempt = attempt;
        this.establishment = establishment;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent end) {
            if (end.isSuccess()) {
                var unused = context.writeAndFlush(Upgrade.request(authority));
            } else {
                String refusal = trust.refusal();
                attempt.fail(
                        context.channel(),
                        refusal == null ? Reason.TLS : Reason.CERTIFICATE,
                        refusal == null ? String.valueOf(end.cause().getMessage()) : refusal);
            }
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
        if (message.decoderResult().isFailure()) {
            attempt.fail(context.channel(), Reason.REFUSED, "the server does not speak HTTP");
        } else if (message instanceof HttpResponse response) {
            isAccepted = Upgrade.isAccepted(response);
            if (!isAccepted) {
                attempt.fail(context.channel(), Reason.REFUSED, "the server answered " + response.status());
            }
        } else if (message instanceof LastHttpContent && isAccepted) {
            attempt.succeed();
            context.pipeline().remove(attempt);
            establishment.establish(context.channel(), context.pipeline().get(HttpClientCodec.class), this);
        }
    }
}

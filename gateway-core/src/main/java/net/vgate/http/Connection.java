package net.vgate.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection: one request at a time, each within its time. */
final class Connection extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private final Routes routes;
    private final Executor handlers;
    private final Duration patience;
    private @Nullable ScheduledFuture<?> deadline;

    Connection(Routes routes, Executor handlers, Duration patience) {
        this.routes = routes;
        this.handlers = handlers;
        this.patience = patience;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        expectWithinPatience(context);
        context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        cancelDeadline();
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        close(context); // the peer's fault or the network's; there is nobody to tell
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest message) {
        cancelDeadline();
        Optional<Response> refusal = refusalOf(message);
        if (refusal.isPresent()) {
            answer(context, refusal.get(), false);
            return;
        }
        Request request = request(message);
        Handler handler = routes.handler(request.path(), request.method());
        boolean keepAlive = HttpUtil.isKeepAlive(message);
        if (handler != null) {
            run(context, handler, request, keepAlive);
            return;
        }
        Set<Method> allowed = routes.methods(request.path());
        if (allowed.isEmpty()) {
            answer(context, Response.text(404, "no such path\n"), keepAlive);
        } else {
            answer(context, toNetty(Response.text(405, "method not allowed\n"), keepAlive), allowed, keepAlive);
        }
    }

    private void run(ChannelHandlerContext context, Handler handler, Request request, boolean keepAlive) {
        context.channel().config().setAutoRead(false);
        try {
            handlers.execute(() -> {
                Response response = responseOf(handler, request);
                try {
                    context.executor().execute(() -> answer(context, response, keepAlive));
                } catch (RejectedExecutionException stopping) {
                    // The server was closed meanwhile, and the connection with it.
                }
            });
        } catch (RejectedExecutionException stopping) {
            close(context);
        }
    }

    private static Response responseOf(Handler handler, Request request) {
        try {
            return handler.handle(request);
        } catch (RuntimeException e) {
            LOG.error("{} {} failed", request.method(), request.path(), e);
            return Response.text(500, "internal error; the log says more\n");
        }
    }

    private void answer(ChannelHandlerContext context, Response response, boolean keepAlive) {
        answer(context, toNetty(response, keepAlive), Set.of(), keepAlive);
    }

    private void answer(
            ChannelHandlerContext context, FullHttpResponse response, Set<Method> allowed, boolean keepAlive) {
        if (!allowed.isEmpty()) {
            response.headers()
                    .set(
                            HttpHeaderNames.ALLOW,
                            allowed.stream().map(Method::name).collect(Collectors.joining(", ")));
        }
        ChannelFuture written = context.writeAndFlush(response);
        if (keepAlive) {
            // Bounds how long the peer takes to read the answer and to come back.
            expectWithinPatience(context);
            written.addListener(done -> context.channel().config().setAutoRead(true));
        } else {
            expectWithinPatience(context);
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void expectWithinPatience(ChannelHandlerContext context) {
        cancelDeadline();
        deadline = context.executor().schedule(() -> close(context), patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    private static void close(ChannelHandlerContext context) {
        var unused = context.close();
    }

    /** The answer to what is no request that we take. */
    private static Optional<Response> refusalOf(FullHttpRequest message) {
        if (message.decoderResult().isFailure()) {
            Throwable cause = message.decoderResult().cause();
            if (cause instanceof TooLongHttpLineException) {
                return Optional.of(Response.text(414, "request line too long\n"));
            }
            return Optional.of(
                    cause instanceof TooLongHttpHeaderException
                            ? Response.text(431, "header too long\n")
                            : Response.text(400, "malformed request\n"));
        }
        return methodOf(message) == null ? Optional.of(Response.text(501, "method not known\n")) : Optional.empty();
    }

    private static @Nullable Method methodOf(FullHttpRequest message) {
        if (message.method().equals(HttpMethod.GET) || message.method().equals(HttpMethod.HEAD)) {
            return Method.GET;
        }
        return message.method().equals(HttpMethod.POST) ? Method.POST : null;
    }

    private static Request request(FullHttpRequest message) {
        Method method = methodOf(message);
        String target = originForm(message.uri());
        int question = target.indexOf('?');
        return new Request(
                method == null ? Method.GET : method,
                question < 0 ? target : target.substring(0, question),
                question < 0 ? "" : target.substring(question + 1),
                message.content().toString(StandardCharsets.UTF_8));
    }

    /** RFC 9112 section 3.2.2: "a server MUST accept the absolute-form in requests". */
    private static String originForm(String target) {
        if (!target.startsWith("http://")) {
            return target;
        }
        int path = target.indexOf('/', "http://".length());
        return path < 0 ? "/" : target.substring(path);
    }

    static FullHttpResponse toNetty(Response response, boolean keepAlive) {
        FullHttpResponse message = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(response.status()),
                Unpooled.wrappedBuffer(response.body()));
        message.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, response.contentType())
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set("X-Content-Type-Options", "nosniff")
                .set(HttpHeaderNames.CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'");
        HttpUtil.setContentLength(message, response.body().length);
        HttpUtil.setKeepAlive(message, keepAlive);
        return message;
    }
}

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
import java.util.Map;
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
        boolean keepAlive = HttpUtil.isKeepAlive(message);
        String target = originForm(message.uri());
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        Optional<String> template = routes.template(path);
        if (template.isEmpty()) {
            answer(context, Response.text(404, "no such path\n"), keepAlive);
            return;
        }
        Map<String, String> segments;
        try {
            segments = Routes.decoded(template.get(), path);
        } catch (IllegalArgumentException notEncoded) {
            answer(
                    context,
                    Response.text(400, "the path has a % that begins no escape (RFC 3986 section 2.1)\n"),
                    keepAlive);
            return;
        }
        Method method = methodOf(message).orElseThrow();
        Handler handler = routes.handler(template.get(), method);
        if (handler == null) {
            FullHttpResponse response = toNetty(Response.text(405, "method not allowed\n"), keepAlive);
            answer(context, response, routes.methods(template.get()), keepAlive);
            return;
        }
        String query = question < 0 ? "" : target.substring(question + 1);
        String body = message.content().toString(StandardCharsets.UTF_8);
        run(context, handler, new Request(method, path, segments, query, body), keepAlive);
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
        return methodOf(message).isEmpty() ? Optional.of(Response.text(501, "method not known\n")) : Optional.empty();
    }

    private static Optional<Method> methodOf(FullHttpRequest message) {
        if (message.method().equals(HttpMethod.GET) || message.method().equals(HttpMethod.HEAD)) {
            return Optional.of(Method.GET);
        }
        return message.method().equals(HttpMethod.POST) ? Optional.of(Method.POST) : Optional.empty();
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

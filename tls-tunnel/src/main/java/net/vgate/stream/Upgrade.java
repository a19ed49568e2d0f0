package net.vgate.stream;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/**
 * The HTTP/1.1 messages that turn a connection into a stream, RFC 9298 sections 3.2 and 3.3. A gateway is a UDP proxy
 * whose only target is itself, under a name of its own; so the messages are a standard's, and proxies that let upgrades
 * pass need not know them.
 */
final class Upgrade {
    /** The default URI template of RFC 9298 section 2 with target host {@code vgate} and the port of DTLS. */
    static final String PATH = "/.well-known/masque/udp/vgate/4433/";

    static final String TOKEN = "connect-udp";

    /** Bounds for what comes from strangers: our own requests have 200 bytes, and proxies add some headers. */
    static final HttpDecoderConfig DECODER = new HttpDecoderConfig()
            .setMaxInitialLineLength(2_048)
            .setMaxHeaderSize(8_192)
            .setMaxChunkSize(4_096)
            .setInitialBufferSize(256);

    private static final String CAPSULE_PROTOCOL = "Capsule-Protocol";
    private static final String TRUE = "?1";

    private Upgrade() {}

    /** A client's request; {@code authority} is the HOST:PORT that it calls. */
    static FullHttpRequest request(String authority) {
        FullHttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, PATH, Unpooled.EMPTY_BUFFER);
        request.headers().set(HttpHeaderNames.HOST, authority);
        upgrade(request.headers());
        return request;
    }

    /** The answer that makes a stream. */
    static FullHttpResponse accepted() {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
        upgrade(response.headers());
        return response;
    }

    private static void upgrade(HttpHeaders headers) {
        headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        headers.set(HttpHeaderNames.UPGRADE, TOKEN);
        headers.set(CAPSULE_PROTOCOL, TRUE);
    }

    /** Any other answer, after which the connection ends. */
    static FullHttpResponse refused(HttpResponseStatus status) {
        byte[] body = (status.reasonPhrase() + "\n").getBytes(StandardCharsets.US_ASCII);
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN);
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        HttpUtil.setContentLength(response, body.length);
        return response;
    }

    /** Whether a client asks for a stream. Its Host is not looked at: there may be names that we do not know. */
    static boolean isWanted(HttpRequest request) {
        HttpHeaders headers = request.headers();
        return request.method().equals(HttpMethod.GET)
                && request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && request.uri().equals(PATH)
                && isUpgrade(headers)
                && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)
                && !headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
    }

    /** Whether a server agrees. */
    static boolean isAccepted(HttpResponse response) {
        return response.status().code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code()
                && isUpgrade(response.headers());
    }

    private static boolean isUpgrade(HttpHeaders headers) {
        return headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
                && headers.containsValue(HttpHeaderNames.UPGRADE, TOKEN, true);
    }
}

package net.vgate.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/** Asks a server on a Unix socket, one request a connection. */
public final class UnixHttpClient {
    /** More than a gateway with a hundred thousand V-nets has to say. */
    private static final int MAX_ANSWER_BYTES = 1 << 28;

    private final Path socket;
    private final Duration timeout;

    /** @param timeout for a whole request and its answer */
    public UnixHttpClient(Path socket, Duration timeout) {
        this.socket = socket;
        this.timeout = timeout;
    }

    /** Sends a request without a body, as {@link #send(Method, String, String)} does. */
    public Response send(Method method, String path) throws IOException {
        return send(method, path, "");
    }

    /**
     * Sends a request.
     *
     * @param body JSON; empty is none
     * @throws ConnectException when nobody listens on the socket
     * @throws SocketTimeoutException when the answer did not come in time
     */
    public Response send(Method method, String path, String body) throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        int length = body.getBytes(StandardCharsets.UTF_8).length;
        byte[] request = (method + " " + path + " HTTP/1.1\r\nHost: vgate\r\nContent-Length: " + length
                        + "\r\nConnection: close\r\n\r\n" + body)
                .getBytes(StandardCharsets.UTF_8);
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                Selector selector = Selector.open()) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.configureBlocking(false);
            SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
            ByteBuffer out = ByteBuffer.wrap(request);
            while (out.hasRemaining()) {
                await(selector, deadline);
                channel.write(out);
            }
            key.interestOps(SelectionKey.OP_READ);
            return AnswerParser.parse(readAll(channel, selector, deadline));
        } catch (ConnectException e) {
            throw e;
        } catch (SocketException e) {
            // What a missing file gives; callers need not know the difference.
            throw asConnectException(e);
        }
    }

    private static ConnectException asConnectException(SocketException e) {
        ConnectException refused = new ConnectException(e.getMessage());
        refused.initCause(e);
        return refused;
    }

    private byte[] readAll(SocketChannel channel, Selector selector, long deadline) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(16_384);
        while (true) {
            await(selector, deadline);
            if (channel.read(in) < 0) {
                return Arrays.copyOf(in.array(), in.position());
            }
            if (!in.hasRemaining()) {
                if (in.capacity() >= MAX_ANSWER_BYTES) {
                    throw new IOException("the answer is too long");
                }
                in = ByteBuffer.allocate(in.capacity() * 2).put(in.flip());
            }
        }
    }

    private void await(Selector selector, long deadline) throws IOException {
        long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
        if (leftMillis <= 0 || selector.select(leftMillis) == 0) {
            throw new SocketTimeoutException("no answer within " + timeout.toSeconds() + " s");
        }
        selector.selectedKeys().clear();
    }
}

package net.vgate.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HttpServerTest {
    private static final Duration PATIENCE = Duration.ofMillis(1_500);
    private static final HttpLimits LIMITS = new HttpLimits(4, 256, 512, 1_000, PATIENCE);

    private final CountDownLatch mayAnswer = new CountDownLatch(1);
    private final HttpServer server;

    HttpServerTest() throws IOException {
        Routes routes = Routes.none()
                .get("/hello", request -> Response.text(200, "hello " + request.query() + "\n"))
                .get("/fails", request -> {
                    throw new IllegalStateException("planted");
                })
                .get("/slow", request -> {
                    awaitPermission();
                    return Response.text(200, "at last\n");
                })
                .get(
                        "/things/{thing}/parts/{part}",
                        request -> Response.text(
                                200,
                                request.segment("thing") + ", "
                                        + request.segment("part").codePointAt(0) + "\n"))
                .get("/things/own/parts/all", request -> Response.text(200, "all of its own\n"))
                .post("/echo", request -> Response.json(200, request.body()));
        server = HttpServer.onTcp("test", loopback(0), routes, LIMITS);
    }

    @AfterEach
    void close() {
        mayAnswer.countDown();
        server.close();
    }

    @Test
    void answersAGet() throws IOException {
        String answer = exchange("GET /hello?you HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
        assertTrue(answer.contains("\r\ncontent-type: text/plain; charset=utf-8\r\n"), answer);
        assertTrue(answer.endsWith("\r\n\r\nhello you\n"), answer);
    }

    @Test
    void answersAHeadWithoutABody() throws IOException {
        String answer = exchange("HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertTrue(answer.contains("\r\ncontent-length: 7\r\n"), answer);
        assertTrue(answer.endsWith("\r\n\r\n"), answer);
    }

    @Test
    void takesTheAbsoluteForm() throws IOException {
        assertStatus(200, exchange("GET http://x:1/hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    }

    @Test
    void answersAPostWithItsBody() throws IOException {
        String answer = exchange("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
        assertTrue(answer.endsWith("\r\n\r\n{}"), answer);
    }

    @Test
    void refusesWhatItDoesNotKnow() throws IOException {
        assertStatus(404, exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        assertStatus(501, exchange("BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n"));
        String notAllowed = exchange("GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertStatus(405, notAllowed);
        assertTrue(notAllowed.contains("\r\nallow: POST\r\n"), notAllowed);
    }

    @Test
    void findsTheSegmentsOfATemplate() throws IOException {
        assertTrue(exchange("GET /things/a%2Fb+%20c/parts/%C3%BC?x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .endsWith("\r\n\r\na/b+ c, 252\n"));
        assertTrue(exchange("GET /things/own/parts/all HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .endsWith("\r\n\r\nall of its own\n"));
        assertStatus(400, exchange("GET /things/%zz/parts/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        assertStatus(405, exchange("POST /things/1/parts/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        for (String path :
                new String[] {"/things//parts/1", "/things/1/parts", "/things/1/parts/1/", "/things/a/b/parts/1"}) {
            assertStatus(404, exchange("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        }
    }

    @Test
    void refusesWhatIsTooLongOrNoRequest() throws IOException {
        assertStatus(414, exchange("GET /" + "x".repeat(300) + " HTTP/1.1\r\nHost: x\r\n\r\n"));
        assertStatus(431, exchange("GET /hello HTTP/1.1\r\nHost: " + "x".repeat(600) + "\r\n\r\n"));
        assertStatus(413, exchange("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n"));
        assertStatus(400, exchange("\0\0\0 \r\n\r\n"));
        assertStatus(400, exchange("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"));
    }

    @Test
    void saysInternalErrorWhenAHandlerFails() throws IOException {
        String answer = exchange("GET /fails HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertStatus(500, answer);
        assertTrue(!answer.contains("planted"), answer);
    }

    @Test
    void answersPipelinedRequestsInOrder() throws IOException {
        StringBuilder requests = new StringBuilder();
        StringBuilder bodies = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            requests.append("GET /hello?").append(i).append(" HTTP/1.1\r\nHost: x\r\n\r\n");
            bodies.append("hello ").append(i).append('\n');
        }
        requests.append("GET /hello?end HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        bodies.append("hello end\n");
        String answers = exchange(requests.toString());
        assertEquals(bodies.toString(), answers.replaceAll("HTTP(.+\r\n)+\r\n", ""));
    }

    @Test
    void closesOnAPeerThatSendsTooSlowly() throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write("GET /hello HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
            long start = System.nanoTime();
            assertEquals(-1, socket.getInputStream().read());
            assertTrue(System.nanoTime() - start > PATIENCE.toNanos() / 2);
        }
    }

    @Test
    void closesAnIdleConnectionAfterAnAnswer() throws IOException {
        String answer = exchange("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        assertTrue(answer.endsWith("hello \n"), answer);
    }

    @Test
    void waitsForASlowHandler() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write("GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            socket.setSoTimeout((int) PATIENCE.toMillis() * 3);
            assertThrows(IOException.class, () -> socket.getInputStream().read());
            mayAnswer.countDown();
            assertStatus(200, readAll(socket));
        }
    }

    @Test
    void refusesOneConnectionTooMany() throws IOException {
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < LIMITS.connections(); i++) {
                Socket socket = connect();
                open.add(socket);
                socket.getOutputStream()
                        .write("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertTrue(socket.getInputStream().read() >= 0);
            }
            try (Socket socket = connect()) {
                assertStatus(503, readAll(socket));
            }
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    @Test
    void freesTheConnectionsOfThoseWhoLeft() throws IOException {
        for (int i = 0; i < 5 * LIMITS.connections(); i++) {
            assertStatus(200, exchange("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        }
    }

    @Test
    void saysWhereItCannotListen() {
        int taken = server.address().getPort();
        IOException failure = assertThrows(
                IOException.class, () -> HttpServer.onTcp("second", loopback(taken), Routes.none(), LIMITS));
        assertEquals("cannot listen on 127.0.0.1:" + taken + ": Address already in use", failure.getMessage());
    }

    private void awaitPermission() {
        try {
            mayAnswer.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String exchange(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return readAll(socket);
        }
    }

    private Socket connect() throws IOException {
        return new Socket(server.address().getAddress(), server.address().getPort());
    }

    private static String readAll(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder text = new StringBuilder();
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                text.append((char) next);
            }
        } catch (SocketException reset) {
            // The server closed with bytes of ours unread.
        }
        return text.toString();
    }

    private static void assertStatus(int status, String answer) {
        assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}

package net.vgate.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import net.vgate.stream.StreamFailure.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HttpProxyTest {
    @TempDir
    private Path folder;

    /** A proxy that says one thing, and keeps what it was told. */
    private static final class OneAnswer implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        private final List<String> heard = new CopyOnWriteArrayList<>();

        OneAnswer(String answer) throws IOException {
            Thread thread = new Thread(() -> serve(answer));
            thread.setDaemon(true);
            thread.start();
        }

        private void serve(String answer) {
            try (Socket client = socket.accept()) {
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
                for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                    heard.add(line);
                }
                client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                client.getOutputStream().flush();
                in.readLine();
            } catch (IOException closed) {
                // The test is over.
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static StreamFailure failure(OneAnswer proxy, Optional<Path> credentials) {
        try (LoopbackStreams streams = new LoopbackStreams(LoopbackStreams.LIMITS)) {
            StreamTarget target = new StreamTarget(
                    "gateway.example",
                    443,
                    Optional.of(new HttpProxy("127.0.0.1", proxy.socket.getLocalPort(), credentials)));
            return streams.failure(target, LoopbackStreams::accept);
        }
    }

    @Test
    void theProxyIsAskedForTheNameAndToldTheCredentials() throws IOException {
        Path credentials = Files.writeString(folder.resolve("proxy"), "Aladdin:open sesame\n");
        try (OneAnswer proxy = new OneAnswer("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")) {
            StreamFailure failure = failure(proxy, Optional.of(credentials));

            assertEquals(new StreamFailure(Reason.PROXY, "the proxy answered 502 Bad Gateway"), failure);
            assertEquals("CONNECT gateway.example:443 HTTP/1.1", proxy.heard.get(0));
            // RFC 7617 section 2.
            assertTrue(
                    proxy.heard.stream()
                            .anyMatch(line ->
                                    line.equalsIgnoreCase("proxy-authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")),
                    proxy.heard::toString);
        }
    }

    @Test
    void withoutCredentialsNoneAreSaid() throws IOException {
        try (OneAnswer proxy =
                new OneAnswer("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")) {
            StreamFailure failure = failure(proxy, Optional.empty());

            assertEquals("the proxy answered 407 Proxy Authentication Required", failure.detail());
            assertFalse(proxy.heard.toString().toLowerCase(Locale.ROOT).contains("authorization"));
        }
    }

    @Test
    void aProxyThatSpeaksSomethingElseFailsTheTry() throws IOException {
        try (OneAnswer proxy = new OneAnswer("\005\000\000\001\r\n\r\n")) {
            assertEquals(Reason.PROXY, failure(proxy, Optional.empty()).reason());
        }
    }

    @Test
    void credentialsThatCannotBeReadFailTheTryAndAreNotShown() throws IOException {
        Path credentials = Files.writeString(folder.resolve("proxy"), "one\ntwo:secret\n");
        try (OneAnswer proxy = new OneAnswer("")) {
            StreamFailure failure = failure(proxy, Optional.of(credentials));

            assertEquals(Reason.PROXY, failure.reason());
            assertTrue(failure.detail().contains("is not one line USER:PASSWORD"), failure.detail());
            assertFalse(failure.detail().contains("secret"));
            assertEquals(
                    Reason.PROXY,
                    failure(proxy, Optional.of(folder.resolve("none"))).reason());
        }
    }
}

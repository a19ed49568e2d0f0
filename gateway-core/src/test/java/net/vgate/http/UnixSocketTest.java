package net.vgate.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
@SuppressWarnings("try") // the server is there to be asked
class UnixSocketTest {
    private static final Routes ROUTES = Routes.none()
            .get("/status", request -> Response.json(200, "{\"site\": \"züri\"}"))
            .get("/long", request -> Response.text(200, "x".repeat(3_000_000)))
            .post("/reload", request -> Response.text(409, "no\n"));

    @TempDir
    private Path folder;

    private Path runFolder;

    private Path socket;

    @BeforeEach
    void nameTheSocket() {
        runFolder = folder.resolve("run");
        socket = runFolder.resolve("vgate.sock");
    }

    @Test
    void answersTheClient() throws IOException {
        try (HttpServer server = serve(socket)) {
            Response status = client().send(Method.GET, "/status");
            assertEquals(200, status.status());
            assertEquals("application/json", status.contentType());
            assertEquals("{\"site\": \"züri\"}", status.bodyText());
            assertEquals(409, client().send(Method.POST, "/reload").status());
            assertEquals(
                    3_000_000, client().send(Method.GET, "/long").bodyText().length());
        }
    }

    @Test
    void answersCurl() throws Exception {
        assumeTrue(isThere("curl"), "curl is not installed");
        try (HttpServer server = serve(socket)) {
            assertEquals(
                    "{\"site\": \"züri\"}",
                    run("curl", "-sS", "--fail", "--unix-socket", socket.toString(), "http://localhost/status"));
            assertEquals(
                    "no\n",
                    run("curl", "-sS", "-X", "POST", "--unix-socket", socket.toString(), "http://localhost/reload"));
        }
    }

    @Test
    void letsOnlyItsOwnerIn() throws IOException {
        try (HttpServer server = serve(socket)) {
            assertEquals("rw-------", permissions(socket));
            assertEquals("rwx------", permissions(runFolder));
            assertEquals(List.of("vgate.sock", "vgate.sock.lock"), namesIn(runFolder));
            assertEquals("rw-------", permissions(socket.resolveSibling("vgate.sock.lock")));
        }
    }

    @Test
    void removesTheSocketAtTheEnd() throws IOException {
        serve(socket).close();
        assertFalse(Files.exists(socket));
        assertThrows(ConnectException.class, () -> client().send(Method.GET, "/status"));
    }

    @Test
    void replacesWhatADeadProcessLeft() throws IOException {
        Files.createDirectories(runFolder);
        bindAndLeave(socket);
        assertThrows(ConnectException.class, () -> client().send(Method.GET, "/status"));
        try (HttpServer server = serve(socket)) {
            assertEquals(200, client().send(Method.GET, "/status").status());
        }
    }

    @Test
    void refusesTheSocketOfALiveProcess() throws IOException {
        try (HttpServer server = serve(socket)) {
            IOException refusal = assertThrows(IOException.class, () -> serve(socket));
            assertEquals(
                    "another gateway runs with the admin socket " + socket
                            + ": stop it, or give this one a socket of its own",
                    refusal.getMessage());
            assertEquals(200, client().send(Method.GET, "/status").status());
        }
    }

    @Test
    void leavesASocketThatIsNoLongerItsOwn() throws IOException {
        HttpServer server = serve(socket);
        Files.delete(socket);
        bindAndLeave(socket);
        server.close();
        assertTrue(Files.exists(socket));
    }

    @Test
    void refusesToReplaceAFile() throws IOException {
        Files.createDirectories(runFolder);
        Files.writeString(socket, "precious");
        assertTrue(messageOfRefusal().contains("exists and is no socket"));
        assertEquals("precious", Files.readString(socket));
    }

    @Test
    void refusesAFolderThatOthersMayWriteTo() throws IOException {
        Files.createDirectories(runFolder);
        Files.setPosixFilePermissions(runFolder, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertTrue(messageOfRefusal().contains("others may write to"));
    }

    @Test
    void refusesAPathThatIsTooLong() {
        socket = folder.resolve("x".repeat(100)).resolve("vgate.sock");
        assertTrue(messageOfRefusal().contains("too long"));
    }

    @Test
    void doesNotWaitForeverForAnAnswer() throws IOException {
        CountDownLatch never = new CountDownLatch(1);
        Routes stuck = Routes.none().get("/status", request -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return Response.text(200, "");
        });
        try (HttpServer server = HttpServer.onUnixSocket("test", socket, stuck, HttpLimits.DEFAULT)) {
            UnixHttpClient client = new UnixHttpClient(socket, Duration.ofMillis(100));
            assertThrows(SocketTimeoutException.class, () -> client.send(Method.GET, "/status"));
        }
    }

    private String messageOfRefusal() {
        return String.valueOf(
                assertThrows(IOException.class, () -> serve(socket)).getMessage());
    }

    private UnixHttpClient client() {
        return new UnixHttpClient(socket, Duration.ofSeconds(10));
    }

    private static HttpServer serve(Path path) throws IOException {
        return HttpServer.onUnixSocket("test", path, ROUTES, HttpLimits.DEFAULT);
    }

    private static void bindAndLeave(Path path) throws IOException {
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(UnixDomainSocketAddress.of(path));
        }
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static List<String> namesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static boolean isThere(String program) {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), output);
        return output;
    }
}

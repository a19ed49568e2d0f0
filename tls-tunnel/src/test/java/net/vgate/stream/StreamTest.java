package net.vgate.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLSocket;
import net.vgate.stream.StreamFailure.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class StreamTest {
    /** Lines of HTTP are divided by bars here. */
    private static final String REQUEST = "GET /.well-known/masque/udp/vgate/4433/ HTTP/1.1|Host: any|"
            + "Connection: Upgrade|Upgrade: connect-udp|Capsule-Protocol: ?1|";

    private static byte[] bytes(String lines) {
        return lines.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void datagramsPassBothWays() {
        try (LoopbackStreams streams = new LoopbackStreams(LoopbackStreams.LIMITS)) {
            StreamPath ours = streams.connect();
            StreamPath theirs = streams.atServer.opened.get(0);
            byte[] datagram = {1, 2, 3, 4};

            assertTrue(ours.offer(datagram, 1, 2));
            LoopbackStreams.await("it came", () -> streams.atServer.count == 1);
            assertArrayEquals(new byte[] {2, 3}, streams.atServer.last);
            assertTrue(theirs.offer(ByteBuffer.wrap(datagram), 2, 2));
            LoopbackStreams.await("the other came", () -> streams.atClient.count == 1);
            assertArrayEquals(new byte[] {3, 4}, streams.atClient.last);
            assertEquals("TLSv1.3", ours.tls().protocol());
            assertTrue(ours.isOurs());
            assertFalse(theirs.isOurs());
        }
    }

    @Test
    void theKeyExchangeIsAHybridWhereTheProviderHasOne() {
        assumeTrue(StreamTls.provider().equals("BoringSSL"), "the native TLS does not load here");
        try (LoopbackStreams streams = new LoopbackStreams(LoopbackStreams.LIMITS)) {
            OuterTls tls = streams.connect().tls();

            assertEquals("X25519MLKEM768", tls.group());
            assertTrue(tls.isPostQuantum());
            assertEquals(tls, streams.atServer.opened.get(0).tls());
        }
    }

    @Test
    void recordsOfAMegabyteASecondArriveAllAndInOrder() {
        int count = 2_200;
        // The machine may be busy with something else for a second.
        StreamLimits limits =
                new StreamLimits(64, 32, Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(30), 1_024);
        try (LoopbackStreams streams = new LoopbackStreams(limits)) {
            StreamPath ours = streams.connect();
            streams.atServer.opened.get(0).prove();
            AtomicLong expected = new AtomicLong();
            AtomicLong outOfOrder = new AtomicLong();
            streams.atServer.onDatagram = bytes -> {
                if (ByteBuffer.wrap(bytes).getLong(0) != expected.getAndIncrement()) {
                    outOfOrder.incrementAndGet();
                }
            };
            byte[] record = new byte[1_400];
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                ByteBuffer.wrap(record).putLong(0, i);
                assertTrue(ours.offer(record, 0, record.length));
                // 1,400 bytes each 1.3 ms, in bursts of ten.
                while (i % 10 == 9 && System.nanoTime() - start < i * 1_300_000L) {
                    LockSupport.parkNanos(100_000);
                }
            }
            LoopbackStreams.await("all came", () -> streams.atServer.count == count);
            assertEquals(0, outOfOrder.get());
            assertEquals(0, ours.dropped());
            assertEquals(count, ours.sent());
        }
    }

    @Test
    void strangersDoNotGoOnSending() {
        try (LoopbackStreams streams = new LoopbackStreams(LoopbackStreams.LIMITS)) {
            StreamPath ours = streams.connect();
            StreamPath theirs = streams.atServer.opened.get(0);
            for (int i = 0; i < 65; i++) {
                ours.offer(new byte[] {22}, 0, 1);
            }
            LoopbackStreams.await("it is ended", () -> streams.atServer.closed.containsKey(theirs));
            assertEquals("too much without a peer that proves itself", streams.atServer.closed.get(theirs));
            assertEquals(64, streams.atServer.count);
        }
    }

    @Test
    void whenThePeerReadsSlowlyTheOldestAreDroppedAndLittleWaits() {
        try (LoopbackStreams streams = new LoopbackStreams(LoopbackStreams.LIMITS)) {
            StreamPath ours = streams.connect();
            ours.prove();
            streams.atServer.opened.get(0).prove();
            AtomicLong last = new AtomicLong();
            AtomicLong outOfOrder = new AtomicLong();
            streams.atServer.onDatagram = bytes -> {
                long number = ByteBuffer.wrap(bytes).getLong(0);
                if (number <= last.getAndSet(number)) {
                    outOfOrder.incrementAndGet();
                }
            };
            byte[] record = new byte[1_400];
            int count = 40_000;
            // As fast as a thread can: more than TLS on one thread does.
            for (int i = 1; i <= count; i++) {
                ByteBuffer.wrap(record).putLong(0, i);
                ours.offer(record, 0, record.length);
                assertTrue(ours.queued() <= 256);
            }
            LoopbackStreams.await("the youngest came", () -> last.get() == count);
            assertTrue(ours.dropped() > 0);
            assertEquals(0, outOfOrder.get());
            assertEquals(count, ours.sent() + ours.dropped());
            assertEquals(ours.sent(), streams.atServer.count);
        }
    }

    /** Of 28 MB no more than the queues hold is taken: ours of 256, TLS's, and the kernel's on both sides. */
    @Test
    void whenThePeerReadsNothingMemoryDoesNotGrow() throws IOException {
        try (LoopbackStreams streams = new LoopbackStreams(LoopbackStreams.LIMITS);
                SSLSocket deaf = streams.stranger()) {
            deaf.getOutputStream().write(bytes(REQUEST + "|"));
            LoopbackStreams.await("the stream is open", () -> !streams.atServer.opened.isEmpty());
            StreamPath path = streams.atServer.opened.get(0);
            byte[] record = new byte[1_400];
            for (int i = 0; i < 20_000; i++) {
                path.offer(record, 0, record.length);
                if (i % 100 == 0) {
                    LockSupport.parkNanos(500_000);
                }
            }
            assertTrue(path.queued() <= 256);
            assertTrue(path.dropped() > 10_000, () -> "only " + path.dropped() + " dropped");
        }
    }

    @Test
    void aStreamEndsWhenThePeerEndsIt() {
        try (LoopbackStreams streams = new LoopbackStreams(LoopbackStreams.LIMITS)) {
            StreamPath ours = streams.connect();
            StreamPath theirs = streams.atServer.opened.get(0);
            ours.close();

            LoopbackStreams.await("the server hears", () -> streams.atServer.closed.containsKey(theirs));
            LoopbackStreams.await("and we", () -> streams.atClient.closed.containsKey(ours));
            assertFalse(ours.isOpen());
            assertFalse(ours.offer(new byte[1], 0, 1));
        }
    }

    /** A client that says no more, and goes on listening: half a connection is none. */
    @Test
    void aHalfClosedStreamEnds() throws IOException {
        try (LoopbackStreams streams = new LoopbackStreams(LoopbackStreams.LIMITS);
                SSLSocket half = streams.stranger()) {
            half.getOutputStream().write(bytes(REQUEST + "|"));
            LoopbackStreams.await("the stream is open", () -> !streams.atServer.opened.isEmpty());
            half.shutdownOutput();

            LoopbackStreams.await("it ended", () -> !streams.atServer.closed.isEmpty());
        }
    }

    /** Nothing comes any more, as from a host that lost its power. */
    @Test
    void aStreamOnWhichNothingIsHeardEnds() {
        StreamLimits limits =
                new StreamLimits(64, 32, Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofMillis(400), 256);
        try (LoopbackStreams streams = new LoopbackStreams(limits)) {
            streams.connect();
            StreamPath theirs = streams.atServer.opened.get(0);
            theirs.prove();

            LoopbackStreams.await("it ended", () -> streams.atServer.closed.containsKey(theirs));
            assertEquals("nothing was heard", streams.atServer.closed.get(theirs));
        }
    }

    @Test
    void aStreamOnWhichNoPeerProvesItselfEndsHoweverMuchItSays() {
        StreamLimits limits =
                new StreamLimits(64, 32, Duration.ofSeconds(5), Duration.ofMillis(600), Duration.ofSeconds(30), 256);
        try (LoopbackStreams streams = new LoopbackStreams(limits)) {
            StreamPath stranger = streams.connect();
            StreamPath peer = streams.connect();
            streams.atServer.opened.get(1).prove();
            peer.prove();
            StreamPath theirs = streams.atServer.opened.get(0);
            LoopbackStreams.await("it ended", () -> {
                stranger.offer(new byte[100], 0, 100);
                LockSupport.parkNanos(10_000_000);
                return streams.atServer.closed.containsKey(theirs);
            });
            assertEquals("no peer proved itself", streams.atServer.closed.get(theirs));
            assertTrue(peer.isOpen());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1|Host: any||",
                "GET /.well-known/masque/udp/vgate/4433/ HTTP/1.1|Host: any||",
                "GET /.well-known/masque/udp/192.0.2.1/53/ HTTP/1.1|Host: any|Connection: Upgrade|"
                        + "Upgrade: connect-udp||",
                "GET /.well-known/masque/udp/vgate/4433/ HTTP/1.1|Host: any|Connection: Upgrade|"
                        + "Upgrade: websocket||",
                "POST /.well-known/masque/udp/vgate/4433/ HTTP/1.1|Host: any|Connection: Upgrade|"
                        + "Upgrade: connect-udp|Content-Length: 3||abc",
                "CONNECT 192.0.2.1:22 HTTP/1.1|Host: any||",
                "OPTIONS * HTTP/1.0||",
            })
    void whatAsksForSomethingElseFindsNothing(String request) throws IOException {
        try (LoopbackStreams streams = new LoopbackStreams(LoopbackStreams.LIMITS)) {
            String answer = streams.answer(bytes(request));

            assertTrue(answer.startsWith("HTTP/1.1 404 Not Found\r\n"), answer);
            assertTrue(answer.endsWith("\r\n\r\nNot Found\n"), answer);
            assertEquals(1, streams.server.counters().refused());
            assertTrue(streams.atServer.opened.isEmpty());
        }
    }

    @Test
    void whatIsNoHttpIsTurnedAway() throws IOException {
        try (LoopbackStreams streams = new LoopbackStreams(LoopbackStreams.LIMITS)) {
            String answer = streams.answer(bytes("\001\002\003 SSH-2.0-OpenSSH||"));

            assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /%s HTTP/1.1||", "GET / HTTP/1.1|Cookie: %s||", "GET / HTTP/1.1|%s: 1||"})
    void giantHeadersAreTurnedAway(String form) throws IOException {
        try (LoopbackStreams streams = new LoopbackStreams(LoopbackStreams.LIMITS)) {
            String answer = streams.answer(bytes(form.formatted("x".repeat(9_000))));

            assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
        }
    }

    @Test
    void whoSpeaksNoTlsIsTurnedAway() throws IOException {
        try (LoopbackStreams streams = new LoopbackStreams(LoopbackStreams.LIMITS);
                Socket plain = new Socket()) {
            plain.connect(streams.server.localAddress());
            plain.setSoTimeout(5_000);
            plain.getOutputStream().write(bytes("GET / HTTP/1.1||"));
            LoopbackStreams.text(plain.getInputStream());

            LoopbackStreams.await(
                    "it is counted", () -> streams.server.counters().failed() == 1);
        }
    }

    /** A byte now and then, at each stage, takes a place for no longer than saying nothing. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoIsTooSlowIsTurnedAway(boolean withTls) throws IOException {
        StreamLimits limits =
                new StreamLimits(64, 32, Duration.ofMillis(700), Duration.ofSeconds(30), Duration.ofSeconds(30), 256);
        try (LoopbackStreams streams = new LoopbackStreams(limits);
                Socket slow = withTls ? streams.stranger() : new Socket()) {
            if (!withTls) {
                slow.connect(streams.server.localAddress());
            }
            byte[] words = withTls ? bytes(REQUEST) : new byte[] {22, 3, 1, 2, 0};
            AtomicLong at = new AtomicLong();
            LoopbackStreams.await("it is counted", Duration.ofSeconds(20), () -> {
                try {
                    slow.getOutputStream().write(words[(int) Math.min(at.getAndIncrement(), words.length - 1)]);
                } catch (IOException closed) {
                    // What is to come about.
                }
                LockSupport.parkNanos(200_000_000);
                return streams.server.counters().tooSlow() == 1;
            });
        }
    }

    @Test
    void oneSourceHasSoManyPlacesAndGivesThemBack() throws IOException {
        StreamLimits limits =
                new StreamLimits(64, 2, Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(30), 256);
        try (LoopbackStreams streams = new LoopbackStreams(limits)) {
            try (SSLSocket first = streams.stranger();
                    SSLSocket second = streams.stranger()) {
                assertTrue(first.isConnected() && second.isConnected());
                StreamFailure third = streams.failure(streams.target(), LoopbackStreams::accept);
                assertTrue(third.reason() == Reason.TLS || third.reason() == Reason.CLOSED, third::toString);
                assertEquals(1, streams.server.counters().overLimit());
            }
            streams.failures.clear();
            LoopbackStreams.await("there is room again", () -> hasRoom(streams));
            // One that proved itself is not counted, nor any other.
            streams.connect();
            streams.atServer.opened.get(0).prove();
            streams.connect();
            streams.atServer.opened.get(1).prove();
            streams.connect();
        }
    }

    private static boolean hasRoom(LoopbackStreams streams) {
        try {
            return streams.answer(bytes("GET / HTTP/1.1||")).startsWith("HTTP/1.1 404");
        } catch (IOException refused) {
            return false;
        }
    }

    @Test
    void aCertificateThatIsRefusedFailsTheTry() {
        try (LoopbackStreams streams = new LoopbackStreams(LoopbackStreams.LIMITS)) {
            StreamFailure failure = streams.failure(streams.target(), chain -> Optional.of("this is somebody else"));

            assertEquals(new StreamFailure(Reason.CERTIFICATE, "this is somebody else"), failure);
            assertTrue(streams.atServer.opened.isEmpty());
        }
    }

    @Test
    void aNewCertificateCountsForLaterConnections() throws IOException {
        try (LoopbackStreams streams = new LoopbackStreams(LoopbackStreams.LIMITS)) {
            StreamPath before = streams.connect();
            streams.server.adopt(LoopbackStreams.newCertificate("vgate://west/renewed"));
            StreamFailure failure = streams.failure(
                    streams.target(),
                    chain -> Optional.of(
                            String.valueOf(chain.get(0).getSerialNumber().signum())));

            assertEquals(Reason.CERTIFICATE, failure.reason());
            assertTrue(before.isOpen());
        }
    }

    @Test
    void aServerThatIsNoneFailsTheTry() throws IOException {
        try (LoopbackStreams streams = new LoopbackStreams(LoopbackStreams.LIMITS);
                ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread talker = new Thread(() -> {
                try (Socket socket = other.accept()) {
                    socket.getOutputStream().write("220 smtp\r\n".getBytes(StandardCharsets.US_ASCII));
                    socket.getOutputStream().flush();
                    socket.getInputStream().readAllBytes();
                } catch (IOException closed) {
                    // The other end had enough.
                }
            });
            talker.start();
            StreamTarget target = new StreamTarget("127.0.0.1", other.getLocalPort(), Optional.empty());

            assertEquals(
                    Reason.TLS, streams.failure(target, LoopbackStreams::accept).reason());
        }
    }

    @Test
    void nobodyThereFailsTheTry() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (LoopbackStreams streams = new LoopbackStreams(LoopbackStreams.LIMITS)) {
            StreamTarget target = new StreamTarget("127.0.0.1", port, Optional.empty());

            assertEquals(
                    Reason.UNREACHABLE,
                    streams.failure(target, LoopbackStreams::accept).reason());
        }
    }

    @Test
    void aServerThatSaysNothingFailsTheTryInTime() throws IOException {
        StreamLimits limits =
                new StreamLimits(64, 32, Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ofSeconds(30), 256);
        try (LoopbackStreams streams = new LoopbackStreams(limits);
                ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            StreamTarget target = new StreamTarget("127.0.0.1", silent.getLocalPort(), Optional.empty());

            assertEquals(
                    Reason.TIMEOUT,
                    streams.failure(target, LoopbackStreams::accept).reason());
        }
    }
}

package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Association;
import net.vgate.record.PeerIdentity;
import net.vgate.record.RecordFormat;
import net.vgate.record.Role;
import net.vgate.record.SocketText;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HandshakesTest {
    private static final PeerIdentity EAST = new PeerIdentity("east", "east-1");
    private static final PeerIdentity WEST = new PeerIdentity("west", "west-1");

    @TempDir
    Path folder;

    private MemoryNetwork network;
    private TestAuthority authority;
    private TestGateway east;
    private TestGateway west;

    @BeforeEach
    void start() {
        network = new MemoryNetwork(1);
        authority = TestAuthority.root(folder, "authority");
        east = gateway(1, EAST, WEST);
        west = gateway(2, WEST, EAST);
    }

    private TestGateway gateway(int host, PeerIdentity own, PeerIdentity peer) {
        return new TestGateway(
                network, host, TestGateway.policy(authority.issue(own).with(authority), peer));
    }

    @AfterEach
    void stop() {
        east.close();
        west.close();
        network.close();
    }

    @Test
    void twoGatewaysPairAndExchangeData() throws InterruptedException {
        Association client = pair();
        Association server = west.awaitEstablished();
        assertEquals(WEST, client.peer());
        assertEquals(EAST, server.peer());
        assertEquals(west.handshakes().policy().credentials().expires(), client.peerCertificateExpires());
        assertEquals(east.handshakes().policy().credentials().expires(), server.peerCertificateExpires());
        assertEquals(Role.CLIENT, client.role());
        assertEquals(Role.SERVER, server.role());
        assertEquals("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", client.cipherSuite());
        assertEquals(client.cipherSuite(), server.cipherSuite());
        assertEquals(west.listen(), client.remote());
        assertEquals(east.connectFrom(), server.remote());
        assertTrue(client.ids().received());
        assertEquals(8, client.ids().remoteBytes());
        assertNotEquals(client.id(), server.id());
        exchange(client, server, 200);
        assertEquals(1, east.handshakes().counters().established(Role.CLIENT));
        assertEquals(1, west.handshakes().counters().established(Role.SERVER));
        TestGateway.await(() -> west.handshakes().underWay() == 0, "the place in the pool");
    }

    @Test
    void everyDatagramIsDroppedForAReasonOrCounted() throws InterruptedException {
        network.bad(0.1, 0.3, 20);
        for (int i = 0; i < 5; i++) {
            connectUntilEstablished();
        }
        network.bad(0, 0, 0);
        // What is still on its way may spoil the first one.
        connectUntilEstablished();
        for (TestGateway gateway : List.of(east, west)) {
            HandshakeCounters counters = gateway.handshakes().counters();
            TestGateway.await(
                    () -> gateway.handed() == gateway.refused() + counters.challenged() + counters.taken(),
                    "all to be accounted for");
            assertTrue(counters.taken() > 12);
        }
        assertTrue(west.handshakes().counters().challenged() >= 6);
    }

    @ParameterizedTest
    @CsvSource({
        "AES_128_GCM, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "AES_256_GCM, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "CHACHA20_POLY1305, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
    })
    void useEachAlgorithm(AeadAlgorithm algorithm, String suite) throws InterruptedException {
        Credentials credentials = authority.issue(EAST).with(authority);
        KnownPeers peers = new KnownPeers(Set.of(WEST), Set.of());
        east.handshakes().adopt(new HandshakePolicy(credentials, peers, List.of(algorithm)));
        Association client = pair();
        assertEquals(suite, client.cipherSuite());
        exchange(client, west.awaitEstablished(), 20);
    }

    @Test
    void theServersPreferenceCounts() throws InterruptedException {
        west.handshakes()
                .adopt(new HandshakePolicy(
                        authority.issue(WEST).with(authority),
                        new KnownPeers(Set.of(EAST), Set.of()),
                        List.of(AeadAlgorithm.CHACHA20_POLY1305, AeadAlgorithm.AES_256_GCM)));
        assertEquals("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", pair().cipherSuite());
    }

    @Test
    void agreeOnWhatBothAccept() throws InterruptedException {
        Credentials credentials = authority.issue(EAST).with(authority);
        KnownPeers peers = new KnownPeers(Set.of(WEST), Set.of());
        east.handshakes().adopt(new HandshakePolicy(credentials, peers, List.of(AeadAlgorithm.AES_256_GCM)));
        Association client = pair();
        assertEquals("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", client.cipherSuite());
        exchange(client, west.awaitEstablished(), 20);

        west.handshakes()
                .adopt(new HandshakePolicy(
                        authority.issue(WEST).with(authority),
                        new KnownPeers(Set.of(EAST), Set.of()),
                        List.of(AeadAlgorithm.AES_128_GCM)));
        assertTrue(east.connect(WEST, west.listen()));
        assertEquals(FailureReason.PROTOCOL, west.awaitFailure().reason());
        assertEquals(FailureReason.REFUSED_BY_PEER, east.awaitFailure().reason());
    }

    @Test
    void aServerMayHaveAnRsaCertificate() throws InterruptedException {
        Credentials rsa = authority.issue(TestAuthority.Request.of(WEST).rsa()).with(authority);
        west.handshakes().adopt(TestGateway.policy(rsa, EAST));
        Association client = pair();
        assertEquals("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", client.cipherSuite());
        exchange(client, west.awaitEstablished(), 20);
    }

    @Test
    void aChainWithAnIntermediateAuthorityIsFollowed() throws InterruptedException {
        TestAuthority below = authority.intermediate("below");
        west.handshakes().adopt(TestGateway.policy(below.issue(WEST).with(authority), EAST));
        exchange(pair(), west.awaitEstablished(), 20);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void pairsOverABadNetwork(long seed) throws InterruptedException {
        network.close();
        network = new MemoryNetwork(seed);
        east = gateway(1, EAST, WEST);
        west = gateway(2, WEST, EAST);
        network.bad(0.15, 0.15, 30);
        Association client = connectUntilEstablished();
        Association server = west.awaitEstablished();
        network.bad(0, 0.5, 30);
        for (int i = 0; i < 300; i++) {
            east.send(client, new byte[] {1, (byte) i});
        }
        // The server may have several of one client whose last answer was lost; the data came by the latest.
        west.awaitData(300);
        assertTrue(server.openedRecords()
                        + west.established.stream()
                                .mapToLong(Association::openedRecords)
                                .sum()
                >= 300);
    }

    @Test
    void pairsOverANarrowPath() throws InterruptedException {
        AtomicInteger tooLarge = new AtomicInteger();
        network.filter((from, to, datagram) -> {
            boolean passes = datagram.length <= HandshakeTransport.NARROW_SEND_LIMIT_BYTES;
            tooLarge.addAndGet(passes ? 0 : 1);
            return passes;
        });
        TestAuthority below = authority.intermediate("below");
        west.handshakes().adopt(TestGateway.policy(below.issue(WEST).with(authority), EAST));
        exchange(pair(), west.awaitEstablished(), 20);
        assertTrue(tooLarge.get() > 0);
    }

    private Association connectUntilEstablished() throws InterruptedException {
        for (int attempt = 0; attempt < 5; attempt++) {
            assertTrue(east.connect(WEST, west.listen()));
            TestGateway.await(() -> !east.established.isEmpty() || !east.failures.isEmpty(), "an end");
            if (east.failures.isEmpty()) {
                break;
            }
            east.failures.clear();
            TestGateway.await(() -> east.handshakes().underWay() == 0, "the place in the pool");
        }
        return east.awaitEstablished();
    }

    @Test
    void aNewAssociationGrowsBesideTheOldOneWhichGoesOnCarrying() throws InterruptedException {
        Association oldClient = pair();
        Association oldServer = west.awaitEstablished();
        assertTrue(east.connect(WEST, west.listen()));
        exchange(oldClient, oldServer, 300);
        Association newClient = east.awaitEstablished();
        Association newServer = west.awaitEstablished();
        exchange(oldClient, oldServer, 50);
        exchange(newClient, newServer, 50);
        east.handshakes().close(oldClient, true);
        TestGateway.await(() -> !west.closed.isEmpty(), "close_notify");
        assertEquals(List.of(oldServer.id() + " PEER_CLOSED"), List.copyOf(west.closed));
        west.handshakes().close(oldServer, false);
        exchange(newClient, newServer, 50);
        assertEquals(List.of(newServer), west.table().all());
    }

    @Test
    void bothMayBeginAtOnce() throws InterruptedException {
        assertTrue(east.connect(WEST, west.listen()));
        assertTrue(west.connect(EAST, east.listen()));
        assertNotEquals(east.awaitEstablished().role(), east.awaitEstablished().role());
        assertNotEquals(west.awaitEstablished().role(), west.awaitEstablished().role());
    }

    @Test
    void closeNotifyArrivesAfterManyFastRecords() throws InterruptedException {
        Association client = pair();
        Association server = west.awaitEstablished();
        for (int i = 0; i < 20_000; i++) {
            east.send(client, new byte[] {1});
        }
        west.awaitData(20_000);
        east.handshakes().close(client, true);
        TestGateway.await(() -> !west.closed.isEmpty(), "close_notify");
        assertEquals(List.of(server.id() + " PEER_CLOSED"), List.copyOf(west.closed));
        assertNull(east.table().find(client.id()));
    }

    @Test
    void aLostFinalFlightIsRepeatedWhileDataFlows() throws InterruptedException {
        AtomicInteger lost = new AtomicInteger();
        network.filter((from, to, datagram) -> {
            boolean finished = from.equals(west.listen()) && isProtected(datagram) && lost.get() < 2;
            if (finished) {
                lost.incrementAndGet();
            }
            return !finished;
        });
        assertTrue(east.connect(WEST, west.listen()));
        Association server = west.awaitEstablished();
        TestGateway.await(() -> lost.get() >= 1, "the first final flight");
        assertTrue(east.established.isEmpty());
        TestGateway.await(() -> lost.get() >= 2, "the second final flight");
        for (int i = 0; i < 50; i++) {
            west.send(server, new byte[] {2, (byte) i});
        }
        Association client = east.awaitEstablished();
        east.data.clear();
        exchange(client, server, 50);
    }

    @Test
    void aPeerThatStartedAnewIsServedAlthoughItsOldHandshakeStalls() throws InterruptedException {
        network.filter((from, to, datagram) -> from.equals(west.listen()) || isHello(datagram));
        assertTrue(east.connect(WEST, west.listen()));
        TestGateway.await(() -> west.handshakes().underWay() == 1, "a stalled handshake");
        east.close();
        network.filter((from, to, datagram) -> true);
        east = gateway(1, EAST, WEST);
        long begin = System.nanoTime();
        Association client = pair();
        assertTrue(Duration.ofNanos(System.nanoTime() - begin).toSeconds() < 5);
        assertEquals(FailureReason.CANCELLED, west.awaitFailure().reason());
        exchange(client, west.awaitEstablished(), 20);
    }

    @Test
    void aClientHelloDisturbsNoEstablishedAssociation() throws InterruptedException {
        List<byte[]> hellos = new ArrayList<>();
        network.filter((from, to, datagram) -> {
            if (from.equals(east.connectFrom()) && isHello(datagram)) {
                hellos.add(datagram);
            }
            return true;
        });
        Association client = pair();
        Association server = west.awaitEstablished();
        for (byte[] hello : List.copyOf(hellos)) {
            network.inject(east.connectFrom(), west.listen(), hello);
        }
        exchange(client, server, 50);
        assertSame(server, west.table().find(server.id()));
    }

    @Test
    void givesUpSoonWhenNobodyAnswers() throws InterruptedException {
        long begin = System.nanoTime();
        assertTrue(east.connect(WEST, MemoryNetwork.address(99, 4_433)));
        assertFalse(east.connect(WEST, MemoryNetwork.address(99, 4_433)), "one at a time");
        HandshakeFailure failure = east.awaitFailure();
        long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
        assertEquals(FailureReason.NO_ANSWER, failure.reason());
        assertEquals("no answer from " + SocketText.of(failure.remote()), failure.detail());
        assertEquals(7, failure.attempt());
        assertTrue(millis >= 2_400 && millis < 5_000, millis + " ms");
        assertEquals(0, east.table().all().size());
        TestGateway.await(() -> east.handshakes().underWay() == 0, "the place in the pool");
    }

    @Test
    void logsKeysInTheFormThatWiresharkReads() throws InterruptedException {
        pair();
        west.awaitEstablished();
        assertEquals(1, east.keyLog.size());
        assertEquals(east.keyLog, west.keyLog);
        assertTrue(east.keyLog.get(0).matches("CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}"), east.keyLog.get(0));
    }

    @Test
    void loggedKeysAreFoundByTheClientHelloOfTheirHandshake() throws InterruptedException {
        Set<String> randoms = ConcurrentHashMap.newKeySet();
        network.filter((from, to, datagram) -> {
            if (Cookies.isClientHello(datagram)) {
                randoms.add("CLIENT_RANDOM " + HexFormat.of().formatHex(Cookies.clientRandom(datagram)));
            }
            return true;
        });
        // Two at once, one in each role: with a line that belongs to the other one, nothing could be read.
        assertTrue(east.connect(WEST, west.listen()));
        assertTrue(west.connect(EAST, east.listen()));
        for (TestGateway end : List.of(east, west)) {
            end.awaitEstablished();
            end.awaitEstablished();
            List<String> logged = end.keyLog.stream()
                    .map(line -> line.substring(0, line.lastIndexOf(' ')))
                    .toList();
            assertEquals(2, logged.size());
            assertEquals(randoms, Set.copyOf(logged));
        }
    }

    @Test
    void stopsInTheMiddle() throws InterruptedException {
        assertTrue(east.connect(WEST, MemoryNetwork.address(99, 4_433)));
        east.handshakes().close();
        assertEquals(FailureReason.CANCELLED, east.awaitFailure().reason());
        assertFalse(east.connect(WEST, west.listen()));
    }

    private static boolean isProtected(byte[] datagram) {
        return RecordFormat.isProtected(ByteBuffer.wrap(datagram), 0, datagram.length);
    }

    private static boolean isHello(byte[] datagram) {
        return datagram[0] == RecordFormat.HANDSHAKE && datagram[13] == 1;
    }

    private Association pair() throws InterruptedException {
        assertTrue(east.connect(WEST, west.listen()));
        return east.awaitEstablished();
    }

    private void exchange(Association client, Association server, int count) throws InterruptedException {
        east.data.clear();
        west.data.clear();
        for (int i = 0; i < count; i++) {
            east.send(client, new byte[] {1, (byte) i});
            west.send(server, new byte[] {2, (byte) i});
        }
        west.awaitData(count);
        east.awaitData(count);
        assertArrayEquals(new byte[] {1, 0}, west.data.peek());
        assertArrayEquals(new byte[] {2, 0}, east.data.peek());
    }
}

package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.vgate.pki.PkiException;
import net.vgate.pki.PresharedKey;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Association;
import net.vgate.record.PeerIdentity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Gateways that know each other by a key that they share. */
@Timeout(60)
class PresharedKeyTest {
    private static final PeerIdentity EAST = new PeerIdentity("east", "east-1");
    private static final PeerIdentity WEST = new PeerIdentity("west", "west-1");
    private static final PeerIdentity NORTH = new PeerIdentity("north", "north-1");

    @TempDir
    Path folder;

    private MemoryNetwork network;
    private Credentials ofEast;
    private Credentials ofWest;
    private PresharedKey key;
    private TestGateway east;
    private TestGateway west;

    @BeforeEach
    void start() throws PkiException {
        network = new MemoryNetwork(1);
        TestAuthority authority = TestAuthority.root(folder, "authority");
        ofEast = authority.issue(EAST).with(authority);
        ofWest = authority.issue(WEST).with(authority);
        key = newKey("key");
        HandshakeLimits impatient = new HandshakeLimits(
                8, 4, Duration.ofSeconds(6), Duration.ofSeconds(10), Duration.ofMillis(200), 1_000, 1_000, 100);
        east = new TestGateway(network, 1, policy(ofEast, WEST, Map.of(WEST, key)), impatient);
        west = new TestGateway(network, 2, policy(ofWest, EAST, Map.of(EAST, key)), impatient);
    }

    @AfterEach
    void stop() {
        east.close();
        west.close();
        network.close();
    }

    private PresharedKey newKey(String name) throws PkiException {
        Path file = folder.resolve(name);
        PresharedKey.create(file, new SecureRandom(), false);
        return PresharedKey.read(file);
    }

    private static HandshakePolicy policy(
            Credentials credentials,
            PeerIdentity peer,
            Map<PeerIdentity, PresharedKey> keys,
            AeadAlgorithm... algorithms) {
        return new HandshakePolicy(
                credentials,
                new KnownPeers(Set.of(peer), Set.of()),
                algorithms.length == 0 ? List.of(AeadAlgorithm.values()) : List.of(algorithms),
                keys);
    }

    @ParameterizedTest
    @EnumSource
    void twoGatewaysPairByAKeyAndExchangeData(AeadAlgorithm algorithm) throws InterruptedException {
        east.handshakes().adopt(policy(ofEast, WEST, Map.of(WEST, key), algorithm));
        assertTrue(east.connect(WEST, west.listen()));
        Association client = east.awaitEstablished();
        Association server = west.awaitEstablished();
        assertEquals(WEST, client.peer());
        assertEquals(EAST, server.peer());
        assertTrue(client.cipherSuite().startsWith("TLS_ECDHE_PSK_WITH_" + algorithm), client.cipherSuite());
        assertNull(client.peerCertificateExpires());
        for (int i = 0; i < 20; i++) {
            byte[] payload = {(byte) i, 1};
            east.send(client, payload);
            TestGateway.await(() -> !west.data.isEmpty(), "data");
            assertArrayEquals(payload, west.data.poll());
            west.send(server, payload);
            TestGateway.await(() -> !east.data.isEmpty(), "data");
            assertArrayEquals(payload, east.data.poll());
        }
    }

    @Test
    void anotherKeyLeadsToNothingAtEitherEnd() throws Exception {
        west.handshakes().adopt(policy(ofWest, EAST, Map.of(EAST, newKey("another"))));
        assertTrue(east.connect(WEST, west.listen()));
        for (TestGateway one : List.of(west, east)) {
            HandshakeFailure failure = one.awaitFailure();
            assertEquals(FailureReason.TIMEOUT, failure.reason());
            assertTrue(failure.detail().endsWith("is the pre-shared key the same at both ends?"), failure.detail());
            assertTrue(one.table().all().isEmpty());
        }
    }

    @Test
    void aNameWithoutAKeyIsAnUnknownPeer() throws InterruptedException {
        west.handshakes().adopt(policy(ofWest, NORTH, Map.of(NORTH, key)));
        assertTrue(east.connect(WEST, west.listen()));
        assertEquals(FailureReason.UNKNOWN_PEER, west.awaitFailure().reason());
        assertEquals(
                "the peer says: unknown_psk_identity(115)", east.awaitFailure().detail());
    }

    @Test
    void aKeyOfSomebodyWhoIsNoPeerAnyMoreIsOfNoUse() throws InterruptedException {
        west.handshakes().adopt(policy(ofWest, NORTH, Map.of(EAST, key)));
        assertTrue(east.connect(WEST, west.listen()));
        assertEquals(FailureReason.UNKNOWN_PEER, west.awaitFailure().reason());
    }

    /** Else whoever has the authority's key, or an old certificate, would come in beside the key. */
    @Test
    void aPeerThatHasAKeyDoesNotComeInByACertificate() throws InterruptedException {
        east.handshakes().adopt(TestGateway.policy(ofEast, WEST));
        assertTrue(east.connect(WEST, west.listen()));
        assertEquals(FailureReason.WRONG_METHOD, west.awaitFailure().reason());
        assertEquals("the peer says: access_denied(49)", east.awaitFailure().detail());
    }

    @Test
    void aPeerThatHasACertificateDoesNotComeInByAKey() throws InterruptedException {
        west.handshakes().adopt(TestGateway.policy(ofWest, EAST));
        assertTrue(east.connect(WEST, west.listen()));
        assertEquals(FailureReason.PROTOCOL, west.awaitFailure().reason());
        assertTrue(east.table().all().isEmpty());
    }

    @Test
    void whoseKeyIsReplacedIsObjectedTo() throws Exception {
        assertTrue(east.connect(WEST, west.listen()));
        Association server = west.awaitEstablished();
        west.handshakes().adopt(policy(ofWest, EAST, Map.of(EAST, PresharedKey.read(folder.resolve("key")))));
        assertEquals(Optional.empty(), west.handshakes().objection(server));
        west.handshakes().adopt(policy(ofWest, EAST, Map.of(EAST, newKey("another"))));
        assertTrue(west.handshakes().objection(server).isPresent());
        west.handshakes().adopt(TestGateway.policy(ofWest, EAST));
        assertTrue(west.handshakes().objection(server).isPresent());
    }
}

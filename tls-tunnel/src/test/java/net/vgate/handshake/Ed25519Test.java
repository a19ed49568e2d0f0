package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import net.vgate.pki.CertificateAuthority;
import net.vgate.pki.CertificateSummary;
import net.vgate.pki.KeyType;
import net.vgate.pki.PemFile;
import net.vgate.pki.PkiException;
import net.vgate.record.Association;
import net.vgate.record.PeerIdentity;
import net.vgate.stream.StreamClient;
import net.vgate.stream.StreamLimits;
import net.vgate.stream.StreamListener;
import net.vgate.stream.StreamLoop;
import net.vgate.stream.StreamPath;
import net.vgate.stream.StreamServer;
import net.vgate.stream.StreamTarget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gateways of which each has a certificate by ECDSA or by Ed25519, and trusts authorities of both kinds. */
@Timeout(60)
class Ed25519Test {
    private static final PeerIdentity EAST = new PeerIdentity("east", "east-1");
    private static final PeerIdentity WEST = new PeerIdentity("west", "west-1");

    @TempDir
    Path folder;

    private final MemoryNetwork network = new MemoryNetwork(1);
    private TestGateway east;
    private TestGateway west;

    @BeforeEach
    void start() throws Exception {
        for (KeyType type : List.of(KeyType.ECDSA, KeyType.ED25519)) {
            CertificateAuthority.create(
                    folder.resolve(type.label()), type.label(), type, Duration.ofDays(1), Instant.now(), false);
        }
        east = new TestGateway(network, 1, TestGateway.policy(credentials(EAST, KeyType.ECDSA, KeyType.ECDSA), WEST));
        west = new TestGateway(network, 2, TestGateway.policy(credentials(WEST, KeyType.ECDSA, KeyType.ECDSA), EAST));
    }

    @AfterEach
    void stop() {
        east.close();
        west.close();
        network.close();
    }

    /** A certificate by {@code authority}, for a key of {@code type}. */
    private Credentials credentials(PeerIdentity of, KeyType authority, KeyType type)
            throws PkiException, CredentialsException {
        Path issuer = folder.resolve(authority.label());
        List<Path> files = CertificateAuthority.load(issuer)
                .issue(issuer, of.site(), of.gateway(), type, Duration.ofHours(1), Instant.now(), true);
        return Credentials.load(files.get(0), files.get(1), trust(), List.of());
    }

    private List<Path> trust() {
        return List.of(folder.resolve("ecdsa/ca.crt"), folder.resolve("ed25519/ca.crt"));
    }

    @ParameterizedTest
    @CsvSource({
        "ED25519, ED25519, ED25519, ED25519",
        "ED25519, ED25519, ECDSA, ECDSA",
        "ECDSA, ECDSA, ED25519, ED25519",
        "ED25519, ECDSA, ECDSA, ED25519"
    })
    void pair(KeyType eastAuthority, KeyType eastKey, KeyType westAuthority, KeyType westKey) throws Exception {
        east.handshakes().adopt(TestGateway.policy(credentials(EAST, eastAuthority, eastKey), WEST));
        west.handshakes().adopt(TestGateway.policy(credentials(WEST, westAuthority, westKey), EAST));
        assertTrue(east.connect(WEST, west.listen()));
        Association client = east.awaitEstablished();
        Association server = west.awaitEstablished();
        assertEquals(WEST, client.peer());
        assertEquals(EAST, server.peer());
        assertEquals("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", client.cipherSuite());
    }

    @Test
    void whoHasNotTheKeyOfTheCertificateIsRefusedInEitherRole() throws Exception {
        Credentials right = credentials(WEST, KeyType.ED25519, KeyType.ED25519);
        PrivateKey other =
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate();
        Credentials forged = Credentials.of(WEST, right.chain(), other, right.trust());
        west.handshakes().adopt(TestGateway.policy(forged, EAST));
        assertTrue(east.connect(WEST, west.listen()));
        assertNotEquals(FailureReason.NO_ANSWER, east.awaitFailure().reason());
        assertTrue(west.connect(EAST, east.listen()));
        assertNotEquals(FailureReason.NO_ANSWER, west.awaitFailure().reason());
        assertTrue(east.established.isEmpty());

        // The very same with the right key pairs.
        west.handshakes().adopt(TestGateway.policy(right, EAST));
        assertTrue(east.connect(WEST, west.listen()));
        assertEquals(WEST, east.awaitEstablished().peer());
    }

    @Test
    void aRevocationListOfSuchAnAuthorityCounts() throws Exception {
        Credentials revoked = credentials(WEST, KeyType.ED25519, KeyType.ED25519);
        Path issuer = folder.resolve("ed25519");
        Path list = CertificateAuthority.load(issuer)
                .revoke(issuer, List.of(revoked.chain().get(0)), Duration.ofDays(1), Instant.now());
        west.handshakes().adopt(TestGateway.policy(revoked, EAST));
        Credentials own = credentials(EAST, KeyType.ED25519, KeyType.ED25519);
        Path files = folder.resolve("ed25519");
        east.handshakes()
                .adopt(TestGateway.policy(
                        Credentials.load(
                                files.resolve("east-1.crt"), files.resolve("east-1.key"), trust(), List.of(list)),
                        WEST));
        assertEquals(EAST, own.identity());
        assertTrue(east.connect(WEST, west.listen()));
        assertEquals(FailureReason.REVOKED, east.awaitFailure().reason());
    }

    @Test
    void suchAGatewayIsReachedByTcp() throws Exception {
        Credentials own = credentials(WEST, KeyType.ED25519, KeyType.ED25519);
        BlockingQueue<String> outcome = new LinkedBlockingQueue<>();
        try (StreamLoop loop = new StreamLoop();
                StreamServer server = StreamServer.open(
                        loop,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        OuterCertificate.of(own, Instant.now()),
                        StreamLimits.DEFAULT,
                        new Opened(new LinkedBlockingQueue<>()));
                StreamClient client = new StreamClient(() -> loop, StreamLimits.DEFAULT, new Opened(outcome))) {
            client.connect(
                    new StreamTarget("127.0.0.1", server.localAddress().getPort(), Optional.empty()),
                    chain -> OuterCertificate.refuse(own, WEST, chain, Instant.now()),
                    failure -> outcome.add(failure.detail()));
            assertEquals("opened", outcome.poll(30, TimeUnit.SECONDS));
        }
    }

    private record Opened(BlockingQueue<String> outcome) implements StreamListener {
        @Override
        public void opened(StreamPath path) {
            outcome.add("opened");
        }

        @Override
        public void received(StreamPath path, ByteBuffer datagram) {}

        @Override
        public void closed(StreamPath path, String reason) {}
    }

    @Test
    void theKindOfKeyIsShown() throws Exception {
        Path file = folder.resolve("ed25519/ca.crt");
        CertificateSummary summary =
                CertificateSummary.of(file, PemFile.certificates(file).get(0), Instant.now());
        assertEquals("Ed25519", summary.keyType());
        assertFalse(KeyType.of(
                        KeyPairGenerator.getInstance("Ed448").generateKeyPair().getPublic())
                .isPresent());
    }
}

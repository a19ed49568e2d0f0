package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import net.vgate.pki.CertificateAuthority;
import net.vgate.pki.KeyType;
import net.vgate.pki.PkiException;
import net.vgate.pki.PresharedKey;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Association;
import net.vgate.record.PeerIdentity;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With OpenSSL's command line at the other end, over real sockets. */
@Timeout(90)
class OpenSslTest {
    private static final PeerIdentity EAST = new PeerIdentity("east", "east-1");
    private static final PeerIdentity WEST = new PeerIdentity("west", "west-1");

    @TempDir
    Path folder;

    private final List<Process> processes = new ArrayList<>();
    private LoopbackNetwork network;
    private TestAuthority authority;
    private Path trusted;
    private TestGateway east;

    @BeforeEach
    void start() {
        assumeTrue(isInstalled(), "skipped: there is no openssl");
        network = new LoopbackNetwork();
        authority = TestAuthority.root(folder, "authority");
        trusted = authority.trust();
        east = new TestGateway(
                network,
                TestGateway.policy(authority.issue(EAST).with(authority), WEST),
                HandshakeLimits.DEFAULT,
                LoopbackNetwork.freeAddress(),
                LoopbackNetwork.freeAddress());
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly();
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        }
        east.close();
        network.close();
    }

    private static boolean isInstalled() {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(dir -> Files.isExecutable(Path.of(dir, "openssl")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"
            })
    void sClientPairsWithUs(String suite) throws Exception {
        Running client = client(authority.issue(WEST), "-cipher", suite);
        Association association = east.awaitEstablished();
        assertEquals(WEST, association.peer());
        exchange(client, association);
        east.handshakes().close(association, true);
        assertTrue(client.process().waitFor(10, TimeUnit.SECONDS), "close_notify ends it");
    }

    @Test
    void sClientPairsWithUsByEd25519() throws Exception {
        TestAuthority.Issued theirs = issueByEd25519(WEST, KeyType.ED25519);
        east.handshakes().adopt(TestGateway.policy(credentialsByEd25519(EAST), WEST));
        Running client = client(theirs);
        Association association = east.awaitEstablished();
        assertEquals(WEST, association.peer());
        exchange(client, association);
    }

    /** OpenSSL's server has such a key itself in TLS 1.2 and not in DTLS 1.2: only ours is one. */
    @Test
    void wePairWithAnSServerByEd25519() throws Exception {
        InetSocketAddress address = LoopbackNetwork.freeAddress();
        Running server = server(issueByEd25519(WEST, KeyType.ECDSA), address);
        east.handshakes().adopt(TestGateway.policy(credentialsByEd25519(EAST), WEST));
        exchange(server, connectUntilEstablished(address));
    }

    /** By the authority in the folder ed25519, which OpenSSL is to believe from now on. */
    private TestAuthority.Issued issueByEd25519(PeerIdentity identity, KeyType type) throws PkiException {
        Path pki = folder.resolve("ed25519");
        if (!Files.exists(pki)) {
            CertificateAuthority.create(pki, "authority", KeyType.ED25519, Duration.ofDays(1), Instant.now(), false);
            trusted = pki.resolve("ca.crt");
        }
        List<Path> files = CertificateAuthority.load(pki)
                .issue(pki, identity.site(), identity.gateway(), type, Duration.ofHours(1), Instant.now(), true);
        return new TestAuthority.Issued(files.get(0), files.get(1));
    }

    private Credentials credentialsByEd25519(PeerIdentity identity) throws PkiException, CredentialsException {
        TestAuthority.Issued issued = issueByEd25519(identity, KeyType.ED25519);
        return Credentials.load(issued.certificate(), issued.key(), List.of(trusted), List.of());
    }

    @Test
    void sClientsCloseNotifyIsHeard() throws Exception {
        Running client = client(authority.issue(WEST));
        Association association = east.awaitEstablished();
        exchange(client, association);
        client.process().getOutputStream().close();
        TestGateway.await(() -> !east.closed.isEmpty(), "close_notify");
        assertEquals(List.of(association.id() + " PEER_CLOSED"), List.copyOf(east.closed));
    }

    @Test
    void sClientWithSmallDatagramsAndAChainPairsWithUs() throws Exception {
        TestAuthority below = authority.intermediate("below");
        Running client = client(
                below.issue(WEST), "-mtu", "400", "-cert_chain", below.trust().toString());
        exchange(client, east.awaitEstablished());
    }

    @Test
    void sClientWithoutCertificateIsTurnedAway() throws Exception {
        Running client = client(null);
        assertEquals(FailureReason.NO_CERTIFICATE, east.awaitFailure().reason());
        assertTrue(client.awaitLine(line -> line.contains("alert")).contains("handshake failure"));
    }

    @Test
    void sClientWithAnExpiredCertificateIsTurnedAway() throws Exception {
        Duration day = Duration.ofDays(1);
        Running client =
                client(authority.issue(TestAuthority.Request.of(WEST).valid(day.multipliedBy(-2), day.negated())));
        assertEquals(FailureReason.EXPIRED, east.awaitFailure().reason());
        assertTrue(client.awaitLine(line -> line.contains("alert")).contains("expired"));
    }

    @Test
    void sClientWithARevokedCertificateIsTurnedAway() throws Exception {
        TestAuthority.Issued revoked = authority.issue(WEST);
        east.handshakes()
                .adopt(TestGateway.policy(
                        authority.issue(EAST).with(List.of(authority), authority.revoke(revoked)), WEST));
        Running client = client(revoked);
        assertEquals(FailureReason.REVOKED, east.awaitFailure().reason());
        assertTrue(client.awaitLine(line -> line.contains("alert")).contains("certificate revoked"));
    }

    /** The only suite of ECDHE_PSK that both have: OpenSSL has none with AES-GCM. */
    @Test
    void sClientPairsWithUsByAPresharedKey() throws Exception {
        Path file = folder.resolve("key");
        PresharedKey.create(file, new SecureRandom(), false);
        east.handshakes()
                .adopt(new HandshakePolicy(
                        authority.issue(EAST).with(authority),
                        new KnownPeers(Set.of(WEST), Set.of()),
                        List.of(AeadAlgorithm.values()),
                        Map.of(WEST, PresharedKey.read(file))));
        Running client = client(
                null,
                "-cipher",
                "ECDHE-PSK-CHACHA20-POLY1305",
                "-psk_identity",
                WEST.uri(),
                "-psk",
                Files.readString(file).strip());
        Association association = east.awaitEstablished();
        assertEquals(WEST, association.peer());
        exchange(client, association);
    }

    @Test
    void sClientOfAnotherSiteIsTurnedAway() throws Exception {
        Running client = client(authority.issue(new PeerIdentity("north", "north-1")));
        assertEquals(FailureReason.UNKNOWN_PEER, east.awaitFailure().reason());
        assertTrue(client.awaitLine(line -> line.contains("alert")).contains("access denied"));
    }

    @ParameterizedTest(name = "with cookie: {0}")
    @ValueSource(booleans = {true, false})
    void wePairWithSServer(boolean cookie) throws Exception {
        InetSocketAddress address = LoopbackNetwork.freeAddress();
        Running server = server(authority.issue(WEST), address, cookie ? new String[] {"-listen"} : new String[0]);
        Association association = connectUntilEstablished(address);
        exchange(server, association);
        east.handshakes().close(association, true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"})
    void wePairWithAnSServerThatWantsOneSuite(String suite) throws Exception {
        InetSocketAddress address = LoopbackNetwork.freeAddress();
        Running server = server(authority.issue(WEST), address, "-cipher", suite);
        Association association = connectUntilEstablished(address);
        assertEquals(suite.replace("-", ""), openSslName(association).replace("-", ""));
        exchange(server, association);
    }

    private static String openSslName(Association association) {
        return association
                .cipherSuite()
                .replace("TLS_", "")
                .replace("WITH_", "")
                .replace("CHACHA20_POLY1305_SHA256", "CHACHA20_POLY1305")
                .replace("_", "");
    }

    @Test
    void anSServerOfAnotherSiteIsNotBelieved() throws Exception {
        InetSocketAddress address = LoopbackNetwork.freeAddress();
        Running server = server(authority.issue(new PeerIdentity("north", "north-1")), address);
        HandshakeFailure failure;
        do {
            TestGateway.await(() -> east.connect(WEST, address), "room");
            failure = east.awaitFailure();
        } while (failure.reason() == FailureReason.NO_ANSWER);
        assertEquals(FailureReason.WRONG_PEER, failure.reason());
        assertTrue(server.awaitLine(line -> line.contains("alert")).contains("access denied"));
    }

    /** The server may need a moment before it listens. */
    private Association connectUntilEstablished(InetSocketAddress address) throws InterruptedException {
        for (int attempt = 0; attempt < 5; attempt++) {
            TestGateway.await(() -> east.connect(WEST, address), "room");
            TestGateway.await(() -> !east.established.isEmpty() || !east.failures.isEmpty(), "an end");
            if (east.failures.isEmpty()) {
                break;
            }
            assertEquals(FailureReason.NO_ANSWER, east.awaitFailure().reason());
        }
        return east.awaitEstablished();
    }

    private Running client(TestAuthority.@Nullable Issued issued, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "openssl",
                "s_client",
                "-dtls1_2",
                "-connect",
                "127.0.0.1:" + east.listen().getPort(),
                "-quiet"));
        command.addAll(List.of("-verify_return_error", "-no_ign_eof", "-CAfile", trusted.toString()));
        return run(command, issued, more);
    }

    private Running server(TestAuthority.Issued issued, InetSocketAddress address, String... more) throws IOException {
        List<String> command = new ArrayList<>(
                List.of("openssl", "s_server", "-dtls1_2", "-accept", "127.0.0.1:" + address.getPort(), "-quiet"));
        command.addAll(List.of("-Verify", "2", "-CAfile", trusted.toString()));
        return run(command, issued, more);
    }

    private Running run(List<String> command, TestAuthority.@Nullable Issued issued, String... more)
            throws IOException {
        if (issued != null) {
            command.addAll(List.of("-cert", issued.certificate().toString()));
            command.addAll(List.of("-key", issued.key().toString()));
        }
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        processes.add(process);
        return new Running(process);
    }

    private void exchange(Running peer, Association association) throws IOException, InterruptedException {
        for (int i = 0; i < 20; i++) {
            String out = "line " + i + " of theirs";
            peer.write(out);
            TestGateway.await(() -> !east.data.isEmpty(), out);
            assertArrayEquals((out + "\n").getBytes(StandardCharsets.US_ASCII), east.data.poll());
            String in = "line " + i + " of ours";
            east.send(association, (in + "\n").getBytes(StandardCharsets.US_ASCII));
            peer.awaitLine(in::equals);
        }
        assertFalse(association.ids().received(), "this OpenSSL has no connection IDs");
    }

    /** A process with its lines. */
    private static final class Running {
        private final Process process;
        private final List<String> seen = new ArrayList<>();
        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

        Running(Process process) {
            this.process = process;
            Thread thread = new Thread(this::read, "openssl-output");
            thread.setDaemon(true);
            thread.start();
        }

        Process process() {
            return process;
        }

        private void read() {
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    lines.add(line);
                }
            } catch (IOException ended) {
                return;
            }
        }

        void write(String line) throws IOException {
            OutputStream out = process.getOutputStream();
            out.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }

        String awaitLine(Predicate<String> wanted) throws InterruptedException {
            for (; ; ) {
                String line = lines.poll(15, TimeUnit.SECONDS);
                if (line == null) {
                    throw new AssertionError("waited in vain; it said: " + seen);
                }
                seen.add(line);
                if (wanted.test(line)) {
                    return line;
                }
            }
        }
    }
}

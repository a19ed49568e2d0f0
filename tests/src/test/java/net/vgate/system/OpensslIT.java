package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import net.vgate.observe.StatusReport;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** OpenSSL at the other end: gateway west runs, and openssl(1) is where east-1 should be. */
@SystemTest
final class OpensslIT {
    private TwoSites sites;
    private RunningGateway west;

    @BeforeAll
    void start() {
        sites = TwoSites.configured(UnaryOperator.identity());
        west = sites.west().start().awaitStarted();
        TwoSites.issue(sites.bed().folder(), "pki", "north", "north-1");
        TwoSites.authority(sites.bed().folder(), "other-pki", "another authority");
        TwoSites.issue(sites.bed().folder(), "other-pki", "east", "east-1");
        TwoSites.authority(sites.bed().folder(), "old-pki", "unused");
    }

    @AfterAll
    void stop() {
        if (sites != null) {
            sites.close();
        }
    }

    @Test
    void aClientWithThePeersCertificateCompletesAHandshake() {
        Command.Result result = connect(certificate("pki", "east-1"));

        assertTrue(result.output().contains("Verify return code: 0 (ok)"), result::output);
        assertTrue(result.output().contains("Cipher is ECDHE-ECDSA-AES"), result::output);
        assertTrue(result.output().contains("Extended master secret: yes"), result::output);
    }

    @Test
    void aClientWithoutACertificateIsTurnedAway() {
        expectRefusal("no_certificate", "alert handshake failure");
    }

    @Test
    void aClientWithAnExpiredCertificateIsTurnedAway() {
        TwoSites.issue(
                sites.bed().folder(), "pki", "east", "east-1", Instant.now().minus(Duration.ofHours(3)));
        try {
            expectRefusal("expired", "alert certificate expired", certificate("pki", "east-1"));
        } finally {
            TwoSites.issue(sites.bed().folder(), "pki", "east", "east-1");
        }
    }

    @Test
    void aClientWithTheCertificateOfASiteThatIsNoPeerIsTurnedAway() {
        expectRefusal("unknown_peer", "alert access denied", certificate("pki", "north-1"));
    }

    @Test
    void aClientWithACertificateOfAnotherAuthorityIsTurnedAway() {
        expectRefusal("unknown_authority", "alert unknown ca", certificate("other-pki", "east-1"));
    }

    @Test
    void aClientWithARevokedCertificateIsTurnedAway() {
        TwoSites.issue(sites.bed().folder(), "pki", "east", "east-9");
        vgate(
                "pki",
                "revoke",
                "--ca",
                sites.file("pki").toString(),
                sites.file("pki/east-9.crt").toString());
        Site site = sites.west();
        site.change(yaml -> yaml.replace("trust: [pki/ca.crt]", "trust: [pki/ca.crt], revoked: pki/ca.crl"));
        vgate("reload", "--socket", site.socket().toString());
        expectRefusal("revoked", "alert certificate revoked", certificate("pki", "east-9"));
    }

    private static void vgate(String... arguments) {
        Command.run(RunningGateway.vgate(arguments).toArray(String[]::new));
    }

    /** @param alert what OpenSSL makes of our alert */
    private void expectRefusal(String reason, String alert, String... certificate) {
        long before = refused(reason);
        long completed = west.tunnel("east").handshakes().completed();
        Command.Result result = connect(certificate);

        assertFalse(result.isSuccess());
        assertTrue(result.output().contains(alert), result::output);
        assertEquals(completed, west.tunnel("east").handshakes().completed());
        TestBed.await("the refusal is counted", Duration.ofSeconds(20), () -> refused(reason) == before + 1);
        assertTrue(west.log().contains(reason), west::log);
    }

    private long refused(String reason) {
        return west.status().gateway().handshakeFailures().stream()
                .filter(one -> one.role().equals("server") && one.reason().equals(reason))
                .mapToLong(StatusReport.HandshakeFailures::count)
                .sum();
    }

    private String[] certificate(String pki, String gateway) {
        Path folder = sites.file(pki);
        return new String[] {
            "-cert",
            folder.resolve(gateway + ".crt").toString(),
            "-key",
            folder.resolve(gateway + ".key").toString()
        };
    }

    private Command.Result connect(String... certificate) {
        List<String> command = new ArrayList<>(List.of(
                "openssl", "s_client", "-dtls1_2", "-connect", "198.51.100.2:4433", "-verify_return_error", "-CAfile"));
        command.add(sites.file("pki/ca.crt").toString());
        command.addAll(List.of(certificate));
        return sites.east().wan().attempt(Duration.ofSeconds(20), command.toArray(String[]::new));
    }

    /** The gateway goes on to speak of its protocol, which is not understood there; but so far both agree. */
    @Test
    void theGatewayCompletesAHandshakeWithAServer() {
        String server = "openssl s_server -dtls1_2 -listen -accept 198.51.100.1:4433 -Verify 2 -verify_return_error"
                + " -CAfile pki/ca.crt -cert pki/east-1.crt -key pki/east-1.key";
        // A standard input that never ends: else the server leaves.
        String script = "cd " + sites.bed().folder() + " && mkfifo input && exec 3<> input && exec " + server + " <&3";
        long before = west.tunnel("east").handshakes().completed();
        try (BackgroundProcess openssl = sites.east().wan().start(List.of("sh", "-c", script))) {
            openssl.awaitOutput("CIPHER is ECDHE-ECDSA-AES", Duration.ofSeconds(20));
            openssl.awaitOutput("subject=O = west, CN = west-1", Duration.ofSeconds(20));
            TestBed.await(
                    "the gateway is content",
                    Duration.ofSeconds(20),
                    () -> west.tunnel("east").handshakes().completed() > before);
        }
        assertTrue(west.isAlive());
    }
}

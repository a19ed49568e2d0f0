package net.vgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import net.vgate.forwarding.CompiledPolicy;
import net.vgate.pki.CertificateAuthority;
import net.vgate.pki.CertificateSummary;
import net.vgate.pki.PemFile;
import net.vgate.pki.PkiException;
import net.vgate.pki.PresharedKey;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityFilesTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    private Path folder;

    private Path file;
    private Path pki;

    @BeforeEach
    void issue() throws IOException, PkiException {
        file = Files.writeString(folder.resolve("gateway.yaml"), ConfigReference.everyKey());
        pki = folder.resolve("pki");
        CertificateAuthority.create(pki, "test", DAY.multipliedBy(400), NOW, false);
        issue("east", "east-1", false);
        revoke(400);
        PresharedKey.create(pki.resolve("west-1.psk"), new SecureRandom(), false);
    }

    @Test
    void findsNothingWrongWithWhatPkiMakes() {
        assertEquals(List.of(), problems(NOW));
    }

    @Test
    void filesThatAreNotThere() throws IOException {
        for (String name : List.of("east-1.crt", "east-1.key", "ca.crt")) {
            Files.delete(pki.resolve(name));
        }
        List<String> problems = problems(NOW);
        assertEquals(3, problems.size(), problems::toString);
        assertTrue(problems.get(0)
                .contains(":4:16: error: identity.certificate: " + pki.resolve("east-1.crt") + " does not exist"));
        assertTrue(problems.get(1)
                .contains(":5:8: error: identity.key: " + pki.resolve("east-1.key") + " does not exist"));
        assertTrue(problems.get(2).contains(":6:11: error: identity.trust[0]: "));
    }

    @Test
    void filesThatAreSomethingElse() throws IOException {
        Files.writeString(pki.resolve("east-1.crt"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertFound("holds a certificate that cannot be read");
        Files.copy(pki.resolve("east-1.key"), pki.resolve("east-1.crt"), StandardCopyOption.REPLACE_EXISTING);
        assertFound("holds no certificate but: private key");
        Files.delete(pki.resolve("east-1.key"));
        Files.createDirectory(pki.resolve("east-1.key"));
        assertFound("is a folder");
    }

    @Test
    void aKeyThatOthersCanRead() throws IOException {
        Files.setPosixFilePermissions(pki.resolve("east-1.key"), PosixFilePermissions.fromString("rw-r--r--"));
        assertFound("east-1.key is open to everybody (mode rw-r--r--); chmod 600 ");
    }

    @Test
    void anotherGatewaysCertificate() throws IOException, PkiException {
        issue("west", "west-1", false);
        Files.copy(pki.resolve("west-1.crt"), pki.resolve("east-1.crt"), StandardCopyOption.REPLACE_EXISTING);
        assertFound("the certificate is for vgate://west/west-1, and this is vgate://east/east-1; issue one with");
        assertFound("east-1.key is not the certificate's key");
    }

    @Test
    void timesThatAreNotNow() {
        Instant issued = NOW.minus(DAY);
        assertTrue(problems(issued).get(0).contains("is not valid before 2029-12-31; is the clock right?"));
        Instant end = NOW.plus(DAY.multipliedBy(90));
        assertEquals(List.of(), problems(end.minus(DAY.multipliedBy(31))));
        assertTrue(problems(end.minus(DAY.multipliedBy(29)))
                .get(0)
                .contains("warning: identity.certificate: the certificate expires on 2030-04-01"));
        assertTrue(problems(end).get(0).contains("error: identity.certificate: the certificate expired on 2030-04-01"));
    }

    @Test
    void anAuthorityThatDidNotIssueIt() throws PkiException {
        CertificateAuthority.create(pki, "another", DAY.multipliedBy(400), NOW, true);
        assertFound("warning: identity.certificate: no authority of identity.trust issued it");
    }

    @Test
    void aGatewayTakenForAnAuthority() throws IOException {
        Files.copy(pki.resolve("east-1.crt"), pki.resolve("ca.crt"), StandardCopyOption.REPLACE_EXISTING);
        assertFound("error: identity.trust[0]: CN=east-1,O=east is no authority");
    }

    @Test
    void saysNothingOfWhatIsInAKey() throws IOException {
        String secret = Files.readString(pki.resolve("east-1.key"));
        Files.writeString(pki.resolve("east-1.key"), secret.replace("PRIVATE KEY", "EC PRIVATE KEY"));
        for (String problem : problems(NOW)) {
            assertFalse(problem.contains(secret.lines().skip(1).findFirst().orElseThrow()), problem);
        }
        assertFound("openssl pkcs8 -topk8 -nocrypt");
    }

    @Test
    void aRenewedCertificateInTheSameFileIsAChangeThatAReloadTakesOver() throws PkiException {
        GatewayConfig before = config();
        assertTrue(ConfigDiff.between(before, config()).isEmpty(), "nothing is renewed yet");
        String fingerprint = CertificateSummary.fingerprint(
                        PemFile.certificates(pki.resolve("east-1.crt")).get(0))
                .substring(0, 16);
        issue("east", "east-1", true);

        List<ConfigDiff.Change> changes = ConfigDiff.between(before, config()).changes();

        assertEquals(1, changes.size(), changes::toString);
        ConfigDiff.Change change = changes.get(0);
        assertEquals("identity.certificate", change.key());
        assertEquals(Effect.LIVE, change.effect());
        assertEquals(pki.resolve("east-1.crt") + " (until 2030-04-01, SHA-256 " + fingerprint + ")", change.before());
        assertNotEquals(change.before(), change.after());
    }

    @Test
    void aListThatShouldBeNewerIsAWarningOnly() throws PkiException {
        revoke(10);
        List<String> problems = problems(NOW.plus(DAY.multipliedBy(11)));
        assertEquals(1, problems.size(), problems::toString);
        assertTrue(
                problems.get(0).contains("warning: identity.revoked[0]: there should be a newer list since 2030-01-11"),
                problems::toString);
    }

    @Test
    void aPresharedKeyThatOthersCanReadOrThatIsNone() throws IOException {
        Path key = pki.resolve("west-1.psk");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        assertFound("west-1.psk is open to everybody (mode rw-r--r--); chmod 600 ");
        Files.delete(key);
        assertFound("error: peers[west].gateways[west-1].psk: " + key + " does not exist");
    }

    @Test
    void aListOfAnotherAuthority() throws IOException, PkiException {
        Path other = folder.resolve("other");
        CertificateAuthority.create(other, "test", DAY.multipliedBy(400), NOW, false);
        CertificateAuthority.load(other).revoke(other, List.of(), DAY.multipliedBy(10), NOW);
        Files.copy(other.resolve("ca.crl"), pki.resolve("ca.crl"), StandardCopyOption.REPLACE_EXISTING);
        assertFound("warning: identity.revoked[0]: the list is of no authority of identity.trust");
    }

    @Test
    void theGatewaysOwnCertificateOnAList() throws PkiException {
        revoke(400, "east-1.crt");
        assertFound("error: identity.revoked[0]: this gateway's own certificate is revoked; issue a new one");
    }

    @Test
    void aListThatIsNone() throws IOException {
        Files.copy(pki.resolve("ca.crt"), pki.resolve("ca.crl"), StandardCopyOption.REPLACE_EXISTING);
        assertFound(
                "error: identity.revoked[0]: " + pki.resolve("ca.crl") + " holds no revocation list but: certificate");
        Files.write(pki.resolve("ca.crl"), new byte[] {0x30, 3, 2, 1, 0});
        assertFound("holds a revocation list that cannot be read");
    }

    @Test
    void aLongerListInTheSameFileIsAChangeThatAReloadTakesOver() throws PkiException {
        GatewayConfig before = config();
        issue("west", "west-1", false);
        revoke(400, "west-1.crt");
        List<ConfigDiff.Change> changes = ConfigDiff.between(before, config()).changes();
        assertEquals(2, changes.size(), changes::toString);
        assertEquals("identity.revoked", changes.get(0).key());
        assertEquals(Effect.LIVE, changes.get(0).effect());
        assertEquals(
                pki.resolve("ca.crl") + " (0 revoked, of 2030-01-01T00:00:00Z)",
                changes.get(0).before());
        assertEquals(
                pki.resolve("ca.crl") + " (1 revoked, of 2030-01-01T00:00:00Z)",
                changes.get(1).after());
    }

    private void revoke(int days, String... files) throws PkiException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (String one : files) {
            certificates.add(PemFile.certificates(pki.resolve(one)).get(0));
        }
        CertificateAuthority.load(pki).revoke(pki, certificates, DAY.multipliedBy(days), NOW);
    }

    @Test
    void anAuthorityThatIsTrustedBesideAnotherIsAChangeThatAReloadTakesOver() throws IOException, PkiException {
        GatewayConfig before = config();
        CertificateAuthority.create(folder.resolve("other"), "another", DAY.multipliedBy(400), NOW, false);
        Files.writeString(
                pki.resolve("ca.crt"), Files.readString(folder.resolve("other/ca.crt")), StandardOpenOption.APPEND);

        ConfigDiff diff = ConfigDiff.between(before, config());

        assertEquals(2, diff.changes().size(), diff::toString);
        assertTrue(diff.changes().stream().allMatch(change -> change.key().equals("identity.trust")), diff::toString);
        assertFalse(diff.needsRestart());
    }

    private GatewayConfig config() {
        return ConfigReader.read(file, CompiledPolicy::compile, Clock.fixed(NOW, ZoneOffset.UTC))
                .config()
                .orElseThrow();
    }

    private void issue(String site, String gateway, boolean force) throws PkiException {
        CertificateAuthority.load(pki).issue(pki, site, gateway, DAY.multipliedBy(90), NOW, force);
    }

    private void assertFound(String said) {
        List<String> problems = problems(NOW);
        assertTrue(problems.stream().anyMatch(problem -> problem.contains(said)), problems::toString);
    }

    private List<String> problems(Instant now) {
        return ConfigReader.read(file, CompiledPolicy::compile, Clock.fixed(now, ZoneOffset.UTC)).problems().stream()
                .map(ConfigProblem::toString)
                .toList();
    }
}

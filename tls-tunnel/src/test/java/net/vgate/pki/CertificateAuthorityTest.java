package net.vgate.pki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateAuthorityTest {
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    private Path folder;

    @Test
    void opensslVerifiesWhatItIssues() throws Exception {
        issue("east", "east-1");
        assumeTrue(hasOpenssl(), "openssl is not installed");

        String verdict = openssl("verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "ca.crt", "east-1.crt");
        assertEquals("east-1.crt: OK", verdict.strip());
        String client = openssl("verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "ca.crt", "east-1.crt");
        assertEquals("east-1.crt: OK", client.strip());
        String text = openssl("x509", "-in", "east-1.crt", "-noout", "-text");
        assertTrue(text.contains("URI:vgate://east/east-1"), text);
        assertTrue(text.contains("CA:FALSE"), text);
        assertTrue(text.contains("NIST CURVE: P-256"), text);
        assertTrue(text.contains("TLS Web Client Authentication, TLS Web Server Authentication"), text);
        assertTrue(text.contains("ecdsa-with-SHA256"), text);
        String authority = openssl("x509", "-in", "ca.crt", "-noout", "-text");
        assertTrue(authority.contains("CA:TRUE, pathlen:0"), authority);
        assertTrue(authority.contains("Certificate Sign, CRL Sign"), authority);
        // The two agree on the public key, so openssl can read the private one.
        assertEquals(
                openssl("x509", "-in", "east-1.crt", "-noout", "-pubkey"),
                openssl("pkey", "-in", "east-1.key", "-pubout"));
    }

    @Test
    void keyFilesAreForTheirOwnerAlone() throws Exception {
        issue("east", "east-1");

        for (String file : List.of("ca.key", "east-1.key")) {
            assertEquals(
                    "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(file))));
            assertTrue(KeyFile.exposure(folder.resolve(file)).isEmpty());
        }
        Files.setPosixFilePermissions(folder.resolve("ca.key"), PosixFilePermissions.fromString("rw-r--r--"));
        assertTrue(KeyFile.exposure(folder.resolve("ca.key")).orElseThrow().startsWith("everybody"));
    }

    @Test
    void refusesToReplaceFiles() throws Exception {
        issue("east", "east-1");
        byte[] before = Files.readAllBytes(folder.resolve("east-1.key"));

        PkiException refused = assertThrows(PkiException.class, () -> issue("east", "east-1"));
        assertEquals(folder.resolve("ca.crt") + " exists already; --force replaces it", refused.getMessage());
        CertificateAuthority authority = CertificateAuthority.load(folder);
        assertThrows(PkiException.class, () -> authority.issue(folder, "east", "east-1", DAY, Instant.now(), false));
        assertEquals(Arrays.toString(before), Arrays.toString(Files.readAllBytes(folder.resolve("east-1.key"))));

        authority.issue(folder, "east", "east-1", DAY, Instant.now(), true);
        assertNotEquals(Arrays.toString(before), Arrays.toString(Files.readAllBytes(folder.resolve("east-1.key"))));
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("east-1.key"))));
    }

    @Test
    void revokesOneAfterTheOther() throws Exception {
        issue("east", "east-1");
        CertificateAuthority authority = CertificateAuthority.load(folder);
        authority.issue(folder, "west", "west-1", DAY, Instant.now(), false);
        X509Certificate east =
                PemFile.certificates(folder.resolve("east-1.crt")).get(0);
        X509Certificate west =
                PemFile.certificates(folder.resolve("west-1.crt")).get(0);
        X509Certificate issuer = PemFile.certificates(folder.resolve("ca.crt")).get(0);

        Path list = authority.revoke(folder, List.of(east), DAY, Instant.now());
        assertEquals(folder.resolve("ca.crl"), list);
        RevocationLists one = new RevocationLists(PemFile.revocationLists(list));
        assertTrue(one.revokes(east, issuer.getPublicKey()));
        assertFalse(one.revokes(west, issuer.getPublicKey()));
        assertFalse(one.revokes(east, west.getPublicKey()), "it is signed by another");

        authority.revoke(folder, List.of(west, east), DAY, Instant.now());
        RevocationLists both = new RevocationLists(PemFile.revocationLists(list));
        assertTrue(both.revokes(east, issuer.getPublicKey()));
        assertTrue(both.revokes(west, issuer.getPublicKey()));
        assertEquals(
                2, PemFile.revocationLists(list).get(0).getRevokedCertificates().size());

        assumeTrue(hasOpenssl(), "openssl is not installed");
        String text = openssl("crl", "-in", "ca.crl", "-noout", "-text", "-CAfile", "ca.crt");
        assertTrue(text.contains("verify OK"), text);
        assertTrue(text.contains("X509v3 CRL Number: \n                2"), text);
    }

    @Test
    void revokesNoCertificateOfOthersAndKeepsNoListOfOthers() throws Exception {
        issue("east", "east-1");
        X509Certificate east =
                PemFile.certificates(folder.resolve("east-1.crt")).get(0);
        Path other = folder.resolve("other");
        CertificateAuthority.create(other, "other", DAY, Instant.now(), false);
        CertificateAuthority stranger = CertificateAuthority.load(other);
        PkiException refused =
                assertThrows(PkiException.class, () -> stranger.revoke(other, List.of(east), DAY, Instant.now()));
        assertEquals("this authority did not issue CN=east-1,O=east", refused.getMessage());
        stranger.revoke(folder, List.of(), DAY, Instant.now());
        refused = assertThrows(
                PkiException.class,
                () -> CertificateAuthority.load(folder).revoke(folder, List.of(east), DAY, Instant.now()));
        assertTrue(String.valueOf(refused.getMessage()).contains("is not this authority's list"));
    }

    @Test
    void replacesBothFilesOrNone() throws Exception {
        issue("east", "east-1");
        byte[] before = Files.readAllBytes(folder.resolve("east-1.key"));
        // Keeps the certificate from being written, as a full disk would.
        Files.createFile(
                Files.createDirectory(folder.resolve(".east-1.crt.new")).resolve("in-the-way"));

        CertificateAuthority authority = CertificateAuthority.load(folder);
        assertThrows(PkiException.class, () -> authority.issue(folder, "east", "east-1", DAY, Instant.now(), true));
        assertEquals(Arrays.toString(before), Arrays.toString(Files.readAllBytes(folder.resolve("east-1.key"))));
        assertFalse(Files.exists(folder.resolve(".east-1.key.new")));
    }

    @Test
    void writesThroughNoLinkOfAnotherUser() throws Exception {
        issue("east", "east-1");
        Path victim = Files.writeString(folder.resolve("victim"), "precious");
        Files.createSymbolicLink(folder.resolve(".west-1.key.new"), victim);
        CertificateAuthority.load(folder).issue(folder, "west", "west-1", DAY, Instant.now(), true);
        assertEquals("precious", Files.readString(victim));

        Files.createSymbolicLink(folder.resolve("north-1.key"), folder.resolve("nowhere"));
        assertThrows(
                PkiException.class,
                () -> CertificateAuthority.load(folder).issue(folder, "north", "north-1", DAY, Instant.now(), false));
        assertFalse(Files.exists(folder.resolve("nowhere")));
        assertFalse(Files.exists(folder.resolve("north-1.crt")));
    }

    @Test
    void neverOutlivesItsAuthority() throws Exception {
        Instant now = Instant.parse("2030-01-01T00:00:00Z");
        CertificateAuthority.create(folder, "short", DAY, now, false);
        CertificateAuthority authority = CertificateAuthority.load(folder);
        authority.issue(folder, "east", "east-1", CertificateAuthority.GATEWAY_VALIDITY, now, false);

        X509Certificate issued =
                PemFile.certificates(folder.resolve("east-1.crt")).get(0);
        assertEquals(now.plus(DAY), issued.getNotAfter().toInstant());
        assertThrows(PkiException.class, () -> authority.issue(folder, "west", "west-1", DAY, now.plus(DAY), false));
    }

    @Test
    void serialNumbersAreRandomAndPositive() throws Exception {
        CertificateAuthority.create(folder, "test", DAY, Instant.now(), false);
        CertificateAuthority authority = CertificateAuthority.load(folder);
        for (int i = 0; i < 8; i++) {
            authority.issue(folder, "east", "east-" + i, DAY, Instant.now(), false);
        }
        long distinct = 0;
        for (int i = 0; i < 8; i++) {
            X509Certificate c =
                    PemFile.certificates(folder.resolve("east-" + i + ".crt")).get(0);
            assertEquals(1, c.getSerialNumber().signum());
            distinct += c.getSerialNumber().bitLength() > 64 ? 1 : 0;
        }
        assertTrue(distinct >= 7, "of eight random numbers of 127 bits, nearly all have more than 64");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../east-1", "East", "a/b", "", "-a", "a b"})
    void refusesWhatIsNoName(String name) throws Exception {
        CertificateAuthority.create(folder, "test", DAY, Instant.now(), false);
        CertificateAuthority authority = CertificateAuthority.load(folder);
        assertThrows(PkiException.class, () -> authority.issue(folder, "east", name, DAY, Instant.now(), false));
        assertThrows(PkiException.class, () -> authority.issue(folder, name, "east-1", DAY, Instant.now(), false));
    }

    @Test
    void namesOfAuthoritiesAreTakenAsTheyAre() throws Exception {
        String name = "Example \"Corp\", Inc. \\ CN=x,O=y + z";
        CertificateAuthority.create(folder, name, DAY, Instant.now(), false);
        X509Certificate certificate =
                PemFile.certificates(folder.resolve("ca.crt")).get(0);
        assertEquals(
                1,
                certificate.getSubjectX500Principal().getName().split("(?<!\\\\),", -1).length,
                "one common name, and nothing smuggled in");
    }

    @Test
    void saysWhatIsWrongWithAnAuthoritysFiles() throws Exception {
        assertMessage("does not exist");
        issue("east", "east-1");
        Files.copy(folder.resolve("east-1.key"), folder.resolve("ca.key"), StandardCopyOption.REPLACE_EXISTING);
        assertMessage("is not the key of");
        Files.writeString(
                folder.resolve("ca.key"),
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
        assertMessage("encrypted");
        Files.writeString(
                folder.resolve("ca.key"), "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n");
        assertMessage("openssl pkcs8 -topk8");
        Files.writeString(folder.resolve("ca.key"), "nothing");
        assertMessage("holds no PEM private key");
        Files.copy(folder.resolve("east-1.crt"), folder.resolve("ca.crt"), StandardCopyOption.REPLACE_EXISTING);
        assertMessage("is no authority's certificate");
    }

    @Test
    void refusesToIssueWithAKeyThatOthersMayRead() throws Exception {
        CertificateAuthority.create(folder, "test", DAY, Instant.now(), false);
        Path key = folder.resolve("ca.key");
        for (String mode : List.of("rw-r--r--", "rw----rw-")) {
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString(mode));
            assertMessage(key + " is open to everybody (mode " + mode + "); chmod 600 " + key);
        }
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        CertificateAuthority.load(folder).issue(folder, "east", "east-1", DAY, Instant.now(), false);
    }

    private void assertMessage(String part) {
        String message = assertThrows(PkiException.class, () -> CertificateAuthority.load(folder))
                .getMessage();
        assertTrue(String.valueOf(message).contains(part), message);
    }

    private void issue(String site, String gateway) throws PkiException {
        CertificateAuthority.create(folder, "test", CertificateAuthority.AUTHORITY_VALIDITY, Instant.now(), false);
        CertificateAuthority.load(folder)
                .issue(folder, site, gateway, CertificateAuthority.GATEWAY_VALIDITY, Instant.now(), false);
    }

    private static boolean hasOpenssl() {
        return Arrays.stream(System.getenv("PATH").split(":", -1))
                .anyMatch(path -> Files.isExecutable(Path.of(path, "openssl")));
    }

    private String openssl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), output);
        return output;
    }
}

package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.vgate.record.PeerIdentity;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialsTest {
    private static final PeerIdentity EAST = new PeerIdentity("east", "east-1");

    @TempDir
    Path folder;

    private TestAuthority authority;
    private TestAuthority.Issued issued;

    @BeforeEach
    void issue() {
        authority = TestAuthority.root(folder, "authority");
        issued = authority.issue(EAST);
    }

    @Test
    void knowWhoTheyAreAndDoNotSayTheKey() throws CredentialsException {
        Credentials credentials =
                Credentials.load(issued.certificate(), issued.key(), List.of(authority.trust()), List.of());
        assertEquals(EAST, credentials.identity());
        assertEquals(1, credentials.chain().size());
        assertEquals("Credentials of vgate://east/east-1", credentials.toString());
    }

    @Test
    void takeTextAroundTheBlocksAndSeveralAuthorities() throws Exception {
        TestAuthority other = TestAuthority.root(folder, "other");
        Path both = folder.resolve("both.crt");
        Files.writeString(
                both,
                "Subject: CN=authority\n" + Files.readString(authority.trust()) + "\nand another\r\n"
                        + Files.readString(other.trust()).replace("\n", "\r\n"));
        Credentials credentials = Credentials.load(issued.certificate(), issued.key(), List.of(both), List.of());
        assertEquals(2, credentials.trust().size());
    }

    @Test
    void sayInOneLineWhatIsWrong() throws IOException {
        Path missing = folder.resolve("missing.crt");
        Path empty = write("empty.crt", "nothing here\n");
        Path damaged = write("damaged.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        Path sec1 = write("sec1.key", "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n");
        Path garbled = write("garbled.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        Path otherKey = authority.issue(EAST).key();
        TestAuthority.Issued nameless = authority.issue(new TestAuthority.Request("nobody"));

        problem("missing.crt does not exist", missing, issued.key(), authority.trust());
        problem("empty.crt holds no PEM certificate", empty, issued.key(), authority.trust());
        problem("damaged.crt holds a certificate that cannot be read", damaged, issued.key(), authority.trust());
        problem("empty.crt holds no PEM private key", issued.certificate(), empty, empty);
        problem(
                "sec1.key holds a key in the traditional form; " + "convert it with `openssl pkcs8 -topk8 -nocrypt`",
                issued.certificate(),
                sec1,
                authority.trust());
        problem(
                "garbled.key holds no EC key, as the certificate has it",
                issued.certificate(),
                garbled,
                authority.trust());
        problem(
                otherKey.getFileName() + " is not the key of the certificate in " + issued.certificate(),
                issued.certificate(),
                otherKey,
                authority.trust());
        problem("empty.crt holds no PEM certificate", issued.certificate(), issued.key(), empty);
        problem(
                "needs exactly one subject alternative name URI vgate://SITE/GATEWAY; issue it with: vgate pki",
                nameless.certificate(),
                nameless.key(),
                authority.trust());
    }

    @Test
    void needAnAuthorityToTrust() {
        assertThrows(
                CredentialsException.class,
                () -> Credentials.load(issued.certificate(), issued.key(), List.of(), List.of()));
    }

    private void problem(String ending, Path certificate, Path key, Path trust) {
        CredentialsException e = assertThrows(
                CredentialsException.class, () -> Credentials.load(certificate, key, List.of(trust), List.of()));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.endsWith(ending), message);
        assertFalse(message.contains("\n"), message);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}

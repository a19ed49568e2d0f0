package net.vgate.pki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PresharedKeyFileTest {
    @TempDir
    private Path folder;

    @Test
    void aNewKeyIsForItsOwnerAloneAndComesBack() throws Exception {
        Path file = folder.resolve("new/west-1.psk");
        PresharedKey.create(file, new SecureRandom(), false);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        PresharedKey key = PresharedKey.read(file);
        assertEquals(32, key.copy().length);
        assertEquals(key, PresharedKey.read(file));
        assertEquals("PresharedKey", key.toString());
        assertThrows(PkiException.class, () -> PresharedKey.create(file, new SecureRandom(), false));
        assertEquals(key, PresharedKey.read(file), "it was not replaced");
        PresharedKey.create(file, new SecureRandom(), true);
        assertNotEquals(key, PresharedKey.read(file));
    }

    @Test
    void refusesWhatOthersMayReadIsTooShortOrIsNoKeyAndQuotesNothing() throws IOException {
        assertRefused("rw-r--r--", "00".repeat(32), "is open to everybody");
        assertRefused("rw-------", "00".repeat(31), "a key of 31 bytes; 32 to 64 are allowed");
        assertRefused("rw-------", "00".repeat(65), "32 to 64 are allowed");
        assertRefused("rw-------", "correct horse battery staple", "no key of hexadecimal digits");
    }

    private void assertRefused(String mode, String content, String words) throws IOException {
        Path file = Files.writeString(folder.resolve("key"), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        PkiException refused = assertThrows(PkiException.class, () -> PresharedKey.read(file));
        String said = String.valueOf(refused.getMessage()) + refused.getCause();
        assertTrue(said.contains(words), said);
        assertFalse(said.contains(content), said);
    }
}

package net.vgate.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileFaultTest {
    @TempDir
    private Path folder;

    @Test
    void namesTheFileAndSaysWhy() throws IOException {
        Path missing = folder.resolve("none").resolve("file");
        assertEquals(missing + ": no such file or folder", fault(() -> Files.createFile(missing)));
        Path file = Files.createFile(folder.resolve("file"));
        assertEquals(file + ": exists already", fault(() -> Files.createFile(file)));
        assertEquals(file.resolve("in") + ": Not a directory", fault(() -> Files.createFile(file.resolve("in"))));
        assertEquals(folder + ": Is a directory", fault(() -> Files.newOutputStream(folder)));
        Path noRight = Path.of("/proc/none/file");
        assertEquals("/proc/none: no such file or folder", fault(() -> Files.createDirectories(noRight)));
        assertEquals("No space left on device", FileFault.line(new IOException("No space left on device")));
        assertEquals("java.io.IOException", FileFault.line(new IOException()));
    }

    private static String fault(ThrowingCall call) {
        return FileFault.line(assertThrows(IOException.class, call::run));
    }

    private interface ThrowingCall {
        Object run() throws IOException;
    }
}

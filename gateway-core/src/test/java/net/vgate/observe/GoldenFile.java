package net.vgate.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Text that must not change by accident: metric names, JSON keys, tables. {@code -Dvgate.golden=write} writes what is
 * produced now; look at the difference before it is committed.
 */
public final class GoldenFile {
    private GoldenFile() {}

    /** Fails unless the file, named relative to the root of the source, holds {@code actual}. */
    public static void assertMatches(String file, String actual) throws IOException {
        Path path = Path.of(System.getProperty("vgate.root", ".."), file);
        if ("write".equals(System.getProperty("vgate.golden"))) {
            Files.createDirectories(path.toAbsolutePath().getParent());
            Files.writeString(path, actual);
        }
        assertEquals(Files.readString(path), actual, () -> file + " differs");
    }
}

package net.vgate.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.vgate.observe.GoldenFile;
import net.vgate.observe.SampleReports;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusTextTest {
    private static final String RESOURCES = "gateway-core/src/test/resources/net/vgate/cli/";

    @Test
    void tablesAreAsEver() throws IOException {
        GoldenFile.assertMatches(RESOURCES + "busy.status", StatusText.of(SampleReports.busy(), Ink.PLAIN));
        GoldenFile.assertMatches(RESOURCES + "idle.status", StatusText.of(SampleReports.idle(), Ink.PLAIN));
    }

    @Test
    void colourAddsNothingButColour() {
        String coloured = StatusText.of(SampleReports.busy(), Ink.COLOUR);
        assertTrue(coloured.lines().anyMatch(line -> line.startsWith("\u001b[31m  north/north-1")), coloured);
        assertTrue(coloured.lines().anyMatch(line -> line.startsWith("\u001b[33m  west/west-1")), coloured);
        assertEquals(StatusText.of(SampleReports.busy(), Ink.PLAIN), coloured.replaceAll("\u001b\\[[0-9]*m", ""));
    }

    @Test
    void paintsOnTerminalsOnly(@TempDir Path folder) throws IOException {
        Path terminal = Files.createSymbolicLink(folder.resolve("1"), Path.of("/dev/pts/3"));
        Path pipe = Files.createSymbolicLink(folder.resolve("2"), Path.of("pipe:[4711]"));
        assertEquals("dumb".equals(System.getenv("TERM")) ? Ink.PLAIN : Ink.COLOUR, Ink.ofStream(terminal, false));
        assertEquals(Ink.PLAIN, Ink.ofStream(terminal, true));
        assertEquals(Ink.PLAIN, Ink.ofStream(pipe, false));
        assertFalse(Files.exists(folder.resolve("3")));
        assertEquals(Ink.PLAIN, Ink.ofStream(folder.resolve("3"), false));
    }
}

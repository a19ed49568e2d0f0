package net.vgate.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.vgate.http.HttpLimits;
import net.vgate.http.HttpServer;
import net.vgate.http.Routes;
import net.vgate.observe.Json;
import net.vgate.observe.NeighborsReport;
import net.vgate.observe.NeighborsReport.Neighbor;
import net.vgate.observe.ObserveRoutes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class NeighborCommandTest {
    private static final NeighborsReport REPORT = new NeighborsReport(
            List.of(
                    new Neighbor("blue", "10.0.0.7", "02:00:00:00:00:07", "192.0.2.11", "reachable", 4),
                    new Neighbor("blue", "10.0.0.108", null, null, "incomplete", 1),
                    new Neighbor("red", "fd00::7", "02:00:00:00:00:09", null, "stale", 7_300)),
            1_234,
            null);

    @TempDir
    private Path folder;

    private final List<String> asked = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path socket;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        socket = folder.resolve("run").resolve("vgate.sock");
        server = HttpServer.onUnixSocket(
                "test", socket, ObserveRoutes.withNeighbors(Routes.none(), this::neighbors), HttpLimits.ADMIN);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private NeighborsReport neighbors(String vnet) {
        asked.add(vnet);
        return switch (vnet) {
            case "" -> REPORT;
            case "empty" -> new NeighborsReport(List.of(), 0, null);
            default -> NeighborsReport.refused("there is no V-net \"" + vnet + "\"");
        };
    }

    @Test
    void printsATableThatLinesUpAndWhatIsLeftOut() {
        assertEquals(ExitCode.OK, run());
        assertEquals("""
                V-NET  ADDRESS     MAC                LOCATOR     STATE       AGE
                blue   10.0.0.7    02:00:00:00:00:07  192.0.2.11  reachable   4 s
                blue   10.0.0.108  -                  -           incomplete  1 s
                red    fd00::7     02:00:00:00:00:09  -           stale       2 h
                1,234 more are left out; --vnet shows one V-net's, vgate explain one member's
                """, out.toString());
    }

    @Test
    void printsJson() {
        assertEquals(ExitCode.OK, run("--json"));
        assertEquals(Json.write(REPORT), out.toString());
    }

    @Test
    void saysWhenThereIsNothingToShow() {
        assertEquals(ExitCode.OK, run("--vnet", "empty"));
        assertEquals("no neighbors are known\n", out.toString());
        assertEquals(ExitCode.FAILURE, run("--vnet", "a&b c"));
        assertEquals("vgate: there is no V-net \"a&b c\"\n", err.toString());
        assertEquals(List.of("empty", "a&b c"), asked);
        assertEquals(ExitCode.USAGE, Vgate.execute(new PrintWriter(out, true), new PrintWriter(err, true), "neighbor"));
        assertTrue(err.toString().endsWith("vgate: neighbor what?; see vgate neighbor --help\n"), err::toString);
    }

    private int run(String... arguments) {
        List<String> line = new ArrayList<>(List.of("neighbor", "list"));
        line.addAll(List.of(arguments));
        line.addAll(List.of("--socket", socket.toString()));
        return Vgate.execute(new PrintWriter(out, true), new PrintWriter(err, true), line.toArray(String[]::new));
    }
}

package net.vgate.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.vgate.http.HttpLimits;
import net.vgate.http.HttpServer;
import net.vgate.http.Method;
import net.vgate.http.Routes;
import net.vgate.http.UnixHttpClient;
import net.vgate.observe.Json;
import net.vgate.observe.MembersChange;
import net.vgate.observe.MembersReport;
import net.vgate.observe.MembersReport.Member;
import net.vgate.observe.ObserveRoutes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class MemberCommandTest {
    private static final String MAC = "02:00:00:00:00:07";
    private static final MembersReport LISTED = new MembersReport(
            17,
            List.of(
                    new Member("blue", "10.0.0.7", "joined", MAC, "192.0.2.11"),
                    new Member("blue", "10.0.0.108", "expected", null, null)),
            false,
            List.of());

    @TempDir
    private Path folder;

    private final List<String> verbs = new ArrayList<>();
    private final List<MembersChange> asked = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path socket;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        socket = folder.resolve("run").resolve("vgate.sock");
        Routes routes = ObserveRoutes.withMembers(Routes.none(), (vnet, after) -> LISTED, (verb, change) -> {
            verbs.add(verb);
            asked.add(change);
            return LISTED;
        });
        server = HttpServer.onUnixSocket("test", socket, routes, HttpLimits.ADMIN);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void listLinesUpWhereMembersHaveToBe() {
        assertEquals(ExitCode.OK, run("list"));
        assertEquals("""
                V-NET  ADDRESS     STATE     MAC                LOCATOR
                blue   10.0.0.7    joined    02:00:00:00:00:07  192.0.2.11
                blue   10.0.0.108  expected  any                any
                """, out.toString());
        out.getBuffer().setLength(0);
        assertEquals(ExitCode.OK, run("list", "--json"));
        assertEquals(Json.write(LISTED), out.toString());
    }

    @Test
    void saysWhatIsToBeChangedAndNothingElse() {
        assertEquals(ExitCode.OK, run("add", "blue", "10.0.0.7", "--mac", MAC));
        assertEquals(ExitCode.OK, run("add", "blue", "10.0.0.7", "--expected", "--locator", "192.0.2.11"));
        assertEquals(ExitCode.OK, run("set", "blue", "10.0.0.7", "--locator", "192.0.2.12"));
        assertEquals(ExitCode.OK, run("set", "blue", "10.0.0.7", "fd00::7", "--mac", "any", "--state", "joined"));
        assertEquals(ExitCode.OK, run("remove", "blue", "10.0.0.7"));
        assertEquals(List.of("add", "add", "set", "set", "remove"), verbs);
        assertEquals(
                List.of(
                        new MembersChange("blue", List.of("10.0.0.7"), "joined", MAC, null),
                        new MembersChange("blue", List.of("10.0.0.7"), "expected", null, "192.0.2.11"),
                        new MembersChange("blue", List.of("10.0.0.7"), null, null, "192.0.2.12"),
                        new MembersChange("blue", List.of("10.0.0.7", "fd00::7"), "joined", "any", null),
                        new MembersChange("blue", List.of("10.0.0.7"), null, null, null)),
                asked);
        assertEquals(ExitCode.USAGE, run("set", "blue", "10.0.0.7", "--state", "gone"));
        assertTrue(err.toString().contains("gone is no state; write expected or joined"), err::toString);
        assertEquals(5, asked.size());
    }

    /** As it was before there were these: whoever asks by HTTP may leave them out. */
    @Test
    void macAndLocatorMayBeLeftOut() throws IOException {
        String body = "{\"vnet\": \"blue\", \"addresses\": [\"10.0.0.7\"], \"state\": \"joined\"}";
        UnixHttpClient client = new UnixHttpClient(socket, Duration.ofSeconds(10));
        assertEquals(200, client.send(Method.POST, "/members/add", body).status());
        assertEquals(List.of(new MembersChange("blue", List.of("10.0.0.7"), "joined", null, null)), asked);
    }

    private int run(String... arguments) {
        List<String> line = new ArrayList<>(List.of("member"));
        line.addAll(List.of(arguments));
        line.addAll(List.of("--socket", socket.toString()));
        return Vgate.execute(new PrintWriter(out, true), new PrintWriter(err, true), line.toArray(String[]::new));
    }
}

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
import net.vgate.observe.AddressReport;
import net.vgate.observe.AddressReport.Form;
import net.vgate.observe.AddressReport.Gateway;
import net.vgate.observe.AddressReport.Meaning;
import net.vgate.observe.AddressReport.Neighbor;
import net.vgate.observe.AddressReport.Step;
import net.vgate.observe.AddressReport.Way;
import net.vgate.observe.AddressReport.Written;
import net.vgate.observe.Json;
import net.vgate.observe.ObserveRoutes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ExplainCommandTest {
    private static final AddressReport REPORT = new AddressReport(
            "blue",
            5001,
            "east",
            "east-1",
            "/etc/vgate/east.yaml",
            7,
            "10.0.0.7",
            "east",
            new Meaning(
                    "member",
                    "a member here, by 10.0.0.0/24 (line 21)",
                    "10.0.0.7",
                    null,
                    new Written("10.0.0.0/24", 21),
                    null,
                    "VTEP port rack, VNI 7001, at 10.9.0.11",
                    new Neighbor("02:00:00:00:00:0a", "10.9.0.11", "reachable", 12),
                    List.of()),
            List.of(
                    new Form("east", "10.0.0.7", new Written("10.0.0.0/24", 21), "its own address"),
                    new Form("west", "100.64.1.7", new Written("10.0.0.0/24 as 100.64.1.0/24", 23), "translated"),
                    new Form("north", null, null, "cannot be written there: no translate rule has it")),
            List.of(
                    new Gateway(
                            "west",
                            "west-1",
                            "carries",
                            true,
                            null,
                            null,
                            "udp",
                            "198.51.100.1:4433",
                            "198.51.100.2:4433",
                            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
                    new Gateway("west", "west-2", "connecting", false, null, "no tunnel", null, null, null, null)),
            List.of(new Way(
                    "out",
                    "west",
                    "10.0.0.7",
                    "members of west",
                    List.of(
                            new Step(
                                    "classify", "pass", null, "a member here", List.of(new Written("10.0.0.0/24", 21))),
                            new Step(
                                    "permit_out",
                                    "some",
                                    "policy",
                                    "9 of 12 out rules can permit it",
                                    List.of(
                                            new Written("{out: icmp}", 27),
                                            new Written("{out: tcp, ports: [1]}", 28),
                                            new Written("{out: tcp, ports: [2]}", 29),
                                            new Written("{out: tcp, ports: [3]}", 30),
                                            new Written("{out: tcp, ports: [4]}", 31),
                                            new Written("{out: tcp, ports: [5]}", 32),
                                            new Written("{out: tcp, ports: [6]}", 33),
                                            new Written("{out: tcp, ports: [7]}", 34),
                                            new Written("{out: tcp, ports: [8]}", null))),
                            new Step("seal", "drop", "no_tunnel", "no gateway of west can be reached now", List.of())),
                    "no_tunnel")),
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
        Routes routes = ObserveRoutes.withExplanation(Routes.none(), this::explain);
        server = HttpServer.onUnixSocket("test", socket, routes, HttpLimits.ADMIN);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private AddressReport explain(String vnet, String address, String at) {
        asked.add(vnet + " " + address + " " + at);
        return switch (vnet) {
            case "blue" -> REPORT;
            case "broken" -> AddressReport.unavailable(vnet, address, at, 7, "V-net broken is without its device");
            default -> AddressReport.refused(vnet, address, at, "there is no V-net \"" + vnet + "\"");
        };
    }

    @Test
    void printsTablesThatLineUp() {
        assertEquals(ExitCode.OK, run("10.0.0.7", "--vnet", "blue"));
        assertEquals("""
                10.0.0.7 in V-net blue (VNI 5001), as written at site east
                  a member here, by 10.0.0.0/24 (line 21)
                  behind VTEP port rack, VNI 7001, at 10.9.0.11
                  there it is 02:00:00:00:00:0a at locator 10.9.0.11, reachable, confirmed 12 s ago
                  asked of gateway east/east-1; lines are of /etc/vgate/east.yaml, generation 7

                addresses
                  AT     ADDRESS     HOW                                                BY
                  east   10.0.0.7    its own address                                    10.0.0.0/24 (line 21)
                  west   100.64.1.7  translated                                         10.0.0.0/24 as 100.64.1.0/24 (line 23)
                  north  -           cannot be written there: no translate rule has it  -

                gateways
                  GATEWAY      FLOWS       RUNG  PATH                                   CIPHER                               WHY NOT
                  west/west-1  carries     udp   198.51.100.1:4433 > 198.51.100.2:4433  ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
                  west/west-2  connecting  -     - > -                                  -                                    no tunnel

                from 10.0.0.7 to members of west
                  STAGE       VERDICT         WHY
                  classify    pass            a member here
                                                10.0.0.0/24 (line 21)
                  permit_out  pass or policy  9 of 12 out rules can permit it
                                                {out: icmp} (line 27)
                                                {out: tcp, ports: [1]} (line 28)
                                                {out: tcp, ports: [2]} (line 29)
                                                {out: tcp, ports: [3]} (line 30)
                                                {out: tcp, ports: [4]} (line 31)
                                                {out: tcp, ports: [5]} (line 32)
                                                {out: tcp, ports: [6]} (line 33)
                                                {out: tcp, ports: [7]} (line 34)
                                                and 1 more
                  seal        DROP no_tunnel  no gateway of west can be reached now
                """, out.toString().replaceAll("\u001b\\[[0-9]*m", ""));
        assertEquals(List.of("blue 10.0.0.7 "), asked);
    }

    @Test
    void printsJson() {
        assertEquals(ExitCode.OK, run("10.0.0.7", "--vnet", "blue", "--at", "west", "--json"));
        assertEquals(Json.write(REPORT), out.toString());
        assertEquals(List.of("blue 10.0.0.7 west"), asked);
    }

    @Test
    void saysInALineWhyThereIsNoAnswer() {
        assertEquals(ExitCode.USAGE, run("10.0.0.7", "--vnet", "bl ue&at=x", "--at", "w%st"));
        assertEquals("vgate: there is no V-net \"bl ue&at=x\"\n", err.toString());
        assertEquals(List.of("bl ue&at=x 10.0.0.7 w%st"), asked, "as it was written");
        assertEquals(ExitCode.FAILURE, run("fd00::7", "--vnet", "broken"));
        assertTrue(err.toString().endsWith("vgate: V-net broken is without its device\n"), err::toString);
        assertEquals(ExitCode.USAGE, run("10.0.0.7"));
        assertEquals(ExitCode.USAGE, run("--vnet", "blue"));
    }

    @Test
    void answersOverHttp() throws IOException {
        UnixHttpClient client = new UnixHttpClient(socket, Duration.ofSeconds(10));
        assertEquals(
                200,
                client.send(Method.GET, "/explain?vnet=blue&address=fd00::7").status());
        assertEquals(422, client.send(Method.GET, "/explain?vnet=green").status());
        assertEquals(503, client.send(Method.GET, "/explain?vnet=broken").status());
        assertEquals(
                400, client.send(Method.GET, "/explain?vnet=blue&address=%zz").status());
        assertEquals(405, client.send(Method.POST, "/explain?vnet=blue").status());
        assertEquals(List.of("blue fd00::7 ", "green  ", "broken  "), asked);
    }

    private int run(String... arguments) {
        List<String> line = new ArrayList<>(List.of("explain"));
        line.addAll(List.of(arguments));
        line.addAll(List.of("--socket", socket.toString()));
        return Vgate.execute(new PrintWriter(out, true), new PrintWriter(err, true), line.toArray(String[]::new));
    }
}

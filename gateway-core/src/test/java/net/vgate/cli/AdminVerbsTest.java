package net.vgate.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import net.vgate.config.ConfigDiff;
import net.vgate.config.Effect;
import net.vgate.http.HttpLimits;
import net.vgate.http.HttpServer;
import net.vgate.http.Response;
import net.vgate.http.Routes;
import net.vgate.observe.DrainReport;
import net.vgate.observe.Health;
import net.vgate.observe.Json;
import net.vgate.observe.Metrics;
import net.vgate.observe.ObserveRoutes;
import net.vgate.observe.PlanReport;
import net.vgate.observe.ReloadReport;
import net.vgate.observe.SampleReports;
import net.vgate.observe.StatusReport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class AdminVerbsTest {
    @TempDir
    private Path folder;

    private static final List<DrainReport.Peer> DRAINED = List.of(
            new DrainReport.Peer("north", "north-1", null),
            new DrainReport.Peer("west", "west-1", true),
            new DrainReport.Peer("west", "west-2", false));

    private final AtomicReference<ReloadReport> reload = new AtomicReference<>();
    private final AtomicBoolean draining = new AtomicBoolean();
    private final AtomicLong packetsIn = new AtomicLong();
    private int packetsEach;
    private final AtomicReference<PlanReport> plan = new AtomicReference<>();
    private final Metrics metrics = new Metrics(SampleReports::busy, 10);
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path socket;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        socket = folder.resolve("run").resolve("vgate.sock");
        server = serve(ObserveRoutes.withDrain(
                ObserveRoutes.forRunning(
                        metrics, new Health(List.of(), List.of()), SampleReports::busy, plan::get, reload::get),
                () -> new DrainReport(draining.get(), DRAINED, packetsIn.getAndAdd(packetsEach)),
                wanted -> {
                    draining.set(wanted);
                    return new DrainReport(wanted, DRAINED, 0);
                }));
    }

    @AfterEach
    void stop() {
        server.close();
        metrics.close();
    }

    @Test
    void statusPrintsTables() {
        assertEquals(ExitCode.OK, vgate("status", "--socket", socket.toString()));
        assertEquals(
                StatusText.of(SampleReports.busy(), Ink.PLAIN), out.toString().replaceAll("\u001b\\[[0-9]*m", ""));
    }

    @Test
    void statusPrintsJson() {
        assertEquals(ExitCode.OK, vgate("status", "--json", "--socket", socket.toString()));
        assertEquals(net.vgate.observe.Json.write(SampleReports.busy()), out.toString());
    }

    @Test
    void policyListLinesUpRulesAndWhatTheyDecided() {
        assertEquals(ExitCode.OK, vgate("policy", "list", "--socket", socket.toString()));
        assertEquals("""
                VNET  RULE                                               WHERE                     HITS  LAST HIT
                blue  {out: tcp, to: 100.64.2.0/24, ports: [443, 5432]}  /etc/vgate/east.yaml:58    208  12 s ago
                blue  {in: icmp, from: 100.64.2.0/24}                    /etc/vgate/east.yaml:59      0  never
                blue  out: what no rule permits, denied                  -                            0  never
                blue  in: what no rule permits, denied                   -                        1,377  3 s ago
                red   out: what no rule permits, denied                  -                            0  never
                red   in: what no rule permits, denied                   -                            0  never
                rules never hit, since the gateway started 26 h ago or a reload brought them: 1
                """, plain());
        assertEquals(ExitCode.OK, vgate("policy", "list", "--vnet", "red", "--socket", socket.toString()));
        assertTrue(plain().endsWith("""
                VNET  RULE                               WHERE  HITS  LAST HIT
                red   out: what no rule permits, denied      -     0  never
                red   in: what no rule permits, denied       -     0  never
                rules never hit, since the gateway started 26 h ago or a reload brought them: 0
                """), this::plain);
    }

    @Test
    void policyListTellsOneVnetsUnusedRules() {
        assertEquals(
                ExitCode.OK,
                vgate("policy", "list", "--vnet", "blue", "--unused", "--json", "--socket", socket.toString()));
        PolicyListing listing = Json.read(out.toString(), PolicyListing.class);
        assertEquals("/etc/vgate/east.yaml", listing.file());
        assertEquals(
                List.of(new PolicyListing.Vnet(
                        "blue",
                        List.of(new StatusReport.Rule("{in: icmp, from: 100.64.2.0/24}", 59, 0, null)),
                        new StatusReport.Denied(0, null),
                        new StatusReport.Denied(1_377, 3L))),
                listing.vnets());
    }

    @Test
    void policyListKnowsWhatItCannotShow() {
        assertEquals(ExitCode.USAGE, vgate("policy", "list", "--vnet", "bleu", "--socket", socket.toString()));
        assertEquals("vgate: the gateway has no V-net bleu; vgate status names those it has\n", err.toString());
        assertEquals(ExitCode.USAGE, vgate("policy"));
        assertTrue(err.toString().endsWith("vgate: policy what?; see vgate policy --help\n"), err::toString);
    }

    @Test
    void whatTheFileAloneSaysIsNotChangedHere() {
        assertEquals(ExitCode.USAGE, vgate("vnet", "add", "green", "--vni", "7"));
        assertEquals(ExitCode.USAGE, vgate("switch", "set", "west/west-1"));
        assertEquals(ExitCode.USAGE, vgate("policy", "remove", "blue", "--socket", socket.toString()));
        List<String> lines = err.toString().lines().toList();
        assertEquals(3, lines.size(), err::toString);
        List<String> where = List.of("vnets:", "peers:", "policy:");
        for (int i = 0; i < where.size(); i++) {
            assertTrue(
                    lines.get(i).contains("in the configuration file")
                            && lines.get(i).contains(where.get(i)),
                    err::toString);
            assertTrue(lines.get(i).contains("vgate plan") && lines.get(i).contains("vgate reload"), err::toString);
        }
    }

    private String plain() {
        return out.toString().replaceAll("\u001b\\[[0-9]*m", "");
    }

    @Test
    void drainWaitsUntilNothingComes() {
        assertEquals(ExitCode.OK, vgate("drain", "--socket", socket.toString()));
        assertEquals("""
                PEER           TOLD
                north/north-1  no: there is no tunnel, or its version does not understand
                west/west-1    yes
                west/west-2    not yet
                nothing comes any more
                """, out.toString());
        assertTrue(draining.get());
        assertEquals(ExitCode.OK, vgate("drain", "--undo", "--socket", socket.toString()));
        assertTrue(out.toString().endsWith("takes flows again\n"), out::toString);
        assertFalse(draining.get());
    }

    @Test
    void drainSaysWhenPacketsStillCome() {
        packetsEach = 50;
        assertEquals(ExitCode.FAILURE, vgate("drain", "--wait", "1", "--json", "--socket", socket.toString()));
        assertTrue(Json.read(out.toString(), DrainReport.class).draining());
        // A late first look leaves no time for a second one.
        assertTrue(err.toString().matches("""
                (packets in, a second: 100
                ){1,2}vgate: packets still come after 1 s; is there another gateway of this site, and do the peers list it\\?
                """), err::toString);
    }

    @Test
    void reloadTellsWhatChanged() {
        reload.set(new ReloadReport(true, 8, List.of("vnet red: removed"), List.of()));
        assertEquals(ExitCode.OK, vgate("reload", "--socket", socket.toString()));
        assertEquals("vnet red: removed\nreloaded; generation 8\n", out.toString());
    }

    @Test
    void reloadTellsThatNothingChanged() {
        reload.set(new ReloadReport(true, 7, List.of(), List.of()));
        assertEquals(ExitCode.OK, vgate("reload", "--socket", socket.toString()));
        assertEquals("nothing changes; generation 7\n", out.toString());
    }

    @Test
    void reloadTellsAllProblems() {
        reload.set(new ReloadReport(false, 7, List.of(), List.of("east.yaml:1:1: one", "east.yaml:2:1: two")));
        assertEquals(ExitCode.USAGE, vgate("reload", "--socket", socket.toString()));
        assertEquals("", out.toString());
        assertEquals(
                "east.yaml:1:1: one\neast.yaml:2:1: two\nvgate: refused; generation 7 runs on as it was\n",
                err.toString());
    }

    @Test
    void planTellsWhatAReloadWouldChange() {
        plan.set(new PlanReport(
                List.of(new ConfigDiff.Change(
                        ConfigDiff.Kind.CHANGED, "gateway", "identity.certificate", "a (old)", "a (new)", Effect.LIVE)),
                List.of()));
        assertEquals(ExitCode.OK, vgate("plan", "--socket", socket.toString()));
        assertTrue(out.toString().contains("identity.certificate  a (old)  a (new)  reload\n"), out::toString);
        assertTrue(out.toString().endsWith("a reload takes it over, and no other traffic is touched\n"), out::toString);
    }

    @Test
    void planTellsWhyAReloadWouldBeRefused() {
        plan.set(new PlanReport(List.of(), List.of("east.yaml:1:1: one", "east.yaml:2:1: two")));
        assertEquals(ExitCode.USAGE, vgate("plan", "--socket", socket.toString()));
        assertEquals("east.yaml:1:1: one\neast.yaml:2:1: two\nvgate: a reload would be refused\n", err.toString());
    }

    @Test
    void planComparesTwoFilesOrAsksAGateway() {
        assertEquals(ExitCode.USAGE, vgate("plan", "one.yaml"));
        assertEquals(ExitCode.USAGE, vgate("plan", "--socket", socket.toString(), "one.yaml", "two.yaml"));
    }

    @Test
    void saysWhenNobodyAnswers() {
        Path nowhere = folder.resolve("none.sock");
        assertEquals(ExitCode.NOT_RUNNING, vgate("status", "--socket", nowhere.toString()));
        assertEquals("vgate: no gateway answers: there is no socket " + nowhere + "\n", err.toString());
    }

    @Test
    void saysWhenWhatAnswersIsNoGateway() throws IOException {
        server.close();
        server = serve(Routes.none().get("/status", request -> Response.json(200, "[]")));
        assertEquals(ExitCode.FAILURE, vgate("status", "--socket", socket.toString()));
        assertTrue(err.toString().contains("not understood"), err::toString);
        assertEquals(ExitCode.FAILURE, vgate("reload", "--socket", socket.toString()));
    }

    private HttpServer serve(Routes routes) throws IOException {
        return HttpServer.onUnixSocket("test", socket, routes, HttpLimits.DEFAULT);
    }

    private int vgate(String... arguments) {
        return Vgate.execute(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }
}

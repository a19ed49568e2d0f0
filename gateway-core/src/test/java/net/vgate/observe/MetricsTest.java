package net.vgate.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final String RESOURCES = "gateway-core/src/test/resources/net/vgate/observe/";

    @Test
    void namesLabelsAndValuesAreAsEver() throws IOException {
        GoldenFile.assertMatches(RESOURCES + "busy.metrics", own(scrape(SampleReports.busy())));
        GoldenFile.assertMatches(RESOURCES + "idle.metrics", own(scrape(SampleReports.idle())));
    }

    @Test
    void theReferenceNamesThemAll() throws IOException {
        String table = Stream.of(GatewayMetric.values())
                .map(metric -> String.format(
                        Locale.ROOT,
                        "| `%s` | %s | %s | %s |%n",
                        metric.fullName(),
                        metric.kind().name().toLowerCase(Locale.ROOT),
                        metric.labels().stream().map(label -> "`" + label + "`").collect(Collectors.joining(", ")),
                        metric.help()))
                .collect(Collectors.joining());
        GoldenFile.assertMatches("docs/metrics.md", REFERENCE + table);
    }

    @Test
    void promtoolHasNothingToSay() throws Exception {
        assumeTrue(isThere("promtool"), "promtool is not installed");
        System.gc(); // so that the metrics of collections are there, too
        Process promtool = new ProcessBuilder("promtool", "check", "metrics")
                .redirectErrorStream(true)
                .start();
        try (var stdin = promtool.getOutputStream()) {
            stdin.write(scrape(SampleReports.busy()).getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(promtool.waitFor(30, TimeUnit.SECONDS));
        assertEquals("", said);
        assertEquals(0, promtool.exitValue());
    }

    @Test
    void tellsOfTheProcess() {
        String scraped = scrape(SampleReports.idle());
        for (String name :
                new String[] {"jvm_memory_used_bytes", "jvm_gc_", "process_uptime_seconds", "process_files_open_files"
                }) {
            assertTrue(scraped.contains("\n" + name), name);
        }
    }

    @Test
    void forgetsWhatIsGone() {
        AtomicReference<StatusReport> report = new AtomicReference<>(SampleReports.busy());
        try (Metrics metrics = new Metrics(report::get, Metrics.DEFAULT_VNET_LIMIT)) {
            assertTrue(metrics.scrape().contains("gateway=\"north-1\""));
            report.set(SampleReports.idle());
            assertFalse(metrics.scrape().contains("gateway=\"north-1\""));
        }
    }

    private static String scrape(StatusReport report) {
        try (Metrics metrics = new Metrics(() -> report, Metrics.DEFAULT_VNET_LIMIT)) {
            return metrics.scrape();
        }
    }

    /** What is ours, without what depends on who builds. */
    private static String own(String scraped) {
        return scraped.lines()
                .filter(line -> line.contains("vgate_"))
                .map(line -> line.replaceAll("java=\"[^\"]*\"", "java=\"17\""))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static boolean isThere(String program) {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }

    private static final String REFERENCE = """
            # Metrics

            Served at `/metrics` of `observe.http`, in Prometheus' text format. Counters count since the process started.
            Beside these there are Micrometer's usual `jvm_*` and `process_*` metrics.

            * `vnet`: the V-net's name. The first 1,000 V-nets have series of their own; the rest is summed up as `other`.
            * `direction`: `out` is from members here to other sites, `in` the other way round, `local` between members here.
            * `peer`, `gateway`: the remote site and its gateway, by the names in the configuration.
            * `stage`, `reason`: where on its way, and why, a packet was dropped, a V-net not carried or a handshake ended; the
              names of `vgate status`.
            * `role`: ours in the handshake; as `server`, a peer or a stranger was refused.
            * `result`: `completed`, `failed`, or `refused` when the peer is none of those configured. Of TCP connections:
              `accepted`, `refused` for wanting something else, `failed`, `too_slow`, or `over_limit`.
            * `use`: `challenged` with a cookie, by which the sender shows its address; or `taken` by a handshake.

            | name | kind | labels | meaning |
            | --- | --- | --- | --- |
            """;
}

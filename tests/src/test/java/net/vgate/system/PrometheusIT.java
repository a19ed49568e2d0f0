package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What Prometheus, as Debian has it, makes of the metrics. */
@SystemTest
final class PrometheusIT {
    private static final String METRICS = "http://127.0.0.1:9464/metrics";

    private TwoSites sites;
    private TestNetns gateway;

    @BeforeAll
    void start() {
        sites = TwoSites.paired();
        gateway = sites.east().wan();
        assertTrue(Ping.comesBack(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS));
    }

    @AfterAll
    void stop() {
        if (sites != null) {
            sites.close();
        }
    }

    @Test
    void promtoolHasNothingToSay() {
        Path metrics = sites.file("metrics");
        gateway.run("curl", "-sf", "-o", metrics.toString(), METRICS);
        Command.Result result =
                Command.attempt(List.of("sh", "-c", "promtool check metrics < " + metrics), Command.DEADLINE);

        assertEquals(new Command.Result(0, ""), result);
    }

    @Test
    void prometheusScrapesTheGateway() throws IOException {
        Path configuration = Files.writeString(sites.file("prometheus.yml"), """
                global: {scrape_interval: 1s}
                scrape_configs:
                  - job_name: vgate
                    static_configs: [{targets: ["127.0.0.1:9464"]}]
                """);
        try (BackgroundProcess prometheus = gateway.start(List.of(
                "prometheus",
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + sites.file("tsdb"),
                "--web.listen-address=127.0.0.1:9090"))) {
            TestBed.await("a scrape", Duration.ofSeconds(30), () -> value("up").equals("1"));
            assertTrue(prometheus.isAlive());
            assertEquals("1", value("vgate_tunnel_up{peer=\"west\"}"));
            TestBed.await(
                    "the ping is in it",
                    Duration.ofSeconds(10),
                    () -> !value("vgate_packets_total{vnet=\"blue\",direction=\"out\"}")
                            .isEmpty());
            assertTrue(Long.parseLong(value("vgate_packets_total{vnet=\"blue\",direction=\"out\"}")) >= 1);
        }
    }

    /** The one value of a query, or nothing. */
    private String value(String query) {
        Command.Result answer = gateway.attempt(
                "sh",
                "-c",
                "curl -sfG --data-urlencode 'query=" + query
                        + "' http://127.0.0.1:9090/api/v1/query | jq -r '.data.result[].value[1]'");
        return answer.output().strip();
    }

    @Test
    void healthSaysThatItLivesAndIsReady() {
        for (String path : List.of("healthz", "readyz")) {
            assertEquals(
                    "200",
                    gateway.run(
                            "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:9464/" + path));
        }
    }
}

package net.vgate.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import net.vgate.http.HttpLimits;
import net.vgate.http.HttpServer;
import net.vgate.http.Method;
import net.vgate.http.Response;
import net.vgate.http.Routes;
import net.vgate.http.UnixHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
@SuppressWarnings("try") // the server is there to be asked
class ObserveRoutesTest {
    @TempDir
    private Path folder;

    private final Metrics metrics = new Metrics(SampleReports::busy, 10);
    private final Health health = new Health(
            List.of(new HealthCheck("conductor", Optional::empty)),
            List.of(new HealthCheck("devices", () -> Optional.of("vg-blue is gone"))));

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void servesThoseWhoWatch() throws Exception {
        Routes routes = ObserveRoutes.forWatching(metrics, health, SampleReports::busy);
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (HttpServer server = HttpServer.onTcp("test", any, routes, HttpLimits.DEFAULT)) {
            HttpResponse<String> scraped = get(server, "/metrics");
            assertEquals(200, scraped.statusCode());
            assertEquals(
                    Metrics.CONTENT_TYPE,
                    scraped.headers().firstValue("content-type").orElse(""));
            assertTrue(scraped.body().contains("vgate_key_log_active 1.0"), scraped::body);
            assertEquals(200, get(server, "/healthz").statusCode());
            HttpResponse<String> ready = get(server, "/readyz");
            assertEquals(503, ready.statusCode());
            assertEquals(
                    new Health.Report(
                            false,
                            List.of(
                                    new Health.Result("conductor", null),
                                    new Health.Result("devices", "vg-blue is gone"))),
                    Json.read(ready.body(), Health.Report.class));
            HttpResponse<String> page = get(server, "/");
            assertEquals(200, page.statusCode());
            assertEquals(
                    "text/html; charset=utf-8",
                    page.headers().firstValue("content-type").orElse(""));
            assertTrue(page.body().contains("not ready: devices: vg-blue is gone"), page::body);
            assertEquals(404, get(server, "/status").statusCode());
            assertEquals(404, get(server, "/reload").statusCode());
        }
    }

    @Test
    void servesThoseWhoRunIt() throws IOException {
        ReloadReport refused = new ReloadReport(false, 7, List.of(), List.of("east.yaml:1:1: site: missing"));
        Routes routes = ObserveRoutes.forRunning(
                metrics, health, SampleReports::busy, () -> new PlanReport(List.of(), List.of()), () -> refused);
        Path socket = folder.resolve("run").resolve("vgate.sock");
        try (HttpServer server = HttpServer.onUnixSocket("test", socket, routes, HttpLimits.DEFAULT)) {
            UnixHttpClient client = new UnixHttpClient(socket, Duration.ofSeconds(10));
            Response status = client.send(Method.GET, "/status");
            assertEquals(SampleReports.busy(), Json.read(status.bodyText(), StatusReport.class));
            Response reload = client.send(Method.POST, "/reload");
            assertEquals(422, reload.status());
            assertEquals(refused, Json.read(reload.bodyText(), ReloadReport.class));
            assertEquals(405, client.send(Method.GET, "/reload").status());
            assertEquals(200, client.send(Method.GET, "/metrics").status());
        }
    }

    private static HttpResponse<String> get(HttpServer server, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}

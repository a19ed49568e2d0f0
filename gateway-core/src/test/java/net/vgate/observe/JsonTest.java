package net.vgate.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void keysAreAsEver() throws IOException {
        GoldenFile.assertMatches(
                "gateway-core/src/test/resources/net/vgate/observe/busy.json", Json.write(SampleReports.busy()));
    }

    @Test
    void comesBackAsItWas() {
        for (StatusReport report : List.of(SampleReports.busy(), SampleReports.idle())) {
            assertEquals(report, Json.read(Json.write(report), StatusReport.class));
        }
        ReloadReport reload = new ReloadReport(false, 3, List.of(), List.of("f:1:2: \"x\"\n"));
        assertEquals(reload, Json.read(Json.write(reload), ReloadReport.class));
    }

    @Test
    void doesNotMindWhatANewerGatewayAdds() {
        ReloadReport reload = Json.read(
                "{\"applied\": true, \"generation\": 2, \"changes\": [], \"problems\": [], \"new\": {}}",
                ReloadReport.class);
        assertEquals(2, reload.generation());
    }
}

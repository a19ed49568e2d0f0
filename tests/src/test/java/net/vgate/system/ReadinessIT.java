package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import net.vgate.observe.StatusReport;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a gateway tells of itself before somebody has to ask why nothing works. */
@SystemTest
final class ReadinessIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private TwoSites sites;
    private RunningGateway east;

    @BeforeAll
    void start() {
        sites = TwoSites.paired();
        east = sites.east().gateway();
    }

    @AfterAll
    void stop() {
        if (sites != null) {
            sites.close();
        }
    }

    @Test
    void isNotReadyWhileADeviceIsGoneAndReadyWhenItIsThereAgain() {
        TestNetns blue = sites.east().tenant("blue");
        assertEquals(200, east.get("/readyz").status());

        // Something else of that name keeps the gateway from making its device anew at once.
        TestBed.await("the gateway is not ready", SOON, () -> {
            blue.attempt(
                    "sh",
                    "-c",
                    "ip -d link show vg-blue | grep -qw dummy || { ip link del vg-blue; ip link add vg-blue type dummy; }");
            return east.get("/readyz").status() == 503;
        });
        assertTrue(
                east.get("/readyz").bodyText().contains("no device for V-net blue"),
                () -> east.get("/readyz").bodyText());
        assertEquals(200, east.get("/healthz").status());
        assertTrue(Ping.comesBack(sites.host(sites.east(), "red"), TwoSites.WEST_ALIAS));

        blue.ip("link", "del", "vg-blue");
        TestBed.await(
                "the gateway is ready again", SOON, () -> east.get("/readyz").status() == 200);
        TestBed.await(
                "a ping comes back",
                SOON,
                () -> Ping.comesBackSoon(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS));
    }

    /** Those of the tests are good for an hour. */
    @Test
    void tellsWhenCertificatesExpireOursAndThePeers() {
        StatusReport.Tunnel tunnel = east.tunnel("west");
        Instant expires = tunnel.peerCertificateExpires();

        assertNotNull(expires);
        assertTrue(expires.isAfter(Instant.now()), expires::toString);
        assertTrue(expires.isBefore(Instant.now().plus(Duration.ofHours(1))), expires::toString);
        for (String whose : new String[] {"vgate://east/east-1", "vgate://west/west-1"}) {
            TestBed.await(
                    "a word on the certificate of " + whose,
                    SOON,
                    () -> east.log().contains("event=certificate_expiring whose=" + whose + " expires="));
        }
    }
}

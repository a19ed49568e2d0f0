package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Gateways that stop, are killed and come back, while a tenant goes on sending. All that time, nothing of a tenant's is
 * in clear on the WAN.
 */
@SystemTest
final class RestartIT {
    /** What the product promises, from the moment at which the restarted peer listens. */
    private static final Duration PAIRED_AGAIN = Duration.ofSeconds(2);

    private TwoSites sites;
    private Site east;
    private Site west;
    private WanCapture wan;
    private BackgroundProcess ping;

    @BeforeAll
    void start() {
        sites = TwoSites.paired();
        east = sites.east();
        west = sites.west();
        wan = WanCapture.begin(east.wan());
    }

    @BeforeEach
    void tenantSends() {
        for (Site site : List.of(east, west)) {
            if (!site.gateway().isAlive()) {
                site.start();
            }
        }
        TestNetns host = sites.host(east, "blue");
        ping = Ping.begin(host, TwoSites.WEST_ALIAS, 100, "-p", WanCapture.pattern());
        TestBed.await("pings come back", TwoSites.PAIRING, () -> Ping.comesBackSoon(host, TwoSites.WEST_ALIAS));
    }

    @AfterEach
    void nothingWasInClear() {
        if (ping != null) {
            ping.close();
        }
        wan.assertNothingInClear();
    }

    @AfterAll
    void stop() {
        if (wan != null) {
            wan.close();
        }
        if (sites != null) {
            sites.close();
        }
    }

    private Site site(String name) {
        return name.equals("east") ? east : west;
    }

    private Site peerOf(String name) {
        return name.equals("east") ? west : east;
    }

    @ParameterizedTest
    @ValueSource(strings = {"east", "west"})
    void isPairedAgainSoonAfterAPeerThatWasKilledListens(String name) {
        site(name).gateway().kill();
        startAndExpectPairing(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"east", "west"})
    void isPairedAgainSoonAfterAPeerThatWasStoppedListens(String name) {
        assertEquals(0, site(name).gateway().terminate(Duration.ofSeconds(20)));
        startAndExpectPairing(name);
    }

    private void startAndExpectPairing(String name) {
        Site site = site(name);
        PairingTime.assertWithin(PAIRED_AGAIN, () -> {
            if (site.isRunning()) {
                peerOf(name).awaitSettled(site);
                site.gateway().kill();
            }
            try (PairingTime time = PairingTime.watch(List.of(site), sites.host(east, "red"), TwoSites.WEST_ALIAS)) {
                site.start();
                return time.seconds();
            }
        });
        site.gateway().awaitStarted();
        assertTrue(site.gateway().isUp(peerOf(name).name()));
        assertTrue(peerOf(name).gateway().isUp(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"east", "west"})
    void onSigtermSaysGoodbyeAndLeavesNothingBehind(String name) {
        Site site = site(name);
        Site peer = peerOf(name);
        // Nothing goes to it that it could be missed by.
        ping.close();
        site.gateway().signal("TERM");
        // Before the peer could have missed three echoes.
        peer.gateway().awaitTunnel(name, "is down", Duration.ofMillis(2_500), tunnel -> !tunnel.up());

        assertEquals(0, site.gateway().awaitEnd(Duration.ofSeconds(20)));
        for (String tenant : TwoSites.TENANTS) {
            assertFalse(site.tenant(tenant).ip("link").contains("vg-" + tenant));
            // What is left leads nowhere, on purpose.
            assertFalse(site.tenant(tenant).ip("route").lines().anyMatch(RestartIT::leadsSomewhere));
        }
        assertFalse(Files.exists(site.socket()));
        startAndExpectPairing(name);
    }

    private static boolean leadsSomewhere(String route) {
        return route.contains("100.64.") && !route.startsWith("unreachable ");
    }

    @Test
    void killedGatewayLeavesNoDeviceThatLetsPacketsOut() {
        west.gateway().kill();
        TestNetns host = sites.host(west, "blue");
        assertEquals(
                0,
                Ping.send(host, TwoSites.EAST_ALIAS, 3, Duration.ofMillis(200), "-p", WanCapture.pattern())
                        .received());
        startAndExpectPairing("west");
    }

    @Test
    void aSecondGatewayOnTheSameAddressSaysWhatIsInTheWay() {
        expectRefusal(east.configuration(), "east-east-1.devices: another process uses it");
        expectRefusal(
                east.configurationWith(sites.file("other/second.sock")), "198.51.100.1:4433: Address already in use");

        assertTrue(east.gateway().isUp("west"));
    }

    private void expectRefusal(Path configuration, String why) {
        try (RunningGateway second = RunningGateway.start(east.wan(), configuration, sites.file("second.sock"))) {
            assertEquals(3, second.awaitEnd(RunningGateway.START), second::log);
            assertTrue(second.log().contains(why), second::log);
        }
    }
}

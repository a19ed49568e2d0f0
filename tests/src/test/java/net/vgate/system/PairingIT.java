package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import net.vgate.testbed.TestBed;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** How two gateways find each other, whoever comes first. */
@SystemTest
final class PairingIT {
    private static final Duration PAIRED = Duration.ofSeconds(2);

    private TwoSites sites;
    private Site east;
    private Site west;

    @BeforeEach
    void configure() {
        sites = TwoSites.configured(UnaryOperator.identity());
        east = sites.east();
        west = sites.west();
    }

    @AfterEach
    void stop() {
        sites.close();
    }

    @Test
    void eastStartsFirst() {
        expectPairing(east, west);
    }

    @Test
    void westStartsFirst() {
        expectPairing(west, east);
    }

    private void expectPairing(Site first, Site second) {
        PairingTime.assertWithin(PAIRED, () -> {
            killBoth();
            first.start().awaitStarted();
            try (PairingTime time = PairingTime.watch(List.of(second), sites.host(east, "blue"), TwoSites.WEST_ALIAS)) {
                second.start();
                return time.seconds();
            }
        });
        second.gateway().awaitStarted();
        expectOneAssociation();
    }

    private void killBoth() {
        for (Site site : List.of(east, west)) {
            if (site.isRunning()) {
                site.gateway().kill();
            }
        }
    }

    /** Both are away at first, so each waits between its tries; then both are there at once. */
    @RepeatedTest(3)
    void bothStartAtOnce() {
        PairingTime.assertWithin(PAIRED, () -> {
            killBoth();
            try (PairingTime time =
                    PairingTime.watch(List.of(east, west), sites.host(east, "blue"), TwoSites.WEST_ALIAS)) {
                sites.startBoth();
                return time.seconds();
            }
        });
        expectOneAssociation();
    }

    /**
     * Each end may have made one handshake, the second of them done later; both use the same one, and no third comes.
     */
    private void expectOneAssociation() {
        east.awaitPaired(west, TwoSites.PAIRING);
        TestBed.await("one is the client, the other the server", TwoSites.PAIRING, this::rolesFit);

        assertTrue(Ping.send(sites.host(east, "red"), TwoSites.WEST_ALIAS, 200, Duration.ofSeconds(1))
                .isComplete());
        assertTrue(rolesFit());
        long handshakes = east.gateway().tunnel("west").handshakes().completed();
        assertTrue(handshakes <= 2, () -> handshakes + " handshakes");
    }

    private boolean rolesFit() {
        String atEast = String.valueOf(east.gateway().tunnel("west").role());
        String atWest = String.valueOf(west.gateway().tunnel("east").role());
        return List.of("client server", "server client").contains(atEast + " " + atWest);
    }
}

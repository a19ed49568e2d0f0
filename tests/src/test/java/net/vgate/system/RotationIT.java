package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import net.vgate.pki.CertificateAuthority;
import net.vgate.pki.PemFile;
import net.vgate.pki.PkiException;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Certificates and authorities change while tunnels carry packets; who is revoked is out at once. */
@SystemTest
final class RotationIT {
    private TwoSites sites;

    @BeforeEach
    void start() {
        sites = TwoSites.configured(
                text -> text.replace("trust: [pki/ca.crt]", "trust: [pki/ca.crt], revoked: [pki/ca.crl]")
                        .replace("\npeers:", "\ntunnel: {rekey: {after: 2s}}\npeers:"));
        revoke();
        sites.startBoth();
    }

    @AfterEach
    void stop() {
        sites.close();
    }

    @Test
    void authorityAndCertificatesOfBothSitesAreChangedOverUnderPings() {
        List<BackgroundProcess> pings = List.of(
                Ping.begin(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS, 100),
                Ping.begin(sites.host(sites.west(), "red"), TwoSites.EAST_ALIAS, 100));
        Path pki = sites.bed().folder().resolve("pki");
        TwoSites.authority(sites.bed().folder(), "next", "next");
        Path next = sites.bed().folder().resolve("next");

        // Both authorities are trusted, then one certificate after the other is of the new one, then the old one goes.
        copy(next.resolve("ca.crt"), pki.resolve("ca.crt"), StandardOpenOption.APPEND);
        reloadAndRekey();
        for (Site site : List.of(sites.east(), sites.west())) {
            String name = site == sites.east() ? "east" : "west";
            TwoSites.issue(sites.bed().folder(), "next", name, name + "-1");
            for (String end : List.of(".crt", ".key")) {
                replace(next.resolve(name + "-1" + end), pki.resolve(name + "-1" + end));
            }
            reloadAndRekey();
        }
        replace(next.resolve("ca.crt"), pki.resolve("ca.crt"));
        long handshakes = sites.east().gateway().tunnel("west").handshakes().failed()
                + sites.west().gateway().tunnel("east").handshakes().failed();
        reloadAndRekey();

        for (BackgroundProcess running : pings) {
            Ping ping = Ping.end(running);
            assertTrue(ping.sent() > 300 && ping.isCutOffOnly(), ping::output);
        }
        assertEquals(0, handshakes);
    }

    @Test
    void aPeerThatIsRevokedIsDisconnectedAndSaidToBe() {
        assertTrue(Ping.comesBack(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS));
        revoke("west-1.crt");
        Command.Result reloaded = reload(sites.east());
        assertTrue(reloaded.isSuccess(), reloaded::output);

        TestBed.await(
                "the tunnel is down for that reason",
                Duration.ofSeconds(20),
                () -> !sites.east().gateway().tunnel("west").up()
                        && String.valueOf(sites.east()
                                        .gateway()
                                        .tunnel("west")
                                        .handshakes()
                                        .lastFailure())
                                .contains("revoked"));
        assertTrue(!Ping.comesBackSoon(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS));

        TwoSites.issue(sites.bed().folder(), "pki", "west", "west-1");
        assertTrue(reload(sites.west()).isSuccess());
        TestBed.await(
                "the tunnel is up with another certificate",
                TwoSites.PAIRING,
                () -> Ping.comesBackSoon(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS));
    }

    private void reloadAndRekey() {
        for (Site site : List.of(sites.east(), sites.west())) {
            Command.Result reloaded = reload(site);
            assertTrue(reloaded.isSuccess(), reloaded::output);
        }
        long before = sites.east().gateway().tunnel("west").rekeys();
        TestBed.await(
                "two rekeys",
                Duration.ofSeconds(30),
                () -> sites.east().gateway().tunnel("west").rekeys() >= before + 2);
    }

    private void revoke(String... files) {
        Path pki = sites.bed().folder().resolve("pki");
        try {
            CertificateAuthority authority = CertificateAuthority.load(pki);
            authority.revoke(pki, List.of(), Duration.ofDays(1), Instant.now());
            for (String file : files) {
                authority.revoke(pki, PemFile.certificates(pki.resolve(file)), Duration.ofDays(1), Instant.now());
            }
        } catch (PkiException failed) {
            throw new AssertionError(failed);
        }
    }

    private static Command.Result reload(Site site) {
        List<String> command =
                RunningGateway.vgate("reload", "--socket", site.socket().toString());
        return Command.attempt(Command.favoured(command), Command.DEADLINE);
    }

    private static void copy(Path from, Path to, StandardOpenOption how) {
        try {
            Files.writeString(to, Files.readString(from), how);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void replace(Path from, Path to) {
        try {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}

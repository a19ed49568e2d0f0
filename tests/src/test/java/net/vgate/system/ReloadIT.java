package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import net.vgate.observe.StatusReport;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What changes while the gateways run, and what must not notice. */
@SystemTest
final class ReloadIT {
    private static final String RED = "  - name: red";

    private TwoSites sites;
    private Site east;
    private Site west;

    @BeforeAll
    void start() {
        sites = TwoSites.paired();
        east = sites.east();
        west = sites.west();
    }

    @AfterAll
    void stop() {
        if (sites != null) {
            sites.close();
        }
    }

    @Test
    void oneVnetChangesWhileAnotherLosesNothing() {
        BackgroundProcess blue = Ping.begin(sites.host(east, "blue"), TwoSites.WEST_ALIAS, 100);
        long dropsBefore = east.gateway().drops();
        TcpServer.say("red", sites.host(west, "red"), TwoSites.CLOSED_PORT);
        for (int round = 0; round < 5; round++) {
            openRedPort(true);
            assertEquals("red", askRed());
            openRedPort(false);
            assertEquals("", askRed());
        }
        Ping ping = Ping.end(blue);

        assertTrue(ping.sent() > 300 && ping.isCutOffOnly(), ping::output);
        // Only what red was refused: one SYN a round.
        assertEquals(dropsBefore + 5, east.gateway().drops());
    }

    private String askRed() {
        return TcpServer.ask(sites.host(east, "red"), TwoSites.WEST_ALIAS, TwoSites.CLOSED_PORT);
    }

    private void openRedPort(boolean open) {
        for (Site site : List.of(east, west)) {
            rewrite(site, text -> {
                int red = text.indexOf(RED);
                String policy = text.substring(red);
                return text.substring(0, red)
                        + (open ? policy.replace("8080]", "8080, 8443]") : policy.replace("8080, 8443]", "8080]"));
            });
            assertTrue(reload(site).isSuccess());
        }
    }

    @Test
    void aVnetThatIsRemovedAndAddedAgainWorksAgain() {
        String before = read(east);
        int red = before.indexOf(RED);
        int next = before.indexOf("\nobserve:", red);
        rewrite(
                east,
                text -> text.substring(0, red).replace("vnets: [blue, red]", "vnets: [blue]") + text.substring(next));
        assertTrue(reload(east).isSuccess());
        assertTrue(!east.tenant("red").ip("link").contains("vg-red"));
        assertTrue(Ping.comesBack(sites.host(east, "blue"), TwoSites.WEST_ALIAS));

        rewrite(east, text -> before);
        assertTrue(reload(east).isSuccess());
        TestBed.await(
                "red works again",
                Duration.ofSeconds(20),
                () -> Ping.comesBackSoon(sites.host(east, "red"), TwoSites.WEST_ALIAS));
    }

    @Test
    void aConfigurationThatDoesNotCheckIsRefusedWithItsPlaceAndTheOldOneRunsOn() {
        String before = read(east);
        long generation = east.gateway().status().configuration().generation();
        rewrite(east, text -> text.replace("vni: 5002", "vni: 5001").replace("policy:", "polcy:"));
        Command.Result refused = reload(east);
        rewrite(east, text -> before);

        assertTrue(!refused.isSuccess());
        for (String words : List.of("east.yaml:", "polcy", "policy", "5001")) {
            assertTrue(refused.output().contains(words), refused::output);
        }
        assertEquals(generation, east.gateway().status().configuration().generation());
        assertTrue(Ping.comesBack(sites.host(east, "blue"), TwoSites.WEST_ALIAS));
        assertTrue(reload(east).isSuccess());
    }

    @Test
    void aPolicyThatFailsItsTestIsRefusedAndTheOldOneHolds() {
        String before = read(east);
        long generation = east.gateway().status().configuration().generation();
        rewrite(east, text -> text.replace("port: 22, expect: deny", "port: 22, expect: permit"));
        Command.Result refused = reload(east);
        rewrite(east, text -> before);

        assertTrue(!refused.isSuccess());
        assertTrue(refused.output().contains("policy-tests[1]: expected permit, but"), refused::output);
        assertEquals(generation, east.gateway().status().configuration().generation());
        assertTrue(Ping.comesBack(sites.host(east, "blue"), TwoSites.WEST_ALIAS));
    }

    @Test
    void whatARuleDecidedIsKeptWhileItStays() {
        String before = read(east);
        TcpServer.say("hello", sites.host(west, "blue"), TwoSites.OPEN_PORT);
        String web = "{out: tcp, to: 100.64.2.0/24, ports: [5201, 8080]}";
        long hits = rule(web).hits();
        long denied = blue().deniedOut().packets();
        assertEquals("hello", askBlue(TwoSites.OPEN_PORT));
        assertEquals("hello", askBlue(TwoSites.OPEN_PORT));
        // One packet, which is not repeated.
        sites.host(east, "blue")
                .run("bash", "-c", "echo > /dev/udp/" + TwoSites.WEST_ALIAS + "/" + TwoSites.CLOSED_PORT);
        TestBed.await(
                "nobody repeats a FIN",
                Command.DEADLINE,
                () -> Stream.of(east, west)
                        .allMatch(site ->
                                sites.host(site, "blue").run("ss", "-Htn").isBlank()));
        assertEquals(hits + 2, rule(web).hits());
        TestBed.await(
                "the datagram is denied",
                Command.DEADLINE,
                () -> blue().deniedOut().packets() > denied);
        assertEquals(denied + 1, blue().deniedOut().packets());

        String added = "{out: udp, to: 100.64.2.0/24, ports: [4000]}";
        rewrite(east, text -> text.replaceFirst("policy: .*\n", "$0      - " + added + "\n"));
        assertTrue(reload(east).isSuccess());
        assertEquals(hits + 2, rule(web).hits());
        assertEquals(denied + 1, blue().deniedOut().packets());
        assertNull(rule(added).lastHitSeconds());
        assertEquals("hello", askBlue(TwoSites.OPEN_PORT));
        assertEquals(hits + 3, rule(web).hits());

        String listing = policyList("--vnet", "blue");
        assertTrue(
                listing.matches("(?s).*\\Q" + web + "\\E +\\Q" + place("{out: tcp") + "\\E +" + (hits + 3)
                        + "  \\d+ s ago\n.*"),
                listing);
        assertTrue(
                listing.matches("(?s).*\\Q" + added + "\\E +\\Q" + place("{out: udp") + "\\E +0  never\n.*"), listing);
        String unused = policyList("--vnet", "blue", "--unused");
        assertTrue(unused.contains(added) && !unused.contains(web), unused);

        rewrite(east, text -> before);
        assertTrue(reload(east).isSuccess());
        assertEquals(hits + 3, rule(web).hits());
    }

    private StatusReport.Vnet blue() {
        return east.gateway().status().vnets().get(0);
    }

    private StatusReport.Rule rule(String text) {
        return blue().policy().stream()
                .filter(rule -> rule.rule().equals(text))
                .findFirst()
                .orElseThrow();
    }

    private String askBlue(int port) {
        return TcpServer.ask(sites.host(east, "blue"), TwoSites.WEST_ALIAS, port);
    }

    /** Where in the file the first rule is that begins like this. */
    private String place(String rule) {
        String text = read(east);
        return east.configuration() + ":"
                + text.substring(0, text.indexOf(rule)).lines().count();
    }

    private String policyList(String... options) {
        List<String> arguments = new ArrayList<>(
                List.of("policy", "list", "--socket", east.socket().toString()));
        arguments.addAll(List.of(options));
        return Command.checked(RunningGateway.vgate(arguments.toArray(new String[0])), Command.DEADLINE);
    }

    @Test
    void aRenewedCertificateIsTakenOverAndTheTunnelStaysUp() {
        Instant before = west.gateway().status().gateway().certificateExpires();
        long handshakes = west.gateway().tunnel("east").handshakes().completed();
        BackgroundProcess blue = Ping.begin(sites.host(east, "blue"), TwoSites.WEST_ALIAS, 100);
        assertEquals("nothing changes\n", plan(west));
        // Valid from a minute ago on, so that it ends at another second than the one before.
        TwoSites.issue(
                sites.bed().folder(), "pki", "west", "west-1", Instant.now().minus(Duration.ofMinutes(1)));

        assertTrue(plan(west).contains("identity.certificate"), () -> plan(west));
        Command.Result reloaded = reload(west);

        assertTrue(reloaded.isSuccess(), reloaded::output);
        assertTrue(reloaded.output().contains("gateway identity.certificate: "), reloaded::output);
        Instant renewed = west.gateway().status().gateway().certificateExpires();
        assertNotEquals(before, renewed);
        assertEquals(before, east.gateway().tunnel("west").peerCertificateExpires());
        Ping ping = Ping.end(blue);
        assertTrue(ping.isCutOffOnly(), ping::output);
        assertEquals(handshakes, west.gateway().tunnel("east").handshakes().completed());

        // The next handshake shows the new one.
        east.gateway().kill();
        east.start();
        east.gateway().awaitStarted();
        east.awaitPaired(west, TwoSites.PAIRING);
        assertEquals(renewed, east.gateway().tunnel("west").peerCertificateExpires());
    }

    private static String plan(Site site) {
        return Command.checked(
                RunningGateway.vgate("plan", "--socket", site.socket().toString()), Command.DEADLINE);
    }

    @Test
    void theSignalReloadsAsWell() {
        long generation = east.gateway().status().configuration().generation();
        rewrite(
                east,
                text -> text.replace("max-flows: 1234", "")
                        .replace("members: [10.0.0.0/24]", "members: [10.0.0.0/24]\n    max-flows: 1234"));
        east.gateway().signal("HUP");

        TestBed.await(
                "a new generation",
                Duration.ofSeconds(20),
                () -> east.gateway().status().configuration().generation() > generation);
        assertEquals(1_234, east.gateway().status().vnets().get(0).maxFlows());
    }

    private static Command.Result reload(Site site) {
        List<String> command =
                RunningGateway.vgate("reload", "--socket", site.socket().toString());
        return Command.attempt(Command.favoured(command), Command.DEADLINE);
    }

    private static String read(Site site) {
        try {
            return Files.readString(site.configuration());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void rewrite(Site site, UnaryOperator<String> change) {
        try {
            Files.writeString(site.configuration(), change.apply(read(site)));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}

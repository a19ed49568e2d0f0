package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import net.vgate.observe.AddressReport;
import net.vgate.observe.AddressReport.Meaning;
import net.vgate.observe.AddressReport.Way;
import net.vgate.observe.Json;
import net.vgate.packet.DropReason;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import org.junit.jupiter.api.Test;

/** What two gateways that run say of addresses, by the command line, and whether packets meet just that. */
@SystemTest
final class ExplainIT {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration SHORT = Duration.ofMillis(500);

    @Test
    void bothGatewaysExplainAnAddress() {
        try (TwoSites sites = TwoSites.paired(ExplainIT::withDirectory)) {
            Site east = sites.east();
            Site west = sites.west();

            AddressReport own = explain(east, TwoSites.HOST);
            assertEquals("member", meaning(own).kind());
            String attachment = Objects.requireNonNull(meaning(own).attachment());
            assertTrue(attachment.matches("TUN device vg-blue in namespace .*-east-blue"), attachment);
            assertEquals(List.of("east 10.0.0.10", "west " + TwoSites.EAST_ALIAS), addresses(own));
            assertTrue(own.gateways().get(0).carries(), own::toString);
            assertEquals("udp", own.gateways().get(0).rung());
            assertEquals(List.of("local null", "out null", "in null"), drops(own));
            expectText(east, "10.0.0.10 in V-net blue (VNI 5001), as written at site east", TwoSites.HOST);

            // What east sees of west's host, west finds again, and has nobody there.
            AddressReport remote = explain(east, TwoSites.WEST_ALIAS);
            assertEquals("west", meaning(remote).peer());
            AddressReport there = explain(west, TwoSites.WEST_ALIAS, "--at", "east");
            assertEquals("absent", meaning(there).kind());
            assertEquals(TwoSites.HOST, meaning(there).member());
            assertEquals(List.of("out spoofed_source", "in not_here"), drops(there));
            expectAway(sites);

            assertTrue(vgate(west, "member", "add", "blue", TwoSites.HOST).isSuccess());
            assertEquals(
                    "member",
                    meaning(explain(west, TwoSites.WEST_ALIAS, "--at", "east")).kind());
            assertTrue(Ping.comesBack(sites.host(east, "blue"), TwoSites.WEST_ALIAS));

            assertEquals(
                    List.of("out no_route"), drops(explain(east, "10.99.0.1")).subList(0, 1));
            expectRefused(east, "there is no V-net \"bleu\"; did you mean blue?", TwoSites.HOST, "--vnet", "bleu");
            expectRefused(
                    east,
                    "there is no site \"wets\" among the peers; did you mean west?",
                    TwoSites.HOST,
                    "--vnet",
                    "blue",
                    "--at",
                    "wets");
            expectRefused(east, "\"10.0.0\" is no IP address", "10.0.0", "--vnet", "blue");

            west.gateway().kill();
            TestBed.await(
                    "east knows that west is gone",
                    TwoSites.PAIRING,
                    () -> "no_tunnel"
                            .equals(explain(east, TwoSites.WEST_ALIAS)
                                    .ways()
                                    .get(0)
                                    .drop()));
        }
    }

    private static String withDirectory(String text) {
        return text.startsWith("# Site west")
                ? text.replaceFirst("members: \\[10.0.0.0/24]", "$0\n    membership: directory")
                        + "\ndirectory: {file: west.directory}\n"
                : text;
    }

    private static void expectAway(TwoSites sites) {
        long before = sites.west().gateway().drops(DropReason.NOT_HERE);
        Ping ping = Ping.send(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS, 3, SHORT);
        assertEquals(0, ping.received(), ping::output);
        TestBed.await(
                "three are dropped", PATIENCE, () -> sites.west().gateway().drops(DropReason.NOT_HERE) >= before + 3);
    }

    private static void expectText(Site site, String begin, String address) {
        Command.Result result = vgate(site, "explain", address, "--vnet", "blue");
        assertTrue(result.isSuccess() && result.output().startsWith(begin + "\n"), result::output);
    }

    private static void expectRefused(Site site, String line, String... arguments) {
        List<String> command = new ArrayList<>(List.of("explain"));
        command.addAll(List.of(arguments));
        Command.Result result = vgate(site, command.toArray(String[]::new));
        assertFalse(result.isSuccess());
        assertTrue(result.output().contains(line), result::output);
        assertEquals(1, result.output().lines().count(), result::output);
    }

    private static AddressReport explain(Site site, String address, String... more) {
        List<String> command = new ArrayList<>(List.of("explain", address, "--vnet", "blue", "--json"));
        command.addAll(List.of(more));
        Command.Result result = vgate(site, command.toArray(String[]::new));
        assertTrue(result.isSuccess(), result::output);
        return Json.read(result.output(), AddressReport.class);
    }

    private static Meaning meaning(AddressReport report) {
        return Objects.requireNonNull(report.meaning());
    }

    private static List<String> addresses(AddressReport report) {
        return report.forms().stream()
                .map(form -> form.site() + " " + form.address())
                .toList();
    }

    private static List<String> drops(AddressReport report) {
        return report.ways().stream().map(ExplainIT::drop).toList();
    }

    private static String drop(Way way) {
        return way.direction() + " " + way.drop();
    }

    private static Command.Result vgate(Site site, String... arguments) {
        List<String> command = new ArrayList<>(RunningGateway.vgate(arguments[0]));
        command.addAll(List.of(arguments).subList(1, arguments.length));
        command.addAll(List.of("--socket", site.socket().toString()));
        return Command.attempt(Command.favoured(command), Command.DEADLINE);
    }
}

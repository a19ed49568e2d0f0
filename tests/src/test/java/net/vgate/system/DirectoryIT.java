package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.vgate.packet.DropReason;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.Test;

/** Members that are added and removed at run time, by the command line, and that are there after a crash. */
@SystemTest
final class DirectoryIT {
    private static final String NEIGHBOUR = "10.0.0.11";

    /** For what is not to come back. */
    private static final Duration SHORT = Duration.ofMillis(500);

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Test
    void membersComeAndGoAndOutliveACrash() {
        try (TwoSites sites = TwoSites.paired(DirectoryIT::withDirectory)) {
            TestNetns east = sites.host(sites.east(), "blue");
            Site west = sites.west();
            expectAway(sites);
            assertFalse(Ping.send(sites.host(west, "blue"), TwoSites.EAST_ALIAS, 1, SHORT)
                            .received()
                    > 0);
            assertTrue(Ping.comesBack(sites.host(sites.east(), "red"), TwoSites.WEST_ALIAS), "red lists nobody");

            expectRefused(west, "10.1.0.1 is in none of the prefixes", "add", "blue", TwoSites.HOST, "10.1.0.1");
            expectRefused(west, "every address of V-net red's members is one", "add", "red", TwoSites.HOST);
            expectRefused(west, "there is no V-net \"green\"", "add", "green", TwoSites.HOST);
            expectRefused(west, "10.0.0.10 is not listed", "set", "blue", TwoSites.HOST, "--state", "joined");
            assertEquals("no members are listed\n", member(west, "list").output());
            expectRefused(west, "has a TUN device", "add", "blue", TwoSites.HOST, "--mac", "02:00:00:00:00:07");
            expectRefused(west, "is at no VTEP port", "add", "blue", TwoSites.HOST, "--locator", "192.0.2.11");
            expectRefused(
                    west,
                    "\"03:00:00:00:00:07\" is no station's Ethernet address",
                    "add",
                    "blue",
                    TwoSites.HOST,
                    "--mac",
                    "03:00:00:00:00:07");
            expectRefused(west, "nothing is to be changed", "set", "blue", TwoSites.HOST);

            expectDone(west, "add", "blue", TwoSites.HOST, NEIGHBOUR, "--expected");
            expectAway(sites);
            expectDone(west, "set", "blue", TwoSites.HOST, "--state", "joined");
            assertTrue(Ping.comesBack(east, TwoSites.WEST_ALIAS));
            assertTrue(Ping.comesBack(sites.host(west, "blue"), TwoSites.EAST_ALIAS));
            expectRefused(west, "10.0.0.10 is a member of V-net blue already (joined)", "add", "blue", TwoSites.HOST);

            west.gateway().kill();
            west.start().awaitStarted();
            sites.east().awaitPaired(west, TwoSites.PAIRING);
            assertEquals(
                    List.of(
                            "V-NET ADDRESS STATE MAC LOCATOR",
                            "blue 10.0.0.10 joined any any",
                            "blue 10.0.0.11 expected any any"),
                    member(west, "list", "blue")
                            .output()
                            .lines()
                            .map(line -> line.replaceAll(" +", " ").strip())
                            .toList());
            assertTrue(Ping.comesBack(east, TwoSites.WEST_ALIAS));

            expectDone(west, "remove", "blue", TwoSites.HOST);
            expectAway(sites);
            assertTrue(west.gateway().log().contains("event=members_changed"), west.gateway()::log);
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
        assertEquals(before + 3, sites.west().gateway().drops(DropReason.NOT_HERE));
    }

    private static void expectDone(Site site, String... arguments) {
        Command.Result result = member(site, arguments);
        assertTrue(result.isSuccess() && result.output().startsWith("revision "), result::output);
    }

    private static void expectRefused(Site site, String line, String... arguments) {
        Command.Result result = member(site, arguments);
        assertFalse(result.isSuccess());
        assertTrue(result.output().contains(line), result::output);
        assertEquals(1, result.output().lines().count(), result::output);
    }

    private static Command.Result member(Site site, String... arguments) {
        List<String> command = new ArrayList<>(RunningGateway.vgate("member"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--socket", site.socket().toString()));
        return Command.attempt(Command.favoured(command), Command.DEADLINE);
    }
}

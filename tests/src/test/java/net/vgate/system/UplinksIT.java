package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import net.vgate.observe.StatusReport;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.Test;

/**
 * Site east has two uplinks with an address and a router each, site west one address that both lead to.
 *
 * <pre>
 *            192.0.2.1   -- first ----- wan1
 *   east-gw                                   west-gw 198.51.100.2
 *            203.0.113.1 -- second ---- wan2
 * </pre>
 */
@SystemTest
final class UplinksIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String FIRST = "192.0.2.1";
    private static final String SECOND = "203.0.113.1";
    private static final int PINGS_PER_SECOND = 50;
    private static final int LINES = 60;

    /** A connection of a member that says a line ten times a second. */
    private static final String SLOW_TALK = "i=0; while [ $i -lt " + LINES + " ]; do echo $i; i=$((i+1)); sleep 0.1;"
            + " done | socat -u STDIN TCP:" + TwoSites.WEST_ALIAS + ":" + TwoSites.OPEN_PORT;

    @Test
    void trafficMovesToTheOtherUplinkWithoutAHandshake() {
        cutTheFirst(yaml -> yaml.replace("udp: 198.51.100.1:4433}]", "udp: [192.0.2.1:4433, 203.0.113.1:4433]}]"));
    }

    /** Whoever was called finds out by himself where the caller's other line comes from. */
    @Test
    void aPeerThatKnowsNoneOfTheAddressesFollows() {
        cutTheFirst(yaml -> yaml.replace("{name: east-1, udp: 198.51.100.1:4433}", "{name: east-1}"));
    }

    private void cutTheFirst(UnaryOperator<String> atWest) {
        try (TwoSites sites = TwoSites.configured(yaml -> atWest.apply(yaml.replace(
                "listen: {udp: 198.51.100.1:4433}", "listen: {udp: [192.0.2.1:4433, 203.0.113.1:4433]}")))) {
            sites.east().wan().ip("link", "del", "wan");
            sites.west().wan().address("lo", "198.51.100.2/32");
            TestNetns first = uplink(sites, 1, "192.0.2", FIRST);
            TestNetns second = uplink(sites, 2, "203.0.113", SECOND);
            sites.startBoth();
            RunningGateway east = sites.east().gateway();
            RunningGateway west = sites.west().gateway();
            east.awaitTunnel("west", "has two paths that answer", PATIENCE, UplinksIT::hasTwo);
            west.awaitTunnel("east", "has two paths that answer", PATIENCE, UplinksIT::hasTwo);
            StatusReport.Tunnel before = east.tunnel("west");
            boolean isFirst = isAt(before, FIRST);
            TestNetns router = isFirst ? first : second;
            String other = isFirst ? SECOND : FIRST;

            TestNetns member = sites.host(sites.west(), "blue");
            Path heard = sites.file("heard");
            BackgroundProcess pings =
                    Ping.begin(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS, PINGS_PER_SECOND);
            try (TcpServer connection = TcpServer.receiving(heard, member, TwoSites.OPEN_PORT);
                    BackgroundProcess talker = sites.host(sites.east(), "blue").start(List.of("sh", "-c", SLOW_TALK))) {
                TestBed.await("the talk goes on", PATIENCE, () -> lines(member, heard) > 2);
                router.run("nft", "add table ip cut");
                router.run("nft", "add chain ip cut forward { type filter hook forward priority 0; policy drop; }");
                east.awaitTunnel("west", "takes the other uplink", PATIENCE, tunnel -> isAt(tunnel, other));
                assertEquals(0, talker.awaitEnd(Duration.ofSeconds(40)), talker::output);
                connection.awaitEnd(Duration.ofSeconds(10));
                Ping across = Ping.end(pings);
                System.out.printf(
                        "%s to %s: %.2f s of pings lost%n", isFirst ? FIRST : SECOND, other, across.lostSeconds());
                assertTrue(across.lostSeconds() < 1.5, across::output);
            }
            assertEquals(LINES, lines(member, heard));
            StatusReport.Tunnel moved = east.tunnel("west");
            assertEquals(before.handshakes().completed(), moved.handshakes().completed(), "a path cost a handshake");
            assertEquals(before.rekeys(), moved.rekeys());
        }
    }

    /** A line from the gateway of east by a router of its own, chosen by the source address as operations.md says. */
    private static TestNetns uplink(TwoSites sites, int number, String net, String address) {
        TestNetns router = sites.bed().namespace("router" + number);
        TestNetns east = sites.east().wan();
        TestNetns west = sites.west().wan();
        String device = "up" + number;
        String wan = "wan" + number;
        String link = "198.18." + number + ".";
        router.setting("net/ipv4/ip_forward", "1");
        sites.bed().link(east, device, address + "/24", router, "east", net + ".254/24");
        sites.bed().link(west, wan, link + "2/24", router, "west", link + "1/24");
        router.route("198.51.100.2/32", "via", link + "2");
        west.route(net + ".0/24", "via", link + "1");
        String table = Integer.toString(100 + number);
        east.ip("rule", "add", "from", address, "table", table);
        east.route("default", "via", net + ".254", "table", table);
        return router;
    }

    private static long lines(TestNetns netns, Path file) {
        return Long.parseLong(
                netns.run("sh", "-c", "cat " + file + " 2>/dev/null | wc -l").strip());
    }

    private static boolean hasTwo(StatusReport.Tunnel tunnel) {
        return tunnel.paths().size() == 2 && tunnel.paths().stream().allMatch(StatusReport.Path::live);
    }

    private static boolean isAt(StatusReport.Tunnel tunnel, String address) {
        return tunnel.up() && String.valueOf(tunnel.local()).startsWith(address);
    }
}

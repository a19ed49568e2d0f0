package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import net.vgate.observe.StatusReport;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Site west has two gateways before the same hosts; the one that carries is killed. */
@SystemTest
class FailoverIT {
    private static final String SECOND_WAN = "198.51.100.3";
    private static final String SECOND_ROUTER = "169.254.0.2";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int PINGS_PER_SECOND = 100;

    /** Of an issue: flows move in less than a second. */
    private static final int MAY_BE_LOST = PINGS_PER_SECOND;

    /** @param sends who sends the stream: {@code -R} is the server, whose client has nothing to say */
    @ParameterizedTest
    @ValueSource(strings = {"--forceflush", "-R"})
    void flowsMoveWithinASecond(String sends) {
        try (TwoSites sites = TwoSites.onBridge(text -> text.replace(
                "{name: west-1, udp: 198.51.100.2:4433}",
                "{name: west-1, udp: 198.51.100.2:4433}, {name: west-2, udp: 198.51.100.3:4433}"))) {
            Site second = secondGateway(sites);
            sites.startBoth();
            second.start().awaitStarted();
            RunningGateway east = sites.east().gateway();
            TestBed.await(
                    "both gateways are paired",
                    TwoSites.PAIRING,
                    () -> east.status().tunnels().stream().allMatch(StatusReport.Tunnel::up));
            assertEquals(List.of("west-1"), site(east).gateways());
            TestNetns eastHost = sites.host(sites.east(), "blue");
            TestNetns westHost = sites.host(sites.west(), "blue");
            String port = Integer.toString(TwoSites.OPEN_PORT);
            try (BackgroundProcess server = westHost.start(List.of("iperf3", "-s", "-1", "-p", port, "--forceflush"))) {
                server.awaitOutput("listening", PATIENCE);
                try (BackgroundProcess flow = eastHost.start(
                        List.of("iperf3", sends, "-c", TwoSites.WEST_ALIAS, "-p", port, "-t", "60", "-b", "20M"))) {
                    awaitProgress(sites.west());
                    BackgroundProcess pings = Ping.begin(eastHost, TwoSites.WEST_ALIAS, PINGS_PER_SECOND);
                    TestBed.await(
                            "pings",
                            PATIENCE,
                            () -> sites.west().gateway().status().vnets().get(0).flows() > 1);
                    sites.west().gateway().kill();
                    // What the hosts' own routing does, by VRRP for instance, is not the gateways' business.
                    westHost.ip("route", "replace", "default", "via", SECOND_ROUTER, "dev", "lan2");
                    TestBed.await(
                            "flows take the second gateway",
                            PATIENCE,
                            () -> List.of("west-2").equals(site(east).gateways()));
                    awaitProgress(second);
                    Ping result = Ping.end(pings);
                    assertTrue(result.lost() <= MAY_BE_LOST, result::output);
                    assertTrue(flow.isAlive(), flow::output);
                }
            }
            StatusReport.Site moved = site(east);
            assertEquals(1, moved.flowMoves());
            assertTrue(moved.lastFlowMoveSeconds() != null && moved.lastFlowMoveSeconds() < 1, moved::toString);
            System.out.printf("flows moved after %.2f s%n", moved.lastFlowMoveSeconds());
            assertTrue(east.log().contains("flows_moved"), east::log);

            sites.west().start().awaitStarted();
            TestBed.await(
                    "flows are back",
                    TwoSites.PAIRING,
                    () -> List.of("west-1").equals(site(east).gateways()));
        }
    }

    private static StatusReport.Site site(RunningGateway gateway) {
        return gateway.status().sites().get(0);
    }

    /** Another gateway of site west, on the WAN and with a link of its own to the host of tenant blue. */
    private static Site secondGateway(TwoSites sites) {
        Site second = new Site(sites.bed(), "west2", sites.bed().folder());
        TwoSites.issue(sites.bed().folder(), "pki", "west", "west-2");
        Wan.join(sites.bed(), sites.underlay(), second, SECOND_WAN + "/24");
        TwoSites.TENANTS.forEach(second::tenant);
        TestNetns inside = second.tenant("blue");
        TestNetns host = sites.host(sites.west(), "blue");
        sites.bed().link(inside, "lan-host", host, "lan2");
        inside.address("lan-host", SECOND_ROUTER + "/32");
        inside.route(TwoSites.HOST, "dev", "lan-host");
        host.route(SECOND_ROUTER, "dev", "lan2");
        second.configureFromSample(
                "two-sites/west.yaml",
                text -> text.replace("west-1", "west-2")
                        .replace("listen: {udp: 198.51.100.2", "listen: {udp: " + SECOND_WAN)
                        .replace("netns: west-", "netns: west2-"));
        return second;
    }

    /** A megabyte more crosses a gateway. */
    private static void awaitProgress(Site by) {
        long before = crossed(by);
        TestBed.await("the stream goes on", PATIENCE, () -> crossed(by) > before + (1 << 20));
    }

    private static long crossed(Site by) {
        return by.gateway().status().vnets().stream()
                .flatMap(vnet -> Stream.of(vnet.in(), vnet.out()))
                .mapToLong(StatusReport.Traffic::bytes)
                .sum();
    }
}

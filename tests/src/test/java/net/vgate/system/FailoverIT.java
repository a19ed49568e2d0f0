package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import net.vgate.observe.StatusReport;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Site west has two gateways before the same hosts; the one that carries is killed. */
@SystemTest
class FailoverIT {
    private static final String SECOND_WAN = "198.51.100.3";
    private static final String FIRST_ROUTER = "169.254.0.1";
    private static final String SECOND_ROUTER = "169.254.0.2";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int PINGS_PER_SECOND = 100;

    private static final int KILLS = 3;

    /**
     * A machine that stands still for a moment is none of the gateways' business, but it does not do so each time.
     *
     * @param sends who sends the stream: {@code -R} is the server, whose client has nothing to say
     */
    @ParameterizedTest
    @ValueSource(strings = {"--forceflush", "-R"})
    void flowsMoveWithinASecond(String sends) {
        try (TwoSites sites = twoAtWest("")) {
            Site second = startAll(sites);
            RunningGateway east = sites.east().gateway();
            List<String> kills = new ArrayList<>();
            boolean isInTime = false;
            while (!isInTime && kills.size() < KILLS) {
                long moves = site(east).flowMoves();
                Ping pings = killUnderTraffic(sites, second, sends);
                StatusReport.Site moved = site(east);
                assertEquals(moves + 1, moved.flowMoves());
                Double seconds = moved.lastFlowMoveSeconds();
                isInTime = seconds != null && seconds < 1 && pings.lostSeconds() < 1;
                kills.add("flows moved after %.2f s, %.2f s of pings lost".formatted(seconds, pings.lostSeconds()));
                sites.host(sites.west(), "blue").ip("route", "replace", "default", "via", FIRST_ROUTER, "dev", "lan");
                sites.west().start().awaitStarted();
                TestBed.await(
                        "flows are back",
                        TwoSites.PAIRING,
                        () -> List.of("west-1").equals(site(east).gateways()));
            }
            System.out.println(kills);
            assertTrue(isInTime, kills::toString);
            assertTrue(east.log().contains("flows_moved"), east::log);
        }
    }

    /** Returns what became of the pings when the gateway that carries was killed, under a TCP stream that goes on. */
    private static Ping killUnderTraffic(TwoSites sites, Site second, String sends) {
        RunningGateway east = sites.east().gateway();
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
                assertTrue(flow.isAlive(), flow::output);
                return result;
            }
        }
    }

    @Test
    void flowsAreSentAwayWithoutLoss() {
        try (TwoSites sites = twoAtWest("")) {
            startAll(sites);
            RunningGateway east = sites.east().gateway();
            RunningGateway first = sites.west().gateway();
            BackgroundProcess pings = Ping.begin(
                    sites.host(sites.east(), "blue"),
                    TwoSites.WEST_ALIAS,
                    5 * PINGS_PER_SECOND,
                    "-c",
                    "10000",
                    "-W",
                    "2");
            TestBed.await("pings", PATIENCE, () -> crossed(sites.west()) > 0);
            assertEquals(200, first.get("/readyz").status());

            Command.Result drained = vgate(sites.west(), "drain");
            assertTrue(drained.isSuccess(), drained::output);
            assertTrue(drained.output().contains("east/east-1  yes"), drained::output);
            assertTrue(drained.output().contains("nothing comes any more"), drained::output);
            assertEquals(List.of("west-2"), site(east).gateways());
            assertEquals("draining", east.status().tunnels().get(0).avoided());
            assertEquals(503, first.get("/readyz").status());
            sites.host(sites.west(), "blue").ip("route", "replace", "default", "via", SECOND_ROUTER, "dev", "lan2");
            assertEquals(0, first.terminate(PATIENCE));
            assertTrue(pings.isAlive(), "the pings have come to their end before the gateway did");
            Ping result = Ping.complete(pings);
            assertEquals(0, result.lost(), result::output);
            assertEquals(0, site(east).lastFlowMoveSeconds());

            sites.west().start().awaitStarted();
            TestBed.await(
                    "it takes flows after a restart",
                    TwoSites.PAIRING,
                    () -> List.of("west-1").equals(site(east).gateways()));
            assertTrue(vgate(sites.west(), "drain", "--wait", "0").isSuccess());
            TestBed.await(
                    "flows are away",
                    PATIENCE,
                    () -> List.of("west-2").equals(site(east).gateways()));
            assertTrue(vgate(sites.west(), "drain", "--undo").isSuccess());
            TestBed.await(
                    "flows are back",
                    PATIENCE,
                    () -> List.of("west-1").equals(site(east).gateways()));
        }
    }

    /** Whoever comes by the second gateway is answered by the first: west's hosts know but that one. */
    @Test
    void gatewaysOfOnePriorityShareTheFlowsAndStatelessRulesLetAnswersGoAnotherWay() {
        try (TwoSites sites = twoAtWest(", priority: 0")) {
            Site second = startAll(sites);
            assertEquals(
                    List.of("west-1", "west-2"), site(sites.east().gateway()).gateways());
            TcpServer.say("hello", sites.host(sites.west(), "blue"), TwoSites.OPEN_PORT);
            int stateful = answers(sites, 20);
            assertTrue(stateful > 0 && stateful < 20, () -> stateful + " of 20");

            for (Site site : List.of(sites.west(), second)) {
                site.change(text -> text.replace(
                        "{in: tcp, from: 100.64.1.0/24, ports: [5201, 8080]}",
                        "{in: tcp, from: 100.64.1.0/24, ports: [5201, 8080], stateless: true}"));
                Command.Result reloaded = vgate(site, "reload");
                assertTrue(reloaded.isSuccess(), reloaded::output);
            }
            long before = crossed(second);
            assertEquals(20, answers(sites, 20));
            assertTrue(crossed(second) > before, "some by the second");
        }
    }

    /** The tunnel is up and leads nowhere: the gateway that carries has lost its way to the hosts. */
    @Test
    void flowsMoveWithinTwoSecondsWhenNoTargetAnswers() {
        try (TwoSites sites = TwoSites.onBridge(text -> bothAtWest("")
                .apply(text)
                .replaceFirst("100.64.2.0/24]}", "100.64.2.0/24], targets: " + TwoSites.WEST_ALIAS + "}")
                .replace("{in: icmp, from: 100.64.1.0/24}", "{in: icmp, from: 100.64.1.0/24, stateless: true}"))) {
            startAll(sites);
            RunningGateway east = sites.east().gateway();
            assertEquals(List.of("west-1"), site(east).gateways());
            BackgroundProcess pings =
                    Ping.begin(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS, PINGS_PER_SECOND);
            TestBed.await("pings", PATIENCE, () -> crossed(sites.west()) > 0);
            sites.west().tenant("blue").ip("route", "replace", "blackhole", TwoSites.HOST);
            TestBed.await(
                    "flows move",
                    PATIENCE,
                    () -> List.of("west-2").equals(site(east).gateways()));
            assertEquals("target_silent", east.status().tunnels().get(0).avoided());
            assertTrue(east.log().contains("targets_silent"), east::log);
            Ping result = Ping.end(pings);
            System.out.printf(
                    "%d of %d pings a second lost while no target answered%n", result.lost(), PINGS_PER_SECOND);
            assertTrue(result.lost() > 0 && result.lost() < 2 * PINGS_PER_SECOND, result::output);

            sites.west().tenant("blue").ip("route", "del", "blackhole", TwoSites.HOST);
            sites.west().tenant("blue").route(TwoSites.HOST, "dev", Site.lan(TwoSites.HOST));
            TestBed.await(
                    "flows are back",
                    PATIENCE,
                    () -> List.of("west-1").equals(site(east).gateways()));
        }
    }

    private static int answers(TwoSites sites, int asked) {
        int answers = 0;
        for (int i = 0; i < asked; i++) {
            String answer = TcpServer.ask(sites.host(sites.east(), "blue"), TwoSites.WEST_ALIAS, TwoSites.OPEN_PORT);
            answers += answer.equals("hello") ? 1 : 0;
        }
        return answers;
    }

    private static Command.Result vgate(Site site, String verb, String... arguments) {
        List<String> words =
                new ArrayList<>(List.of(verb, "--socket", site.socket().toString()));
        words.addAll(List.of(arguments));
        return Command.attempt(RunningGateway.vgate(words.toArray(new String[0])), Duration.ofSeconds(60));
    }

    /** @param more of both gateways of site west, as east's file has it */
    static TwoSites twoAtWest(String more) {
        return TwoSites.onBridge(bothAtWest(more));
    }

    private static UnaryOperator<String> bothAtWest(String more) {
        return text -> text.replace(
                "{name: west-1, udp: 198.51.100.2:4433}",
                "{name: west-1, udp: 198.51.100.2:4433%s}, {name: west-2, udp: 198.51.100.3:4433%s}"
                        .formatted(more, more));
    }

    /** All three, and waits until they are paired. */
    static Site startAll(TwoSites sites) {
        Site second = secondGateway(sites);
        sites.startBoth();
        second.start().awaitStarted();
        TestBed.await(
                "both gateways are paired",
                TwoSites.PAIRING,
                () -> sites.east().gateway().status().tunnels().stream().allMatch(StatusReport.Tunnel::up));
        return second;
    }

    static StatusReport.Site site(RunningGateway gateway) {
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

    static long crossed(Site by) {
        return by.gateway().status().vnets().stream()
                .flatMap(vnet -> Stream.of(vnet.in(), vnet.out()))
                .mapToLong(StatusReport.Traffic::bytes)
                .sum();
    }
}

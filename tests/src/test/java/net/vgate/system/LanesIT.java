package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import net.vgate.packet.DropReason;
import net.vgate.testbed.Capture;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.Test;

/** Gateways with several workers: a lane for each, no flow out of order, and nothing lost to the replay window. */
@SystemTest
final class LanesIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final String TWO = "\nworkers: 2\n";
    private static final String ONE = "\nworkers: 1\n";

    /** Ethernet, then IPv4 without options. */
    private static final int UDP_AT = 14 + 20;

    private static final int MANY_DATAGRAMS = 200;

    @Test
    void flowsAreSpreadOverTheLanesAndStayInOrder() {
        try (TwoSites sites = paired(text -> text + TWO)) {
            awaitLanes(sites, 2);
            try (Capture capture = sites.east().wan().capture("wan", "udp port 4433")) {
                expectDatagramsInOrder(sites, "red");
                Map<Integer, Integer> byPorts = countByPorts(capture.packets());
                assertEquals(
                        2,
                        byPorts.values().stream()
                                .filter(count -> count > MANY_DATAGRAMS)
                                .count(),
                        byPorts::toString);
            }
            expectDatagramsInOrder(sites, "blue");
            expectNothingRefused(sites);
        }
    }

    @Test
    void aRekeyOfEachLaneDisturbsNoFlow() {
        try (TwoSites sites = paired(text -> text + "\ntunnel: {rekey: {records: 2000}}" + TWO)) {
            awaitLanes(sites, 2);
            expectDatagramsInOrder(sites, "red");
            assertTrue(sites.east().gateway().tunnel("west").rekeys() >= 4);
            expectNothingRefused(sites);
        }
    }

    /** Both of one end's workers seal on the one lane that there is. */
    @Test
    void aPeerWithOneWorkerHasOneLane() {
        try (TwoSites sites = paired(text -> text + (text.startsWith("# Site west") ? ONE : TWO))) {
            awaitLanes(sites, 1);
            expectDatagramsInOrder(sites, "red");
            expectNothingRefused(sites);
        }
    }

    @Test
    void lanesFollowAPeerThatComesBackWithFewerWorkersAndThenWithMore() {
        try (TwoSites sites = paired(text -> text + TWO)) {
            awaitLanes(sites, 2);
            restartWest(sites, TWO, ONE);
            awaitLanes(sites, 1);
            expectDatagramsInOrder(sites, "red");
            restartWest(sites, ONE, TWO);
            awaitLanes(sites, 2);
            expectDatagramsInOrder(sites, "red");
        }
    }

    private static void restartWest(TwoSites sites, String before, String after) {
        assertEquals(0, sites.west().gateway().terminate(SOON));
        sites.west().change(text -> text.replace(before, after));
        sites.west().start().awaitStarted();
        sites.east().awaitPaired(sites.west(), SOON);
    }

    private static TwoSites paired(UnaryOperator<String> change) {
        return TwoSites.paired(text -> change.apply(OffloadIT.permitUdp(text)));
    }

    private static void awaitLanes(TwoSites sites, int lanes) {
        for (RunningGateway gateway :
                List.of(sites.east().gateway(), sites.west().gateway())) {
            String peer = gateway == sites.east().gateway() ? "west" : "east";
            gateway.awaitTunnel(
                    peer, "has " + lanes + " lanes", SOON, tunnel -> tunnel.up() && tunnel.lanes() == lanes);
        }
    }

    /**
     * Sixteen flows at once, of which the kernel gives each queue some, fast enough that batches meet; the receiver may
     * be too slow for them, the gateways not.
     */
    private static void expectDatagramsInOrder(TwoSites sites, String tenant) {
        TestNetns west = sites.host(sites.west(), tenant);
        try (var server = west.start(List.of("iperf3", "-s", "-1", "-p", "5201", "--forceflush"))) {
            server.awaitOutput("listening", SOON);
            Command.Result result = sites.host(sites.east(), tenant)
                    .attempt(
                            DEADLINE,
                            "iperf3",
                            "-c",
                            TwoSites.WEST_ALIAS,
                            "-p",
                            "5201",
                            "-u",
                            "-l",
                            "700",
                            "-b",
                            "2M",
                            "-P",
                            "16",
                            "-t",
                            "4",
                            "-J",
                            "--get-server-output");
            assertTrue(result.isSuccess(), result::output);
            assertEquals(
                    0,
                    StreamOrderIT.outOfOrder(result.output()),
                    () -> sites.east().gateway().log() + sites.west().gateway().log() + result.output());
        }
    }

    private static Map<Integer, Integer> countByPorts(List<byte[]> packets) {
        Map<Integer, Integer> counts = new HashMap<>();
        for (byte[] packet : packets) {
            counts.merge(ByteBuffer.wrap(packet).getInt(UDP_AT), 1, Integer::sum);
        }
        return counts;
    }

    private static void expectNothingRefused(TwoSites sites) {
        for (RunningGateway gateway :
                List.of(sites.east().gateway(), sites.west().gateway())) {
            for (DropReason reason : List.of(
                    DropReason.REPLAY, DropReason.AUTH_FAILED, DropReason.UNKNOWN_ASSOCIATION, DropReason.NO_TUNNEL)) {
                assertEquals(0, gateway.drops(reason), () -> gateway + " " + reason);
            }
        }
    }
}

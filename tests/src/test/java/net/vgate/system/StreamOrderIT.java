package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import net.vgate.packet.DropReason;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.Test;

/**
 * Flows that a tunnel takes from a stream back to UDP, while the stream holds all that it may: more is sent than the
 * WAN carries, so that there is some 150 ms of data in queues when UDP, whose queue is empty, takes over.
 */
@SystemTest
final class StreamOrderIT {
    /** Of some hundred that are overtaken if nothing is held; a single one was seen in a run now and then. */
    private static final int FEW = 5;

    private static final String UDP_IS_CUT = "add rule inet cut input meta l4proto udp drop";
    private static final Pattern OUT_OF_ORDER = Pattern.compile("(\\d+) datagrams received out-of-order");

    @Test
    void noDatagramOvertakesAnotherOnTheWayBackToUdp() {
        try (TwoSites sites = TwoSites.configured(StreamOrderIT::withTcp)) {
            TestNetns westWan = sites.west().wan();
            westWan.run("nft", "add table inet cut");
            westWan.run("nft", "add chain inet cut input { type filter hook input priority 0; policy accept; }");
            sites.startBoth();
            TestNetns east = sites.host(sites.east(), "blue");
            assertTrue(Ping.comesBack(east, TwoSites.WEST_ALIAS));
            westWan.run("nft", UDP_IS_CUT);
            awaitRemote(sites, "TCP ", TwoSites.PAIRING);
            TestBed.await(
                    "pings come back over TCP", TwoSites.PAIRING, () -> Ping.comesBackSoon(east, TwoSites.WEST_ALIAS));
            sites.east()
                    .wan()
                    .run(
                            "tc", "qdisc", "add", "dev", "wan", "root", "tbf", "rate", "30mbit", "burst", "32kb",
                            "limit", "100kb");

            TestNetns west = sites.host(sites.west(), "blue");
            try (BackgroundProcess server = west.start(List.of("iperf3", "-s", "-1", "-p", "5201", "--forceflush"))) {
                server.awaitOutput("listening", TwoSites.PAIRING);
                BackgroundProcess flows = east.start(List.of(
                        "iperf3",
                        "-c",
                        TwoSites.WEST_ALIAS,
                        "-p",
                        "5201",
                        "-u",
                        "-l",
                        "1200",
                        "-b",
                        "8500K",
                        "-P",
                        "4",
                        "-t",
                        "25",
                        "-J",
                        "--get-server-output"));
                westWan.run("nft", "flush", "chain", "inet", "cut", "input");
                awaitRemote(sites, TwoSites.WEST_WAN, Duration.ofSeconds(30));
                assertTrue(flows.isAlive(), flows::output);
                assertEquals(0, flows.awaitEnd(Duration.ofSeconds(40)), flows::output);
                long outOfOrder = outOfOrder(flows.output());
                System.out.println(outOfOrder + " datagrams out of order");
                assertTrue(outOfOrder < FEW, flows::output);
            }
            // Nothing was lost by having to wait.
            assertEquals(0, dropsWhileSealing(sites.east().gateway()));
            assertEquals(0, sites.west().gateway().drops(DropReason.REPLAY));
        }
    }

    private static String withTcp(String yaml) {
        String udp = OffloadIT.permitUdp(yaml);
        return udp.replace(
                        "listen: {udp: 198.51.100.2:4433}", "listen: {udp: 198.51.100.2:4433, tcp: 198.51.100.2:443}")
                .replace("udp: 198.51.100.2:4433}]", "udp: 198.51.100.2:4433, tcp: 198.51.100.2:443}]")
                .replace("{name: east-1, udp: 198.51.100.1:4433}", "{name: east-1}");
    }

    private static void awaitRemote(TwoSites sites, String beginning, Duration deadline) {
        TestBed.await(
                "the tunnel goes by " + beginning,
                deadline,
                () -> String.valueOf(sites.east().gateway().tunnel("west").remote())
                        .startsWith(beginning));
    }

    /** What the server of iperf3 has counted; it says so only if there is something. */
    static long outOfOrder(String output) {
        assertTrue(output.contains("server_output_text"), output);
        return OUT_OF_ORDER
                .matcher(output)
                .results()
                .mapToLong(one -> Long.parseLong(one.group(1)))
                .sum();
    }

    private static long dropsWhileSealing(RunningGateway gateway) {
        return gateway.status().drops().stream()
                .filter(drop -> drop.stage().equals("seal") && drop.reason().equals(DropReason.QUEUE_FULL.label()))
                .mapToLong(drop -> drop.packets())
                .sum();
    }
}

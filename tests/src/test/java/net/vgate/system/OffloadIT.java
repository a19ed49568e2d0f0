package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.vgate.observe.StatusReport;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same traffic with all off-loads, with each one off, and with none: what members receive is the same. */
@SystemTest
final class OffloadIT {
    private static final String ALL_OFF =
            "tso: false, uso: false, merge: false, udp-segment: false, udp-gro: false, partial-checksums: false";
    private static final Pattern COUNTER = Pattern.compile("counter packets (\\d+) bytes (\\d+)");
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int FILE_MEBIBYTES = 8;

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "",
                "tso: false",
                "uso: false",
                "merge: false",
                "udp-segment: false",
                "udp-gro: false",
                "partial-checksums: false",
                ALL_OFF
            })
    void trafficIsTheSameWith(String settings) throws Exception {
        try (TwoSites sites = paired(text -> text + "\noffload: {" + settings + "}\n")) {
            expectStatus(sites.east().gateway().status(), settings);
            expectTraffic(sites);
        }
    }

    /** Each end uses what the other offers. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"partial-checksums: false", ALL_OFF})
    void trafficIsTheSameWhenOneSiteAloneHas(String settings) throws Exception {
        String line = "\noffload: {" + settings + "}\n";
        try (TwoSites sites = paired(text -> text.startsWith("# Site west") ? text + line : text)) {
            expectStatus(sites.east().gateway().status(), "");
            expectStatus(sites.west().gateway().status(), settings);
            expectTraffic(sites);
        }
    }

    private static void expectTraffic(TwoSites sites) throws Exception {
        expectFilesBothWays(sites);
        expectDatagrams(sites);
        TestBed.await("what was sent has arrived", DEADLINE, () -> isAllThere(sites));
    }

    private static TwoSites paired(UnaryOperator<String> change) {
        return TwoSites.paired(text -> permitUdp(change.apply(text)));
    }

    /** As the samples permit TCP. */
    static String permitUdp(String text) {
        return text.replaceAll(
                "- \\{(out|in): tcp, (to|from): (\\S+), ports: \\[5201, 8080]}",
                "$0\n      - {$1: udp, $2: $3, ports: 5201}");
    }

    private static void expectStatus(StatusReport status, String settings) {
        assertEquals(7, status.offloads().size());
        for (StatusReport.Offload offload : status.offloads()) {
            // This kernel has them all.
            assertEquals(!settings.contains(offload.name() + ": false"), offload.on(), offload::toString);
        }
    }

    private static void expectFilesBothWays(TwoSites sites) throws Exception {
        Path file = TcpServer.randomFile(sites.file("file"), FILE_MEBIBYTES, new SplittableRandom(3));
        TestNetns east = sites.host(sites.east(), "blue");
        TestNetns west = sites.host(sites.west(), "blue");
        Thread other = new Thread(() -> transfer(sites, file, "to-east", west, TwoSites.EAST_ALIAS, east));
        other.start();
        transfer(sites, file, "to-west", east, TwoSites.WEST_ALIAS, west);
        other.join();
        assertEquals(-1, Files.mismatch(file, sites.file("to-west")));
        assertEquals(-1, Files.mismatch(file, sites.file("to-east")));
    }

    private static void transfer(
            TwoSites sites, Path file, String received, TestNetns from, String address, TestNetns to) {
        try (TcpServer server = TcpServer.receiving(sites.file(received), to, TwoSites.OPEN_PORT)) {
            TcpServer.send(file, from, address, TwoSites.OPEN_PORT, DEADLINE);
            server.awaitEnd(DEADLINE);
        }
    }

    private static void expectDatagrams(TwoSites sites) {
        TestNetns west = sites.host(sites.west(), "red");
        west.run("nft", "add table ip seen");
        west.run("nft", "add chain ip seen in { type filter hook input priority 0; }");
        west.run("nft", "add rule ip seen in udp dport 5201 counter");
        try (var server = west.start(List.of("iperf3", "-s", "-1", "-p", "5201", "--forceflush"))) {
            server.awaitOutput("listening", DEADLINE);
            Command.Result result = sites.host(sites.east(), "red")
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
                            "4M",
                            "-k",
                            "1000");
            assertTrue(result.isSuccess(), result::output);
            // The server may leave with the last datagrams unread, or have no room for them: its kernel knows better.
            TestBed.await("all datagrams reach the host", DEADLINE, () -> payload(west) >= 1_000 * 700);
        }
    }

    /** Bytes of datagrams that the kernel of {@code host} was handed; what was merged is one packet. */
    private static long payload(TestNetns host) {
        String rules = host.run("nft", "list", "chain", "ip", "seen", "in");
        Matcher counter = COUNTER.matcher(rules);
        assertTrue(counter.find(), rules);
        return Long.parseLong(counter.group(2)) - 28 * Long.parseLong(counter.group(1));
    }

    /** Packets and bytes are counted as they are on the wire, however many went through as one. */
    private static boolean isAllThere(TwoSites sites) {
        List<StatusReport.Vnet> east = sites.east().gateway().status().vnets();
        List<StatusReport.Vnet> west = sites.west().gateway().status().vnets();
        for (int vnet = 0; vnet < east.size(); vnet++) {
            if (!east.get(vnet).out().equals(west.get(vnet).in())
                    || !west.get(vnet).out().equals(east.get(vnet).in())) {
                return false;
            }
        }
        return true;
    }
}

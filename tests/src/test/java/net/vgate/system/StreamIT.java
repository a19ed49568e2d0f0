package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two sites that may use TCP, on a WAN where UDP comes and goes. Site east calls, site west only listens. */
@SystemTest
final class StreamIT {
    private static final String UDP_IS_CUT = "add rule inet cut input meta l4proto udp drop";

    /** Which the samples' policy permits, as it does {@link TwoSites#OPEN_PORT}. */
    private static final int OTHER_PORT = 5201;

    private static final int LINES = 150;

    /** A connection of a member that says a line ten times a second. */
    private static final String SLOW_TALK = "i=0; while [ $i -lt " + LINES + " ]; do echo $i; i=$((i+1)); sleep 0.1;"
            + " done | socat -u STDIN TCP:" + TwoSites.WEST_ALIAS + ":" + TwoSites.OPEN_PORT;

    private TwoSites sites;
    private TestNetns host;

    @BeforeAll
    void start() {
        sites = TwoSites.configured(yaml -> yaml.replace(
                        "listen: {udp: 198.51.100.2:4433}", "listen: {udp: 198.51.100.2:4433, tcp: 198.51.100.2:443}")
                .replace("udp: 198.51.100.2:4433}]", "udp: 198.51.100.2:4433, tcp: 198.51.100.2:443}]")
                .replace("{name: east-1, udp: 198.51.100.1:4433}", "{name: east-1}"));
        TestNetns wan = sites.west().wan();
        wan.run("nft", "add table inet cut");
        wan.run("nft", "add chain inet cut input { type filter hook input priority 0; policy accept; }");
        sites.startBoth();
        host = sites.host(sites.east(), "blue");
    }

    @AfterAll
    void stop() {
        if (sites != null) {
            sites.close();
        }
    }

    @Test
    void trafficAndItsConnectionsGoOnOverTcpWhileUdpIsCutAndComeBack() {
        assertTrue(remote().startsWith(TwoSites.WEST_WAN), this::remote);
        assertTrue(Ping.comesBack(host, TwoSites.WEST_ALIAS));
        // Who does not use TCP does not pay for it.
        assertFalse(hasStreams(sites.east().gateway()));
        assertTrue(hasStreams(sites.west().gateway()));
        Path heard = sites.file("heard");
        TestNetns server = sites.host(sites.west(), "blue");
        try (TcpServer connection = TcpServer.receiving(heard, server, TwoSites.OPEN_PORT);
                BackgroundProcess talker = host.start(List.of("sh", "-c", SLOW_TALK))) {
            // West is to have packets under way when the path is cut: then it asks in a hurry where it is still heard.
            BackgroundProcess pings = Ping.begin(host, TwoSites.WEST_ALIAS, 50);
            TestBed.await(
                    "pings",
                    TwoSites.PAIRING,
                    () -> sites.west().gateway().status().vnets().get(0).flows() > 1);
            cutUdp(pings);
            openUdp();

            assertEquals(0, talker.awaitEnd(Duration.ofSeconds(40)), talker::output);
            connection.awaitEnd(Duration.ofSeconds(10));
        }
        assertEquals(
                LINES, Long.parseLong(host.run("sh", "-c", "wc -l < " + heard).strip()));
    }

    private void cutUdp(BackgroundProcess pings) {
        sites.west().wan().run("nft", UDP_IS_CUT);
        TestBed.await(
                "pings come back over TCP", TwoSites.PAIRING, () -> Ping.comesBackSoon(host, TwoSites.WEST_ALIAS));
        Ping cut = Ping.end(pings);
        System.out.printf("UDP is cut: %.2f s of pings lost%n", cut.lostSeconds());
        assertTrue(cut.received() > 0 && cut.lostSeconds() < 2, cut::output);
        TestBed.await("it is shown", TwoSites.PAIRING, () -> remote().startsWith("TCP 198.51.100.2:443"));
        Ping over = Ping.send(host, TwoSites.WEST_ALIAS, 200, Duration.ofSeconds(2));
        assertEquals(0, over.lost(), over::toString);
        assertTrue(hasStreams(sites.east().gateway()));
        // Large ones, in both directions: super-packets are cut for the stream as well.
        transfer();
    }

    /** From one rung to the other no packet is lost, but for one that the test itself may have cut off. */
    private void openUdp() {
        sites.west().wan().run("nft", "flush", "chain", "inet", "cut", "input");
        BackgroundProcess pings = Ping.begin(host, TwoSites.WEST_ALIAS, 50);
        TestBed.await("UDP carries again", Duration.ofSeconds(30), () -> remote().startsWith(TwoSites.WEST_WAN));
        assertTrue(Ping.comesBack(host, TwoSites.WEST_ALIAS));
        Ping across = Ping.end(pings);
        assertTrue(across.isCutOffOnly(), across::toString);
    }

    private void transfer() {
        SplittableRandom random = new SplittableRandom(7);
        Path sent = TcpServer.randomFile(sites.file("sent"), 4, random);
        Path received = sites.file("received");
        TestNetns server = sites.host(sites.west(), "blue");
        try (TcpServer receiving = TcpServer.receiving(received, server, OTHER_PORT)) {
            TcpServer.send(sent, host, TwoSites.WEST_ALIAS, OTHER_PORT, Duration.ofSeconds(30));
            receiving.awaitEnd(Duration.ofSeconds(10));
        }
        assertEquals("", host.run("cmp", sent.toString(), received.toString()));
    }

    /** Whether the gateway has a thread for streams, and their native code. */
    private static boolean hasStreams(RunningGateway gateway) {
        String threads = Command.run("sh", "-c", "cat /proc/" + gateway.pid() + "/task/*/comm 2> /dev/null; true");
        String mapped = Command.run("cat", "/proc/" + gateway.pid() + "/maps");
        boolean hasThread = threads.lines().anyMatch(name -> name.startsWith("stream-"));
        assertEquals(hasThread, mapped.contains("libnetty"), () -> threads + mapped);
        return hasThread;
    }

    private String remote() {
        return String.valueOf(sites.east().gateway().tunnel("west").remote());
    }
}

package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import net.vgate.testbed.Capture;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Two V-nets on three nodes, whose gateways are the nodes' switches: members by host address, and no translation.
 *
 * <pre>
 *              first                  second
 *   node1   10.0.0.1, 10.0.0.4      10.0.0.7      20.1.1.2
 *   node2   10.0.0.7                10.0.0.1      20.1.5.2
 *   node3   10.0.0.6                10.0.0.9      20.1.3.2
 * </pre>
 */
@SystemTest
final class ThreeNodesIT {
    private static final Map<String, String> LOCATORS =
            Map.of("node1", "20.1.1.2", "node2", "20.1.5.2", "node3", "20.1.3.2");
    private static final List<Member> FIRST = List.of(
            new Member("node1", "10.0.0.1"),
            new Member("node1", "10.0.0.4"),
            new Member("node3", "10.0.0.6"),
            new Member("node2", "10.0.0.7"));
    private static final List<Member> SECOND =
            List.of(new Member("node2", "10.0.0.1"), new Member("node1", "10.0.0.7"), new Member("node3", "10.0.0.9"));
    private static final int PORT = 7_000;

    private record Member(String node, String address) {}

    private final Map<String, Site> nodes = new LinkedHashMap<>();
    private TestBed bed;
    private TestNetns underlay;

    @BeforeAll
    void startAndServe() {
        start();
        serve();
    }

    private void start() {
        bed = TestBed.create();
        TwoSites.authority(bed.folder(), "pki", "test authority");
        underlay = Wan.create(bed);
        for (int number = 1; number <= 3; number++) {
            String name = "node" + number;
            TwoSites.issue(bed.folder(), "pki", name, "switch" + number);
            Site node = new Site(bed, name, bed.folder());
            Wan.join(bed, underlay, node, LOCATORS.get(name) + "/16");
            node.tenant("first");
            node.tenant("second");
            node.configureFromSample("three-nodes/" + name + ".yaml", UnaryOperator.identity());
            nodes.put(name, node);
        }
        nodes.values().forEach(Site::start);
        nodes.values().forEach(node -> node.gateway().awaitStarted());
        for (Site node : nodes.values()) {
            for (Site other : nodes.values()) {
                if (node != other) {
                    node.awaitPaired(other, TwoSites.PAIRING);
                }
            }
        }
    }

    /** Each member says who it is, so that an answer from the wrong V-net shows. */
    private void serve() {
        FIRST.forEach(member -> TcpServer.say(nameOf("first", member), host("first", member), PORT));
        SECOND.forEach(member -> TcpServer.say(nameOf("second", member), host("second", member), PORT));
    }

    private static String nameOf(String vnet, Member member) {
        return vnet + "-" + member.node() + "-" + member.address();
    }

    @AfterAll
    void stop() {
        if (bed != null) {
            bed.close();
        }
    }

    private Site node(String name) {
        return Objects.requireNonNull(nodes.get(name), name);
    }

    private TestNetns host(String vnet, Member member) {
        return node(member.node()).host(vnet, member.address());
    }

    @Test
    void everyMemberReachesEveryOtherOfItsVnetAndNeverTheOneWithTheSameAddress() {
        expectAnswers("first", FIRST);
        expectAnswers("second", SECOND);
    }

    private void expectAnswers(String vnet, List<Member> members) {
        for (Member from : members) {
            for (Member to : members) {
                if (!from.equals(to)) {
                    assertEquals(nameOf(vnet, to), TcpServer.ask(host(vnet, from), to.address(), PORT));
                }
            }
        }
    }

    @Test
    void anAddressThatOnlyTheOtherVnetHasIsOutOfReach() {
        assertFalse(Ping.comesBackSoon(host("second", SECOND.get(1)), "10.0.0.6"));
        assertFalse(Ping.comesBackSoon(host("second", SECOND.get(1)), "10.0.0.4"));
        assertFalse(Ping.comesBackSoon(host("first", FIRST.get(0)), "10.0.0.9"));
    }

    @Test
    void bothVnetsCarryTrafficAtTheSameTime() throws InterruptedException {
        Ping[] second = new Ping[1];
        Thread other = new Thread(
                () -> second[0] = Ping.send(host("second", SECOND.get(0)), "10.0.0.7", 300, Duration.ofSeconds(1)));
        other.start();
        Ping first = Ping.send(host("first", FIRST.get(3)), "10.0.0.1", 300, Duration.ofSeconds(1));
        other.join();

        assertTrue(first.isComplete(), first::output);
        assertTrue(second[0].isComplete(), second[0]::output);
    }

    /** The gateways' own echoes cross it meanwhile, but not one record more than without the pings. */
    @Test
    void trafficBetweenMembersOfOneNodeStaysOffTheWire() {
        Site node = node("node1");
        long recordsBefore = dataOut(node);
        // Larger than the tunnel's own messages, and not as large as its probes of the path.
        try (Capture wire = underlay.capture("br0", "host 20.1.1.2 and greater 300 and less 580")) {
            Ping ping = Ping.send(
                    host("first", FIRST.get(0)), "10.0.0.4", 100, Duration.ofSeconds(1), "-s", "400", "-i", "0.01");

            assertTrue(ping.isComplete(), ping::output);
            assertEquals(0, wire.packets().size(), wire::text);
        }
        assertEquals(recordsBefore, dataOut(node));
    }

    private static long dataOut(Site node) {
        return node.gateway().status().vnets().get(0).out().packets();
    }

    @Test
    void whatCrossesTheWireIsBetweenLocatorsAndUnreadable() {
        try (WanCapture wire = WanCapture.begin(underlay, "br0", List.copyOf(LOCATORS.values()))) {
            Ping ping = Ping.send(
                    host("first", FIRST.get(3)),
                    "10.0.0.1",
                    10,
                    Duration.ofSeconds(1),
                    "-p",
                    WanCapture.pattern(),
                    "-i",
                    "0.01");

            assertTrue(ping.isComplete(), ping::output);
            wire.capture().awaitPackets(20, Duration.ofSeconds(20));
            wire.assertNothingInClear();
        }
    }
}

package net.vgate.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import net.vgate.packet.IpAddress;
import net.vgate.record.Association.Path;
import net.vgate.stream.StreamTarget;
import net.vgate.tunnel.DatagramPort;
import net.vgate.tunnel.Ladder.Rung;
import org.junit.jupiter.api.Test;

/** A gateway with two uplinks and a second port, and a peer with two addresses. */
class PeerPathsTest {
    private static final InetSocketAddress WEST = socket("198.51.100.2", 4433);
    private static final InetSocketAddress WEST_443 = socket("198.51.100.2", 443);
    private static final InetSocketAddress OTHER = socket("203.0.113.2", 4433);
    private static final InetSocketAddress IPV6 = socket("2001:db8::2", 4433);

    private static final OwnSockets OWN =
            new OwnSockets(List.of(socket("192.0.2.1", 4433), socket("192.0.2.9", 4433), socket("192.0.2.1", 443)));

    private static final int LANE = 3;
    private static final int FIRST = DatagramPort.connect(LANE, 0);
    private static final int SECOND = DatagramPort.connect(LANE, 1);

    private static InetSocketAddress socket(String address, int port) {
        return new InetSocketAddress(IpAddress.parse(address).orElseThrow().toInetAddress(), port);
    }

    private static PeerWays ways(boolean hasTcp, InetSocketAddress... udp) {
        Optional<StreamTarget> tcp =
                hasTcp ? Optional.of(new StreamTarget("198.51.100.2", 443, Optional.empty())) : Optional.empty();
        return new PeerWays(List.of(), List.of(udp), tcp, false, List.of(), List.of(), "");
    }

    private static PeerPaths paths(boolean roams, InetSocketAddress... udp) {
        return new PeerPaths(OWN, LANE, ways(true, udp), roams);
    }

    @Test
    void callsGoByOnePairOfAddressesAfterTheOther() {
        assertEquals(
                List.of(new Path(FIRST, WEST), new Path(SECOND, WEST), new Path(FIRST, OTHER), new Path(SECOND, OTHER)),
                OWN.calls(LANE, List.of(WEST, OTHER)));
        PeerPaths paths = paths(false, WEST, WEST_443);
        for (Path path : List.of(
                new Path(FIRST, WEST), new Path(SECOND, WEST), new Path(FIRST, WEST_443), new Path(SECOND, WEST_443))) {
            assertTrue(paths.areOthersUntried());
            assertEquals(path, paths.next(null).orElseThrow());
            assertEquals(path.equals(new Path(SECOND, WEST_443)), paths.failed(Rung.UDP, null), path::toString);
        }
        assertTrue(paths.areOthersUntried(), "there is TCP");
        assertEquals(new Path(FIRST, WEST), paths.next(null).orElseThrow());
        assertFalse(paths.failed(Rung.UDP, null), "a round begins");
        assertFalse(paths.areOthersUntried(), "whoever is slow to answer is waited for");

        paths.found();
        assertTrue(paths.areOthersUntried());
    }

    @Test
    void aPeerWithOneWayIsGivenTime() {
        PeerPaths paths =
                new PeerPaths(new OwnSockets(List.of(socket("192.0.2.1", 4433))), 0, ways(false, WEST), false);
        assertFalse(paths.areOthersUntried());
        assertTrue(paths.failed(Rung.UDP, null));
        assertTrue(new PeerPaths(OWN, 0, ways(true), false).next(null).isEmpty());
    }

    @Test
    void newKeysAreMadeWhereTheOldOnesWork() {
        PeerPaths paths = paths(false, WEST, OTHER);
        assertEquals(
                new Path(SECOND, OTHER),
                paths.next(new Path(DatagramPort.connect(1, 1), OTHER)).orElseThrow());
        assertEquals(new Path(SECOND, OTHER), paths.next(new Path(1, OTHER)).orElseThrow());
        assertEquals(
                new Path(FIRST, OTHER),
                paths.next(new Path(DatagramPort.LISTEN + 2, OTHER)).orElseThrow());
        assertTrue(paths.failed(Rung.UDP, new Path(SECOND, OTHER)), "no other one is to be tried");
        // It is where nobody has said that it may be.
        assertEquals(
                new Path(SECOND, WEST),
                paths.next(new Path(SECOND, socket("203.0.113.77", 1))).orElseThrow());
    }

    @Test
    void familiesAreNotMixedAndTheFirstOfBothOrdersCount() {
        OwnSockets own = new OwnSockets(List.of(socket("192.0.2.1", 443), socket("2001:db8::1", 443)));
        assertEquals(
                List.of(new Path(DatagramPort.connect(0, 0), WEST), new Path(DatagramPort.connect(0, 1), IPV6)),
                own.calls(0, List.of(WEST, IPV6)));
        InetSocketAddress[] many = new InetSocketAddress[20];
        for (int i = 0; i < many.length; i++) {
            many[i] = socket("198.51.100.2", 1 + i);
        }
        List<Path> pairs = OWN.calls(LANE, List.of(many));
        assertEquals(OwnSockets.MOST_PATHS, pairs.size());
        assertEquals(4, pairs.stream().filter(path -> path.local() == SECOND).count());
    }

    @Test
    void whoHasCalledIsOfferedAllOtherPairs() {
        PeerPaths paths = paths(false, WEST, WEST_443);
        assertEquals(
                List.of(new Path(FIRST, WEST), new Path(SECOND, WEST), new Path(SECOND, WEST_443)),
                paths.others(new Path(FIRST, WEST_443)));
        assertFalse(paths.seen(new Path(FIRST, socket("198.51.100.2", 9)), 0), "it is the peer that seeks");
        assertEquals(List.of(), paths.refuges(new Path(FIRST, WEST_443)));
    }

    @Test
    void whoWasCalledIsOfferedWhereThePeerIsSeenAndWhatIsConfiguredBeside() {
        PeerPaths paths = paths(false, WEST, OTHER);
        Path inUse = new Path(0, socket("198.51.100.2", 40_000));
        // All but the way between the same two addresses: another port there is no other line.
        assertEquals(List.of(new Path(1, WEST), new Path(0, OTHER), new Path(1, OTHER)), paths.others(inUse));

        Path by443 = new Path(2, socket("198.51.100.2", 40_000));
        Path bySecond = new Path(1, socket("198.51.100.2", 40_001));
        assertTrue(paths.seen(by443, 0));
        assertTrue(paths.seen(bySecond, 0));
        assertFalse(paths.seen(bySecond, 1));
        assertTrue(paths.seen(inUse, 1));
        assertEquals(List.of(by443, bySecond, new Path(0, OTHER), new Path(1, OTHER)), paths.others(inUse));
        assertEquals(List.of(), paths.refuges(inUse));

        assertTrue(paths.seen(new Path(0, socket("203.0.113.99", 5)), 1));
        assertEquals(4, paths.others(inUse).size(), "it does not roam, and nobody knows that address");
        assertEquals(List.of(), paths.refuges(inUse));
    }

    @Test
    void whereAPeerThatRoamsWasSeenIsARefugeUntilItIsForgotten() {
        PeerPaths paths = paths(true);
        Path inUse = new Path(0, socket("198.51.100.2", 40_000));
        Path second = new Path(0, socket("203.0.113.99", 5));
        assertTrue(paths.seen(inUse, 0));
        assertTrue(paths.seen(second, 0));
        assertEquals(List.of(), paths.others(inUse));
        assertEquals(List.of(second), paths.refuges(inUse));

        paths.seen(inUse, TimeUnit.SECONDS.toNanos(9));
        assertFalse(paths.forget(TimeUnit.SECONDS.toNanos(9)));
        assertTrue(paths.forget(TimeUnit.SECONDS.toNanos(10)));
        assertEquals(List.of(), paths.refuges(inUse));
    }

    @Test
    void whoeverIsSeenEverywhereIsRememberedAtAFewPlaces() {
        PeerPaths paths = paths(true);
        for (int port = 1; port < 100; port++) {
            paths.seen(new Path(0, socket("198.51.100.2", port)), port);
        }
        List<Path> refuges = paths.refuges(new Path(0, WEST));
        assertEquals(OwnSockets.MOST_PATHS, refuges.size());
        assertEquals(92, refuges.get(0).remote().getPort());
    }

    @Test
    void socketsHaveTheirAddressesForPeople() {
        assertEquals("192.0.2.1:4433, 192.0.2.9:4433, 192.0.2.1:443", OWN.text());
        assertEquals("192.0.2.1:443", OWN.text(2));
        assertEquals("192.0.2.9", OWN.text(SECOND));
        assertEquals(null, OWN.text(DatagramPort.STREAM));
    }
}

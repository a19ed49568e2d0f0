package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import net.vgate.record.PeerIdentity;
import net.vgate.tunnel.ControlMessage.RelayAnswer;
import net.vgate.tunnel.ControlMessage.RelayRefusal;
import net.vgate.tunnel.ControlMessage.RelayRequest;
import net.vgate.tunnel.RelayDesk.Leg;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gateways that ask one relay for ways to each other, over tunnels that lose what they say. */
class RelayWaysTest {
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(50);
    private static final PeerIdentity HUB = new PeerIdentity("hub", "hub-1");
    private static final PeerIdentity EAST = new PeerIdentity("east", "east-1");
    private static final PeerIdentity WEST = new PeerIdentity("west", "west-1");
    private static final PeerIdentity NORTH = new PeerIdentity("north", "north-1");

    /** Of a granted site, but not configured. */
    private static final PeerIdentity NOWHERE = new PeerIdentity("west", "west-9");

    private final Map<PeerIdentity, Leg> legs = new HashMap<>();
    private final Map<PeerIdentity, WayRequests> ends = new HashMap<>();
    private final RelayDesk desk = new RelayDesk(HUB, gateway -> !gateway.equals(NOWHERE), legs::get);
    private SplittableRandom random = new SplittableRandom(1);
    private double loss;
    private long now = 1;

    RelayWaysTest() {
        int port = 1_000;
        for (PeerIdentity one : List.of(EAST, WEST, NORTH)) {
            legs.put(one, new Leg(false, 1_400, new InetSocketAddress("192.0.2.9", port++)));
            WayRequests requests = new WayRequests();
            requests.begin(true, 7, now);
            ends.put(one, requests);
        }
        desk.adopt(Set.of(Set.of("east", "west")));
    }

    static LongStream seeds() {
        return LongStream.range(1, 40);
    }

    @Test
    void nobodyHasAWayToAGatewayThatIsNotConfigured() {
        assertEquals(
                RelayRefusal.NOT_GRANTED,
                desk.asked(EAST, new RelayRequest(1, NOWHERE), now).refusal());
        assertEquals(List.of(), desk.ways());
    }

    @Test
    void aWayIsOpenWhenBothEndsHaveAskedForIt() {
        want(EAST, WEST);
        run(1_000);
        RelayAnswer alone = answer(EAST, WEST);
        assertEquals(RelayRefusal.NONE, alone.refusal());
        assertEquals(0, alone.bytes(), "nothing passes to somebody who has not asked");
        assertEquals(null, alone.seenAt(), "nor is told where he is");

        want(WEST, EAST);
        run(1_000);
        assertEquals(1_400, answer(EAST, WEST).bytes());
        assertEquals(seenAt(WEST), answer(EAST, WEST).seenAt());
        assertEquals(seenAt(EAST), answer(WEST, EAST).seenAt());
        assertEquals(2, desk.ways().size());
        desk.ways().forEach(way -> assertNotEquals(0, way.onward()));
    }

    @Test
    void aChangeIsToldWithoutBeingAsked() {
        want(EAST, WEST);
        want(WEST, EAST);
        run(1_000);
        legs.put(WEST, new Leg(false, 1_200, new InetSocketAddress("192.0.2.77", 5)));
        run(200);
        assertEquals(1_200, answer(EAST, WEST).bytes());
        assertEquals(new InetSocketAddress("192.0.2.77", 5), answer(EAST, WEST).seenAt());
        legs.remove(WEST);
        run(200);
        assertEquals(0, answer(EAST, WEST).bytes());
    }

    @Test
    void whatIsNotGrantedIsRefused() {
        want(EAST, NORTH);
        want(NORTH, EAST);
        run(1_000);
        assertEquals(RelayRefusal.NOT_GRANTED, answer(EAST, NORTH).refusal());
        assertEquals(0, answer(EAST, NORTH).label());
        assertEquals(List.of(), desk.ways());
    }

    @Test
    void noWayLeadsBackOrToTheRelayItself() {
        desk.adopt(Set.of(Set.of("east", "west"), Set.of("east", "hub"), Set.of("east")));
        want(EAST, EAST, HUB, new PeerIdentity("east", "east-2"));
        run(1_000);
        assertEquals(RelayRefusal.LOOP, answer(EAST, EAST).refusal());
        assertEquals(RelayRefusal.LOOP, answer(EAST, HUB).refusal());
        assertEquals(
                RelayRefusal.NOT_GRANTED,
                answer(EAST, new PeerIdentity("east", "east-2")).refusal());
        assertEquals(List.of(), desk.ways());
    }

    @Test
    void noWayGoesByATunnelThatIsRelayedItself() {
        legs.put(WEST, new Leg(true, 1_400, null));
        want(EAST, WEST);
        want(WEST, EAST);
        run(1_000);
        assertEquals(RelayRefusal.RELAYED, answer(EAST, WEST).refusal());
        assertEquals(RelayRefusal.RELAYED, answer(WEST, EAST).refusal());
        assertEquals(List.of(), desk.ways());
    }

    @Test
    void aGrantThatIsTakenBackClosesTheWayAtOnce() {
        want(EAST, WEST);
        want(WEST, EAST);
        run(1_000);
        int label = answer(EAST, WEST).label();
        desk.adopt(Set.of());
        run(100);
        assertEquals(RelayRefusal.NOT_GRANTED, answer(EAST, WEST).refusal());
        assertEquals(List.of(), desk.ways());
        desk.adopt(Set.of(Set.of("west", "east")));
        run(6_000);
        assertEquals(label, answer(EAST, WEST).label(), "a label means one gateway for ever");
        assertEquals(1_400, answer(EAST, WEST).bytes());
    }

    @Test
    void aWayThatNobodyAsksForAnyMoreIsClosed() {
        want(EAST, WEST);
        want(WEST, EAST);
        run(1_000);
        want(EAST);
        run(20_000);
        assertEquals(1, desk.ways().size());
        assertEquals(0, answer(WEST, EAST).bytes());
    }

    @Test
    void aRelayThatIsSilentHasNoWay() {
        want(EAST, WEST);
        want(WEST, EAST);
        run(1_000);
        loss = 1;
        run(17_000);
        assertTrue(end(EAST).takeChanged());
        assertEquals(Map.of(), end(EAST).answers());
    }

    @Test
    void whatAnotherProcessOfTheRelaySaidMeansNothing() {
        want(EAST, WEST);
        run(1_000);
        end(EAST).begin(true, 7, now);
        assertEquals(1, end(EAST).answers().size());
        end(EAST).begin(true, 8, now);
        assertEquals(Map.of(), end(EAST).answers());
        end(EAST).begin(false, 8, now);
        assertEquals(List.of(), end(EAST).due(now), "a relay that cannot is not asked");
        assertFalse(end(EAST).received(new RelayAnswer(1, RelayRefusal.NONE, 1, 1_000, null), now));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void lossOnlyDelays(long seed) {
        random = new SplittableRandom(seed);
        loss = 0.5;
        want(EAST, WEST);
        run(random.nextInt(3_000));
        want(WEST, EAST);
        run(20_000);
        loss = 0;
        run(6_000);
        assertEquals(1_400, answer(EAST, WEST).bytes());
        assertEquals(1_400, answer(WEST, EAST).bytes());
        assertEquals(seenAt(WEST), answer(EAST, WEST).seenAt());
    }

    private void want(PeerIdentity end, PeerIdentity... far) {
        end(end).adopt(List.of(far), now);
    }

    private WayRequests end(PeerIdentity gateway) {
        return Objects.requireNonNull(ends.get(gateway));
    }

    private InetSocketAddress seenAt(PeerIdentity gateway) {
        return Objects.requireNonNull(Objects.requireNonNull(legs.get(gateway)).seenAt());
    }

    private RelayAnswer answer(PeerIdentity end, PeerIdentity far) {
        return Objects.requireNonNull(end(end).answers().get(far), () -> end + " has heard nothing of " + far);
    }

    private void run(long millis) {
        long until = now + TimeUnit.MILLISECONDS.toNanos(millis);
        for (; now < until; now += TICK) {
            List<RelayDesk.Notice> notices = new ArrayList<>(desk.tick(now));
            ends.forEach((from, end) -> {
                for (RelayRequest request : end.due(now)) {
                    if (random.nextDouble() >= loss) {
                        RelayAnswer answer = desk.asked(from, overTheWire(request), now);
                        notices.add(new RelayDesk.Notice(from, request.far(), answer));
                    }
                }
            });
            for (RelayDesk.Notice notice : notices) {
                if (random.nextDouble() >= loss) {
                    boolean unused = end(notice.to()).received(overTheWire(notice.answer()), now);
                }
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends ControlMessage> T overTheWire(T message) {
        return (T) Objects.requireNonNull(ControlCodec.decode(ControlCodec.encode(message)));
    }
}

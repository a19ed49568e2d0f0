package net.vgate.forwarding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import net.vgate.attachment.NeighborState;
import net.vgate.forwarding.NeighborTable.Ask;
import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import net.vgate.packet.Prefix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NeighborTableTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long MAC = 0x5254_0000_0001L;
    private static final long OTHER_MAC = 0x5254_0000_0002L;
    private static final IpAddress OWN = address("10.0.0.254");
    private static final IpAddress HOST = address("10.0.0.10");
    private static final byte[] PACKET = {1};

    private final LostPackets lost = new LostPackets();
    private final NeighborTable table = tableOf(64, lost);
    private final NeighborTable wideTable = tableOf(1_000, lost);

    /** Near the end of its range, where the clock wraps: System.nanoTime may begin anywhere. */
    private long now = Long.MAX_VALUE - SECOND;

    private static NeighborTable tableOf(int capacity, LostPackets lost) {
        NeighborTable table = new NeighborTable(capacity, lost);
        admit(table, locator -> true, 0);
        return table;
    }

    private static void admit(NeighborTable table, IntPredicate locators, long now) {
        table.admit(
                List.of(prefix("10.0.0.0/16"), prefix("fd00::/64")), List.of(OWN, address("fd00::fe")), locators, now);
    }

    private Ask ask(IpAddress address) {
        return table.ask(address.hi(), address.lo(), now);
    }

    private long fresh(IpAddress address) {
        return table.fresh(address.hi(), address.lo(), now);
    }

    private long known(IpAddress address) {
        return table.known(address.hi(), address.lo());
    }

    private boolean hold(IpAddress address, byte[] packet) {
        return table.mayHold(address.hi(), address.lo(), packet.length)
                && table.hold(address.hi(), address.lo(), packet, now);
    }

    private List<byte[]> hear(IpAddress address, long mac, boolean isNews, boolean isToUs) {
        return table.learn(address.hi(), address.lo(), mac, isNews, isToUs, now);
    }

    @Test
    void asksOnceASecondAndGivesBackWhatWaited() {
        assertEquals(NeighborTable.UNKNOWN, fresh(HOST));
        assertEquals(Ask.LINK, ask(HOST));
        byte[] second = {2};
        assertTrue(hold(HOST, PACKET));
        assertTrue(hold(HOST, second));
        now += SECOND - 1;
        assertEquals(Ask.NOT_NOW, ask(HOST));
        now += 1;
        assertEquals(Ask.LINK, ask(HOST));
        assertEquals(List.of(PACKET, second), hear(HOST, MAC, true, true));
        assertEquals(MAC, fresh(HOST));
        assertEquals(List.of(), hear(HOST, MAC, true, true));
        assertEquals(0, lost.take(9));
    }

    @Test
    void whatIsNotConfirmedIsAskedForAndUsedMeanwhile() {
        hear(HOST, MAC, true, true);
        now += NeighborTable.REACHABLE_NANOS - 1;
        assertEquals(MAC, fresh(HOST));
        now += 1;
        for (int i = 0; i < NeighborTable.MAX_ASKED; i++) {
            assertEquals(NeighborTable.UNKNOWN, fresh(HOST));
            assertEquals(Ask.NEIGHBOR, ask(HOST));
            assertEquals(MAC, fresh(HOST), "one packet a second has to do with it");
            now += SECOND;
        }
        assertEquals(Ask.LINK, ask(HOST));
        assertEquals(NeighborTable.UNKNOWN, known(HOST));
        assertTrue(hold(HOST, PACKET));
        assertEquals(List.of(PACKET), hear(HOST, OTHER_MAC, false, false));
        assertEquals(OTHER_MAC, fresh(HOST));
    }

    @Test
    void anAnswerKeepsIt() {
        hear(HOST, MAC, true, true);
        for (int i = 0; i < 10; i++) {
            now += NeighborTable.REACHABLE_NANOS;
            assertEquals(Ask.NEIGHBOR, ask(HOST));
            hear(HOST, MAC, false, false);
            assertEquals(MAC, fresh(HOST));
        }
    }

    @Test
    void onlyMembersAndStationsAreLearnt() {
        for (IpAddress stranger : List.of(address("10.1.0.1"), address("fd00:0:0:1::1"), address("fe80::1"), OWN)) {
            hear(stranger, MAC, true, true);
            assertEquals(NeighborTable.UNKNOWN, known(stranger), stranger::toString);
            assertEquals(Ask.REFUSED, ask(stranger));
        }
        for (long none : new long[] {0, MacAddress.BROADCAST, 0x3333_0000_0001L, -1}) {
            hear(HOST, none, true, true);
            assertEquals(NeighborTable.UNKNOWN, known(HOST));
        }
        assertEquals(0, table.size());
    }

    @Test
    void whatIsSaidToOthersChangesOnlyWhatIsKnown() {
        hear(HOST, MAC, true, false);
        assertEquals(NeighborTable.UNKNOWN, known(HOST));
        hear(HOST, MAC, true, true);
        hear(HOST, OTHER_MAC, false, true);
        assertEquals(MAC, known(HOST));
        hear(HOST, OTHER_MAC, true, false);
        assertEquals(OTHER_MAC, known(HOST));
    }

    @Test
    void whatWaitsIsBoundedAndCountedWhenLost() {
        ask(HOST);
        for (int i = 0; i < NeighborTable.MAX_HELD; i++) {
            assertTrue(hold(HOST, PACKET));
        }
        assertFalse(hold(HOST, PACKET));
        for (int i = 0; i < NeighborTable.MAX_ASKED; i++) {
            now += SECOND;
            ask(HOST);
        }
        assertTrue(hold(HOST, PACKET), "what waited too long has made room");
        assertEquals(2, lost.take(2));
        assertEquals(NeighborTable.MAX_HELD - 2, lost.take(9));
        now += 4 * SECOND;
        assertEquals(List.of(), hear(HOST, MAC, true, true), "nobody waits for it any more");
        assertEquals(1, lost.take(9));
        assertFalse(hold(HOST, PACKET), "nothing waits for who is known");
    }

    @Test
    void bytesThatWaitAreBoundedForAllTogether() {
        byte[] large = new byte[NeighborTable.MAX_HELD_BYTES / 2];
        List<IpAddress> hosts = List.of(HOST, address("10.0.0.11"), address("10.0.0.12"));
        hosts.forEach(this::ask);
        assertTrue(hold(hosts.get(0), large));
        assertTrue(hold(hosts.get(1), large));
        assertFalse(hold(hosts.get(2), PACKET));
        hear(hosts.get(0), MAC, true, true);
        assertTrue(hold(hosts.get(2), large), "who was heard of makes room");
        assertFalse(hold(hosts.get(2), PACKET));
        for (int i = 0; i < NeighborTable.MAX_ASKED; i++) {
            now += SECOND;
            ask(hosts.get(1));
        }
        assertTrue(hold(hosts.get(2), PACKET), "and so does who was given up");
    }

    @Test
    void aScanDoesNotKeepOthersFromBeingAskedFor() {
        NeighborTable wide = tableOf(65_536, lost);
        for (int i = 0; i < NeighborTable.MAX_UNRESOLVED; i++) {
            assertEquals(Ask.LINK, wide.ask(0, host(i), now));
        }
        assertEquals(Ask.REFUSED, wide.ask(0, host(1_000), now));
        now += SECOND;
        assertEquals(Ask.LINK, wide.ask(0, host(1_000), now));
        assertEquals(NeighborTable.MAX_UNRESOLVED, wide.size());
    }

    @Test
    void whoGoesOnBeingAskedForKeepsNobodyOut() {
        NeighborTable wide = tableOf(65_536, lost);
        for (int i = 0; i < NeighborTable.MAX_UNRESOLVED; i++) {
            assertEquals(Ask.LINK, wide.ask(0, host(i), now));
        }
        for (int i = 0; i < NeighborTable.MAX_UNRESOLVED; i++) {
            now += SECOND;
            assertEquals(Ask.LINK, wide.ask(0, host(0), now), "a packet each second goes to who is dead");
            assertEquals(Ask.LINK, wide.ask(0, host(1_000 + i), now));
        }
        assertEquals(NeighborTable.MAX_UNRESOLVED, wide.size());
    }

    @Test
    void whoIsNoMemberAnyMoreLeaves() {
        IpAddress other = address("fd00::a");
        hear(HOST, MAC, true, true);
        hear(other, OTHER_MAC, true, true);
        table.admit(List.of(prefix("10.0.0.0/24")), List.of(OWN), locator -> true, now);
        assertEquals(MAC, known(HOST));
        assertEquals(NeighborTable.UNKNOWN, known(other));
        assertEquals(1, table.size());
    }

    @Test
    void aStationIsAnAddressBehindALocator() {
        for (int locator : new int[] {0, 1, NeighborTable.MAX_LOCATOR}) {
            long station = NeighborTable.station(locator, MacAddress.BROADCAST);
            assertTrue(station >= 0, "and never UNKNOWN");
            assertEquals(locator, NeighborTable.locator(station));
            assertEquals(MacAddress.BROADCAST, NeighborTable.mac(station));
        }
        hear(HOST, NeighborTable.station(7, MAC), true, true);
        assertEquals(NeighborTable.station(7, MAC), fresh(HOST));
        hear(HOST, NeighborTable.station(8, MAC), true, true);
        assertEquals(NeighborTable.station(8, MAC), fresh(HOST), "a member that moves keeps its address");
        assertEquals(List.of(), hear(HOST, NeighborTable.station(9, MacAddress.BROADCAST), true, true));
        assertEquals(NeighborTable.station(8, MAC), fresh(HOST), "a group is no station behind any locator");
    }

    @Test
    void whoIsBehindALocatorThatMayNotSpeakAnyMoreLeaves() {
        IpAddress other = address("10.0.0.11");
        hear(HOST, NeighborTable.station(1, MAC), true, true);
        hear(other, NeighborTable.station(2, OTHER_MAC), true, true);
        admit(table, locator -> locator == 2, now);
        assertEquals(NeighborTable.UNKNOWN, known(HOST));
        assertEquals(NeighborTable.station(2, OTHER_MAC), known(other));
        assertEquals(List.of(), hear(HOST, NeighborTable.station(1, MAC), true, true));
        hear(other, NeighborTable.station(1, OTHER_MAC), true, true);
        assertEquals(NeighborTable.UNKNOWN, known(HOST), "nor is it taken in by what was let in before");
        assertEquals(NeighborTable.station(2, OTHER_MAC), known(other));
    }

    /** Nobody could answer who may speak only now. */
    @Test
    void whoIsNotKnownIsAskedForAnewWhenOthersMaySpeak() {
        assertEquals(Ask.LINK, ask(HOST));
        assertTrue(hold(HOST, PACKET));
        assertEquals(Ask.NOT_NOW, ask(HOST));
        admit(table, locator -> true, now);
        assertEquals(Ask.LINK, ask(HOST));
        assertEquals(Ask.NOT_NOW, ask(HOST));
        assertEquals(List.of(PACKET), hear(HOST, MAC, false, true), "what waited still does");
        admit(table, locator -> true, now);
        assertEquals(MAC, fresh(HOST), "who is known is left alone");
    }

    /** Against a map, with times that lie around the table's own. What has no room is where the two may differ. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void agreesWithAMap(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        NeighborTable under = tableOf(2_000, lost);
        Map<Long, Model> model = new HashMap<>();
        long[] steps = {0, 1, SECOND - 1, SECOND, SECOND + 1, 10 * SECOND, 30 * SECOND - 1, 30 * SECOND, 31 * SECOND};
        for (int i = 0; i < 60_000; i++) {
            long lo = host(random.nextInt(200));
            Model one = model.get(lo);
            String what = "step " + i;
            if (random.nextInt(20) == 0) {
                now += steps[random.nextInt(steps.length)];
            } else if (random.nextInt(3) == 0) {
                long mac = MAC + random.nextInt(3);
                boolean isNews = random.nextBoolean();
                boolean isToUs = random.nextBoolean();
                List<byte[]> expected = one == null ? List.of() : one.hear(mac, isNews, now);
                if (one == null && isToUs) {
                    one = new Model();
                    model.put(lo, one);
                    one.hear(mac, true, now);
                }
                assertEquals(expected, under.learn(0, lo, mac, isNews, isToUs, now), what);
            } else {
                long expected = one != null && one.wasAsked && one.askAt - now > 0 ? one.mac : NeighborTable.UNKNOWN;
                assertEquals(expected, under.fresh(0, lo, now), what);
                if (expected == NeighborTable.UNKNOWN) {
                    one = model.computeIfAbsent(lo, unknown -> new Model());
                    assertEquals(one.ask(now), under.ask(0, lo, now), what);
                    byte[] packet = {(byte) i};
                    boolean isHeld = one.mac == NeighborTable.UNKNOWN && one.held.size() < NeighborTable.MAX_HELD;
                    assertEquals(isHeld, under.hold(0, lo, packet, now), what);
                    if (isHeld) {
                        one.held.add(packet);
                        one.heldSince = now;
                    }
                }
            }
            assertEquals(model.size(), under.size(), what);
        }
        assertEquals(model.values().stream().mapToInt(one -> one.lost).sum(), lost.take(Integer.MAX_VALUE));
    }

    /** What is known of one neighbor, as RFC 4861 would have it. */
    private static final class Model {
        long mac = NeighborTable.UNKNOWN;
        long askAt;
        boolean wasAsked;
        int asked;
        long heldSince;
        int lost;
        final List<byte[]> held = new ArrayList<>();

        Ask ask(long now) {
            if (wasAsked && askAt - now > 0) {
                return Ask.NOT_NOW;
            }
            if (asked == 3) {
                asked = 0;
                lost += held.size();
                held.clear();
                mac = NeighborTable.UNKNOWN;
            }
            wasAsked = true;
            asked++;
            askAt = now + SECOND;
            return mac == NeighborTable.UNKNOWN ? Ask.LINK : Ask.NEIGHBOR;
        }

        List<byte[]> hear(long heard, boolean isNews, long now) {
            if (mac != NeighborTable.UNKNOWN && mac != heard && !isNews) {
                return List.of();
            }
            mac = heard;
            asked = 0;
            wasAsked = true;
            askAt = now + 30 * SECOND;
            List<byte[]> ready = now - heldSince > 3 * SECOND ? List.of() : List.copyOf(held);
            lost += held.size() - ready.size();
            held.clear();
            return ready;
        }
    }

    @Test
    void theOldestOfAFewGivesWay() {
        NeighborTable small = tableOf(1_000, lost);
        for (int i = 0; i < 4_000; i++) {
            now += SECOND / 1_000;
            small.learn(0, host(i), MAC, true, true, now);
            assertTrue(small.size() <= 1_000);
            assertEquals(MAC, small.known(0, host(i)));
        }
        long young = 0;
        for (int i = 3_000; i < 4_000; i++) {
            young += small.known(0, host(i)) == MAC ? 1 : 0;
        }
        assertTrue(young > 600, young + " of the youngest 1,000 are left");
    }

    @Test
    void readersSeeWhatIsThereWhileTheTableGrows() throws InterruptedException {
        NeighborTable wide = tableOf(65_536, lost);
        wide.learn(0, host(0), MAC, true, true, now);
        Thread writer = new Thread(() -> {
            for (int i = 1; i < 20_000; i++) {
                wide.learn(0, host(i), OTHER_MAC, true, true, now);
            }
        });
        writer.start();
        while (writer.isAlive()) {
            long mac = wide.fresh(0, host(0), now);
            assertTrue(mac == MAC || mac == NeighborTable.UNKNOWN, "another one's address");
            assertEquals(Ask.NOT_NOW, wide.ask(0, host(0), now), "with the lock, it is there");
        }
        writer.join();
        for (int i = 0; i < 20_000; i++) {
            assertEquals(i == 0 ? MAC : OTHER_MAC, wide.fresh(0, host(i), now));
        }
    }

    /** One of the members, by a number of up to 16 bits. */
    private static long host(int number) {
        return address("10.0.0.0").lo() + number + (number >= 254 ? 1 : 0);
    }

    private static IpAddress address(String text) {
        return IpAddress.parse(text).orElseThrow();
    }

    private static Prefix prefix(String text) {
        return Prefix.parse(text).orElseThrow();
    }

    private String shown(IpAddress address) {
        List<String> seen = new ArrayList<>();
        table.visit(
                address.hi(),
                address.lo(),
                now,
                (hi, lo, station, state, age) ->
                        seen.add(state + " " + Long.toHexString(station) + " " + age / SECOND));
        return String.join(", ", seen);
    }

    /** The states of RFC 4861 section 7.3.2, and since when. */
    @Test
    void tellsHowSureItIs() {
        assertEquals("", shown(HOST));
        assertEquals(Ask.LINK, ask(HOST));
        now += 2 * SECOND;
        assertEquals("INCOMPLETE ffffffffffffffff 2", shown(HOST));
        hear(HOST, MAC, true, true);
        now += NeighborTable.REACHABLE_NANOS - 1;
        assertEquals("REACHABLE 525400000001 29", shown(HOST));
        now += 1;
        assertEquals("STALE 525400000001 30", shown(HOST));
        assertEquals(Ask.NEIGHBOR, ask(HOST));
        assertEquals("PROBE 525400000001 30", shown(HOST));
        now += SECOND;
        assertEquals("STALE 525400000001 31", shown(HOST));
        hear(HOST, MAC, true, true);
        assertEquals("REACHABLE 525400000001 0", shown(HOST));
        now += NeighborTable.REACHABLE_NANOS;
        for (int asked = 0; asked < NeighborTable.MAX_ASKED; asked++) {
            assertEquals(Ask.NEIGHBOR, ask(HOST));
            now += SECOND;
        }
        assertEquals(Ask.LINK, ask(HOST));
        now += SECOND;
        assertEquals("INCOMPLETE ffffffffffffffff 1", shown(HOST), "since it is asked for anew");
    }

    @Test
    void showsEveryNeighborOnce() {
        Map<Long, Long> expected = new HashMap<>();
        for (int host = 1; host <= 200; host++) {
            IpAddress address = IpAddress.ofIpv4(0x0a00_0100 + host);
            wideTable.learn(address.hi(), address.lo(), MAC + host, true, true, now);
            expected.put(address.lo(), MAC + host);
        }
        Map<Long, Long> shown = new HashMap<>();
        wideTable.forEach(now, (hi, lo, station, state, age) -> {
            assertEquals(null, shown.put(lo, station), "twice");
            assertEquals(NeighborState.REACHABLE, state);
        });
        assertEquals(expected, shown);
    }
}

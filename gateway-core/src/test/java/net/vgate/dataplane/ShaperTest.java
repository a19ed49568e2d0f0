package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Limit;
import net.vgate.forwarding.Allocation;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.RateLimit;
import net.vgate.forwarding.RateLimit.Figure;
import net.vgate.forwarding.VnetFixture;
import net.vgate.forwarding.VnetTable;
import net.vgate.offload.SuperPacket;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;
import net.vgate.packet.TrafficClass;
import net.vgate.policy.Packets;
import net.vgate.tunnel.TunnelClass;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Time is simulated. V-net 0 may send 20 Mbit/s to site 0, and nothing else is limited. */
class ShaperTest {
    private static final long MS = 1_000_000;
    private static final long RATE = 20_000_000;
    private static final long MAX_WAIT_MS = 500;
    private static final int PACKET = 1_400;
    private static final int DEFAULT = 0;
    private static final int EF = 46 << 2;
    private static final int CS1 = 8 << 2;

    private final DropCounters drops = new DropCounters();
    private final Shaper shaper = new Shaper(drops, 0);
    private final PacketBatch batch = PacketBatch.packed(128, 4 * PacketBatch.MAX_ROOM_BYTES);
    private final SplittableRandom random = new SplittableRandom(3);
    private @Nullable VnetTable table;
    private long now = -5_000 * MS;
    private int packets;

    ShaperTest() {
        drops.growTo(2);
        adopt(shaper, RATE);
    }

    /** @param rate 0 for no limit */
    private RateLimit adopt(Shaper adopting, long rate) {
        GatewayConfig.Vnet limited = vnet(1, rate == 0 ? List.of() : List.of(new Limit("west", rate)));
        VnetTable next = VnetTable.builder(0, limited)
                .peers(List.of(), site -> 0)
                .workers(2)
                .previous(table)
                .build();
        RateLimit limit = rate == 0 && table != null ? table.limit(0) : next.limit(0);
        table = next;
        VnetTable other = VnetTable.builder(1, vnet(2, List.of())).build();
        adopting.adopt(new ForwardingSnapshot(1, List.of(next, other), List.of()));
        assertNotNull(limit);
        return limit;
    }

    private static GatewayConfig.Vnet vnet(int vni, List<Limit> limits) {
        GatewayConfig.Kind kind = GatewayConfig.Kind.L3;
        List<GatewayConfig.PolicyRule> policy = List.of();
        return new GatewayConfig.Vnet(
                "v" + vni,
                vni,
                kind,
                VnetFixture.tun(),
                List.of(),
                List.of(),
                List.of(),
                policy,
                List.of(),
                10,
                TunnelClass.DEFAULT,
                limits,
                false);
    }

    private int add(int vnet, int site, byte[] packet) {
        int slot = batch.addCopy(packet);
        assertNull(batch.inner().parse(slot));
        batch.setVnet(slot, vnet);
        batch.setSite(slot, site);
        packets += batch.parts(slot);
        return slot;
    }

    /** A datagram of {@code bytes} in all, by whose ports it is known again. */
    private byte[] datagram(int trafficClass, int bytes, int number) {
        byte[] packet = Packets.ip("10.0.0.1", "10.1.0.1", 17, Packets.udpPayload(number, 9, bytes - 28));
        packet[1] = (byte) trafficClass;
        return packet;
    }

    private void addTcp(int segments, int ecn) {
        byte[] packet = Packets.ip("10.0.0.1", "10.1.0.1", 6, new byte[20 + segments * 1_360]);
        packet[1] = (byte) ecn;
        packet[32] = 0x50;
        packet[33] = 0x10;
        int slot = batch.addCopy(packet);
        batch.setGso(slot, GsoType.TCP4, 1_360);
        batch.setChecksumState(slot, ChecksumState.PARTIAL);
        assertNull(batch.inner().parse(slot));
        assertNull(SuperPacket.count(batch, slot));
        batch.setVnet(slot, 0);
        batch.setSite(slot, 0);
        packets += segments;
    }

    /** Sends what was added; returns the bytes that pass at once. */
    private long hold(Shaper by) {
        by.hold(batch, now);
        long bytes = 0;
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot)) {
                bytes += SuperPacket.wireBytes(batch, slot);
                packets -= batch.parts(slot);
            } else {
                assertEquals(DropReason.CONSUMED, batch.dropReason(slot));
            }
        }
        batch.clear();
        return bytes;
    }

    /** What is released until nothing more may be: the packets. */
    private List<byte[]> release(Shaper by) {
        List<byte[]> all = new ArrayList<>();
        for (PacketBatch out = by.release(now); out != null; out = by.release(now)) {
            for (int slot = 0; slot < out.size(); slot++) {
                assertTrue(out.isLive(slot));
                assertEquals(0, out.vnet(slot));
                assertEquals(0, out.site(slot));
                assertEquals(4, out.inner().version(slot));
                all.add(out.copyOut(slot));
            }
        }
        packets -= all.size();
        return all;
    }

    private static long bytes(List<byte[]> list) {
        return list.stream().mapToLong(packet -> packet.length).sum();
    }

    private long dropped() {
        return drops.packets(Stage.SHAPE, DropReason.SHAPED, 0);
    }

    @ParameterizedTest(name = "a turn each {0} ms at most")
    @ValueSource(ints = {1, 8})
    void passesTheRateAndNoMore(int mostMillis) {
        long start = now;
        long sent = 0;
        while (now - start < 10_000 * MS) {
            for (int i = 0; i < 10; i++) {
                addTcp(1 + random.nextInt(44), random.nextInt(2) * TrafficClass.ECT_0);
                sent += hold(shaper);
            }
            add(0, 0, datagram(DEFAULT, 100 + random.nextInt(1_300), 1));
            sent += hold(shaper);
            now += MS + random.nextLong(mostMillis * MS - MS + 1);
            sent += bytes(release(shaper));
        }
        double expected = RATE / 8.0 * (now - start) / 1e9;
        double burst = RATE / 8.0 * RateLimit.BURST_NANOS / 1e9;
        assertEquals(expected + burst / 2, (double) sent, expected * 0.001 + burst / 2 + PACKET);
        RateLimit limit = limit();
        assertEquals(packets, dropped() + limit.figure(Figure.WAITING), "every packet is somewhere");
        assertEquals(dropped(), limit.figure(Figure.DROPPED));
        assertTrue(limit.figure(Figure.MARKED) > 0);
    }

    private RateLimit limit() {
        assertNotNull(table);
        RateLimit limit = table.limit(0);
        assertNotNull(limit);
        return limit;
    }

    @Test
    void twoWorkersShareTheRate() {
        Shaper second = new Shaper(drops, 1);
        adopt(second, RATE);
        shaper.adopt(new ForwardingSnapshot(2, List.of(tableInForce()), List.of()));
        long start = now;
        long sent = 0;
        while (now - start < 5_000 * MS) {
            for (Shaper one : List.of(shaper, second)) {
                addTcp(20, 0);
                sent += hold(one);
                sent += bytes(release(one));
            }
            now += MS;
        }
        assertEquals(RATE / 8.0 * 5, (double) sent, RATE / 8.0 * 5 * 0.01);
    }

    private VnetTable tableInForce() {
        assertNotNull(table);
        return table;
    }

    @Test
    void whatIsWithinTheRatePassesAsItIs() {
        for (int i = 0; i < 100; i++) {
            // 16 Mbit/s; what is small and super goes in one piece.
            addTcp(3, 0);
            assertEquals(3 * 1_400, hold(shaper));
            assertEquals(20 * MS, shaper.waitNanos(now, 20 * MS));
            now += 2 * MS + 100_000;
        }
        assertEquals(0, dropped());
    }

    @Test
    void othersAreNotTouched() {
        for (int i = 0; i < 100; i++) {
            add(1, 0, datagram(DEFAULT, PACKET, i));
            add(0, 1, datagram(DEFAULT, PACKET, i));
            assertEquals(2 * PACKET, hold(shaper));
        }
    }

    @Test
    void expeditedPacketsOvertakeAndTheBackgroundWaits() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            add(0, 0, datagram(i % 3 == 0 ? CS1 : i % 3 == 1 ? DEFAULT : EF, PACKET, i));
        }
        hold(shaper);
        for (int turn = 0; turn < 100; turn++) {
            now += MS;
            for (byte[] packet : release(shaper)) {
                order.add(((packet[20] & 0xff) << 8) + (packet[21] & 0xff));
            }
        }
        List<Integer> expected = new ArrayList<>();
        for (int first : new int[] {2, 1, 0}) {
            for (int i = first; i < 60; i += 3) {
                expected.add(i);
            }
        }
        // Some passed at once before anything had to wait.
        expected.removeIf(number -> !order.contains(number));
        assertEquals(expected, order);
        assertTrue(order.size() > 40, order::toString);
    }

    @Test
    void anExpeditedPacketHardlyWaitsBesideAFullQueue() {
        long longest = 0;
        for (int ms = 0; ms < 3_000; ms++) {
            addTcp(20, 0);
            hold(shaper);
            add(0, 0, datagram(EF, 100, 7));
            hold(shaper);
            long since = now;
            boolean isSent = false;
            while (!isSent) {
                now += MS;
                isSent = release(shaper).stream().anyMatch(packet -> packet[1] == (byte) EF) || now - since > 50 * MS;
            }
            longest = Math.max(longest, now - since);
        }
        assertTrue(longest <= 2 * MS, longest + " ns");
    }

    @Test
    void marksWhoTakesMarksAndDropsOthers() {
        TreeMap<Integer, Integer> sentByEcn = new TreeMap<>();
        for (int ms = 0; ms < 3_000; ms++) {
            // 22.4 Mbit/s of 20: the queue stands, and does not run full.
            add(0, 0, datagram(TrafficClass.ECT_0, PACKET, ms));
            add(0, 0, datagram(TrafficClass.ECT_1, PACKET, ms));
            hold(shaper);
            now += MS;
            release(shaper).forEach(packet -> sentByEcn.merge(packet[1] & 3, 1, Integer::sum));
        }
        assertTrue(sentByEcn.getOrDefault(TrafficClass.CE, 0) > 10, sentByEcn::toString);
        assertEquals(limit().figure(Figure.MARKED), (long) sentByEcn.getOrDefault(TrafficClass.CE, 0));
        assertTrue(limit().figure(Figure.DELAY_NANOS) < MAX_WAIT_MS * MS);
    }

    @Test
    void nobodyWaitsForEver() {
        for (int i = 0; i < 90; i++) {
            add(0, 0, datagram(CS1, PACKET, i));
        }
        hold(shaper);
        long waiting = limit().figure(Figure.WAITING);
        assertTrue(waiting > 70);
        now += (MAX_WAIT_MS + 1) * MS;
        assertEquals(List.of(), release(shaper));
        assertEquals(waiting, dropped());
        assertEquals(0, limit().figure(Figure.WAITING));
    }

    @Test
    void aReloadKeepsWhatWaitsUnlessThereIsNoLimitAnyMore() {
        for (int i = 0; i < 90; i++) {
            add(0, 0, datagram(DEFAULT, PACKET, i));
        }
        hold(shaper);
        RateLimit before = limit();
        long waiting = before.figure(Figure.WAITING);
        assertEquals(before, adopt(shaper, 2 * RATE));
        assertEquals(2 * RATE, before.bitsPerSecond());
        assertEquals(waiting, before.figure(Figure.WAITING));
        now += 10 * MS;
        List<byte[]> released = release(shaper);
        assertTrue(released.size() > 20);
        // The last figure that was set is of the object that the table had.
        adopt(shaper, 0);
        assertEquals(waiting - released.size(), dropped());
        assertEquals(0, before.figure(Figure.WAITING));
        assertNull(shaper.release(now));
    }

    @Test
    void packetsComeBackByteForByte() {
        List<byte[]> sent = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            byte[] packet = datagram(DEFAULT, 28 + random.nextInt(1_300), i);
            sent.add(packet);
            add(0, 0, packet);
        }
        batch.setChecksumState(49, ChecksumState.PARTIAL);
        long passed = hold(shaper);
        int at = 0;
        while (passed > 0) {
            passed -= sent.get(at++).length;
        }
        for (int turn = 0; turn < 50; turn++) {
            now += MS;
            for (byte[] packet : release(shaper)) {
                assertArrayEquals(sent.get(at++), packet);
            }
        }
        assertEquals(50, at);
    }

    @Test
    void saysWhenToComeAgain() {
        assertEquals(77, shaper.waitNanos(now, 77));
        for (int i = 0; i < 20; i++) {
            add(0, 0, datagram(DEFAULT, PACKET, i));
        }
        hold(shaper);
        long wait = shaper.waitNanos(now, 500 * MS);
        assertTrue(wait > 0 && wait < MS, wait + " ns");
        now += wait - 1;
        assertNull(shaper.release(now));
        now += 1;
        assertEquals(0, shaper.waitNanos(now, 500 * MS));
        PacketBatch out = shaper.release(now);
        assertNotNull(out);
        assertEquals(1, out.size());
        assertFalse(shaper.waitNanos(now, 500 * MS) == 0);
    }

    @Test
    void allocatesNothing() {
        byte[] small = datagram(EF, 200, 1);
        byte[] large = datagram(TrafficClass.ECT_0, PACKET, 1);
        Allocation.assertNone(() -> {
            batch.clear();
            for (int i = 0; i < 4; i++) {
                int slot = batch.addCopy(i == 0 ? small : large);
                if (batch.inner().parse(slot) == null) {
                    batch.setVnet(slot, 0);
                    batch.setSite(slot, 0);
                }
            }
            shaper.hold(batch, now);
            now += 2 * MS;
            shaper.waitNanos(now, 1);
            shaper.release(now);
        });
    }
}

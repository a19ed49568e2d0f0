package net.vgate.offload;

import static net.vgate.offload.NaiveSegmentation.ACK;
import static net.vgate.offload.NaiveSegmentation.PSH;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.TrafficClass;
import net.vgate.packet.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CoalescerTest {
    private static final byte[] TIMESTAMPS = Wire.bytes(1, 1, 8, 10, Wire.words(1, 2, 3, 4));
    private static final byte[] PLAIN_ACK =
            Wire.ipv4Whole(1, 2, Wire.TCP, Wire.tcp(1_000, 80, ACK, TIMESTAMPS, Wire.NOTHING));

    private final CoalescedTraffic traffic = new CoalescedTraffic();
    private final PacketBatch batch = traffic.batch();
    private final SplittableRandom random = new SplittableRandom(11);

    private byte[] payload(int bytes) {
        byte[] payload = new byte[bytes];
        random.nextBytes(payload);
        return payload;
    }

    /** Segments with timestamps, as of a bulk transfer; {@code flow} is known by its port. */
    private List<TrafficPacket> tcp(int flow, int payloadBytes, int segmentBytes) {
        byte[] segment = Wire.tcp(1_000 + flow, 80, ACK, TIMESTAMPS, payload(payloadBytes));
        return cut(Wire.ipv4(1, 2, Wire.TCP, segment), segmentBytes);
    }

    private List<TrafficPacket> udp(int payloadBytes, int segmentBytes) {
        byte[] datagram = Wire.udp(9, 9, payload(payloadBytes));
        return cut(Wire.ipv6(Wire.address6(1), Wire.address6(2), Wire.UDP, datagram), segmentBytes);
    }

    private static List<TrafficPacket> cut(byte[] whole, int segmentBytes) {
        List<TrafficPacket> packets = new ArrayList<>();
        for (byte[] packet : NaiveSegmentation.split(whole, segmentBytes, false)) {
            packets.add(new TrafficPacket(packet, 0, 0, false));
        }
        return packets;
    }

    /** How many packets each packet stands for that comes out. */
    private List<Integer> merged(List<TrafficPacket> packets) {
        traffic.coalesce(packets);
        return traffic.groups().stream().map(List::size).toList();
    }

    /** The flows' packets in turn. */
    private List<TrafficPacket> inTurn(int flows, int segments) {
        List<TrafficPacket> packets = new ArrayList<>();
        for (int flow = 0; flow < flows; flow++) {
            List<TrafficPacket> next = tcp(flow, segments * 100, 100);
            for (int i = 0; i < segments; i++) {
                packets.add(i * (flow + 1) + flow, next.get(i));
            }
        }
        return packets;
    }

    @Test
    void makesOfABulkTransferWhatFitsIntoSuperPackets() {
        assertEquals(List.of(45, 45, 10), merged(tcp(0, 100 * 1_448, 1_448)));
        assertEquals(List.of(46, 46, 8), merged(udp(100 * 1_400, 1_400)));
    }

    @Test
    void makesSuperPacketsOfUpToTheLargestPacketThereIs() {
        // 52 bytes of headers, 121 segments of 541 bytes, and what is left.
        assertEquals(List.of(122), merged(tcp(0, 65_535 - 52, 541)));
        assertEquals(65_535, traffic.gathered(0).length);
        assertEquals(List.of(121, 1), merged(tcp(0, 65_535 - 52 + 1, 541)));
    }

    @Test
    void mergesNothingThatIsMarkedDifferently() {
        for (List<TrafficPacket> packets : List.of(tcp(0, 1_000, 100), udp(1_000, 100))) {
            packets.set(6, marked(packets.get(6)));
            packets.set(7, marked(packets.get(7)));
            assertEquals(List.of(6, 2, 2), merged(packets));
        }
    }

    private static TrafficPacket marked(TrafficPacket packet) {
        byte[] bytes = packet.bytes().clone();
        TrafficClass.setEcn(ByteBuffer.wrap(bytes), 0, bytes[0] >>> 4, TrafficClass.CE);
        return new TrafficPacket(bytes, 0, 0, false);
    }

    @Test
    void mergesNoMoreThanKernelsCut() {
        assertEquals(List.of(64, 1), merged(udp(65 * 100, 100)));
        assertEquals(List.of(64, 64), merged(udp(128 * 100, 100)));
        assertEquals(List.of(128, 1), merged(tcp(0, 129 * 100, 100)));
    }

    @Test
    void followsEightFlowsSideBySide() {
        assertEquals(List.of(10, 10, 10, 10, 10, 10, 10, 10), merged(inTurn(8, 10)));
    }

    @Test
    void endsASuperPacketWithAShorterSegment() {
        List<TrafficPacket> packets = new ArrayList<>(tcp(0, 10 * 100 - 1, 100));
        assertEquals(List.of(10), merged(packets));
        // The next one of the flow would fit, but not behind the short one.
        byte[] next = Wire.tcp(1_000, 80, ACK, TIMESTAMPS, payload(50));
        ByteBuffer.wrap(next).putInt(4, ByteBuffer.wrap(next).getInt(4) + 999);
        byte[] packet = Wire.ipv4(1, 2, Wire.TCP, next);
        ByteBuffer.wrap(packet).putShort(4, (short) (0x1234 + 10));
        packets.add(new TrafficPacket(NaiveSegmentation.finished(packet, false), 0, 0, false));
        assertEquals(List.of(10, 1), merged(packets));
    }

    @Test
    void endsASuperPacketWithAPushAndHandsThePushOn() {
        List<TrafficPacket> packets = new ArrayList<>(tcp(0, 10 * 100, 100));
        packets.set(4, packets.get(4).withBytes(pushed(packets.get(4).bytes())));
        assertEquals(List.of(5, 5), merged(packets));
        assertEquals(ACK | PSH, NaiveSegmentation.flags(traffic.gathered(0)));
        assertEquals(ACK, NaiveSegmentation.flags(traffic.gathered(5)));
    }

    private static byte[] pushed(byte[] packet) {
        byte[] copy = packet.clone();
        copy[33] |= PSH;
        return NaiveSegmentation.finished(copy, false);
    }

    @Test
    void letsNothingPassAPacketThatIsNotMerged() {
        List<TrafficPacket> packets = new ArrayList<>(tcp(0, 10 * 100, 100));
        packets.add(5, new TrafficPacket(PLAIN_ACK, 0, 0, false));
        assertEquals(List.of(5, 1, 5), merged(packets));
        // One of another V-net, or of another flow, is in nobody's way.
        packets.set(5, new TrafficPacket(PLAIN_ACK, 1, 0, false));
        assertEquals(List.of(10, 1), merged(packets));
    }

    @Test
    void mergesAcrossNoBorderOfVnetsAndSites() {
        List<TrafficPacket> packets = new ArrayList<>();
        for (TrafficPacket packet : tcp(0, 9 * 100, 100)) {
            packets.add(packet.withPlace(packets.size() < 3 ? 0 : 1, packets.size() < 6 ? 0 : 1));
        }
        assertEquals(List.of(3, 3, 3), merged(packets));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 9})
    void leavesAWrongChecksumToWhomItIsFor(int wrong) {
        for (int at : new int[] {11, 36, 100}) {
            List<TrafficPacket> packets = new ArrayList<>(tcp(0, 10 * 100, 100));
            byte[] packet = packets.get(wrong).bytes().clone();
            packet[at] ^= 4;
            packets.set(wrong, packets.get(wrong).withBytes(packet));
            traffic.coalesce(packets);
            assertTrue(traffic.groups().contains(List.of(wrong)));
            assertArrayEquals(packet, traffic.gathered(wrong));
        }
    }

    /** 0 and 0xffff are the same sum; whoever makes a checksum anew makes the former of the two. */
    @Test
    void keepsTheOtherZeroOfAHeaderChecksum() {
        byte[] whole = Wire.ipv4(1, 2, Wire.TCP, Wire.tcp(1, 2, ACK, Wire.NOTHING, payload(300)));
        int id = (0x1234 + (ByteBuffer.wrap(firstOf(whole)).getShort(10) & 0xffff)) % 0xffff;
        ByteBuffer.wrap(whole).putShort(4, (short) id);
        byte[] first = firstOf(whole);
        assertEquals(0, ByteBuffer.wrap(first).getShort(10));
        List<TrafficPacket> packets = cut(whole, 100);
        assertEquals(List.of(3), merged(packets));
        ByteBuffer.wrap(first).putShort(10, (short) -1);
        packets.set(0, packets.get(0).withBytes(first));
        assertEquals(List.of(1, 2), merged(packets));
    }

    private static byte[] firstOf(byte[] whole) {
        return NaiveSegmentation.split(whole, 100, false).get(0);
    }

    @Test
    void leavesAFlowAloneThatDoesNotCountItsPackets() {
        // RFC 6864 lets it; but what is cut counts, and so they would not come out as they came.
        List<TrafficPacket> packets = new ArrayList<>();
        for (TrafficPacket packet : tcp(0, 300, 100)) {
            byte[] uncounted = packet.bytes().clone();
            ByteBuffer.wrap(uncounted).putShort(4, (short) 0);
            packets.add(packet.withBytes(NaiveSegmentation.finished(uncounted, false)));
        }
        assertEquals(List.of(1, 1, 1), merged(packets));
    }

    @Test
    void mergesNothingWhereThatIsNotWanted() {
        traffic.coalescer().enable(false);
        assertEquals(10, merged(tcp(0, 1_000, 100)).size());
        assertEquals(10, merged(udp(1_000, 100)).size());
        traffic.coalescer().enable(true);
        assertEquals(1, merged(tcp(0, 1_000, 100)).size());
    }

    @Test
    void dropsWhatCannotBeUnderstoodAndGoesOn() {
        List<TrafficPacket> packets = new ArrayList<>(tcp(0, 10 * 100, 100));
        packets.add(3, new TrafficPacket(new byte[] {0x45, 0, 0}, 0, 0, false));
        packets.add(0, new TrafficPacket(Wire.NOTHING, 0, 0, false));
        packets.add(1, new TrafficPacket(new byte[60], 0, 0, false));
        assertEquals(List.of(10), merged(packets));
        assertEquals(DropReason.MALFORMED, batch.dropReason(0));
        assertEquals(DropReason.UNSUPPORTED, batch.dropReason(1));
        assertEquals(DropReason.MALFORMED, batch.dropReason(5));
    }

    @Test
    void passesOverWhatIsDroppedAlready() {
        List<TrafficPacket> packets = tcp(0, 10 * 100, 100);
        traffic.load(packets);
        batch.drop(4, DropReason.NOT_GRANTED);
        traffic.coalescer().coalesce(batch);
        assertEquals(List.of(List.of(0, 1, 2, 3), List.of(5, 6, 7, 8, 9)), traffic.groups());
        assertEquals(DropReason.NOT_GRANTED, batch.dropReason(4));
        assertFalse(batch.isLive(6));
    }

    @Test
    void beginsEachBatchAnew() {
        List<TrafficPacket> packets = tcp(0, 4 * 100, 100);
        assertEquals(List.of(2), merged(packets.subList(0, 2)));
        assertEquals(List.of(2), merged(packets.subList(2, 4)));
    }
}

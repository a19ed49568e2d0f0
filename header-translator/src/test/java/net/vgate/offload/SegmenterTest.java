package net.vgate.offload;

import static net.vgate.offload.NaiveSegmentation.ACK;
import static net.vgate.offload.NaiveSegmentation.CWR;
import static net.vgate.offload.NaiveSegmentation.ECE;
import static net.vgate.offload.NaiveSegmentation.FIN;
import static net.vgate.offload.NaiveSegmentation.PSH;
import static net.vgate.offload.NaiveSegmentation.URG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.encap.Geneve;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;
import net.vgate.packet.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SegmenterTest {
    private static final byte[] PAYLOAD = new byte[1_234];

    private final PacketBatch from = new PacketBatch(2);
    private final PacketBatch to = PacketBatch.packed(64, 200_000);
    private final Segmenter segmenter = new Segmenter(from);

    static {
        new SplittableRandom(5).nextBytes(PAYLOAD);
    }

    private static byte[] tcp4(int flags, byte[] options) {
        return Wire.ipv4(1, 2, Wire.TCP, Wire.tcp(1, 2, flags, options, PAYLOAD));
    }

    /** Puts a super-packet into a slot as the kernel hands it in: its checksum is partial. */
    private int add(byte[] packet, GsoType type, int segmentBytes) {
        from.clear();
        int slot = from.addCopy(NaiveSegmentation.finished(packet, true));
        from.setChecksumState(slot, ChecksumState.PARTIAL);
        from.setGso(slot, type, segmentBytes);
        assertNull(from.inner().parse(slot));
        assertNull(SuperPacket.count(from, slot));
        return slot;
    }

    /** All that is cut of {@code slot}. */
    private List<byte[]> cut(int slot, boolean keepPartial) {
        to.clear();
        segmenter.begin(from, slot, keepPartial);
        assertTrue(segmenter.cutInto(to, 0, 0));
        return cutPackets();
    }

    private List<byte[]> cutPackets() {
        List<byte[]> packets = new ArrayList<>();
        for (int packet = 0; packet < to.size(); packet++) {
            packets.add(to.copyOut(packet));
        }
        return packets;
    }

    private static List<Integer> flags(List<byte[]> packets) {
        return packets.stream().map(NaiveSegmentation::flags).toList();
    }

    private static int word(byte[] packet, int at) {
        return ByteBuffer.wrap(packet).getShort(at) & 0xffff;
    }

    private static void assertSame(List<byte[]> expected, List<byte[]> packets) {
        assertEquals(expected.size(), packets.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), packets.get(i), "packet " + i);
        }
    }

    /** Linux's own smallest segments make 1,366; what would be more is no kernel's doing. */
    @Test
    void isNotCutIntoMoreThanAKernelWould() {
        byte[] payload = new byte[SuperPacket.MAX_PARTS * 24];
        byte[] packet = Wire.ipv4(1, 2, Wire.TCP, Wire.tcp(1, 2, ACK, Wire.NOTHING, payload));
        int slot = add(packet, GsoType.TCP4, 24);
        assertEquals(SuperPacket.MAX_PARTS, from.parts(slot));
        from.setGso(slot, GsoType.TCP4, 23);
        assertEquals(DropReason.MALFORMED, SuperPacket.count(from, slot));
    }

    @Test
    void leavesFinAndPushToTheLastAndCwrToTheFirst() {
        int all = FIN | PSH | ACK | URG | ECE | CWR;
        int slot = add(tcp4(all, Wire.NOTHING), GsoType.TCP4, 500);
        assertEquals(
                List.of(ACK | URG | ECE | CWR, ACK | URG | ECE, FIN | PSH | ACK | URG | ECE), flags(cut(slot, false)));
    }

    @Test
    void leavesTheFlagsOfOnePacketAlone() {
        int slot = add(tcp4(FIN | PSH | ACK | CWR, Wire.NOTHING), GsoType.TCP4, PAYLOAD.length);
        assertEquals(List.of(FIN | PSH | ACK | CWR), flags(cut(slot, false)));
    }

    @Test
    void countsIdentificationAndSequenceUpAndOverTheirEnds() {
        byte[] packet = tcp4(ACK, Wire.NOTHING);
        ByteBuffer.wrap(packet).putShort(4, (short) 0xfffe).putInt(24, -600);
        List<byte[]> packets = cut(add(packet, GsoType.TCP4, 500), false);
        assertEquals(
                List.of(0xfffe, 0xffff, 0),
                packets.stream().map(p -> word(p, 4)).toList());
        assertEquals(
                List.of(-600, -100, 400),
                packets.stream().map(p -> ByteBuffer.wrap(p).getInt(24)).toList());
    }

    @Test
    void givesEachDatagramItsLengthAndChecksum() {
        byte[] packet = Wire.ipv4(1, 2, Wire.UDP, Wire.udp(5, 6, PAYLOAD));
        List<byte[]> packets = cut(add(packet, GsoType.UDP, 600), false);
        assertEquals(
                List.of(608, 608, 42), packets.stream().map(p -> word(p, 24)).toList());
        assertEquals(
                List.of(628, 628, 62), packets.stream().map(p -> word(p, 2)).toList());
        assertSame(NaiveSegmentation.split(packet, 600, false), packets);
    }

    @Test
    void sendsAUdpChecksumOfZeroAsOnes() {
        byte[] packet = Wire.ipv4(1, 2, Wire.UDP, Wire.udp(5, 6, new byte[200]));
        int checksum = word(NaiveSegmentation.split(packet, 100, false).get(0), 26);
        ByteBuffer.wrap(packet).putShort(28, (short) checksum).putShort(128, (short) checksum);
        List<byte[]> packets = cut(add(packet, GsoType.UDP, 100), false);
        assertEquals(
                List.of(0xffff, 0xffff), packets.stream().map(p -> word(p, 26)).toList());
    }

    @Test
    void givesEachPacketOfIpv6ItsLength() {
        byte[] segment = Wire.tcp(1, 2, ACK, Wire.bytes(1, 1, 1, 0), PAYLOAD);
        byte[] packet = Wire.ipv6(Wire.address6(1), Wire.address6(2), Wire.TCP, segment);
        List<byte[]> packets = cut(add(packet, GsoType.TCP6, 1_000), false);
        assertEquals(List.of(1_024, 258), packets.stream().map(p -> word(p, 4)).toList());
        assertSame(NaiveSegmentation.split(packet, 1_000, false), packets);
    }

    @Test
    void repeatsOptionsAndExtensionHeaders() {
        byte[] udp = Wire.udp(5, 6, PAYLOAD);
        byte[] ipv4 = Wire.ipv4(1, 2, Wire.UDP, 0, Wire.bytes(1, 1, 1, 0), udp);
        assertSame(NaiveSegmentation.split(ipv4, 500, false), cut(add(ipv4, GsoType.UDP, 500), false));
        byte[] options = Wire.bytes(Wire.UDP, 0, 1, 4, 0, 0, 0, 0, udp);
        byte[] ipv6 = Wire.ipv6(Wire.address6(1), Wire.address6(2), 60, options);
        assertSame(NaiveSegmentation.split(ipv6, 500, false), cut(add(ipv6, GsoType.UDP, 500), false));
    }

    @Test
    void leavesThePseudoHeadersSumOfEachWherePartialMayStay() {
        byte[] packet = tcp4(ACK | PSH, Wire.NOTHING);
        List<byte[]> packets = cut(add(packet, GsoType.TCP4, 500), true);
        assertSame(NaiveSegmentation.split(packet, 500, true), packets);
        assertEquals(ChecksumState.PARTIAL, to.checksumState(2));
    }

    @Test
    void completesWhereThereIsNothingPartialToKeep() {
        byte[] packet = tcp4(ACK, Wire.NOTHING);
        int slot = add(packet, GsoType.TCP4, 500);
        from.setChecksumState(slot, ChecksumState.UNKNOWN);
        assertSame(NaiveSegmentation.split(packet, 500, false), cut(slot, true));
    }

    @Test
    void copiesOnePacketAndCompletesItOnlyWhereItMust() {
        byte[] packet = tcp4(ACK, Wire.NOTHING);
        int slot = add(packet, GsoType.NONE, 0);
        assertSame(List.of(NaiveSegmentation.finished(packet, true)), cut(slot, true));
        assertEquals(ChecksumState.PARTIAL, to.checksumState(0));
        assertSame(List.of(NaiveSegmentation.finished(packet, false)), cut(slot, false));

        byte[] wrong = NaiveSegmentation.finished(packet, false);
        wrong[36] ^= 1;
        from.clear();
        int unknown = from.addCopy(wrong);
        assertNull(from.inner().parse(unknown));
        assertSame(List.of(wrong), cut(unknown, false));
    }

    @Test
    void putsWhatStandsBeforeThePacketBeforeEach() {
        byte[] packet = tcp4(ACK, Wire.NOTHING);
        int slot = add(packet, GsoType.TCP4, 500);
        Geneve.pushPartial(from, slot, 5_001, Geneve.IPV4);
        byte[] head = Arrays.copyOf(from.copyOut(slot), 12);
        List<byte[]> expected = NaiveSegmentation.split(packet, 500, true).stream()
                .map(part -> Wire.bytes(head, part))
                .toList();
        assertSame(expected, cut(slot, true));
    }

    @Test
    void leavesRoomAroundEachAndNoneBetween() {
        int slot = add(tcp4(ACK, Wire.NOTHING), GsoType.TCP4, 500);
        from.setVnet(slot, 3);
        from.setSite(slot, 4);
        to.clear();
        segmenter.begin(from, slot, false);
        assertTrue(segmenter.cutInto(to, 30, 17));
        int end = 0;
        for (int packet = 0; packet < 3; packet++) {
            assertEquals(end + 30, to.offset(packet));
            end = to.offset(packet) + to.length(packet) + 17;
            assertEquals(to.length(packet) + 17, to.maxLength(packet));
            assertEquals(3, to.vnet(packet));
            assertEquals(4, to.site(packet));
            to.pushHeader(packet, 30);
        }
        assertEquals(end, to.end());
    }

    @ParameterizedTest
    @CsvSource({"1, 100000", "2, 100000", "64, 1127", "64, 1173", "64, 1174", "64, 1760", "64, 1761"})
    void goesOnWhereTheOtherBatchWasFull(int slots, int slabBytes) {
        byte[] packet = tcp4(FIN | ACK | CWR, Wire.NOTHING);
        PacketBatch small = PacketBatch.packed(slots, slabBytes);
        // Three packets of 540 bytes; with them 587 bytes each are taken.
        segmenter.begin(from, add(packet, GsoType.TCP4, 500), false);
        List<byte[]> packets = new ArrayList<>();
        boolean isDone = false;
        for (int turn = 0; turn < 4 && !isDone; turn++) {
            small.clear();
            isDone = segmenter.cutInto(small, 30, 17);
            for (int i = 0; i < small.size(); i++) {
                packets.add(small.copyOut(i));
            }
        }
        assertTrue(isDone);
        assertSame(NaiveSegmentation.split(packet, 500, false), packets);
    }

    @Test
    void addsToWhatIsThereAlready() {
        int slot = add(tcp4(ACK, Wire.NOTHING), GsoType.TCP4, 500);
        to.clear();
        segmenter.begin(from, slot, false);
        assertTrue(segmenter.cutInto(to, 5, 5));
        segmenter.begin(from, slot, false);
        assertTrue(segmenter.cutInto(to, 5, 5));
        assertEquals(6, to.size());
        assertArrayEquals(to.copyOut(2), to.copyOut(5));
    }

    @ParameterizedTest
    @CsvSource({"1234, 1", "1233, 2", "617, 2", "616, 3", "1, 1234", "60000, 1"})
    void countsThePackets(int segmentBytes, int packets) {
        int slot = add(tcp4(ACK, Wire.bytes(1, 1, 1, 0)), GsoType.TCP4, segmentBytes);
        assertEquals(packets, from.parts(slot));
        int largest = packets == 1 ? from.length(slot) : 44 + segmentBytes;
        assertEquals(largest, SuperPacket.packetBytes(from, slot));
        assertEquals(44L * packets + PAYLOAD.length, SuperPacket.wireBytes(from, slot));
    }

    @ParameterizedTest
    @CsvSource({"TCP6, 500", "UDP, 500", "TCP4, 0"})
    void refusesWhatItsHeadersContradict(GsoType type, int segmentBytes) {
        int slot = from.addCopy(tcp4(ACK, Wire.NOTHING));
        from.setGso(slot, type, segmentBytes);
        assertNull(from.inner().parse(slot));
        assertEquals(DropReason.MALFORMED, SuperPacket.count(from, slot));
    }

    @Test
    void refusesToCutAFragment() {
        int slot = from.addCopy(Wire.ipv4(1, 2, Wire.UDP, 0x2000, Wire.NOTHING, Wire.udp(1, 2, new byte[80])));
        from.setGso(slot, GsoType.UDP, 40);
        assertNull(from.inner().parse(slot));
        assertEquals(DropReason.MALFORMED, SuperPacket.count(from, slot));
    }

    @Test
    void refusesAPartialChecksumThatNobodyCanComplete() {
        List<byte[]> packets = List.of(
                Wire.ipv4(1, 2, 1, Wire.icmp(8, 0, 0, new byte[8])),
                Wire.ipv4(1, 2, 47, new byte[30]),
                Wire.ipv4(1, 2, Wire.UDP, 0x2000, Wire.NOTHING, Wire.udp(1, 2, new byte[80])),
                Wire.ipv4(1, 2, Wire.UDP, 0x0010, Wire.NOTHING, new byte[80]));
        for (byte[] packet : packets) {
            from.clear();
            int slot = from.addCopy(packet);
            assertNull(from.inner().parse(slot));
            assertNull(SuperPacket.count(from, slot));
            from.setChecksumState(slot, ChecksumState.PARTIAL);
            assertEquals(DropReason.UNSUPPORTED, SuperPacket.count(from, slot));
        }
    }

    @Test
    void takesASuperPacketOfOnePacketForThatPacket() {
        int slot = add(tcp4(ACK, Wire.NOTHING), GsoType.TCP4, PAYLOAD.length);
        assertEquals(GsoType.NONE, from.gsoType(slot));
        assertEquals(1, from.parts(slot));
        slot = add(tcp4(ACK, Wire.NOTHING), GsoType.TCP4, PAYLOAD.length - 1);
        assertEquals(GsoType.TCP4, from.gsoType(slot));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void cutsAnySuperPacketAsTheModelDoes(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 100; round++) {
            List<TrafficPacket> parts = new RandomFlow(random, 20_000).next();
            byte[] whole = NaiveSegmentation.join(
                    parts.stream().map(TrafficPacket::bytes).toList());
            boolean isTcp = NaiveSegmentation.isTcp(whole);
            if (isTcp) {
                whole[NaiveSegmentation.transport(whole) + 13] = (byte) random.nextInt(256);
            }
            GsoType tcp = NaiveSegmentation.isIpv4(whole) ? GsoType.TCP4 : GsoType.TCP6;
            int segmentBytes = NaiveSegmentation.payloadBytes(parts.get(0).bytes());
            boolean keepPartial = random.nextBoolean();
            segmenter.begin(from, add(whole, isTcp ? tcp : GsoType.UDP, segmentBytes), keepPartial);
            List<byte[]> packets = new ArrayList<>();
            boolean isDone = false;
            while (!isDone) {
                to.clear();
                isDone = segmenter.cutInto(to, 0, 0);
                packets.addAll(cutPackets());
            }
            assertSame(NaiveSegmentation.split(whole, segmentBytes, keepPartial), packets);
            assertFalse(packets.isEmpty());
        }
    }
}

package net.vgate.offload;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;
import net.vgate.packet.Prefix;
import net.vgate.translate.PrefixTranslation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The oracle of all of it: what is merged, and cut again, is what came. */
class CoalescerPropertyTest {
    private static final int PACKETS = 400;
    private static final int MAX_BYTES = 500_000;

    private final CoalescedTraffic traffic = new CoalescedTraffic();
    private final PacketBatch batch = traffic.batch();

    static long[] seeds() {
        return new SplittableRandom(3).longs(60).toArray();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void mergesWhatComesOutAgainWhenItIsCutAndNothingElse(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int oneIn = new int[] {0, 4, 20, 60}[random.nextInt(4)];
        List<TrafficPacket> packets = RandomTraffic.packets(random, PACKETS, MAX_BYTES, oneIn);

        traffic.coalesce(packets);

        assertSameGroups(NaiveCoalescing.groups(packets), packets);
        for (List<Integer> group : traffic.groups()) {
            int leader = group.get(0);
            boolean isPartial = packets.get(leader).isPartial();
            List<byte[]> cut = traffic.cut(leader, isPartial, random.nextInt(4));
            assertEquals(group.size(), cut.size());
            for (int i = 0; i < cut.size(); i++) {
                assertArrayEquals(NaiveCoalescing.whole(packets.get(group.get(i))), cut.get(i), "packet " + i);
            }
            assertSuperPacketIsAsTheKernelWantsIt(leader, group, packets);
        }
        assertOrderInEachFlow(packets);
    }

    private void assertSameGroups(List<List<Integer>> expected, List<TrafficPacket> packets) {
        List<List<Integer>> groups = traffic.groups();
        for (int i = 0; i < Math.min(expected.size(), groups.size()); i++) {
            String near = expected.get(i) + " or " + groups.get(i) + " of "
                    + headersFrom(packets, groups.get(i).get(0));
            assertEquals(expected.get(i), groups.get(i), near);
        }
        assertEquals(expected.size(), groups.size());
    }

    /** What a person needs to see why some were merged, or were not. */
    private static String headersFrom(List<TrafficPacket> packets, int first) {
        StringBuilder text = new StringBuilder();
        for (TrafficPacket packet : packets.subList(first, Math.min(packets.size(), first + 20))) {
            String start = HexFormat.of().formatHex(packet.bytes(), 0, Math.min(64, packet.bytes().length));
            text.append(String.format(
                    "%n%d %d %s %d %s",
                    packet.vnet(), packet.site(), packet.isPartial(), packet.bytes().length, start));
        }
        return text.toString();
    }

    private void assertSuperPacketIsAsTheKernelWantsIt(int leader, List<Integer> group, List<TrafficPacket> packets) {
        long wireBytes = group.stream()
                .mapToInt(index -> NaiveCoalescing.whole(packets.get(index)).length)
                .sum();
        assertEquals(group.size(), batch.parts(leader));
        assertEquals(wireBytes, SuperPacket.wireBytes(batch, leader));
        if (group.size() == 1) {
            assertEquals(GsoType.NONE, batch.gsoType(leader));
            return;
        }
        byte[] gathered = traffic.gathered(leader);
        assertArrayEquals(NaiveSegmentation.finished(gathered, true), gathered);
        assertEquals(ChecksumState.PARTIAL, batch.checksumState(leader));
        byte[] first = NaiveCoalescing.whole(packets.get(leader));
        assertEquals(NaiveSegmentation.payloadBytes(first), batch.gsoSize(leader));
        assertEquals(first.length, SuperPacket.packetBytes(batch, leader));
        boolean isTcp = NaiveSegmentation.isTcp(gathered);
        GsoType tcp = NaiveSegmentation.isIpv4(gathered) ? GsoType.TCP4 : GsoType.TCP6;
        assertEquals(isTcp ? tcp : GsoType.UDP, batch.gsoType(leader));
    }

    /** In the order of what is delivered, no packet comes before an earlier one of its flow. */
    private void assertOrderInEachFlow(List<TrafficPacket> packets) {
        Map<NaiveCoalescing.Flow, Integer> last = new HashMap<>();
        for (List<Integer> group : traffic.groups()) {
            for (int index : group) {
                InnerHeader inner = requireNonNull(NaiveCoalescing.parse(packets.get(index)), "malformed, and live");
                Integer before = last.put(NaiveCoalescing.Flow.of(packets.get(index), inner), index);
                assertTrue(before == null || before < index, before + " before " + index);
            }
        }
    }

    /** What is translated once as a super-packet is what each of its packets would have become. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void translatesASuperPacketAsEachOfItsPackets(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<TrafficPacket> packets = RandomTraffic.packets(random, PACKETS, MAX_BYTES, 30);
        PrefixTranslation translation = PrefixTranslation.of(List.of(new PrefixTranslation.Rule(
                Prefix.parse("10.0.0.0/24").orElseThrow(),
                Prefix.parse("100.64.1.0/24").orElseThrow())));

        traffic.coalesce(packets);

        for (List<Integer> group : traffic.groups()) {
            int leader = group.get(0);
            assertNull(translation.restoreDestination(batch, leader));
            List<byte[]> cut = traffic.cut(leader, packets.get(leader).isPartial(), PACKETS);
            List<byte[]> expected = new ArrayList<>();
            for (int index : group) {
                expected.add(translated(translation, packets.get(index)));
            }
            assertEquals(expected.size(), cut.size());
            for (int i = 0; i < cut.size(); i++) {
                assertArrayEquals(expected.get(i), cut.get(i), "packet " + i + " of " + group);
            }
        }
    }

    private static byte[] translated(PrefixTranslation translation, TrafficPacket packet) {
        PacketBatch alone = new PacketBatch(1, packet.bytes().length);
        int slot = alone.addCopy(packet.bytes());
        alone.setChecksumState(slot, packet.isPartial() ? ChecksumState.PARTIAL : ChecksumState.UNKNOWN);
        assertNull(alone.inner().parse(slot));
        assertNull(translation.restoreDestination(alone, slot));
        return alone.copyOut(slot);
    }
}

package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.vgate.packet.Checksum;
import net.vgate.packet.PacketBatch.GsoType;
import net.vgate.packet.TrafficClass;
import net.vgate.policy.Packets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both paths between gateways that take fragments, over a path that carries less than the V-net's MTU. */
class FragmentPathTest {
    private static final int SENT = 60;
    private static final int NARROW = 1_000;
    private static final int UDP = 17;

    /** Record and Geneve, with the option of a partial checksum: what {@code fits} leaves out. */
    private static final int AROUND = 58;

    @ParameterizedTest(name = "seed {0}, the path carries {1}")
    @CsvSource({"1, 1413", "2, 1000", "3, 712", "4, 600", "5, 478", "6, 1300"})
    void aVnetThatFragmentsDoesNotFeelThePath(long seed, int fits) {
        for (boolean coalesces : new boolean[] {false, true}) {
            for (boolean agreesOnPartial : new boolean[] {false, true}) {
                PathsUnderTest wide = run(seed, Integer.MAX_VALUE, coalesces, agreesOnPartial);
                PathsUnderTest narrow = run(seed, fits, coalesces, agreesOnPartial);
                assertEquals(wide.counts(), narrow.counts());
                // Of every flow, and of all flows: the order is that in which they were sent.
                assertEquals(
                        PathsUnderTest.text(wide.westDevice().delivered()),
                        PathsUnderTest.text(narrow.westDevice().delivered()));
                assertEquals(List.of(0L, 0L, 0L), wide.fragments());
                assertTrue(narrow.fragments().get(0) > 100);
                assertEquals(narrow.fragments().get(0), narrow.fragments().get(1));
                assertTrue(
                        narrow.eastWire().largest() <= fits + AROUND,
                        narrow.eastWire().largest() + " bytes");
            }
        }
    }

    private static PathsUnderTest run(long seed, int fits, boolean coalesces, boolean agreesOnPartial) {
        PathsUnderTest paths = new PathsUnderTest(coalesces, agreesOnPartial, true);
        paths.agreeOnFragments();
        paths.fitPath(fits);
        MemberTraffic traffic = new MemberTraffic(new SplittableRandom(seed));
        for (int i = 0; i < SENT; i++) {
            MemberTraffic.Sent sent = traffic.next();
            paths.eastDevice().offer(sent.packet, sent.type, sent.segmentBytes);
        }
        paths.run();
        return paths;
    }

    @Test
    void ipv6PacketsThatEveryLinkCarriesCrossEveryPath() {
        PathsUnderTest paths = new PathsUnderTest(false, false);
        paths.fitPath(NARROW);
        paths.agreeOnFragments();
        paths.eastDevice().offer(ipv6(1_280));
        paths.eastDevice().offer(ipv6(1_281));
        paths.eastDevice().offer(ipv6(NARROW));
        paths.run();
        assertEquals(Map.of("east FIT TOO_BIG", 1L), drops(paths));
        assertArrayEquals(ipv6(1_280), paths.westDevice().delivered().get(0));
        assertEquals(List.of(2L, 2L, 1L), paths.fragments());
    }

    @Test
    void aPeerThatTakesNoFragmentsIsSentNone() {
        PathsUnderTest paths = new PathsUnderTest(false, false, true);
        paths.fitPath(NARROW);
        paths.eastDevice().offer(ipv6(1_280));
        paths.eastDevice().offer(ipv4(1_400, Packets.ip("10.0.0.1", "100.64.2.2", UDP, udp(1_380)), 0x4000));
        paths.eastDevice().offer(ipv4(1_400, Packets.ip("10.0.0.1", "100.64.2.2", UDP, udp(1_380)), 0));
        paths.run();
        assertEquals(Map.of("east FIT TOO_BIG", 2L), drops(paths));
        assertEquals(List.of(0L, 0L, 0L), paths.fragments());
        assertEquals(2, paths.westDevice().delivered().size(), "fragments of IP");
    }

    @ParameterizedTest(name = "the V-net fragments: {0}, the peer takes that: {1}")
    @CsvSource({"false, false", "false, true", "true, true"})
    void manyPacketsInOneThatMayBeFragmentedAre(boolean fragments, boolean agrees) {
        PathsUnderTest paths = new PathsUnderTest(false, true, fragments);
        paths.fitPath(NARROW);
        if (agrees) {
            paths.agreeOnFragments();
        }
        // Nine datagrams of 1,228 bytes, and one that goes as it is.
        byte[] packet =
                ipv4(20 + 8 + 9 * 1_200 + 500, Packets.ip("10.0.0.1", "100.64.2.2", UDP, udp(9 * 1_200 + 508)), 0);
        List<byte[]> plain = paths.eastDevice().cut(packet, GsoType.UDP, 1_200);
        paths.eastDevice().offer(packet, GsoType.UDP, 1_200);
        paths.run();
        assertEquals(Map.of(), drops(paths));
        assertEquals(fragments ? List.of(18L, 18L, 9L) : List.of(0L, 0L, 0L), paths.fragments());
        List<byte[]> delivered = paths.westDevice().delivered();
        assertEquals(fragments ? 10 : 19, delivered.size());
        assertEquals(plain.get(9).length, delivered.get(delivered.size() - 1).length);
        assertTrue(delivered.stream().allMatch(each -> each.length <= (fragments ? 1_228 : NARROW)));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void aMarkOnAnyFragmentIsOneOnThePacket(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        PathsUnderTest paths = new PathsUnderTest(false, false, true);
        paths.agreeOnEcn();
        paths.agreeOnFragments();
        paths.fitPath(NARROW);
        List<Integer> expected = new ArrayList<>();
        List<Boolean> isMarked = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            byte[] packet = ipv4(1_400, Packets.ip("10.0.0.1", "100.64.2.2", UDP, udp(1_380)), 0x4000);
            packet[1] = TrafficClass.ECT_0;
            checkHeader(ByteBuffer.wrap(packet));
            paths.eastDevice().offer(packet);
            isMarked.add(random.nextInt(3) == 0);
            isMarked.add(random.nextInt(3) == 0);
            expected.add(isMarked.get(2 * i) || isMarked.get(2 * i + 1) ? TrafficClass.CE : TrafficClass.ECT_0);
        }
        int[] next = {0};
        paths.eastWire().route(sent -> isMarked.get(next[0]++) ? TrafficClass.CE : sent);
        paths.run();
        assertEquals(
                expected,
                paths.westDevice().delivered().stream()
                        .map(packet -> packet[1] & 3)
                        .toList());
        assertEquals(expected.stream().filter(ecn -> ecn == TrafficClass.CE).count(), paths.marks());
    }

    private static Map<String, Long> drops(PathsUnderTest paths) {
        Map<String, Long> counts = paths.counts();
        counts.keySet().removeIf(name -> !name.startsWith("east ") && !name.startsWith("west "));
        return counts;
    }

    private static byte[] udp(int bytes) {
        byte[] datagram = Packets.udpPayload(40_000, PathsUnderTest.PORT, bytes - 8);
        for (int i = 8; i < bytes; i++) {
            datagram[i] = (byte) (i * 31);
        }
        return datagram;
    }

    private static byte[] ipv6(int bytes) {
        return Packets.ip("fd00:e::1", "fd00:f::2", UDP, udp(bytes - 40));
    }

    private static byte[] ipv4(int bytes, byte[] packet, int flags) {
        assertEquals(bytes, packet.length);
        ByteBuffer header = ByteBuffer.wrap(packet).putShort(6, (short) flags);
        checkHeader(header);
        return packet;
    }

    private static void checkHeader(ByteBuffer packet) {
        packet.putShort(10, (short) 0);
        packet.putShort(10, (short) Checksum.complement(Checksum.sum(packet, 0, 20)));
    }
}

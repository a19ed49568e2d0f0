package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import net.vgate.packet.Checksum;
import net.vgate.packet.Ipv4Header;
import net.vgate.packet.PacketBatch.GsoType;
import net.vgate.policy.Packets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of packets when the path toward the peer carries less than the V-net's MTU. */
class PathFitTest {
    private static final int NARROW = 1_000;
    private static final int UDP = 17;

    @Test
    void whatFitsTheVnetAndNotThePathIsDroppedIfItMayNotBeFragmented() {
        PathsUnderTest paths = new PathsUnderTest(false, false);
        paths.fitPath(NARROW);
        paths.eastDevice().offer(whole(packet(NARROW)));
        paths.eastDevice().offer(whole(packet(NARROW + 1)));
        paths.run();
        assertEquals(1, paths.westDevice().delivered().size());
        assertEquals(Map.of("east FIT TOO_BIG", 1L), drops(paths));

        paths.fitPath(NARROW + 1);
        paths.eastDevice().offer(whole(packet(NARROW + 1)));
        paths.run();
        assertEquals(2, paths.westDevice().delivered().size());
    }

    @Test
    void fragmentsDoNotMakeRoomForMoreThanTheVnetTakes() {
        PathsUnderTest paths = new PathsUnderTest(false, false);
        paths.fitPath(NARROW);
        paths.eastDevice().offer(packet(PathsUnderTest.INNER_MTU + 1));
        paths.run();
        assertEquals(Map.of("east FIT TOO_BIG", 1L), drops(paths));
    }

    /** As a relay might have it, if it was believed: whatever becomes of the packets, the worker goes on. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 19, 20, 21, 27, 28})
    void aPathThatCarriesNextToNothingEndsNobody(int pathFits) {
        PathsUnderTest paths = new PathsUnderTest(false, true);
        paths.fitPath(pathFits);
        paths.eastDevice().offer(packet(PathsUnderTest.INNER_MTU));
        paths.eastDevice().offer(whole(packet(NARROW)));
        paths.run();
        paths.fitPath(NARROW);
        paths.westDevice().delivered().clear();
        paths.eastDevice().offer(whole(packet(NARROW)));
        paths.run();
        assertEquals(1, paths.westDevice().delivered().size());
    }

    @ParameterizedTest
    @ValueSource(ints = {68, 100, 576, 996, 1_000, 1_007, 1_413})
    void whatMayBeFragmentedArrivesInFragmentsThatFit(int pathFits) {
        for (boolean isPartial : new boolean[] {false, true}) {
            PathsUnderTest paths = new PathsUnderTest(false, true);
            byte[] packet = packet(PathsUnderTest.INNER_MTU);
            paths.eastDevice().offer(packet);
            paths.run();
            byte[] plain = paths.westDevice().delivered().get(0);

            paths.westDevice().delivered().clear();
            paths.fitPath(pathFits);
            paths.eastDevice().offer(packet);
            if (isPartial) {
                paths.eastDevice().offer(partial(packet), GsoType.NONE, 1);
            }
            paths.run();
            assertEquals(Map.of(), drops(paths));
            int each = paths.westDevice().delivered().size() / (isPartial ? 2 : 1);
            assertTrue(each > 1);
            for (int first = 0; first < paths.westDevice().delivered().size(); first += each) {
                assertArrayEquals(plain, reassemble(paths, first, each, pathFits));
            }
        }
    }

    private static Map<String, Long> drops(PathsUnderTest paths) {
        Map<String, Long> counts = paths.counts();
        counts.keySet().removeIf(name -> !name.startsWith("east ") && !name.startsWith("west "));
        return counts;
    }

    /** A datagram from east's member to west's, which may be fragmented. */
    private static byte[] packet(int bytes) {
        byte[] payload = Packets.udpPayload(40_000, PathsUnderTest.PORT, bytes - 28);
        byte[] data = new byte[bytes - 28];
        new SplittableRandom(bytes).nextBytes(data);
        System.arraycopy(data, 0, payload, 8, data.length);
        byte[] packet = Packets.ip("10.0.0.1", "100.64.2.2", UDP, payload);
        ByteBuffer bytesOf = ByteBuffer.wrap(packet);
        bytesOf.putShort(26, (short) 0);
        int sum = Checksum.add(Checksum.sum(bytesOf, 20, bytes - 20), pseudoHeader(bytesOf, bytes - 20));
        bytesOf.putShort(26, (short) Checksum.complement(sum));
        checkHeader(bytesOf);
        return packet;
    }

    private static int pseudoHeader(ByteBuffer packet, int bytes) {
        return Checksum.add(Checksum.sum(packet, Ipv4Header.SOURCE_OFFSET, 8), UDP + bytes);
    }

    /** The same with a checksum that the network card is to complete. */
    private static byte[] partial(byte[] packet) {
        byte[] partial = packet.clone();
        ByteBuffer bytes = ByteBuffer.wrap(partial);
        bytes.putShort(26, (short) pseudoHeader(bytes, packet.length - 20));
        return partial;
    }

    /** The same, and it may not be fragmented. */
    private static byte[] whole(byte[] packet) {
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        bytes.putShort(Ipv4Header.FRAGMENT_OFFSET, (short) Ipv4Header.DONT_FRAGMENT);
        checkHeader(bytes);
        return packet;
    }

    private static void checkHeader(ByteBuffer packet) {
        packet.putShort(Ipv4Header.CHECKSUM_OFFSET, (short) 0);
        packet.putShort(
                Ipv4Header.CHECKSUM_OFFSET, (short) Checksum.complement(Checksum.sum(packet, 0, Ipv4Header.BYTES)));
    }

    /** The packet that the delivered fragments make, by RFC 791 section 3.2. */
    private static byte[] reassemble(PathsUnderTest paths, int first, int count, int pathFits) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        byte[] header = Arrays.copyOf(paths.westDevice().delivered().get(first), Ipv4Header.BYTES);
        for (int i = first; i < first + count; i++) {
            byte[] fragment = paths.westDevice().delivered().get(i);
            ByteBuffer bytes = ByteBuffer.wrap(fragment);
            assertTrue(fragment.length <= pathFits);
            assertEquals(fragment.length, Ipv4Header.totalLength(bytes, 0));
            assertEquals(0xffff, Checksum.sum(bytes, 0, Ipv4Header.BYTES));
            int word = bytes.getShort(Ipv4Header.FRAGMENT_OFFSET);
            assertEquals(data.size(), (word & 0x1fff) * 8);
            assertEquals(i < first + count - 1, (word & Ipv4Header.MORE_FRAGMENTS) != 0);
            data.write(fragment, Ipv4Header.BYTES, fragment.length - Ipv4Header.BYTES);
        }
        byte[] packet = Arrays.copyOf(header, Ipv4Header.BYTES + data.size());
        System.arraycopy(data.toByteArray(), 0, packet, Ipv4Header.BYTES, data.size());
        ByteBuffer whole = ByteBuffer.wrap(packet);
        whole.putShort(Ipv4Header.TOTAL_LENGTH_OFFSET, (short) packet.length);
        whole.putShort(Ipv4Header.FRAGMENT_OFFSET, (short) 0);
        checkHeader(whole);
        return packet;
    }
}

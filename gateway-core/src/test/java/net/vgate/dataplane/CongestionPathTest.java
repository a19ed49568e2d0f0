package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch.GsoType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** One flow whose packets are of all classes, and a router that marks some of the datagrams that carry them. */
@ParameterizedClass(name = "seed {0}, datagrams come as one: {1}, the peer combines: {2}")
@CsvSource({"1, true, true", "2, false, true", "3, true, true", "4, true, false", "5, false, false"})
class CongestionPathTest {
    private static final int SUPER_PACKETS = 60;
    private static final int SEGMENT = 500;
    private static final int NOT_ECT = 0;
    private static final int ECT_1 = 1;
    private static final int ECT_0 = 2;
    private static final int CE = 3;
    private static final int[] DSCPS = {0, 8, 26, 46, 48, 56};

    private final SplittableRandom random;
    private final PathsUnderTest paths;
    private final boolean agrees;
    private final List<Integer> expected = new ArrayList<>();
    private final List<Integer> outer = new ArrayList<>();
    private long expectedMarks;
    private long expectedDrops;

    private int sequence = 1;
    private int identification;

    CongestionPathTest(long seed, boolean coalesces, boolean agrees) {
        this.random = new SplittableRandom(seed);
        this.agrees = agrees;
        paths = new PathsUnderTest(coalesces, true);
        if (agrees) {
            paths.agreeOnEcn();
        }
    }

    @Test
    void eachPacketArrivesAsTheTableHasIt() {
        // What the router does to the n-th datagram: nothing, mostly; or it marks; or it does what none may.
        List<Integer> fates = new ArrayList<>();
        for (int i = 0; i < SUPER_PACKETS; i++) {
            offer(fates);
        }
        int[] next = {0};
        paths.eastWire().route(trafficClass -> {
            outer.add(trafficClass);
            int fate = fates.get(next[0]++);
            return fate < 0 ? trafficClass : (trafficClass & 0xfc) | fate;
        });
        paths.run();

        List<Integer> arrived = new ArrayList<>();
        for (byte[] packet : paths.westDevice().delivered()) {
            arrived.add(packet[1] & 0xff);
            assertEquals(0xffff, naiveSum(Arrays.copyOf(packet, 20)), "the header's checksum");
        }
        assertEquals(expected, arrived);
        assertEquals(expectedMarks, paths.marks());
        assertEquals(expectedDrops, paths.counts().getOrDefault("west DECAPSULATE CONGESTION", 0L));
        assertTrue(expectedDrops > 0 && expectedMarks > 0);
        assertTrue(paths.westDevice().superPackets() > 10, paths.westDevice().superPackets() + " merged");
        assertTrue(outer.stream().anyMatch(trafficClass -> trafficClass >> 2 == 46));
        assertTrue(outer.stream().allMatch(trafficClass -> trafficClass >> 2 < 48), "nobody else's network control");
        assertEquals(agrees, outer.stream().anyMatch(trafficClass -> (trafficClass & CE) != NOT_ECT));
    }

    /** Offers packets of one class, and writes down what has to become of each. */
    private void offer(List<Integer> fates) {
        int inner = DSCPS[random.nextInt(DSCPS.length)] << 2 | random.nextInt(4);
        int count = 1 + random.nextInt(12);
        byte[] packet = tcp(inner, count * SEGMENT);
        paths.eastDevice().offer(packet, count > 1 ? GsoType.TCP4 : GsoType.NONE, SEGMENT);
        for (int i = 0; i < count; i++) {
            int fate = random.nextInt(3) > 0 ? -1 : random.nextInt(4);
            fates.add(fate);
            int arriving = fate >= 0 ? fate : agrees ? inner & CE : NOT_ECT;
            int ecn = naive(inner & CE, arriving);
            if (ecn < 0) {
                expectedDrops++;
            } else {
                expected.add((inner & 0xfc) | ecn);
                // What was marked before it came to the tunnel is no mark of the way.
                expectedMarks += arriving == CE && (inner & CE) != CE ? 1 : 0;
            }
        }
    }

    /** RFC 6040 figure 4, as a reader copies it; -1 is a drop. */
    private static int naive(int inner, int arriving) {
        if (inner == CE) {
            return CE;
        }
        if (arriving == CE) {
            return inner == NOT_ECT ? -1 : CE;
        }
        return inner == ECT_0 && arriving == ECT_1 ? ECT_1 : inner;
    }

    private byte[] tcp(int trafficClass, int payloadBytes) {
        int bytes = 40 + payloadBytes;
        ByteBuffer packet = ByteBuffer.allocate(bytes)
                .put((byte) 0x45)
                .put((byte) trafficClass)
                .putShort((short) bytes)
                .putShort((short) identification)
                .putShort((short) 0x4000)
                .put((byte) 63)
                .put((byte) 6)
                .putShort((short) 0)
                .putInt(address("10.0.0.1"))
                .putInt(address("100.64.2.1"))
                .putShort((short) 40_000)
                .putShort((short) PathsUnderTest.PORT)
                .putInt(sequence)
                .putInt(1)
                .putShort((short) 0x5010)
                .putShort((short) 500)
                .putInt(0);
        packet.putShort(10, (short) ~naiveSum(Arrays.copyOf(packet.array(), 20)));
        // Partial: the pseudo-header's sum.
        byte[] pseudo = ByteBuffer.allocate(12)
                .putLong(packet.getLong(12))
                .putShort((short) 6)
                .putShort((short) (bytes - 20))
                .array();
        packet.putShort(36, (short) naiveSum(pseudo));
        sequence += payloadBytes;
        identification += payloadBytes / SEGMENT;
        return packet.array();
    }

    private static int address(String text) {
        return IpAddress.parse(text).orElseThrow().ipv4Bits();
    }

    private static int naiveSum(byte[] words) {
        int sum = 0;
        for (int i = 0; i < words.length; i += 2) {
            sum += ((words[i] & 0xff) << 8) + (words[i + 1] & 0xff);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }
}

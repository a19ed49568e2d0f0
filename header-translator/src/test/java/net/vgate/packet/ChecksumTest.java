package net.vgate.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksumTest {
    /** Words where ones' complement arithmetic turns over. */
    private static final int[] EDGES = {0, 1, 2, 0x7fff, 0x8000, 0xfffd, 0xfffe, 0xffff};

    @Test
    void sumsTheExampleOfRfc1071Section3() {
        ByteBuffer data = ByteBuffer.wrap(Wire.words(0x0001, 0xf203, 0xf4f5, 0xf6f7));
        assertEquals(0xddf2, Checksum.sum(data, 0, 8));
        assertEquals(0x220d, Checksum.complement(Checksum.sum(data, 0, 8)));
    }

    @Test
    void updatesTheExampleOfRfc1624Section4() {
        assertEquals(0x0000, Checksum.update(0xdd2f, Checksum.delta16(0x5555, 0x3285)));
    }

    @Test
    void staysByteForByteWhatASumOverAllGives() {
        // Every pair of edges in every place of a header whose sum is not zero (none is: it has a protocol number).
        for (int fill : EDGES) {
            for (int before : EDGES) {
                for (int after : EDGES) {
                    byte[] old = Wire.words(0x0006, fill, before);
                    byte[] changed = Wire.words(0x0006, fill, after);
                    int checksum = ~Wire.naiveSum(old) & 0xffff;
                    int expected = ~Wire.naiveSum(changed) & 0xffff;
                    assertEquals(expected, Checksum.update(checksum, Checksum.delta16(before, after)));
                }
            }
        }
    }

    @Test
    void neverGivesMinusZeroForDataThatIsNotAllZero() {
        // RFC 1624 section 3: equation 2 of RFC 1071's kind gives 0xffff here.
        assertEquals(0x0000, Checksum.update(0x0000, Checksum.delta16(0x1234, 0x1234)));
        assertEquals(0x0000, Checksum.update(0x0001, Checksum.delta16(0x0000, 0x0001)));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void sumsLikeTheNaiveModelAtAnyPlaceAndLength(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 500; round++) {
            byte[] data = new byte[random.nextInt(80)];
            random.nextBytes(data);
            if (random.nextInt(4) == 0) {
                Arrays.fill(data, (byte) (random.nextBoolean() ? 0xff : 0));
            }
            int at = random.nextInt(9);
            ByteBuffer buffer = ByteBuffer.allocateDirect(at + data.length + 3).put(at, data);
            assertEquals(Wire.naiveSum(data), Checksum.sum(buffer, at, data.length));
        }
    }

    @Test
    void sumsTheLargestPacketOfOnes() {
        byte[] data = new byte[65_535];
        Arrays.fill(data, (byte) 0xff);
        assertEquals(Wire.naiveSum(data), Checksum.sum(ByteBuffer.wrap(data), 0, data.length));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
    void followsChangesOfEveryWidthLikeASumOverAll(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 2_000; round++) {
            byte[] before = Wire.bytes(edgy(random, 10), 0, 6);
            byte[] after = before.clone();
            int bytes = new int[] {2, 4, 8, 16}[random.nextInt(4)];
            int at = 2 * random.nextInt((before.length - bytes) / 2);
            System.arraycopy(edgy(random, 8), 0, after, at, bytes);
            int updated = Checksum.update(~Wire.naiveSum(before) & 0xffff, delta(before, after, at, bytes));
            assertEquals(~Wire.naiveSum(after) & 0xffff, updated);
        }
    }

    private static int delta(byte[] before, byte[] after, int at, int bytes) {
        ByteBuffer old = ByteBuffer.wrap(before);
        ByteBuffer now = ByteBuffer.wrap(after);
        return switch (bytes) {
            case 2 -> Checksum.delta16(old.getShort(at), now.getShort(at));
            case 4 -> Checksum.delta32(old.getInt(at), now.getInt(at));
            case 8 -> Checksum.delta64(old.getLong(at), now.getLong(at));
            default ->
                Checksum.deltaOfAddress(old.getLong(at), old.getLong(at + 8), now.getLong(at), now.getLong(at + 8));
        };
    }

    private static byte[] edgy(SplittableRandom random, int words) {
        int[] chosen = new int[words];
        Arrays.setAll(chosen, i -> random.nextInt(3) == 0 ? random.nextInt() : EDGES[random.nextInt(EDGES.length)]);
        return Wire.words(chosen);
    }

    @Test
    void sumsPseudoHeadersOfBothFamiliesInOneForm() {
        PacketBatch batch = new PacketBatch(2);
        byte[] segment = Wire.udp(1, 2, new byte[3]);
        int v4 = batch.addCopy(Wire.ipv4(0x0a00_0001, 0xffff_ffff, 17, segment));
        int v6 = batch.addCopy(Wire.ipv6(Wire.address6(1), Wire.address6(-1), 17, segment));
        batch.inner().parse(v4);
        batch.inner().parse(v6);
        assertEquals(
                Wire.pseudoSum(Wire.octets(0x0a00_0001), Wire.octets(0xffff_ffff), 17, 11),
                Checksum.pseudoHeader(batch.inner(), v4, 11));
        assertEquals(
                Wire.pseudoSum(Wire.address6(1), Wire.address6(-1), 17, 11),
                Checksum.pseudoHeader(batch.inner(), v6, 11));
    }
}

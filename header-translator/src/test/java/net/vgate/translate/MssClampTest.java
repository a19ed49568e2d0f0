package net.vgate.translate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.RandomPackets;
import net.vgate.packet.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MssClampTest {
    private static final int SYN = 0x02;
    private static final int SYN_ACK = 0x12;
    private static final int ACK = 0x10;

    private final PacketBatch batch = new PacketBatch(1, 2000);

    private static byte[] ipv4(byte[] segment) {
        return Wire.ipv4Whole(Wire.address(10, 0, 0, 7), Wire.address(10, 1, 0, 9), 6, segment);
    }

    private static byte[] ipv6(byte[] segment) {
        return Wire.ipv6Whole(Wire.address6(7), Wire.address6(9), 6, segment);
    }

    private static byte[] segment(int flags, byte[] options) {
        return Wire.tcp(1111, 443, flags, options, Wire.NOTHING);
    }

    private static byte[] mss(int value) {
        return Wire.bytes(2, 4, Wire.words(value));
    }

    private boolean clamp(byte[] packet, int mss) {
        batch.clear();
        int slot = batch.addCopy(packet);
        assertNull(batch.inner().parse(slot));
        return MssClamp.clamp(batch, slot, mss);
    }

    private void assertClamped(byte[] expected, byte[] packet, int mss) {
        assertTrue(clamp(packet, mss));
        assertArrayEquals(expected, batch.copyOut(0));
    }

    private void assertLeft(byte[] packet, int mss) {
        assertFalse(clamp(packet, mss));
        assertArrayEquals(packet, batch.copyOut(0));
    }

    @Test
    void lowersWhatBothSidesOfAHandshakeAnnounceInBothFamilies() {
        for (int flags : new int[] {SYN, SYN_ACK, SYN | 0xc0}) {
            assertClamped(ipv4(segment(flags, mss(1378))), ipv4(segment(flags, mss(1460))), 1378);
            assertClamped(ipv6(segment(flags, mss(1358))), ipv6(segment(flags, mss(1440))), 1358);
        }
    }

    @Test
    void neverRaises() {
        assertLeft(ipv4(segment(SYN, mss(1378))), 1378);
        assertLeft(ipv4(segment(SYN, mss(536))), 1378);
        assertLeft(ipv4(segment(SYN, mss(0))), 1378);
        assertClamped(ipv4(segment(SYN, mss(1378))), ipv4(segment(SYN, mss(0xffff))), 1378);
        assertClamped(ipv4(segment(SYN, mss(1378))), ipv4(segment(SYN, mss(1379))), 1378);
    }

    @Test
    void leavesOtherSegmentsAndOtherPackets() {
        assertLeft(ipv4(segment(ACK, mss(1460))), 1378);
        assertLeft(ipv4(segment(0x04, mss(1460))), 1378);
        assertLeft(ipv4(segment(SYN, Wire.NOTHING)), 1378);
        byte[] udp = Wire.udp(2, 4, Wire.words(1460, 1460));
        assertLeft(Wire.ipv4Whole(1, 2, 17, udp), 1378);
    }

    @Test
    void findsTheOptionBehindOthersAndAtOddPlaces() {
        byte[] behind = Wire.bytes(1, 3, 3, 7, 8, 10, new byte[8], 4, 2, mss(1460), 0, 0);
        byte[] clamped = Wire.bytes(1, 3, 3, 7, 8, 10, new byte[8], 4, 2, mss(1337), 0, 0);
        assertClamped(ipv4(segment(SYN, clamped)), ipv4(segment(SYN, behind)), 1337);
        byte[] odd = Wire.bytes(1, mss(1460), 1, 1, 1);
        assertClamped(ipv4(segment(SYN, Wire.bytes(1, mss(1337), 1, 1, 1))), ipv4(segment(SYN, odd)), 1337);
        assertClamped(ipv6(segment(SYN, Wire.bytes(1, mss(1337), 1, 1, 1))), ipv6(segment(SYN, odd)), 1337);
    }

    @Test
    void lowersEveryOneOfSeveral() {
        byte[] two = Wire.bytes(mss(1460), mss(9000));
        assertClamped(ipv4(segment(SYN, Wire.bytes(mss(1378), mss(1378)))), ipv4(segment(SYN, two)), 1378);
    }

    @Test
    void leavesBrokenOptions() {
        for (byte[] broken : new byte[][] {
            {2, 0, 5, (byte) 0xb4},
            {2, 1, 5, (byte) 0xb4},
            {2, 3, 5, (byte) 0xb4},
            {1, 1, 2, 4},
            {1, 1, 1, 2},
            {3, 0, 2, 4, 5, (byte) 0xb4, 1, 1},
            {3, 9, 2, 4, 5, (byte) 0xb4, 1, 1},
            {0, 1, 1, 1, 2, 4, 5, (byte) 0xb4},
            {2, 5, 5, (byte) 0xb4, 0, 1, 1, 1},
        }) {
            assertLeft(ipv4(segment(SYN, broken)), 1000);
        }
    }

    @Test
    void leavesAPartialChecksumForItCoversNoOptions() {
        byte[] packet = Wire.ipv4(1, 2, 6, Wire.withPartial(segment(SYN, mss(1460)), 16, 0x1234));
        batch.clear();
        int slot = batch.addCopy(packet);
        assertNull(batch.inner().parse(slot));
        batch.setChecksumState(slot, ChecksumState.PARTIAL);
        assertTrue(MssClamp.clamp(batch, slot, 1378));
        assertArrayEquals(
                Wire.ipv4(1, 2, 6, Wire.withPartial(segment(SYN, mss(1378)), 16, 0x1234)), batch.copyOut(slot));
    }

    @Test
    void countsHeadersWithoutOptionsAsRfc6691Says() {
        assertEquals(1460, MssClamp.segmentBytes(1500, 4));
        assertEquals(1440, MssClamp.segmentBytes(1500, 6));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void givesWhatANaiveClampGives(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 2_000; round++) {
            byte[] options = RandomPackets.options(random);
            int mss = random.nextInt(3) == 0 ? random.nextInt(65_536) : 0x0100 + random.nextInt(3);
            int flags = random.nextInt(4) == 0 ? ACK : SYN;
            byte[] expected = flags == SYN ? naive(options, mss) : options;
            boolean v4 = random.nextBoolean();
            clamp(v4 ? ipv4(segment(flags, options)) : ipv6(segment(flags, options)), mss);
            byte[] model = v4 ? ipv4(segment(flags, expected)) : ipv6(segment(flags, expected));
            assertArrayEquals(model, batch.copyOut(0));
        }
    }

    private static byte[] naive(byte[] options, int mss) {
        ByteBuffer rest = ByteBuffer.wrap(options.clone());
        while (rest.hasRemaining()) {
            int kind = rest.get();
            if (kind == 0) {
                break;
            }
            if (kind == 1) {
                continue;
            }
            if (!rest.hasRemaining()) {
                break;
            }
            int length = rest.get() & 0xff;
            if (length < 2 || length - 2 > rest.remaining()) {
                break;
            }
            if (kind == 2 && length == 4 && (rest.getShort(rest.position()) & 0xffff) > mss) {
                rest.putShort(rest.position(), (short) mss);
            }
            rest.position(rest.position() + length - 2);
        }
        return rest.array();
    }
}

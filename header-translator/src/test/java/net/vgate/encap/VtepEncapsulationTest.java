package net.vgate.encap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import net.vgate.packet.DropReason;
import net.vgate.packet.Wire;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VtepEncapsulationTest {
    /** Where in a buffer headers begin, so that a place that is taken for an offset into the header shows. */
    private static final int AT = 3;

    private static @Nullable DropReason check(VtepEncapsulation kind, Object... parts) {
        byte[] bytes = Wire.bytes(parts);
        return kind.check(placed(bytes), AT, bytes.length);
    }

    /** Nothing follows the bytes, so that reading beyond them fails. */
    private static ByteBuffer placed(byte[] bytes) {
        return ByteBuffer.allocate(AT + bytes.length).put(AT, bytes);
    }

    @Test
    void writesTheVxlanHeaderOfRfc7348Section5() {
        ByteBuffer buffer = ByteBuffer.allocate(8);
        VtepEncapsulation.VXLAN.write(buffer, 0, 0xfffefd);
        assertArrayEquals(Wire.bytes(0x08, 0, 0, 0, 0xff, 0xfe, 0xfd, 0), buffer.array());
    }

    @Test
    void writesTheGeneveHeaderOfRfc8926Section3() {
        ByteBuffer buffer = ByteBuffer.allocate(8);
        VtepEncapsulation.GENEVE.write(buffer, 0, 0xfffefd);
        assertArrayEquals(Wire.bytes(0, 0, 0x65, 0x58, 0xff, 0xfe, 0xfd, 0), buffer.array());
    }

    @ParameterizedTest
    @EnumSource
    void readsWhatItWrites(VtepEncapsulation kind) {
        for (int vni : new int[] {0, 1, 5001, 0x80_0000, 0xff_ffff}) {
            ByteBuffer buffer = ByteBuffer.allocate(AT + VtepEncapsulation.WRITTEN_BYTES);
            kind.write(buffer, AT, vni);
            assertNull(kind.check(buffer, AT, VtepEncapsulation.WRITTEN_BYTES));
            assertEquals(vni, kind.vni(buffer, AT));
            assertEquals(VtepEncapsulation.WRITTEN_BYTES, kind.headerBytes(buffer, AT));
        }
    }

    /** RFC 7348 section 5: "the I flag MUST be set to 1 for a valid VNI", the others "MUST be [...] ignored". */
    @Test
    void vxlanNeedsTheVniFlagAndIgnoresAllOthers() {
        for (int flags = 0; flags < 0x100; flags++) {
            DropReason expected = (flags & 0x08) != 0 ? null : DropReason.ENCAPSULATION;
            assertEquals(expected, check(VtepEncapsulation.VXLAN, flags, 0xff, 0xff, 0xff, 0, 0x13, 0x89, 0xff));
        }
    }

    @Test
    void geneveCarriesFramesAlone() {
        for (int type = 0; type < 0x1_0000; type++) {
            DropReason expected = type == 0x6558 ? null : DropReason.ENCAPSULATION;
            assertEquals(expected, check(VtepEncapsulation.GENEVE, 0, 0, type >>> 8, type & 0xff, 0, 0x13, 0x89, 0));
        }
    }

    @Test
    void geneveOptionsArePassedOverUnlessTheyAreCritical() {
        byte[] withOption = Wire.bytes(2, 0, 0x65, 0x58, 0, 0, 1, 0, 0x01, 0x02, 0x03, 0x01, 9, 9, 9, 9);
        assertNull(check(VtepEncapsulation.GENEVE, withOption));
        assertEquals(16, VtepEncapsulation.GENEVE.headerBytes(placed(withOption), AT));
        withOption[10] |= (byte) 0x80;
        assertEquals(DropReason.ENCAPSULATION, check(VtepEncapsulation.GENEVE, withOption), "the option's own bit");
        withOption[10] &= 0x7f;
        withOption[1] = 0x40;
        assertEquals(DropReason.ENCAPSULATION, check(VtepEncapsulation.GENEVE, withOption), "the C bit");
        withOption[1] = (byte) 0x80;
        assertEquals(DropReason.ENCAPSULATION, check(VtepEncapsulation.GENEVE, withOption), "the O bit");
        withOption[1] = 0;
        withOption[11] = 2;
        assertEquals(DropReason.ENCAPSULATION, check(VtepEncapsulation.GENEVE, withOption), "longer than there is");
        withOption[11] = 1;
        withOption[0] = 3;
        assertEquals(DropReason.ENCAPSULATION, check(VtepEncapsulation.GENEVE, withOption), "more options than bytes");
        withOption[0] = 0x42;
        assertEquals(DropReason.ENCAPSULATION, check(VtepEncapsulation.GENEVE, withOption), "another version");
        byte[] ours = Wire.bytes(2, 0, 0x65, 0x58, 0, 0, 1, 0, 0xff, 0x56, 0x82, 0x01, 9, 9, 9, 9);
        assertEquals(DropReason.ENCAPSULATION, check(VtepEncapsulation.GENEVE, ours), "our own between gateways");
    }

    /** Whatever comes: no byte beyond the datagram is read, and a header that is accepted lies within it. */
    @ParameterizedTest
    @EnumSource
    void anyBytesAreJudgedWithinTheirBounds(VtepEncapsulation kind) {
        SplittableRandom random = new SplittableRandom(7348);
        int accepted = 0;
        for (int round = 0; round < 200_000; round++) {
            byte[] bytes = new byte[random.nextInt(0, 40)];
            random.nextBytes(bytes);
            if (bytes.length >= 4 && random.nextInt(8) != 0) {
                bytes[0] = (byte) (kind == VtepEncapsulation.VXLAN ? bytes[0] : random.nextInt(8));
                bytes[1] = 0;
                bytes[2] = 0x65;
                bytes[3] = 0x58;
            }
            for (int option = 8; option + 4 <= bytes.length; option += 4) {
                bytes[option + 2] &= (byte) (random.nextInt(4) == 0 ? 0xff : 0x7f);
                bytes[option + 3] &= (byte) (random.nextInt(4) == 0 ? 0xff : 0x01);
            }
            ByteBuffer placed = placed(bytes);
            if (kind.check(placed, AT, bytes.length) == null) {
                accepted++;
                assertTrue(kind.headerBytes(placed, AT) <= bytes.length);
                assertTrue(kind.vni(placed, AT) >>> 24 == 0);
            }
        }
        assertTrue(accepted > 1_000, "the fuzz reaches what is accepted: " + accepted);
    }
}

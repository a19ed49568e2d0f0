package net.vgate.encap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.Wire;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FragmentOptionTest {
    private static final byte[] OPTION = Wire.bytes(0xff, 0x56, 0x83, 0x02, 1, 2, 3, 4, 0x05, 0xdc, 0, 2);

    private final PacketBatch batch = new PacketBatch(1, 2_000);

    @Test
    void isCriticalAndStandsBeforeTheChecksumsOption() {
        int slot = batch.addCopy(new byte[1_500]);
        Geneve.pushFragment(batch, slot, 5_001, Geneve.IPV4, 0x01020304, 2, true);
        byte[] header = Wire.bytes(4, 0x40, 0x08, 0x00, 0x00, 0x13, 0x89, 0x00, OPTION, 0xff, 0x56, 0x82, 0x00);
        assertArrayEquals(Wire.bytes(header, new byte[1_500]), batch.copyOut(slot));
        assertNull(Geneve.check(batch, slot));
        int at = batch.offset(slot);
        assertTrue(Geneve.hasCritical(batch.slab(), at));
        assertTrue(ChecksumOption.isIn(batch.slab(), at));
        assertEquals(at + Geneve.BYTES, FragmentOption.find(batch.slab(), at));
    }

    @Test
    void isFoundBehindOthersAndNotInThem() {
        byte[] other = Wire.bytes(0, 1, 1, 3, OPTION);
        assertNull(check(7, other, OPTION));
        assertEquals(batch.offset(0) + Geneve.BYTES + 16, FragmentOption.find(batch.slab(), batch.offset(0)));
        assertNull(check(4, other));
        assertEquals(-1, FragmentOption.find(batch.slab(), batch.offset(0)));
    }

    @Test
    void isNoOtherOptionOfItsType() {
        assertEquals(DropReason.ENCAPSULATION, check(1, 0xff, 0x56, 0x83, 0), "without data");
        assertEquals(DropReason.ENCAPSULATION, check(4, 0xff, 0x56, 0x83, 3, new byte[12]), "with more");
        assertEquals(DropReason.ENCAPSULATION, check(2, OPTION), "cut off");
        assertNull(check(3, 0xff, 0x56, 0x83, 0xe2, new byte[8]), "reserved bits");
    }

    @Test
    void tellsOfFragmentsThatMakeAPacketExactly() {
        assertTrue(isValid(1_500, 0, 2, 750));
        assertTrue(isValid(1_500, 1, 2, 750));
        assertTrue(isValid(1_501, 0, 2, 751));
        assertTrue(isValid(1_501, 1, 2, 750));
        assertTrue(isValid(65_535, 63, 64, 1_023));
        assertFalse(isValid(1_500, 0, 2, 749), "smaller than the others");
        assertFalse(isValid(1_500, 0, 2, 751), "reaches into the next one");
        assertFalse(isValid(1_501, 1, 2, 751), "reaches beyond the end");
        assertFalse(isValid(1_500, 2, 2, 750), "behind the end");
        assertFalse(isValid(1_500, 255, 2, 750));
        assertFalse(isValid(1_500, 0, 1, 1_500), "one is no fragment");
        assertFalse(isValid(1_500, 0, 0, 0));
        assertFalse(isValid(65_535, 0, 65, 1_009), "more than there may be");
        assertFalse(isValid(254, 0, 2, 127), "tiny");
        assertTrue(isValid(256, 0, 2, 128));
        assertFalse(isValid(0, 0, 2, 0));
    }

    private static boolean isValid(int total, int index, int count, int bytes) {
        ByteBuffer buffer = ByteBuffer.allocate(FragmentOption.BYTES);
        buffer.putShort(8, (short) total).put(10, (byte) index).put(11, (byte) count);
        return FragmentOption.isValid(buffer, 0, bytes);
    }

    private @Nullable DropReason check(int words, Object... options) {
        batch.clear();
        byte[] header = Wire.bytes(words, 0x40, 0x08, 0x00, 0x00, 0x13, 0x89, 0x00);
        int slot = batch.addCopy(Wire.bytes(header, Wire.bytes(options)));
        return Geneve.check(batch, slot);
    }
}

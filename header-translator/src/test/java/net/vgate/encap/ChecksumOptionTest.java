package net.vgate.encap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.Wire;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChecksumOptionTest {
    private static final byte[] OPTION = Wire.bytes(0xff, 0x56, 0x82, 0x00);

    private final PacketBatch batch = new PacketBatch(1, 400);

    private @Nullable DropReason check(int words, Object... options) {
        batch.clear();
        byte[] header = Wire.bytes(words, 0x40, 0x08, 0x00, 0x00, 0x13, 0x89, 0x00);
        return Geneve.check(batch, batch.addCopy(Wire.bytes(header, Wire.bytes(options), new byte[20])));
    }

    private boolean isThere() {
        return ChecksumOption.isIn(batch.slab(), batch.offset(0));
    }

    @Test
    void isCriticalAndFourBytesLong() {
        int slot = batch.addCopy(new byte[] {0x45, 0x01});
        Geneve.pushPartial(batch, slot, 5_001, Geneve.IPV4);
        byte[] expected = Wire.bytes(1, 0x40, 0x08, 0x00, 0x00, 0x13, 0x89, 0x00, OPTION, 0x45, 0x01);
        assertArrayEquals(expected, batch.copyOut(slot));
        assertNull(Geneve.check(batch, slot));
        assertTrue(Geneve.hasCritical(batch.slab(), batch.offset(slot)));
        assertEquals(Geneve.BYTES + ChecksumOption.BYTES, Geneve.headerBytes(batch.slab(), batch.offset(slot)));
        assertTrue(isThere());
    }

    @Test
    void isFoundAmongOthersAndNotInThem() {
        byte[] other = Wire.bytes(0, 1, 1, 1, OPTION);
        assertNull(check(3, other, OPTION));
        assertTrue(isThere());
        assertNull(check(2, OPTION, OPTION));
        assertTrue(isThere());
        assertNull(check(2, other));
        assertFalse(isThere());
        assertNull(check(0));
        assertFalse(isThere());
        assertNull(check(0, OPTION), "bytes of the packet");
        assertFalse(isThere());
    }

    @Test
    void isKnownWhateverItsReservedBitsAre() {
        assertNull(check(1, 0xff, 0x56, 0x82, 0xe0));
        assertTrue(isThere());
    }

    @Test
    void isNoOtherOptionOfItsClassOrType() {
        assertEquals(DropReason.ENCAPSULATION, check(1, 0xff, 0x56, 0x83, 0));
        assertEquals(DropReason.ENCAPSULATION, check(1, 0xff, 0x57, 0x82, 0));
        assertEquals(DropReason.ENCAPSULATION, check(2, 0xff, 0x56, 0x82, 1, 0, 0, 0, 0), "it has no data");
        assertNull(check(1, 0xff, 0x56, 0x02, 0));
        assertFalse(isThere(), "not critical");
    }
}

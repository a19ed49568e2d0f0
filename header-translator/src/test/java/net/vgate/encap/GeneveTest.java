package net.vgate.encap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.Wire;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GeneveTest {
    private final PacketBatch batch = new PacketBatch(1, 400);

    private @Nullable DropReason check(Object... parts) {
        batch.clear();
        return Geneve.check(batch, batch.addCopy(Wire.bytes(parts)));
    }

    /** A header with the given first byte and flags, for IPv4 of V-net 5001. */
    private static byte[] header(int first, int flags) {
        return Wire.bytes(first, flags, 0x08, 0x00, 0x00, 0x13, 0x89, 0x00);
    }

    @Test
    void writesTheHeaderOfRfc8926Section3() {
        int slot = batch.addCopy(new byte[] {0x45, 0x01});
        Geneve.push(batch, slot, 0xfffefd, Geneve.IPV6, false);
        assertArrayEquals(Wire.bytes(0x00, 0x00, 0x86, 0xdd, 0xff, 0xfe, 0xfd, 0x00, 0x45, 0x01), batch.copyOut(slot));
        assertNull(Geneve.check(batch, slot));
        int at = batch.offset(slot);
        assertEquals(0xfffefd, Geneve.vni(batch.slab(), at));
        assertEquals(Geneve.IPV6, Geneve.protocolType(batch.slab(), at));
        assertEquals(8, Geneve.headerBytes(batch.slab(), at));
        assertFalse(Geneve.isControl(batch.slab(), at));
    }

    @Test
    void marksControlMessagesWithTheOBit() {
        int slot = batch.addCopy(new byte[] {1});
        Geneve.push(batch, slot, 0, Geneve.CONTROL, true);
        assertArrayEquals(Wire.bytes(0x00, 0x80, 0x88, 0xb5, 0, 0, 0, 0, 1), batch.copyOut(slot));
        assertNull(Geneve.check(batch, slot));
        assertTrue(Geneve.isControl(batch.slab(), batch.offset(slot)));
    }

    @Test
    void acceptsEveryProtocolThatWeCarryAndNoOther() {
        for (int type = 0; type < 0x1_0000; type++) {
            boolean carried = type == 0x0800 || type == 0x86dd || type == 0x6558;
            DropReason expected = carried ? null : DropReason.ENCAPSULATION;
            assertEquals(expected, check(0, 0, type >>> 8, type & 0xff, 0, 0, 1, 0));
        }
    }

    @Test
    void takesControlOnlyWithOBitAndVniZeroAndTheirTypeTogether() {
        assertNull(check(0, 0x80, 0x88, 0xb5, 0, 0, 0, 0));
        assertEquals(DropReason.ENCAPSULATION, check(0, 0x00, 0x88, 0xb5, 0, 0, 0, 0));
        assertEquals(DropReason.ENCAPSULATION, check(0, 0x80, 0x88, 0xb5, 0, 0, 1, 0));
        assertEquals(DropReason.ENCAPSULATION, check(0, 0x80, 0x08, 0x00, 0, 0, 0, 0));
    }

    @Test
    void refusesOtherVersions() {
        assertNull(check(header(0x00, 0)));
        assertEquals(DropReason.ENCAPSULATION, check(header(0x40, 0)));
        assertEquals(DropReason.ENCAPSULATION, check(header(0x80, 0)));
        assertEquals(DropReason.ENCAPSULATION, check(header(0xc0, 0)));
    }

    @Test
    void ignoresReservedBits() {
        assertNull(check(0x00, 0x3f, 0x08, 0x00, 0, 0, 1, 0xff));
        assertEquals(1, Geneve.vni(batch.slab(), batch.offset(0)));
    }

    @Test
    void refusesHeadersThatAreCutOff() {
        byte[] whole = Wire.bytes(header(2, 0), 0x01, 0x02, 0x03, 1, new byte[4]);
        assertNull(check(whole));
        for (int length = 0; length < whole.length; length++) {
            assertEquals(DropReason.ENCAPSULATION, check((Object) Arrays.copyOf(whole, length)));
        }
    }

    @Test
    void refusesOptionsThatDoNotFillTheirSpaceExactly() {
        // One option of 8 bytes in a space of 4, and two of 8 in a space of 12.
        assertEquals(DropReason.ENCAPSULATION, check(header(1, 0), 0, 1, 1, 1, new byte[40]));
        assertEquals(DropReason.ENCAPSULATION, check(header(3, 0), 0, 1, 1, 1, new byte[4], 0, 1, 1, 1, new byte[40]));
        // The reserved bits beside the length are none of it.
        assertNull(check(header(1, 0), 0, 1, 1, 0xe0, new byte[40]));
    }

    @Test
    void refusesUnknownCriticalOptionsWhateverTheCBitSays() {
        byte[] critical = Wire.bytes(0, 1, 0x81, 0);
        byte[] harmless = Wire.bytes(0, 1, 0x01, 0);
        assertEquals(DropReason.ENCAPSULATION, check(header(1, 0x40), critical));
        assertEquals(DropReason.ENCAPSULATION, check(header(1, 0x00), critical));
        assertEquals(DropReason.ENCAPSULATION, check(header(2, 0x40), harmless, critical));
        assertNull(check(header(1, 0x00), harmless));
        assertNull(check(header(1, 0x40), harmless));
        assertTrue(Geneve.hasCritical(batch.slab(), batch.offset(0)));
    }

    @Test
    void walksAsManyOptionsAsFit() {
        byte[] options = new byte[63 * 4];
        assertNull(check(header(63, 0), options));
        assertEquals(Geneve.MAX_BYTES, Geneve.headerBytes(batch.slab(), batch.offset(0)));
    }

    @Test
    void carriesLocatorsOfBothEnds() {
        int slot = batch.addCopy(new byte[] {0x45});
        LocatorOption.push(batch, slot);
        LocatorOption.setSource(batch.slab(), batch.offset(slot), 0, 0xffff_0a00_0001L);
        LocatorOption.setDestination(batch.slab(), batch.offset(slot), 0x2001_0db8_0000_0000L, -2);
        Geneve.pushBeforeOptions(batch, slot, 7, Geneve.IPV4, LocatorOption.BYTES);
        assertNull(Geneve.check(batch, slot));
        int at = batch.offset(slot);
        assertEquals(44, Geneve.headerBytes(batch.slab(), at));
        assertEquals(7, Geneve.vni(batch.slab(), at));
        int option = LocatorOption.find(batch.slab(), at);
        assertEquals(at + 8, option);
        assertEquals(0, LocatorOption.sourceHi(batch.slab(), option));
        assertEquals(0xffff_0a00_0001L, LocatorOption.sourceLo(batch.slab(), option));
        assertEquals(0x2001_0db8_0000_0000L, LocatorOption.destinationHi(batch.slab(), option));
        assertEquals(-2, LocatorOption.destinationLo(batch.slab(), option));
    }

    @Test
    void findsTheLocatorsBehindOtherOptionsAndNotInThem() {
        byte[] locators = Wire.bytes(0xff, 0x56, 0x01, 8, new byte[32]);
        byte[] other = Wire.bytes(0, 1, 1, 1, 0xff, 0x56, 0x01, 8);
        assertNull(check(header(11, 0), other, locators));
        assertEquals(batch.offset(0) + 16, LocatorOption.find(batch.slab(), batch.offset(0)));
        assertNull(check(header(2, 0), other, locators));
        assertEquals(-1, LocatorOption.find(batch.slab(), batch.offset(0)));
        assertNull(check(header(2, 0), 0xff, 0x56, 0x01, 1, new byte[60]));
        assertEquals(-1, LocatorOption.find(batch.slab(), batch.offset(0)), "too short to be one");
    }
}

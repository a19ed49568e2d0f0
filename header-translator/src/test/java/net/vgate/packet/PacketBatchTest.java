package net.vgate.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;
import net.vgate.packet.PacketBatch.Layer;
import org.junit.jupiter.api.Test;

class PacketBatchTest {
    private final PacketBatch batch = new PacketBatch(3, 1500);

    @Test
    void keepsAPacketInPlaceWhileHeadersComeAndGo() {
        int slot = batch.addCopy(new byte[] {1, 2, 3});
        batch.pushHeader(slot, 2);
        batch.slab().putShort(batch.offset(slot), (short) 0x0809);
        assertArrayEquals(new byte[] {8, 9, 1, 2, 3}, batch.copyOut(slot));
        batch.popHeader(slot, 3);
        assertArrayEquals(new byte[] {2, 3}, batch.copyOut(slot));
    }

    @Test
    void isLoudWhenHeadroomOrBytesAreGone() {
        int slot = batch.addCopy(new byte[] {1, 2, 3});
        batch.pushHeader(slot, PacketBatch.HEADROOM_BYTES);
        assertThrows(IndexOutOfBoundsException.class, () -> batch.pushHeader(slot, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> batch.pushHeader(slot, -1));
        assertThrows(IndexOutOfBoundsException.class, () -> batch.popHeader(slot, batch.length(slot) + 1));
        assertThrows(IndexOutOfBoundsException.class, () -> batch.popHeader(slot, -1));
        assertEquals(PacketBatch.HEADROOM_BYTES + 3, batch.length(slot));
        int second = batch.addCopy(new byte[1]);
        batch.pushHeader(second, PacketBatch.HEADROOM_BYTES);
        assertThrows(IndexOutOfBoundsException.class, () -> batch.pushHeader(second, 1), "not into the slot before");
    }

    @Test
    void holdsTheLargestPacketWithItsTailroom() {
        PacketBatch large = new PacketBatch(2);
        int slot = large.add(PacketBatch.MAX_PACKET_BYTES);
        assertTrue(large.maxLength(slot) >= PacketBatch.MAX_PACKET_BYTES + PacketBatch.TAILROOM_BYTES);
        large.setLength(slot, large.maxLength(slot));
        assertThrows(IndexOutOfBoundsException.class, () -> large.setLength(slot, large.maxLength(slot) + 1));
        assertThrows(IndexOutOfBoundsException.class, () -> large.setLength(slot, -1));
        int next = large.add(1);
        assertTrue(large.offset(slot) + large.length(slot) <= large.offset(next) - PacketBatch.HEADROOM_BYTES);
    }

    @Test
    void refusesMorePacketsThanFit() {
        batch.add(1);
        batch.add(1);
        batch.add(1);
        assertEquals(0, batch.remaining());
        assertThrows(IndexOutOfBoundsException.class, () -> batch.add(1));
        assertEquals(3, batch.size());
        batch.removeLast();
        assertEquals(1, batch.remaining());
    }

    @Test
    void keepsTheFirstReasonOfADrop() {
        int slot = batch.add(1);
        assertTrue(batch.isLive(slot));
        batch.drop(slot, DropReason.POLICY);
        batch.drop(slot, DropReason.REPLAY);
        assertEquals(DropReason.POLICY, batch.dropReason(slot));
        assertFalse(batch.isLive(slot));
        batch.clear();
        assertNull(batch.dropReason(batch.add(1)));
    }

    @Test
    void forgetsEverythingOfThePacketThatWasInASlot() {
        int slot = batch.addCopy(Wire.ipv4Whole(1, 2, 17, Wire.udp(1, 2, new byte[4])));
        assertNull(batch.inner().parse(slot));
        batch.setLayer(slot, Layer.L2);
        batch.setChecksumState(slot, ChecksumState.PARTIAL);
        batch.setGso(slot, GsoType.TCP4, 1400);
        batch.setVnet(slot, 4);
        batch.setSite(slot, 5);
        batch.setCarrier(slot, 6);
        batch.setLocal(slot, 7);
        batch.setParts(slot, 9);
        int other = batch.add(1);
        batch.merge(slot, slot, other);
        batch.removeLast();
        batch.drop(slot, DropReason.POLICY);
        batch.removeLast();
        assertEquals(slot, batch.add(1));
        assertEquals(Layer.L3, batch.layer(slot));
        assertEquals(ChecksumState.UNKNOWN, batch.checksumState(slot));
        assertEquals(GsoType.NONE, batch.gsoType(slot));
        assertEquals(0, batch.gsoSize(slot));
        assertEquals(PacketBatch.NONE, batch.vnet(slot));
        assertEquals(PacketBatch.NONE, batch.site(slot));
        assertEquals(PacketBatch.NONE, batch.carrier(slot));
        assertEquals(0, batch.local(slot));
        assertEquals(PacketBatch.NONE, batch.next(slot));
        assertEquals(1, batch.parts(slot));
        assertTrue(batch.isLive(slot));
        assertEquals(0, batch.inner().version(slot));
    }

    @Test
    void namesEveryDropReasonOnceInLowerCase() {
        for (int i = 0; i < DropReason.count(); i++) {
            DropReason reason = DropReason.of(i);
            assertTrue(reason.label().matches("[a-z0-9_]+"));
            assertEquals(reason, DropReason.valueOf(reason.label().toUpperCase(Locale.ROOT)));
        }
    }
}

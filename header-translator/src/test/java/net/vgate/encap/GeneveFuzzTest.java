package net.vgate.encap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import net.vgate.packet.PacketBatch;

class GeneveFuzzTest {
    private static final int MAX_BYTES = 400;

    private final PacketBatch batch = new PacketBatch(1, MAX_BYTES);

    @FuzzTest
    void acceptsOnlyHeadersThatAreInsideThePacket(byte[] bytes) {
        byte[] packet = Arrays.copyOf(bytes, Math.min(bytes.length, MAX_BYTES));
        batch.clear();
        int slot = batch.addCopy(packet);
        boolean accepted = Geneve.check(batch, slot) == null;
        assertArrayEquals(packet, batch.copyOut(slot));
        if (!accepted) {
            return;
        }
        int at = batch.offset(slot);
        int headerBytes = Geneve.headerBytes(batch.slab(), at);
        assertTrue(headerBytes >= Geneve.BYTES && headerBytes <= packet.length);
        int vni = Geneve.vni(batch.slab(), at);
        assertTrue(vni >= 0 && vni < 1 << 24);
        int option = LocatorOption.find(batch.slab(), at);
        assertTrue(option < 0 || (option > at && option + LocatorOption.BYTES <= at + headerBytes));
        boolean isPartial = ChecksumOption.isIn(batch.slab(), at);
        int fragment = FragmentOption.find(batch.slab(), at);
        assertTrue(fragment < 0 || (fragment > at && fragment + FragmentOption.BYTES <= at + headerBytes));
        if (fragment >= 0 && FragmentOption.isValid(batch.slab(), fragment, packet.length - headerBytes)) {
            isInsideItsPacket(fragment, packet.length - headerBytes);
        }
        batch.popHeader(slot, headerBytes);
        comesBackWithItsOption(slot, vni, isPartial, batch.copyOut(slot));
    }

    private void isInsideItsPacket(int option, int bytes) {
        int total = FragmentOption.totalBytes(batch.slab(), option);
        int count = FragmentOption.count(batch.slab(), option);
        int index = FragmentOption.index(batch.slab(), option);
        int from = index * FragmentOption.fragmentBytes(total, count);
        assertTrue(bytes > 0 && from + bytes <= total);
        assertEquals(index == count - 1, from + bytes == total);
        assertTrue(index < FragmentOption.MAX_COUNT);
    }

    private void comesBackWithItsOption(int slot, int vni, boolean isPartial, byte[] inner) {
        if (isPartial) {
            Geneve.pushPartial(batch, slot, vni, Geneve.IPV6);
        } else {
            Geneve.push(batch, slot, vni, Geneve.IPV6, false);
        }
        assertNull(Geneve.check(batch, slot));
        int at = batch.offset(slot);
        assertEquals(isPartial, ChecksumOption.isIn(batch.slab(), at));
        assertEquals(isPartial, Geneve.hasCritical(batch.slab(), at));
        assertEquals(vni, Geneve.vni(batch.slab(), at));
        batch.popHeader(slot, Geneve.headerBytes(batch.slab(), at));
        assertArrayEquals(inner, batch.copyOut(slot));
    }
}

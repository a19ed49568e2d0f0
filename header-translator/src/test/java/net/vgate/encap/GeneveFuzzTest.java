package net.vgate.encap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
        batch.popHeader(slot, headerBytes);
    }
}

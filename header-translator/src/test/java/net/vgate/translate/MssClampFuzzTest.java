package net.vgate.translate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.TcpHeader;
import net.vgate.packet.Wire;

class MssClampFuzzTest {
    private static final int MAX_BYTES = 2_000;
    private static final int MSS = 1300;

    private final PacketBatch batch = new PacketBatch(1, MAX_BYTES);

    @FuzzTest
    void changesOnlyOptionsAndKeepsTheSum(byte[] bytes) {
        batch.clear();
        int slot = batch.addCopy(Arrays.copyOf(bytes, Math.min(bytes.length, MAX_BYTES)));
        if (batch.inner().parse(slot) != null) {
            return;
        }
        byte[] before = batch.copyOut(slot);
        boolean changed = MssClamp.clamp(batch, slot, MSS);
        byte[] after = batch.copyOut(slot);
        if (!changed) {
            assertArrayEquals(before, after);
            return;
        }
        int segment = batch.inner().l4Offset(slot) - batch.offset(slot);
        int options = segment + TcpHeader.BYTES;
        int end = segment + TcpHeader.headerBytes(batch.slab(), batch.inner().l4Offset(slot));
        for (int at = 0; at < before.length; at++) {
            boolean checksum = at - segment == 16 || at - segment == 17;
            if (!checksum && (at < options || at >= end)) {
                assertEquals(before[at], after[at], "byte " + at);
            }
        }
        assertEquals(sum(before, segment), sum(after, segment));
        MssClamp.clamp(batch, slot, MSS);
        assertArrayEquals(after, batch.copyOut(slot), "a second time changes nothing");
    }

    /** 0 and 0xffff are both zero. */
    private static int sum(byte[] packet, int from) {
        return Wire.naiveSum(Arrays.copyOfRange(packet, from, packet.length)) % 0xffff;
    }
}

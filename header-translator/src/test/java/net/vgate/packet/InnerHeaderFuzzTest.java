package net.vgate.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

class InnerHeaderFuzzTest {
    private static final int MAX_BYTES = 2_000;

    private final PacketBatch zeroes = batchOf(0);
    private final PacketBatch ones = batchOf(0xff);

    @FuzzTest
    void readsOnlyWhatIsInThePacket(byte[] bytes) {
        byte[] packet = Arrays.copyOf(bytes, Math.min(bytes.length, MAX_BYTES));
        HeaderFindings amongZeroes = HeaderFindings.of(zeroes, packet);
        HeaderFindings amongOnes = HeaderFindings.of(ones, packet);
        assertEquals(amongZeroes, amongOnes);
        amongZeroes.assertInside();
        empty(zeroes, 0, packet.length);
        empty(ones, 0xff, packet.length);
    }

    private static PacketBatch batchOf(int value) {
        PacketBatch batch = new PacketBatch(1, MAX_BYTES);
        fill(batch, value, 0, batch.slab().capacity());
        return batch;
    }

    private static void empty(PacketBatch batch, int value, int packetBytes) {
        fill(batch, value, PacketBatch.HEADROOM_BYTES, packetBytes);
        batch.clear();
    }

    private static void fill(PacketBatch batch, int value, int at, int bytes) {
        for (int i = 0; i < bytes; i++) {
            batch.slab().put(at + i, (byte) value);
        }
    }
}

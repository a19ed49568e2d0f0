package net.vgate.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

class InnerHeaderFuzzTest {
    private static final int MAX_BYTES = 2_000;

    @FuzzTest
    void readsOnlyWhatIsInThePacket(byte[] bytes) {
        byte[] packet = Arrays.copyOf(bytes, Math.min(bytes.length, MAX_BYTES));
        HeaderFindings amongZeroes = HeaderFindings.of(batchOf(0), packet);
        HeaderFindings amongOnes = HeaderFindings.of(batchOf(0xff), packet);
        assertEquals(amongZeroes, amongOnes);
        amongZeroes.assertInside();
    }

    private static PacketBatch batchOf(int value) {
        PacketBatch batch = new PacketBatch(1, MAX_BYTES);
        for (int at = 0; at < batch.slab().capacity(); at++) {
            batch.slab().put(at, (byte) value);
        }
        return batch;
    }
}

package net.vgate.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import net.vgate.packet.PacketBatch;

/** No datagram opens but the one that was sealed: the corpus holds it, and what is near to it. */
class RecordOpenerFuzzTest {
    private static final int[] SLOT = {0};

    private final RecordProtector protector = new RecordProtector(1, (association, type, content) -> true, () -> 0, 0);

    @FuzzTest
    void opensNothingThatIsForged(byte[] datagram) {
        if (datagram.length > PacketBatch.MAX_PACKET_BYTES) {
            return;
        }
        for (TestAead provider : TestAead.values()) {
            if (provider.isAvailable()) {
                check(AssociationPair.withIds(provider.aead(), AeadAlgorithm.AES_128_GCM, 1), datagram);
                check(AssociationPair.withoutIds(provider.aead(), AeadAlgorithm.AES_128_GCM, 1), datagram);
            }
        }
    }

    private void check(AssociationPair pair, byte[] datagram) {
        byte[] genuine = pair.client().sealControl(new byte[] {1, 2, 3});
        PacketBatch batch = new PacketBatch(1);
        batch.addCopy(datagram);
        protector.open(batch, SLOT, 1, pair.server());
        OpenedRecord apart = pair.server().openApart(datagram, 0, datagram.length);
        if (Arrays.equals(genuine, datagram)) {
            assertArrayEquals(new byte[] {1, 2, 3}, batch.copyOut(0));
            assertNotNull(apart);
        } else {
            assertNotNull(batch.dropReason(0));
            assertEquals(null, apart);
        }
    }
}

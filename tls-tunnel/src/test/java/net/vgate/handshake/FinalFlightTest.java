package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.AssociationPair;
import net.vgate.record.OpenedRecord;
import net.vgate.record.RecordFormat;
import org.junit.jupiter.api.Test;

class FinalFlightTest {
    private final AssociationPair pair = AssociationPair.withIds(AeadAlgorithm.AES_128_GCM, 1);
    private final List<byte[]> sent = new ArrayList<>();
    private final byte[] finished = {20, 0, 0, 0};
    private final FinalFlight flight = new FinalFlight(finished, 6);

    private void repeat(long now) {
        flight.repeat(
                pair.server(),
                (local, bytes, at, length, to) -> sent.add(Arrays.copyOfRange(bytes, at, at + length)),
                now);
    }

    @Test
    void isAChangeOfCipherSpecAndFinishedUnderNewNumbers() {
        repeat(0);
        repeat(TimeUnit.SECONDS.toNanos(1));
        assertEquals(4, sent.size());
        ByteBuffer change = ByteBuffer.wrap(sent.get(2));
        assertEquals(RecordFormat.CHANGE_CIPHER_SPEC, RecordFormat.contentType(change, 0));
        assertEquals(8, RecordFormat.sequence(change, 0));
        OpenedRecord opened = pair.client().openApart(sent.get(3), 0, sent.get(3).length);
        assertNotNull(opened);
        assertEquals(RecordFormat.HANDSHAKE, opened.contentType());
        assertArrayEquals(finished, opened.content());
        assertEquals(1, RecordFormat.sequence(ByteBuffer.wrap(sent.get(3)), 0));
    }

    @Test
    void isNotRepeatedAtOnceOrForEver() {
        repeat(0);
        repeat(1);
        assertEquals(2, sent.size());
        for (int i = 1; i < 100; i++) {
            repeat(TimeUnit.SECONDS.toNanos(i));
        }
        assertTrue(sent.size() <= 20);
    }
}

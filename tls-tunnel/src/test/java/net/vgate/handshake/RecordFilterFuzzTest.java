package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import net.vgate.record.RecordFormat;

/** Whatever datagrams come, Bouncy Castle gets sound records only, and not without end. */
class RecordFilterFuzzTest {
    private static final long CID = 0x0102_0304_0506_0708L;
    private static final int MOST_RECORDS = 1_000;

    /** The input is datagrams, each after its length in two bytes. */
    @FuzzTest
    void givesOutSoundRecords(byte[] input) {
        check(RecordFilter.client(CID), input);
        check(RecordFilter.server(CID, StallingClient.clientHello(new byte[32], new byte[32], 1)), input);
    }

    private static void check(RecordFilter filter, byte[] input) {
        ByteBuffer buffer = ByteBuffer.wrap(input);
        long lastSequence = -1;
        int changes = 0;
        int records = 0;
        while (buffer.remaining() >= 2) {
            byte[] datagram = new byte[Math.min(buffer.getShort() & 0xffff, buffer.remaining())];
            buffer.get(datagram);
            filter.accept(datagram);
            for (byte[] record = filter.poll(); record != null; record = filter.poll()) {
                assertTrue(record.length <= RecordFilter.MAX_OUTPUT_BYTES);
                assertTrue(++records <= MOST_RECORDS + input.length);
                ByteBuffer output = ByteBuffer.wrap(record);
                if (RecordFormat.epoch(output, 0) == 0) {
                    assertTrue(RecordFormat.sequence(output, 0) > lastSequence);
                    lastSequence = RecordFormat.sequence(output, 0);
                    changes += checkPlain(output, record);
                } else {
                    assertEquals(RecordFormat.PROTECTED_EPOCH, RecordFormat.epoch(output, 0));
                    assertEquals(1, changes, "first the change of cipher spec");
                }
            }
        }
        assertTrue(changes <= 1);
    }

    private static int checkPlain(ByteBuffer output, byte[] record) {
        assertEquals(record.length - 13, RecordFormat.length(output, 0, 0));
        if (RecordFormat.contentType(output, 0) == RecordFormat.CHANGE_CIPHER_SPEC) {
            assertEquals(1, record[13]);
            return 1;
        }
        assertEquals(RecordFormat.HANDSHAKE, RecordFormat.contentType(output, 0));
        int length = HandshakeMessage.length(record, 13);
        int fragment = HandshakeMessage.fragmentLength(record, 13);
        assertEquals(record.length - 25, fragment);
        assertTrue(HandshakeMessage.fragmentOffset(record, 13) + fragment <= length);
        assertTrue(length <= HandshakeMessage.MAX_BODY_BYTES);
        return 0;
    }
}

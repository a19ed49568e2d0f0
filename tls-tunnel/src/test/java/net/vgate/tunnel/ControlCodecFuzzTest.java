package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import net.vgate.tunnel.ControlMessage.Unknown;

class ControlCodecFuzzTest {
    @FuzzTest
    void readsAMessageThatItCanWriteOrNone(byte[] bytes) {
        ControlMessage message = ControlCodec.decode(bytes);
        if (message == null || message instanceof Unknown) {
            return;
        }
        byte[] written = ControlCodec.encode(message);
        assertTrue(written.length <= ControlCodec.MAX_BYTES);
        assertEquals(message, ControlCodec.decode(written));
    }
}

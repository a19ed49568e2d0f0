package net.vgate.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class ServerHelloFuzzTest {
    /** Record, handshake message, version, random, session ID of 0, suite, compression, extensions: 43, 51. */
    private static final String HELLO = "160303003a" + "02000036" + "0303" + "00".repeat(32) + "00" + "1301" + "00"
            + "000e" + "002b00020304" + "00330004" + "11ec0000";

    @Test
    void findsTheGroupBehindOtherExtensions() {
        assertEquals("X25519MLKEM768", NamedGroup.name(ServerHello.group(bytes(HELLO))));
    }

    @Test
    void findsNothingInAPart() {
        ByteBuf whole = bytes(HELLO);
        for (int length = 0; length < whole.readableBytes(); length++) {
            assertEquals(NamedGroup.NONE, ServerHello.group(whole.slice(0, length)), "of " + length + " bytes");
        }
    }

    private static ByteBuf bytes(String hex) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
    }

    @FuzzTest
    void looksIntoAnything(byte[] bytes) {
        int group = ServerHello.group(Unpooled.wrappedBuffer(bytes));
        assertTrue(group >= 0 && group <= 0xffff);
    }
}

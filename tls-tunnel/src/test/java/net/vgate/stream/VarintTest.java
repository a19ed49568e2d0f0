package net.vgate.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VarintTest {
    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "c2197c5eff14e88c, 151288809941952652",
        "9d7f3e7d, 494878333",
        "7bbd, 15293",
        "25, 37",
        "4025, 37",
    })
    void readsTheExamplesOfRfc9000AppendixA1(String hex, long value) {
        assertEquals(value, Varint.read(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex))));
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                1,
                62,
                63,
                64,
                65,
                16_382,
                16_383,
                16_384,
                1_073_741_822,
                1_073_741_823,
                1_073_741_824,
                Varint.MAX
            })
    void readsWhatItWrote(long value) {
        ByteBuf buffer = Unpooled.buffer();
        Varint.write(buffer, value);

        assertEquals(Varint.bytes(value), buffer.readableBytes());
        for (int length = 0; length < buffer.readableBytes(); length++) {
            ByteBuf part = buffer.slice(0, length);
            assertEquals(Varint.INCOMPLETE, Varint.read(part));
            assertEquals(length, part.readableBytes());
        }
        assertEquals(value, Varint.read(buffer));
        assertEquals(0, buffer.readableBytes());
    }

    @ParameterizedTest
    @CsvSource({"63, 1", "64, 2", "16383, 2", "16384, 4", "1073741823, 4", "1073741824, 8"})
    void takesTheShortestForm(long value, int bytes) {
        assertEquals(bytes, Varint.bytes(value));
    }

    @Test
    void hasNoMoreThan62Bits() {
        assertThrows(IllegalArgumentException.class, () -> Varint.bytes(Varint.MAX + 1));
        assertThrows(IllegalArgumentException.class, () -> Varint.bytes(-1));
    }
}

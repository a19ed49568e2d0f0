package net.vgate.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.CorruptedFrameException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CapsuleDecoderTest {
    private final EmbeddedChannel channel = new EmbeddedChannel(new CapsuleDecoder());

    @Test
    void theBytesOfACapsuleAreThoseOfRfc9297And9298() {
        ByteBuf out = Unpooled.buffer();
        Capsule.write(out, new byte[] {0x16, (byte) 0xfe});

        assertEquals("00030016fe", ByteBufUtil.hexDump(out));
    }

    @ParameterizedTest(name = "in pieces of {0} bytes")
    @ValueSource(ints = {1, 2, 3, 7, 1_400, 1 << 20})
    void datagramsComeOutAsTheyWentIn(int pieceBytes) {
        ByteBuf wire = Unpooled.buffer();
        List<String> sent = new ArrayList<>();
        for (int length : new int[] {0, 1, 61, 62, 63, 64, 1_400, 16_381, 16_382, 16_383, Capsule.MAX_DATAGRAM_BYTES}) {
            byte[] datagram = new byte[length];
            for (int i = 0; i < length; i++) {
                datagram[i] = (byte) (i + length);
            }
            Capsule.write(wire, datagram);
            sent.add(ByteBufUtil.hexDump(datagram));
        }

        List<String> received = new ArrayList<>();
        while (wire.isReadable()) {
            channel.writeInbound(wire.readRetainedSlice(Math.min(pieceBytes, wire.readableBytes())));
            received.addAll(takeAll());
        }
        assertEquals(sent, received);
    }

    @Test
    void capsulesOfOtherTypesArePassedOver() {
        receive("1703aabbcc" + "00020001" + "3f00" + "0105" + "0102030405" + "00020002");

        assertEquals(List.of("01", "02"), takeAll());
    }

    @Test
    void aCapsuleThatIsLongerThanMemoryIsPassedOverAsItComes() {
        receive("17" + "ffffffffffffffff");
        for (int i = 0; i < 1_000; i++) {
            channel.writeInbound(Unpooled.wrappedBuffer(new byte[1 << 10]));
        }

        assertTrue(takeAll().isEmpty());
    }

    @Test
    void datagramsOfAnotherContextArePassedOver() {
        receive("0003" + "02" + "aabb" + "0002" + "00" + "01");

        assertEquals(List.of("01"), takeAll());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000", // no context
                "0001c0", // half a context
                "00bfffffff", // a gigabyte
                "00ffffffffffffffff",
            })
    void aDamagedDatagramEndsTheStream(String hex) {
        assertThrows(CorruptedFrameException.class, () -> receive(hex));
    }

    @Test
    void aDatagramThatIsOneByteTooLongEndsTheStream() {
        ByteBuf wire = Unpooled.buffer();
        Capsule.write(wire, new byte[Capsule.MAX_DATAGRAM_BYTES + 1]);

        assertThrows(CorruptedFrameException.class, () -> channel.writeInbound(wire));
    }

    private void receive(String hex) {
        channel.writeInbound(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex)));
    }

    private List<String> takeAll() {
        List<String> taken = new ArrayList<>();
        for (ByteBuf next = channel.readInbound(); next != null; next = channel.readInbound()) {
            taken.add(ByteBufUtil.hexDump(next));
            next.release();
        }
        return taken;
    }
}

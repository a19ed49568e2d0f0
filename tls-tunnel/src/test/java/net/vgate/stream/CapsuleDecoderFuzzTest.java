package net.vgate.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.CorruptedFrameException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whatever comes, in whatever pieces, is read as a plain reading of the whole has it. */
class CapsuleDecoderFuzzTest {
    @FuzzTest
    void readsAnyBytesInAnyPieces(FuzzedDataProvider data) {
        int seed = data.consumeInt();
        byte[] wire = data.consumeRemainingAsBytes();
        List<String> expected = new ArrayList<>();
        boolean isDamaged = readPlainly(wire, expected);

        EmbeddedChannel channel = new EmbeddedChannel(new CapsuleDecoder());
        List<String> received = new ArrayList<>();
        boolean failed = false;
        int random = seed;
        for (int at = 0; at < wire.length && !failed; ) {
            random = random * 1_103_515_245 + 12_345;
            int length = Math.min(1 + (random >>> 16) % 40, wire.length - at);
            try {
                channel.writeInbound(Unpooled.copiedBuffer(wire, at, length));
            } catch (CorruptedFrameException damaged) {
                failed = true;
            }
            at += length;
            for (ByteBuf next = channel.readInbound(); next != null; next = channel.readInbound()) {
                received.add(ByteBufUtil.hexDump(next));
                next.release();
            }
        }
        assertEquals(expected, received);
        assertTrue(!failed || isDamaged);
        channel.finishAndReleaseAll();
    }

    /** Adds the whole datagrams up to the first damage. True when there is one. */
    private static boolean readPlainly(byte[] wire, List<String> datagrams) {
        int at = 0;
        while (true) {
            BigInteger type = varint(wire, at, wire.length);
            if (type == null) {
                return false;
            }
            at += 1 << ((wire[at] & 0xff) >> 6);
            BigInteger length = varint(wire, at, wire.length);
            if (length == null) {
                return false;
            }
            at += 1 << ((wire[at] & 0xff) >> 6);
            boolean isDatagram = type.signum() == 0;
            if (isDatagram && length.compareTo(BigInteger.valueOf(Capsule.MAX_DATAGRAM_BYTES + 8)) > 0) {
                return true;
            }
            if (length.compareTo(BigInteger.valueOf(wire.length - at)) > 0) {
                return false;
            }
            int end = at + length.intValueExact();
            if (isDatagram) {
                BigInteger context = varint(wire, at, end);
                if (context == null) {
                    return true;
                }
                int from = at + (1 << ((wire[at] & 0xff) >> 6));
                if (context.signum() == 0) {
                    if (end - from > Capsule.MAX_DATAGRAM_BYTES) {
                        return true;
                    }
                    datagrams.add(ByteBufUtil.hexDump(Arrays.copyOfRange(wire, from, end)));
                }
            }
            at = end;
        }
    }

    private static @Nullable BigInteger varint(byte[] wire, int at, int end) {
        if (at >= end || end - at < 1 << ((wire[at] & 0xff) >> 6)) {
            return null;
        }
        byte[] form = Arrays.copyOfRange(wire, at, at + (1 << ((wire[at] & 0xff) >> 6)));
        form[0] &= 0x3f;
        return new BigInteger(1, form);
    }
}

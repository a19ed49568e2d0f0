package net.vgate.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import java.util.List;

/**
 * Takes the datagrams out of a stream of capsules. Capsules of other types are passed over, as RFC 9297 section 3.2
 * demands, in as little memory however long they say they are; so are datagrams of contexts that nobody registered, RFC
 * 9298 section 4. A datagram that is too long or has no context ends the stream: its next capsule could not be trusted
 * to begin where it should.
 *
 * <p><b>Ownership.</b> Each datagram is a buffer that the next handler releases.
 */
final class CapsuleDecoder extends ByteToMessageDecoder {
    private long bytesToSkip;

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (bytesToSkip > 0) {
            int skipped = (int) Math.min(bytesToSkip, in.readableBytes());
            in.skipBytes(skipped);
            bytesToSkip -= skipped;
            return;
        }
        int start = in.readerIndex();
        long type = Varint.read(in);
        long length = type == Varint.INCOMPLETE ? Varint.INCOMPLETE : Varint.read(in);
        if (length == Varint.INCOMPLETE) {
            in.readerIndex(start);
        } else if (type != Capsule.DATAGRAM) {
            bytesToSkip = length;
        } else if (length > Capsule.MAX_DATAGRAM_BYTES + Long.BYTES) {
            throw new CorruptedFrameException("a datagram of " + length + " bytes");
        } else if (in.readableBytes() < length) {
            in.readerIndex(start);
        } else {
            takeDatagram(in.readSlice((int) length), out);
        }
    }

    private static void takeDatagram(ByteBuf value, List<Object> out) {
        long context = Varint.read(value);
        if (context == Varint.INCOMPLETE) {
            throw new CorruptedFrameException("a datagram without a whole context ID");
        }
        if (context == Capsule.UDP_PAYLOAD) {
            if (value.readableBytes() > Capsule.MAX_DATAGRAM_BYTES) {
                throw new CorruptedFrameException("a datagram of " + value.readableBytes() + " bytes");
            }
            out.add(value.retain());
        }
    }
}

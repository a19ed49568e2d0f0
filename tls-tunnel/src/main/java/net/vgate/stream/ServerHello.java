package net.vgate.stream;

import io.netty.buffer.ByteBuf;

/**
 * Reads the group of the key exchange out of a TLS 1.3 ServerHello (RFC 8446 sections 4.1.3 and 4.2.8), which is in
 * clear, since no provider of TLS says which one was agreed on.
 */
final class ServerHello {
    private static final int RECORD_HEADER_BYTES = 5;
    private static final int HANDSHAKE_RECORD = 22;
    private static final int SERVER_HELLO = 2;
    private static final int MESSAGE_HEADER_BYTES = 4;
    private static final int VERSION_AND_RANDOM_BYTES = 2 + 32;
    private static final int SUITE_AND_COMPRESSION_BYTES = 2 + 1;
    private static final int KEY_SHARE = 51;

    private ServerHello() {}

    /**
     * The group, if a record with a whole ServerHello is at the start of {@code bytes}; else {@link NamedGroup#NONE}.
     */
    static int group(ByteBuf bytes) {
        ByteBuf in = bytes.slice();
        if (in.readableBytes() < RECORD_HEADER_BYTES || in.readByte() != HANDSHAKE_RECORD) {
            return NamedGroup.NONE;
        }
        in.skipBytes(2);
        int recordBytes = in.readUnsignedShort();
        if (in.readableBytes() < recordBytes || recordBytes < MESSAGE_HEADER_BYTES || in.readByte() != SERVER_HELLO) {
            return NamedGroup.NONE;
        }
        int helloBytes = in.readUnsignedMedium();
        if (in.readableBytes() < helloBytes) {
            return NamedGroup.NONE;
        }
        return groupInHello(in.readSlice(helloBytes));
    }

    private static int groupInHello(ByteBuf hello) {
        if (hello.readableBytes() < VERSION_AND_RANDOM_BYTES + 1) {
            return NamedGroup.NONE;
        }
        hello.skipBytes(VERSION_AND_RANDOM_BYTES);
        int rest = hello.readUnsignedByte() + SUITE_AND_COMPRESSION_BYTES + 2;
        if (hello.readableBytes() < rest) {
            return NamedGroup.NONE;
        }
        hello.skipBytes(rest);
        while (hello.readableBytes() >= 4) {
            int type = hello.readUnsignedShort();
            int length = hello.readUnsignedShort();
            if (hello.readableBytes() < length) {
                return NamedGroup.NONE;
            }
            if (type == KEY_SHARE && length >= 2) {
                return hello.readUnsignedShort();
            }
            hello.skipBytes(length);
        }
        return NamedGroup.NONE;
    }
}

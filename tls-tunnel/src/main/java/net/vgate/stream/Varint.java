package net.vgate.stream;

import io.netty.buffer.ByteBuf;

/** Integers of variable length, RFC 9000 section 16: the two highest bits of the first byte say how long it is. */
final class Varint {
    /** The largest value. */
    static final long MAX = (1L << 62) - 1;

    /** What {@link #read} says when there is not enough to read. */
    static final long INCOMPLETE = -1;

    private Varint() {}

    /** How many bytes the shortest form of {@code value} takes: 1, 2, 4 or 8. */
    static int bytes(long value) {
        if (value < 0 || value > MAX) {
            throw new IllegalArgumentException("not of 62 bits: " + value);
        }
        if (value < 1 << 6) {
            return 1;
        }
        if (value < 1 << 14) {
            return 2;
        }
        return value < 1 << 30 ? 4 : 8;
    }

    /** Appends the shortest form of {@code value}. */
    static void write(ByteBuf out, long value) {
        switch (bytes(value)) {
            case 1 -> out.writeByte((int) value);
            case 2 -> out.writeShort((int) value | 1 << 14);
            case 4 -> out.writeInt((int) value | 2 << 30);
            default -> out.writeLong(value | 3L << 62);
        }
    }

    /** Reads a value of any form; {@link #INCOMPLETE}, and nothing is read, when its end is not there yet. */
    static long read(ByteBuf in) {
        if (!in.isReadable()) {
            return INCOMPLETE;
        }
        int form = in.getUnsignedByte(in.readerIndex()) >> 6;
        if (in.readableBytes() < 1 << form) {
            return INCOMPLETE;
        }
        return switch (form) {
            case 0 -> in.readByte();
            case 1 -> in.readShort() & 0x3fff;
            case 2 -> in.readInt() & 0x3fff_ffff;
            default -> in.readLong() & MAX;
        };
    }
}

package net.vgate.encap;

import java.nio.ByteBuffer;
import net.vgate.packet.PacketBatch;

/**
 * The Geneve option that names the switches at both ends of a packet, where the tunnel's authenticated ends do not: a
 * relay, or a switch behind a gateway. It is not critical, for it does not change how the packet is treated; who is not
 * the switch that it names drops the packet. Addresses are 128 bits, IPv4 in its mapped form.
 *
 * <pre>
 * | class 0xff56  | type 1 | len 8 |
 * |       source locator, 16       |
 * |     destination locator, 16    |
 * </pre>
 */
public final class LocatorOption {
    /** Length of the option with its header, in bytes. */
    public static final int BYTES = 36;

    /** Class of the experimental range (RFC 8926 section 7), and type within it. */
    private static final int CLASS_AND_TYPE = 0xff56_01;

    private static final int SOURCE_OFFSET = 4;
    private static final int DESTINATION_OFFSET = 20;

    private LocatorOption() {}

    /** Puts an empty option before the packet; {@link Geneve#pushBeforeOptions} is to follow. */
    public static void push(PacketBatch batch, int slot) {
        batch.pushHeader(slot, BYTES);
        batch.slab().putInt(batch.offset(slot), CLASS_AND_TYPE << 8 | (BYTES - Geneve.OPTION_HEADER_BYTES) / 4);
    }

    /** Where the first such option of the checked Geneve header at {@code at} is, or -1. */
    public static int find(ByteBuffer buffer, int at) {
        int end = at + Geneve.headerBytes(buffer, at);
        for (int cursor = at + Geneve.BYTES; cursor < end; cursor += Geneve.optionBytes(buffer, cursor)) {
            if (buffer.getInt(cursor) >>> 8 == CLASS_AND_TYPE && Geneve.optionBytes(buffer, cursor) == BYTES) {
                return cursor;
            }
        }
        return -1;
    }

    /** Writes the source locator of the option at {@code at}. */
    public static void setSource(ByteBuffer buffer, int at, long hi, long lo) {
        buffer.putLong(at + SOURCE_OFFSET, hi);
        buffer.putLong(at + SOURCE_OFFSET + 8, lo);
    }

    /** Writes the destination locator of the option at {@code at}. */
    public static void setDestination(ByteBuffer buffer, int at, long hi, long lo) {
        buffer.putLong(at + DESTINATION_OFFSET, hi);
        buffer.putLong(at + DESTINATION_OFFSET + 8, lo);
    }

    public static long sourceHi(ByteBuffer buffer, int at) {
        return buffer.getLong(at + SOURCE_OFFSET);
    }

    public static long sourceLo(ByteBuffer buffer, int at) {
        return buffer.getLong(at + SOURCE_OFFSET + 8);
    }

    public static long destinationHi(ByteBuffer buffer, int at) {
        return buffer.getLong(at + DESTINATION_OFFSET);
    }

    public static long destinationLo(ByteBuffer buffer, int at) {
        return buffer.getLong(at + DESTINATION_OFFSET + 8);
    }
}

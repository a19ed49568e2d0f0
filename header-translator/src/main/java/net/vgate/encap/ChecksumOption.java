package net.vgate.encap;

import java.nio.ByteBuffer;
import net.vgate.packet.PacketBatch;

/**
 * The Geneve option that says that the TCP or UDP checksum of the packet is partial: its field holds the
 * pseudo-header's sum, not complemented, as where the sender's kernel left the rest to the network card. The tunnel
 * vouches for the bytes meanwhile; whoever sends the packet on to anything else completes it. It is critical, for who
 * does not know it would deliver a wrong checksum, and used only toward a peer that has offered to take it.
 *
 * <pre>
 * | class 0xff56  | type 0x82 | len 0 |
 * </pre>
 */
public final class ChecksumOption {
    /** Length of the option, in bytes: it is a header alone. */
    public static final int BYTES = 4;

    /** Class of the experimental range (RFC 8926 section 7), the type with its critical bit, and no data. */
    private static final int WHOLE = 0xff56_82_00;

    /** The three bits before the length are reserved: "MUST be ignored on receipt", RFC 8926 section 3.5. */
    private static final int RESERVED = 0xe0;

    private ChecksumOption() {}

    static void push(PacketBatch batch, int slot) {
        batch.pushHeader(slot, BYTES);
        batch.slab().putInt(batch.offset(slot), WHOLE);
    }

    static boolean isAt(ByteBuffer buffer, int at) {
        return (buffer.getInt(at) & ~RESERVED) == WHOLE;
    }

    /** Whether the checked Geneve header at {@code at} has the option. */
    public static boolean isIn(ByteBuffer buffer, int at) {
        int end = at + Geneve.headerBytes(buffer, at);
        for (int cursor = at + Geneve.BYTES; cursor < end; cursor += Geneve.optionBytes(buffer, cursor)) {
            if (isAt(buffer, cursor)) {
                return true;
            }
        }
        return false;
    }
}

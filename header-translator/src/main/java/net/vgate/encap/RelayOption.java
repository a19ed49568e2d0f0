package net.vgate.encap;

import java.nio.ByteBuffer;
import net.vgate.packet.PacketBatch;

/**
 * The Geneve option of a datagram that a third gateway passes on: between which two gateways, by a label that relay and
 * sender, or relay and receiver, have agreed on. It is critical, and the first option of a packet whose protocol type
 * is {@link Geneve#RELAYED}; no other packet has it. All fields are in network byte order.
 *
 * <pre>
 * |        class 0xff56           |   type 0x83   |R|R|R|  len 2  |
 * |   hop limit   |     flags     |           reserved            |
 * |                             label                             |
 * </pre>
 */
public final class RelayOption {
    /** Length of the option with its header, in bytes. */
    public static final int BYTES = 12;

    /** What is around a relayed datagram inside the record: the Geneve header with this option. */
    public static final int HEADER_BYTES = Geneve.BYTES + BYTES;

    /** One relay is enough: each takes one off, and passes on nothing that has none left. */
    public static final int HOP_LIMIT = 1;

    /** Flag: the relay has passed it on, and the label is the one of the gateway that it is for. */
    public static final int PASSED_ON = 1;

    /** Flag: it leaves the end that calls the other, so that two calls at once are told apart. */
    public static final int FROM_CALLER = 2;

    /** Class of the experimental range (RFC 8926 section 7), the type with its critical bit, and the length. */
    private static final int WHOLE = 0xff56_83_02;

    /** The three bits before the length are reserved: "MUST be ignored on receipt", RFC 8926 section 3.5. */
    private static final int RESERVED = 0xe0;

    private static final int HOP_LIMIT_OFFSET = 4;
    private static final int FLAGS_OFFSET = 5;
    private static final int LABEL_OFFSET = 8;

    private RelayOption() {}

    /** Puts Geneve header and option before a datagram. */
    public static void push(PacketBatch batch, int slot, int hopLimit, int flags, int label) {
        batch.pushHeader(slot, HEADER_BYTES);
        write(batch.slab(), batch.offset(slot), hopLimit, flags, label);
    }

    /** Writes Geneve header and option, {@link #HEADER_BYTES} in all. */
    public static void write(ByteBuffer buffer, int at, int hopLimit, int flags, int label) {
        Geneve.writeRelayed(buffer, at, BYTES);
        int option = at + Geneve.BYTES;
        buffer.putInt(option, WHOLE);
        buffer.putInt(option + HOP_LIMIT_OFFSET, hopLimit << 24 | flags << 16);
        buffer.putInt(option + LABEL_OFFSET, label);
    }

    static boolean isAt(ByteBuffer buffer, int at) {
        return (buffer.getInt(at) & ~RESERVED) == WHOLE;
    }

    /** Of the checked Geneve header at {@code at}, whose type is {@link Geneve#RELAYED}: by how many relays at most. */
    public static int hopLimit(ByteBuffer buffer, int at) {
        return buffer.get(at + Geneve.BYTES + HOP_LIMIT_OFFSET) & 0xff;
    }

    /** Of such a header: {@link #PASSED_ON} and the like; unknown ones mean nothing. */
    public static int flags(ByteBuffer buffer, int at) {
        return buffer.get(at + Geneve.BYTES + FLAGS_OFFSET) & 0xff;
    }

    /** Of such a header: the label, any 32 bits. */
    public static int label(ByteBuffer buffer, int at) {
        return buffer.getInt(at + Geneve.BYTES + LABEL_OFFSET);
    }
}

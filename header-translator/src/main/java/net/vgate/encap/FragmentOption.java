package net.vgate.encap;

import java.nio.ByteBuffer;
import net.vgate.packet.PacketBatch;

/**
 * The Geneve option that says that a fragment of a packet follows, in place of all of it: the tunnel's own
 * fragmentation, which the packet knows nothing of. Fragments are of equal size, {@link #fragmentBytes}, but for the
 * last one, which is what remains; so the place and length of each follow from its index, and no two can overlap. The
 * identification is the sender's, and tells packets of one association and V-net apart. It is critical, for who does
 * not know it would deliver a fragment as a packet, and used only toward a peer that has offered to take it.
 *
 * <pre>
 * | class 0xff56  | type 0x83 | len 2 |
 * |         identification            |
 * |  total length | index |   count   |
 * </pre>
 */
public final class FragmentOption {
    /** Length of the option with its header, in bytes. */
    public static final int BYTES = 12;

    /** Fragments that a packet may be of: the receiver keeps account of them in the bits of a long. */
    public static final int MAX_COUNT = Long.SIZE;

    /** What each fragment but the last carries at least, in bytes. */
    public static final int MIN_BYTES = 128;

    /** Class of the experimental range (RFC 8926 section 7), the type with its critical bit, and two words of data. */
    private static final int HEADER = 0xff56_83_02;

    /** The three bits before the length are reserved: "MUST be ignored on receipt", RFC 8926 section 3.5. */
    private static final int RESERVED = 0xe0;

    private static final int ID_OFFSET = 4;
    private static final int TOTAL_OFFSET = 8;
    private static final int INDEX_OFFSET = 10;
    private static final int COUNT_OFFSET = 11;

    private FragmentOption() {}

    static void push(PacketBatch batch, int slot, int id, int total, int count) {
        batch.pushHeader(slot, BYTES);
        int at = batch.offset(slot);
        batch.slab().putInt(at, HEADER);
        batch.slab().putInt(at + ID_OFFSET, id);
        batch.slab().putShort(at + TOTAL_OFFSET, (short) total);
        batch.slab().put(at + COUNT_OFFSET, (byte) count);
        setIndex(batch.slab(), at, 0);
    }

    static boolean isAt(ByteBuffer buffer, int at) {
        return (buffer.getInt(at) & ~RESERVED) == HEADER;
    }

    /** Where the first such option of the checked Geneve header at {@code at} is, or -1. */
    public static int find(ByteBuffer buffer, int at) {
        int end = at + Geneve.headerBytes(buffer, at);
        for (int cursor = at + Geneve.BYTES; cursor < end; cursor += Geneve.optionBytes(buffer, cursor)) {
            if (isAt(buffer, cursor)) {
                return cursor;
            }
        }
        return -1;
    }

    /** Whether the option at {@code at} tells of a fragment of {@code bytes} bytes that can be what it says. */
    public static boolean isValid(ByteBuffer buffer, int at, int bytes) {
        int total = totalBytes(buffer, at);
        int count = count(buffer, at);
        int index = index(buffer, at);
        if (count < 2 || count > MAX_COUNT || index >= count) {
            return false;
        }
        int each = fragmentBytes(total, count);
        int last = total - (count - 1) * each;
        return each >= MIN_BYTES && last > 0 && bytes == (index < count - 1 ? each : last);
    }

    /** How many bytes each of {@code count} fragments has, but the last. */
    public static int fragmentBytes(int total, int count) {
        return (total + count - 1) / count;
    }

    /** Which packet of the association and V-net it is a fragment of. */
    public static int id(ByteBuffer buffer, int at) {
        return buffer.getInt(at + ID_OFFSET);
    }

    /** Length of the whole packet, in bytes. */
    public static int totalBytes(ByteBuffer buffer, int at) {
        return buffer.getShort(at + TOTAL_OFFSET) & 0xffff;
    }

    /** Which fragment it is, from 0. */
    public static int index(ByteBuffer buffer, int at) {
        return buffer.get(at + INDEX_OFFSET) & 0xff;
    }

    /** Writes which fragment it is, from 0. */
    public static void setIndex(ByteBuffer buffer, int at, int index) {
        buffer.put(at + INDEX_OFFSET, (byte) index);
    }

    /** How many fragments the packet is of. */
    public static int count(ByteBuffer buffer, int at) {
        return buffer.get(at + COUNT_OFFSET) & 0xff;
    }
}

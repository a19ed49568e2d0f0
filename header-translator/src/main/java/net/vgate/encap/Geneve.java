package net.vgate.encap;

import java.nio.ByteBuffer;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import org.jspecify.annotations.Nullable;

/**
 * Geneve header, RFC 8926 section 3.4. All fields are in network byte order.
 *
 * <pre>
 * |Ver|  Opt Len  |O|C|    Rsvd.  |          Protocol Type        |
 * |        Virtual Network Identifier (VNI)       |    Reserved   |
 * |                    Variable-Length Options                    |
 * </pre>
 *
 * <p>An option begins with 4 bytes:
 *
 * <pre>
 * |          Option Class         |      Type     |R|R|R| Length  |
 * </pre>
 *
 * <p>The first bit of its type says that the option is critical: who does not know it drops the packet.
 */
public final class Geneve {
    /** Length of the header without options, in bytes. */
    public static final int BYTES = 8;

    /** The longest header, options included: 6 bits of 4-byte words. */
    public static final int MAX_BYTES = BYTES + 63 * 4;

    /** Protocol types: ethertypes of what follows. */
    public static final int IPV4 = 0x0800;

    public static final int IPV6 = 0x86dd;
    public static final int ETHERNET = 0x6558;

    /** Our control messages: the first of the two ethertypes that IEEE 802 leaves to local experiments. */
    public static final int CONTROL = 0x88b5;

    /** A datagram that a third gateway passes on, see {@link RelayOption}: the other one of these ethertypes. */
    public static final int RELAYED = 0x88b6;

    static final int OPTION_HEADER_BYTES = 4;

    private static final int PROTOCOL_TYPE_OFFSET = 2;
    private static final int VNI_OFFSET = 4;
    private static final int VERSION_MASK = 0xc000_0000;
    private static final int OAM = 0x0080_0000;
    private static final int CRITICAL = 0x0040_0000;
    private static final int CRITICAL_OPTION = 0x80;

    private Geneve() {}

    /**
     * Puts a header without options before the packet.
     *
     * @param vni 24 bits
     * @param protocolType one of the constants of this class
     * @param control whether a control message follows: the O bit
     */
    public static void push(PacketBatch batch, int slot, int vni, int protocolType, boolean control) {
        push(batch, slot, vni, control ? OAM | protocolType : protocolType, 0);
    }

    /** Puts a header with a {@link ChecksumOption} before the packet. */
    public static void pushPartial(PacketBatch batch, int slot, int vni, int protocolType) {
        ChecksumOption.push(batch, slot);
        push(batch, slot, vni, CRITICAL | protocolType, ChecksumOption.BYTES);
    }

    /**
     * Puts a header with a {@link FragmentOption} right behind it before the packet, that of the first fragment.
     *
     * @param id identification of the packet
     * @param count how many fragments it will be
     * @param isPartial whether a {@link ChecksumOption} follows
     */
    public static void pushFragment(
            PacketBatch batch, int slot, int vni, int protocolType, int id, int count, boolean isPartial) {
        int total = batch.length(slot);
        if (isPartial) {
            ChecksumOption.push(batch, slot);
        }
        FragmentOption.push(batch, slot, id, total, count);
        int optionBytes = FragmentOption.BYTES + (isPartial ? ChecksumOption.BYTES : 0);
        push(batch, slot, vni, CRITICAL | protocolType, optionBytes);
    }

    /** Puts a header before options that were pushed already, {@code optionBytes} in all; none of them critical. */
    public static void pushBeforeOptions(PacketBatch batch, int slot, int vni, int protocolType, int optionBytes) {
        push(batch, slot, vni, protocolType, optionBytes);
    }

    private static void push(PacketBatch batch, int slot, int vni, int typeAndFlags, int optionBytes) {
        batch.pushHeader(slot, BYTES);
        int at = batch.offset(slot);
        batch.slab().putInt(at, (optionBytes / 4) << 24 | typeAndFlags);
        batch.slab().putInt(at + VNI_OFFSET, vni << 8);
    }

    /** Writes a header without options at {@code at}. */
    static void write(ByteBuffer buffer, int at, int vni, int protocolType) {
        buffer.putInt(at, protocolType);
        buffer.putInt(at + VNI_OFFSET, vni << 8);
    }

    /** Writes the header that is before a {@link RelayOption}. */
    static void writeRelayed(ByteBuffer buffer, int at, int optionBytes) {
        buffer.putInt(at, (optionBytes / 4) << 24 | CRITICAL | RELAYED);
        buffer.putInt(at + VNI_OFFSET, 0);
    }

    /**
     * Whether the packet in {@code slot} begins with a header that may be worked with: the accessors of this class have
     * meaning after it has returned null. That the V-net is known and granted is for later stages to say.
     */
    public static @Nullable DropReason check(PacketBatch batch, int slot) {
        ByteBuffer slab = batch.slab();
        int at = batch.offset(slot);
        int length = batch.length(slot);
        // RFC 8926 section 3.4: "Packets received by a tunnel endpoint with an unknown version MUST be dropped."
        if (length < BYTES || (slab.getInt(at) & VERSION_MASK) != 0) {
            return DropReason.ENCAPSULATION;
        }
        int headerBytes = headerBytes(slab, at);
        int options = at + BYTES;
        if (protocolType(slab, at) == RELAYED) {
            if (headerBytes > length || headerBytes < RelayOption.HEADER_BYTES || !RelayOption.isAt(slab, options)) {
                return DropReason.ENCAPSULATION;
            }
            options += RelayOption.BYTES;
        }
        if (headerBytes > length || !areOptionsKnown(slab, options, at + headerBytes)) {
            return DropReason.ENCAPSULATION;
        }
        boolean known = switch (protocolType(slab, at)) {
            case IPV4, IPV6, ETHERNET -> !isControl(slab, at);
            case CONTROL -> isControl(slab, at) && vni(slab, at) == 0;
            case RELAYED -> !isControl(slab, at) && vni(slab, at) == 0;
            default -> false;
        };
        return known ? null : DropReason.ENCAPSULATION;
    }

    /**
     * Whether the {@code bytes} bytes at {@code at} begin with the header of a frame that needs no option to be
     * understood.
     */
    static boolean isFrame(ByteBuffer buffer, int at, int bytes) {
        if (bytes < BYTES || (buffer.getInt(at) & VERSION_MASK) != 0) {
            return false;
        }
        int end = at + headerBytes(buffer, at);
        return end - at <= bytes
                && !isControl(buffer, at)
                && !hasCritical(buffer, at)
                && protocolType(buffer, at) == ETHERNET
                && areOptionsPassedOver(buffer, at + BYTES, end);
    }

    private static boolean areOptionsPassedOver(ByteBuffer buffer, int start, int end) {
        int cursor = start;
        while (cursor < end) {
            if ((buffer.get(cursor + 2) & CRITICAL_OPTION) != 0) {
                return false;
            }
            cursor += optionBytes(buffer, cursor);
        }
        return cursor == end;
    }

    /** Whether the options fill their space exactly and no critical one is unknown, whatever the C bit says of them. */
    private static boolean areOptionsKnown(ByteBuffer buffer, int start, int end) {
        int cursor = start;
        while (cursor < end) {
            int bytes = optionBytes(buffer, cursor);
            boolean critical = (buffer.get(cursor + 2) & CRITICAL_OPTION) != 0;
            if (bytes > end - cursor || (critical && !isKnown(buffer, cursor))) {
                return false;
            }
            cursor += bytes;
        }
        return true;
    }

    private static boolean isKnown(ByteBuffer buffer, int option) {
        return ChecksumOption.isAt(buffer, option) || FragmentOption.isAt(buffer, option);
    }

    /** The V-net number, 24 bits. */
    public static int vni(ByteBuffer buffer, int at) {
        return buffer.getInt(at + VNI_OFFSET) >>> 8;
    }

    /** The ethertype of what follows the header. */
    public static int protocolType(ByteBuffer buffer, int at) {
        return buffer.getShort(at + PROTOCOL_TYPE_OFFSET) & 0xffff;
    }

    /** Whether a control message follows: the O bit. */
    public static boolean isControl(ByteBuffer buffer, int at) {
        return (buffer.getInt(at) & OAM) != 0;
    }

    /** Whether the header says that some option is critical: the C bit. */
    public static boolean hasCritical(ByteBuffer buffer, int at) {
        return (buffer.getInt(at) & CRITICAL) != 0;
    }

    /** Length of the header with its options, in bytes. */
    public static int headerBytes(ByteBuffer buffer, int at) {
        return BYTES + (buffer.get(at) & 0x3f) * 4;
    }

    /** Length of the option at {@code at} with its header, in bytes. */
    static int optionBytes(ByteBuffer buffer, int at) {
        return OPTION_HEADER_BYTES + (buffer.get(at + 3) & 0x1f) * 4;
    }
}

package net.vgate.packet;

import java.nio.ByteBuffer;

/**
 * Ethernet header without VLAN tag, IEEE 802.3 section 3.2 and RFC 894. All fields are in network byte order.
 *
 * <pre>
 * |               destination, 6 bytes            |
 * |                  source, 6 bytes              |
 * |   EtherType   |
 * </pre>
 */
public final class EthernetHeader {
    /** Length of the header, in bytes. */
    public static final int BYTES = 14;

    /** EtherTypes. */
    public static final int IPV4 = 0x0800;

    public static final int ARP = 0x0806;
    public static final int IPV6 = 0x86dd;

    private static final int SOURCE_OFFSET = 6;
    private static final int TYPE_OFFSET = 12;

    private EthernetHeader() {}

    /** Writes a header at {@code at}; addresses are 48 bits, see {@link MacAddress}. */
    public static void write(ByteBuffer buffer, int at, long destination, long source, int etherType) {
        putAddress(buffer, at, destination);
        putAddress(buffer, at + SOURCE_OFFSET, source);
        buffer.putShort(at + TYPE_OFFSET, (short) etherType);
    }

    /** 48 bits. */
    public static long destination(ByteBuffer buffer, int at) {
        return address(buffer, at);
    }

    /** 48 bits. */
    public static long source(ByteBuffer buffer, int at) {
        return address(buffer, at + SOURCE_OFFSET);
    }

    /** 16 bits. */
    public static int etherType(ByteBuffer buffer, int at) {
        return buffer.getShort(at + TYPE_OFFSET) & 0xffff;
    }

    /** The address of 48 bits at {@code at}. */
    static long address(ByteBuffer buffer, int at) {
        return (buffer.getShort(at) & 0xffffL) << 32 | (buffer.getInt(at + 2) & 0xffff_ffffL);
    }

    static void putAddress(ByteBuffer buffer, int at, long bits) {
        buffer.putShort(at, (short) (bits >>> 32));
        buffer.putInt(at + 2, (int) bits);
    }
}

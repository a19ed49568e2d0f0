package net.vgate.packet;

import java.nio.ByteBuffer;

/**
 * ARP for IPv4 over Ethernet, RFC 826. All fields are in network byte order.
 *
 * <pre>
 * |     hardware type 1   | protocol type 0x0800  |
 * |hw bytes 6 |pr bytes 4 |       operation       |
 * |          sender's Ethernet address, 6 bytes                           |
 * |          sender's IPv4 address, 4 bytes       |
 * |          target's Ethernet address, 6 bytes                           |
 * |          target's IPv4 address, 4 bytes       |
 * </pre>
 *
 * <p>Accessors have meaning only where {@link #isValid} holds.
 */
public final class ArpPacket {
    /** Length of the packet, in bytes; what follows in a frame is padding. */
    public static final int BYTES = 28;

    /** Operations. */
    public static final int REQUEST = 1;

    public static final int REPLY = 2;

    private static final int ETHERNET = 1;
    private static final int IPV4 = ETHERNET << 16 | EthernetHeader.IPV4;
    private static final int LENGTHS = 0x0604;
    private static final int LENGTHS_OFFSET = 4;
    private static final int OPERATION_OFFSET = 6;
    private static final int SENDER_MAC_OFFSET = 8;
    private static final int SENDER_OFFSET = 14;
    private static final int TARGET_MAC_OFFSET = 18;
    private static final int TARGET_OFFSET = 24;

    private ArpPacket() {}

    /** Whether {@code bytes} bytes at {@code at} are a request or a reply of this kind. */
    public static boolean isValid(ByteBuffer buffer, int at, int bytes) {
        return bytes >= BYTES
                && buffer.getInt(at) == IPV4
                && buffer.getShort(at + LENGTHS_OFFSET) == LENGTHS
                && (operation(buffer, at) == REQUEST || operation(buffer, at) == REPLY);
    }

    /** {@link #REQUEST} or {@link #REPLY}. */
    public static int operation(ByteBuffer buffer, int at) {
        return buffer.getShort(at + OPERATION_OFFSET) & 0xffff;
    }

    /** 48 bits. */
    public static long senderMac(ByteBuffer buffer, int at) {
        return EthernetHeader.address(buffer, at + SENDER_MAC_OFFSET);
    }

    /** The sender's IPv4 address. */
    public static int sender(ByteBuffer buffer, int at) {
        return buffer.getInt(at + SENDER_OFFSET);
    }

    /** The target's IPv4 address. */
    public static int target(ByteBuffer buffer, int at) {
        return buffer.getInt(at + TARGET_OFFSET);
    }

    /** Writes a packet of {@link #BYTES} at {@code at}. */
    public static void write(
            ByteBuffer buffer, int at, int operation, long senderMac, int sender, long targetMac, int target) {
        buffer.putInt(at, IPV4);
        buffer.putShort(at + LENGTHS_OFFSET, (short) LENGTHS);
        buffer.putShort(at + OPERATION_OFFSET, (short) operation);
        EthernetHeader.putAddress(buffer, at + SENDER_MAC_OFFSET, senderMac);
        buffer.putInt(at + SENDER_OFFSET, sender);
        EthernetHeader.putAddress(buffer, at + TARGET_MAC_OFFSET, targetMac);
        buffer.putInt(at + TARGET_OFFSET, target);
    }
}

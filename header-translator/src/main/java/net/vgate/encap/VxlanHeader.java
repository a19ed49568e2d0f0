package net.vgate.encap;

import java.nio.ByteBuffer;

/**
 * VXLAN header, RFC 7348 section 5. All fields are in network byte order.
 *
 * <pre>
 * |R|R|R|R|I|R|R|R|                    reserved                   |
 * |                      VNI                      |   reserved    |
 * </pre>
 *
 * <p>An Ethernet frame without check sequence follows. Reserved fields are ignored when they are received.
 */
public final class VxlanHeader {
    /** Length of the header, in bytes. */
    public static final int BYTES = 8;

    private static final int VNI_OFFSET = 4;
    private static final int VNI_VALID = 0x0800_0000;

    private VxlanHeader() {}

    /** Writes a header for {@code vni} (24 bits) at {@code at}. */
    public static void write(ByteBuffer buffer, int at, int vni) {
        buffer.putInt(at, VNI_VALID);
        buffer.putInt(at + VNI_OFFSET, vni << 8);
    }

    /** Whether the header at {@code at} says that it has a VNI: the I flag. */
    public static boolean hasVni(ByteBuffer buffer, int at) {
        return (buffer.getInt(at) & VNI_VALID) != 0;
    }

    /** The V-net number, 24 bits. */
    public static int vni(ByteBuffer buffer, int at) {
        return buffer.getInt(at + VNI_OFFSET) >>> 8;
    }
}

package net.vgate.packet;

import java.nio.ByteBuffer;

/**
 * IPv4 header, RFC 791 section 3.1. All fields are in network byte order.
 *
 * <pre>
 * |Version|  IHL  |Type of Service|          Total Length         |
 * |         Identification        |Flags|      Fragment Offset    |
 * |  Time to Live |    Protocol   |         Header Checksum       |
 * |                       Source Address                          |
 * |                    Destination Address                        |
 * </pre>
 */
public final class Ipv4Header {
    /** Length of the header without options, in bytes. */
    public static final int BYTES = 20;

    public static final int TOS_OFFSET = 1;
    public static final int TOTAL_LENGTH_OFFSET = 2;
    public static final int ID_OFFSET = 4;
    public static final int FRAGMENT_OFFSET = 6;
    public static final int TTL_OFFSET = 8;
    public static final int PROTOCOL_OFFSET = 9;
    public static final int CHECKSUM_OFFSET = 10;
    public static final int SOURCE_OFFSET = 12;
    public static final int DESTINATION_OFFSET = 16;

    /** In the 16 bits at {@link #FRAGMENT_OFFSET}. */
    public static final int DONT_FRAGMENT = 0x4000;

    public static final int MORE_FRAGMENTS = 0x2000;

    /** Option types, RFC 791 section 3.1. */
    public static final int OPTION_END = 0;

    public static final int OPTION_NO_OPERATION = 1;
    public static final int OPTION_LOOSE_SOURCE_ROUTE = 131;
    public static final int OPTION_STRICT_SOURCE_ROUTE = 137;

    private Ipv4Header() {}

    /** Length of the header with its options, in bytes; less than {@link #BYTES} in a malformed one. */
    public static int headerBytes(ByteBuffer buffer, int at) {
        return (buffer.get(at) & 0xf) * 4;
    }

    /** Length of header and payload, in bytes. */
    public static int totalLength(ByteBuffer buffer, int at) {
        return buffer.getShort(at + TOTAL_LENGTH_OFFSET) & 0xffff;
    }

    /** Whether routers may not fragment the packet. */
    public static boolean dontFragment(ByteBuffer buffer, int at) {
        return (buffer.getShort(at + FRAGMENT_OFFSET) & DONT_FRAGMENT) != 0;
    }
}

package net.vgate.packet;

import java.nio.ByteBuffer;

/**
 * IPv6 header, RFC 8200 section 3. All fields are in network byte order.
 *
 * <pre>
 * |Version| Traffic Class |           Flow Label                  |
 * |         Payload Length        |  Next Header  |   Hop Limit   |
 * |                     Source Address, 16 bytes                  |
 * |                  Destination Address, 16 bytes                |
 * </pre>
 */
public final class Ipv6Header {
    /** Length of the header without extension headers, in bytes. */
    public static final int BYTES = 40;

    /** What every link has to carry, in bytes: RFC 8200 section 5. */
    public static final int MIN_MTU = 1_280;

    /** Of the traffic class, in the 16 bits that a header begins with. */
    public static final int TRAFFIC_CLASS_SHIFT = 4;

    public static final int PAYLOAD_LENGTH_OFFSET = 4;
    public static final int NEXT_HEADER_OFFSET = 6;
    public static final int HOP_LIMIT_OFFSET = 7;
    public static final int SOURCE_OFFSET = 8;
    public static final int DESTINATION_OFFSET = 24;

    private Ipv6Header() {}

    /** Length of what follows the header, extension headers included, in bytes. */
    public static int payloadLength(ByteBuffer buffer, int at) {
        return buffer.getShort(at + PAYLOAD_LENGTH_OFFSET) & 0xffff;
    }
}

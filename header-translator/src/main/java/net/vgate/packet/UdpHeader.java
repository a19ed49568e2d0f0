package net.vgate.packet;

/**
 * UDP header, RFC 768. All fields are in network byte order.
 *
 * <pre>
 * |          Source Port          |       Destination Port        |
 * |            Length             |           Checksum            |
 * </pre>
 */
public final class UdpHeader {
    /** Length of the header, in bytes. */
    public static final int BYTES = 8;

    public static final int LENGTH_OFFSET = 4;

    /** 0 in the field means that there is no checksum; a checksum of 0 is sent as 0xffff. */
    public static final int CHECKSUM_OFFSET = 6;

    private UdpHeader() {}
}

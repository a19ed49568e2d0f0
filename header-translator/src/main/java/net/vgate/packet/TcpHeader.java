package net.vgate.packet;

import java.nio.ByteBuffer;

/**
 * TCP header, RFC 9293 section 3.1. All fields are in network byte order.
 *
 * <pre>
 * |          Source Port          |       Destination Port        |
 * |                        Sequence Number                        |
 * |                    Acknowledgment Number                      |
 * | Offset| Rsrvd |    Flags      |            Window             |
 * |           Checksum            |         Urgent Pointer        |
 * |                           Options                             |
 * </pre>
 */
public final class TcpHeader {
    /** Length of the header without options, in bytes. */
    public static final int BYTES = 20;

    public static final int SEQUENCE_OFFSET = 4;
    public static final int ACKNOWLEDGMENT_OFFSET = 8;
    public static final int DATA_OFFSET = 12;
    public static final int FLAGS_OFFSET = 13;
    public static final int WINDOW_OFFSET = 14;
    public static final int CHECKSUM_OFFSET = 16;
    public static final int URGENT_OFFSET = 18;

    /** Option kinds, RFC 9293 section 3.2. */
    public static final int OPTION_END = 0;

    public static final int OPTION_NO_OPERATION = 1;
    public static final int OPTION_MAX_SEGMENT_SIZE = 2;

    private TcpHeader() {}

    /** Length of the header with its options, in bytes; less than {@link #BYTES} in a malformed one. */
    public static int headerBytes(ByteBuffer buffer, int at) {
        return (buffer.get(at + DATA_OFFSET) >>> 4 & 0xf) * 4;
    }
}

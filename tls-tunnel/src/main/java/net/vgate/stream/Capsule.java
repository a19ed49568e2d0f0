package net.vgate.stream;

import io.netty.buffer.ByteBuf;

/**
 * A DATAGRAM capsule, RFC 9297 section 3.5, that carries one UDP payload, RFC 9298 section 5.
 *
 * <pre>
 * Type (varint) = 0 | Length (varint) | Context ID (varint) = 0 | UDP payload
 * </pre>
 */
final class Capsule {
    /** Capsule type of a datagram, RFC 9297 section 5.4. */
    static final long DATAGRAM = 0;

    /** Context of a UDP payload, RFC 9298 section 4. */
    static final long UDP_PAYLOAD = 0;

    /** The largest datagram that is carried; as much as a handshake takes, and more than a record on any path has. */
    static final int MAX_DATAGRAM_BYTES = 1 << 14;

    /** The most that is put before a datagram. */
    static final int MAX_HEADER_BYTES = 1 + 4 + 1;

    private Capsule() {}

    /** Appends {@code datagram} as a capsule. */
    static void write(ByteBuf out, byte[] datagram) {
        Varint.write(out, DATAGRAM);
        Varint.write(out, Varint.bytes(UDP_PAYLOAD) + datagram.length);
        Varint.write(out, UDP_PAYLOAD);
        out.writeBytes(datagram);
    }
}

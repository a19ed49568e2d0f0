package net.vgate.packet;

import java.nio.ByteBuffer;

/**
 * Neighbor solicitation and advertisement, RFC 4861 sections 4.3 and 4.4, with the IPv6 header before them. All fields
 * are in network byte order.
 *
 * <pre>
 * |                      IPv6 header, 40 bytes                    |
 * |     Type      |     Code      |           Checksum            |
 * |R|S|O|                     Reserved                            |
 * |                   Target Address, 16 bytes                    |
 * |   options: type 1, length 1 in units of 8 bytes, value ...    |
 * </pre>
 *
 * <p>Accessors have meaning only where {@link #type} has found a message.
 */
public final class NeighborMessage {
    /** Types of ICMPv6. */
    public static final int SOLICITATION = 135;

    public static final int ADVERTISEMENT = 136;

    /** In place of a type: no such message, or one that has to be discarded. */
    public static final int NONE = 0;

    /** Length of what {@link #write} writes, in bytes. */
    public static final int WRITTEN_BYTES = Ipv6Header.BYTES + 32;

    /** Flags of advertisements: from a router, an answer, and to go before what is known. */
    public static final int ROUTER = 0x8000_0000;

    public static final int SOLICITED = 0x4000_0000;
    public static final int OVERRIDE = 0x2000_0000;

    /** In place of an Ethernet address: the message has none. */
    public static final long NO_ADDRESS = -1;

    /** RFC 4861 section 7.1: what has passed a router has less. */
    private static final int HOP_LIMIT = 255;

    private static final int FLAGS_OFFSET = Ipv6Header.BYTES + 4;
    private static final int TARGET_OFFSET = Ipv6Header.BYTES + 8;
    private static final int OPTIONS_OFFSET = Ipv6Header.BYTES + 24;
    private static final int OPTION_UNIT = 8;
    private static final int SOURCE_LINK_ADDRESS = 1;
    private static final int TARGET_LINK_ADDRESS = 2;

    private NeighborMessage() {}

    /** Whether {@code bytes} bytes at {@code at} claim to be such a message, valid or not. */
    public static boolean isClaimed(ByteBuffer buffer, int at, int bytes) {
        if (bytes <= Ipv6Header.BYTES || buffer.get(at + Ipv6Header.NEXT_HEADER_OFFSET) != InnerHeader.ICMPV6) {
            return false;
        }
        int type = buffer.get(at + Ipv6Header.BYTES) & 0xff;
        return type == SOLICITATION || type == ADVERTISEMENT;
    }

    /**
     * {@link #SOLICITATION} or {@link #ADVERTISEMENT}, if {@code bytes} bytes at {@code at} are a valid one by RFC 4861
     * section 7.1; else {@link #NONE}. What has extension headers is none (RFC 6980).
     */
    public static int type(ByteBuffer buffer, int at, int bytes) {
        if (!isClaimed(buffer, at, bytes) || bytes < OPTIONS_OFFSET || buffer.get(at) >>> 4 != 6) {
            return NONE;
        }
        int type = buffer.get(at + Ipv6Header.BYTES) & 0xff;
        int end = Ipv6Header.BYTES + Ipv6Header.payloadLength(buffer, at);
        boolean isWhole = end >= OPTIONS_OFFSET && end <= bytes;
        boolean isWellFormed = isWhole
                && (buffer.get(at + Ipv6Header.HOP_LIMIT_OFFSET) & 0xff) == HOP_LIMIT
                && buffer.get(at + Ipv6Header.BYTES + IcmpHeader.CODE_OFFSET) == 0
                && !isMulticast(targetHi(buffer, at))
                && checksum(buffer, at, end) == 0
                && areOptionsWhole(buffer, at, end);
        return isWellFormed && isConsistent(buffer, at, type) ? type : NONE;
    }

    private static boolean isConsistent(ByteBuffer buffer, int at, int type) {
        boolean isToGroup = isMulticast(buffer.getLong(at + Ipv6Header.DESTINATION_OFFSET));
        if (type == ADVERTISEMENT) {
            return !isToGroup || (flags(buffer, at) & SOLICITED) == 0;
        }
        boolean isProbeForDuplicates = sourceHi(buffer, at) == 0 && sourceLo(buffer, at) == 0;
        return !isProbeForDuplicates || (isToGroup && linkAddress(buffer, at) == NO_ADDRESS);
    }

    private static boolean isMulticast(long addressHi) {
        return addressHi >>> 56 == 0xff;
    }

    private static boolean areOptionsWhole(ByteBuffer buffer, int at, int end) {
        int option = OPTIONS_OFFSET;
        while (option + OPTION_UNIT <= end && buffer.get(at + option + 1) != 0) {
            option += (buffer.get(at + option + 1) & 0xff) * OPTION_UNIT;
        }
        return option == end;
    }

    public static long sourceHi(ByteBuffer buffer, int at) {
        return buffer.getLong(at + Ipv6Header.SOURCE_OFFSET);
    }

    public static long sourceLo(ByteBuffer buffer, int at) {
        return buffer.getLong(at + Ipv6Header.SOURCE_OFFSET + 8);
    }

    public static long targetHi(ByteBuffer buffer, int at) {
        return buffer.getLong(at + TARGET_OFFSET);
    }

    public static long targetLo(ByteBuffer buffer, int at) {
        return buffer.getLong(at + TARGET_OFFSET + 8);
    }

    /** Of an advertisement, {@link #ROUTER} and the like. */
    public static int flags(ByteBuffer buffer, int at) {
        return buffer.getInt(at + FLAGS_OFFSET);
    }

    /**
     * The Ethernet address that the message gives: the source's of a solicitation, the target's of an advertisement; or
     * {@link #NO_ADDRESS}.
     */
    public static long linkAddress(ByteBuffer buffer, int at) {
        boolean isSolicitation = (buffer.get(at + Ipv6Header.BYTES) & 0xff) == SOLICITATION;
        int wanted = isSolicitation ? SOURCE_LINK_ADDRESS : TARGET_LINK_ADDRESS;
        int end = Ipv6Header.BYTES + Ipv6Header.payloadLength(buffer, at);
        for (int option = OPTIONS_OFFSET; option < end; ) {
            int units = buffer.get(at + option + 1) & 0xff;
            if (buffer.get(at + option) == wanted && units == 1) {
                return EthernetHeader.address(buffer, at + option + 2);
            }
            option += units * OPTION_UNIT;
        }
        return NO_ADDRESS;
    }

    /**
     * Writes a message of {@link #WRITTEN_BYTES} at {@code at}, whose option gives {@code mac}.
     *
     * @param flags of an advertisement; 0 of a solicitation
     */
    public static void write(
            ByteBuffer buffer,
            int at,
            int type,
            long sourceHi,
            long sourceLo,
            long destinationHi,
            long destinationLo,
            long targetHi,
            long targetLo,
            int flags,
            long mac) {
        int icmpBytes = WRITTEN_BYTES - Ipv6Header.BYTES;
        buffer.putInt(at, 0x6000_0000);
        buffer.putInt(at + Ipv6Header.PAYLOAD_LENGTH_OFFSET, icmpBytes << 16 | InnerHeader.ICMPV6 << 8 | HOP_LIMIT);
        buffer.putLong(at + Ipv6Header.SOURCE_OFFSET, sourceHi);
        buffer.putLong(at + Ipv6Header.SOURCE_OFFSET + 8, sourceLo);
        buffer.putLong(at + Ipv6Header.DESTINATION_OFFSET, destinationHi);
        buffer.putLong(at + Ipv6Header.DESTINATION_OFFSET + 8, destinationLo);
        buffer.putInt(at + Ipv6Header.BYTES, type << 24);
        buffer.putInt(at + FLAGS_OFFSET, flags);
        buffer.putLong(at + TARGET_OFFSET, targetHi);
        buffer.putLong(at + TARGET_OFFSET + 8, targetLo);
        int kind = type == SOLICITATION ? SOURCE_LINK_ADDRESS : TARGET_LINK_ADDRESS;
        buffer.putShort(at + OPTIONS_OFFSET, (short) (kind << 8 | 1));
        EthernetHeader.putAddress(buffer, at + OPTIONS_OFFSET + 2, mac);
        buffer.putShort(
                at + Ipv6Header.BYTES + IcmpHeader.CHECKSUM_OFFSET, (short) checksum(buffer, at, WRITTEN_BYTES));
    }

    /** The checksum for the field; 0 if what is in the field is right. */
    private static int checksum(ByteBuffer buffer, int at, int end) {
        int icmpBytes = end - Ipv6Header.BYTES;
        // RFC 8200 section 8.1: addresses, length and protocol are in the sum.
        int sum = Checksum.sum(buffer, at + Ipv6Header.SOURCE_OFFSET, 32 + icmpBytes);
        return Checksum.complement(Checksum.add(sum, icmpBytes + InnerHeader.ICMPV6));
    }
}

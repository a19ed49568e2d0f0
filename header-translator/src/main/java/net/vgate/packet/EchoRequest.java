package net.vgate.packet;

import java.nio.ByteBuffer;

/** Makes whole ICMP echo requests of either family (RFC 792, RFC 4443 section 4.1), for control. */
public final class EchoRequest {
    private static final int HOP_LIMIT = 64;

    /** RFC 791 section 3.1: version 4, five words of header. */
    private static final byte VERSION_AND_WORDS = 0x45;

    private static final byte VERSION_6 = 0x60;

    private EchoRequest() {}

    /**
     * The packet, from its IP header on.
     *
     * @param destination of the same family as {@code source}
     * @param sequence 16 bits; the identifier is 0
     */
    public static byte[] of(IpAddress source, IpAddress destination, int sequence, byte[] payload) {
        if (source.isIpv4() != destination.isIpv4()) {
            throw new IllegalArgumentException(source + " to " + destination);
        }
        int icmpBytes = IcmpHeader.BYTES + payload.length;
        boolean isIpv4 = source.isIpv4();
        int at = isIpv4 ? Ipv4Header.BYTES : Ipv6Header.BYTES;
        ByteBuffer packet = ByteBuffer.allocate(at + icmpBytes);
        packet.position(at);
        packet.put((byte) (isIpv4 ? IcmpHeader.ECHO : IcmpHeader.V6_ECHO)).put((byte) 0);
        packet.putShort((short) 0)
                .putShort((short) 0)
                .putShort((short) sequence)
                .put(payload);
        int sum = Checksum.sum(packet, at, icmpBytes);
        packet.position(0);
        if (isIpv4) {
            packet.put(VERSION_AND_WORDS).put((byte) 0).putShort((short) packet.capacity());
            packet.putInt(0).put((byte) HOP_LIMIT).put((byte) InnerHeader.ICMP).putShort((short) 0);
            packet.putInt(source.ipv4Bits()).putInt(destination.ipv4Bits());
            int header = Checksum.complement(Checksum.sum(packet, 0, Ipv4Header.BYTES));
            packet.putShort(Ipv4Header.CHECKSUM_OFFSET, (short) header);
        } else {
            packet.put(VERSION_6).put((byte) 0).putShort((short) 0);
            packet.putShort((short) icmpBytes).put((byte) InnerHeader.ICMPV6).put((byte) HOP_LIMIT);
            packet.putLong(source.hi()).putLong(source.lo());
            packet.putLong(destination.hi()).putLong(destination.lo());
            // RFC 8200 section 8.1: addresses, length and protocol are in the sum.
            sum = Checksum.add(sum, Checksum.sum(packet, Ipv6Header.SOURCE_OFFSET, 2 * 16));
            sum = Checksum.add(sum, icmpBytes + InnerHeader.ICMPV6);
        }
        packet.putShort(at + IcmpHeader.CHECKSUM_OFFSET, (short) Checksum.complement(sum));
        return packet.array();
    }
}

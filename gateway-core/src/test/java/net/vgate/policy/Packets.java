package net.vgate.policy;

import java.nio.ByteBuffer;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;

/** Makes inner packets. Checksums are zero: policy does not look at them. */
public final class Packets {
    public static final int SYN = InnerHeader.TCP_SYN;
    public static final int ACK = InnerHeader.TCP_ACK;
    public static final int FIN = InnerHeader.TCP_FIN;
    public static final int RST = InnerHeader.TCP_RST;

    private Packets() {}

    public static byte[] ip(String source, String destination, int protocol, byte[] payload) {
        IpAddress from = IpAddress.parse(source).orElseThrow();
        IpAddress to = IpAddress.parse(destination).orElseThrow();
        if (from.isIpv4()) {
            return ByteBuffer.allocate(20 + payload.length)
                    .putShort((short) 0x4500)
                    .putShort((short) (20 + payload.length))
                    .putInt(0)
                    .put((byte) 64)
                    .put((byte) protocol)
                    .putShort((short) 0)
                    .putInt(from.ipv4Bits())
                    .putInt(to.ipv4Bits())
                    .put(payload)
                    .array();
        }
        return ByteBuffer.allocate(40 + payload.length)
                .putInt(0x6000_0000)
                .putShort((short) payload.length)
                .put((byte) protocol)
                .put((byte) 64)
                .putLong(from.hi())
                .putLong(from.lo())
                .putLong(to.hi())
                .putLong(to.lo())
                .put(payload)
                .array();
    }

    public static byte[] tcp(String source, int sourcePort, String destination, int destinationPort, int flags) {
        byte[] segment = ByteBuffer.allocate(20)
                .putShort((short) sourcePort)
                .putShort((short) destinationPort)
                .putInt(4, 1)
                .putShort(12, (short) (0x5000 | flags))
                .array();
        return ip(source, destination, InnerHeader.TCP, segment);
    }

    public static byte[] udp(String source, int sourcePort, String destination, int destinationPort) {
        return ip(source, destination, InnerHeader.UDP, udpPayload(sourcePort, destinationPort, 0));
    }

    public static byte[] udpPayload(int sourcePort, int destinationPort, int bytes) {
        return ByteBuffer.allocate(8 + bytes)
                .putShort((short) sourcePort)
                .putShort((short) destinationPort)
                .putShort((short) (8 + bytes))
                .array();
    }

    /** ICMP of the addresses' family. */
    public static byte[] icmp(String source, String destination, int type, int code, int identifier, byte... body) {
        byte[] message = ByteBuffer.allocate(8 + body.length)
                .put((byte) type)
                .put((byte) code)
                .putShort(4, (short) identifier)
                .position(8)
                .put(body)
                .array();
        boolean isIpv4 = IpAddress.parse(source).orElseThrow().isIpv4();
        return ip(source, destination, isIpv4 ? InnerHeader.ICMP : InnerHeader.ICMPV6, message);
    }

    /** A fragment of an IPv4 UDP datagram; the first one, at 0, begins with the UDP header. */
    public static byte[] udpFragment(String source, String destination, int id, int offset, int bytes, boolean more) {
        byte[] payload = offset == 0 ? udpPayload(1000, 53, bytes - 8) : new byte[bytes];
        byte[] packet = ip(source, destination, InnerHeader.UDP, payload);
        ByteBuffer.wrap(packet).putShort(4, (short) id).putShort(6, (short) (offset >> 3 | (more ? 0x2000 : 0)));
        return packet;
    }
}

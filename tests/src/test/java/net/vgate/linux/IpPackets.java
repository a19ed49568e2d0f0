package net.vgate.linux;

import java.nio.ByteBuffer;
import java.util.Arrays;
import net.vgate.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/** Small IP packets, made by hand with a checksum that is written out: no code of the product is in them. */
final class IpPackets {
    static final int TCP = 6;
    static final int UDP = 17;
    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;
    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;

    private IpPackets() {}

    static IpAddress address(String text) {
        return IpAddress.parse(text).orElseThrow();
    }

    /** An echo request of either family. */
    static byte[] echoRequest(String from, String to, int sequence) {
        boolean isIpv4 = address(from).isIpv4();
        byte[] icmp = new byte[64];
        icmp[0] = (byte) (isIpv4 ? 8 : 128);
        icmp[7] = (byte) sequence;
        return packet(isIpv4 ? ICMP : ICMPV6, from, to, icmp, 2);
    }

    /** The answer to an echo request, or null when {@code packet} is none. */
    static byte @Nullable [] echoReply(byte[] packet) {
        ByteBuffer in = ByteBuffer.wrap(packet);
        boolean isIpv4 = isIpv4(packet);
        int at = isIpv4 ? IPV4_BYTES : IPV6_BYTES;
        int protocol = packet[isIpv4 ? 9 : 6];
        if (!(isIpv4 ? protocol == ICMP && packet[at] == 8 : protocol == ICMPV6 && packet[at] == (byte) 128)) {
            return null;
        }
        byte[] icmp = new byte[packet.length - at];
        in.get(at, icmp);
        icmp[0] = (byte) (isIpv4 ? 0 : 129);
        icmp[2] = 0;
        icmp[3] = 0;
        return packet(protocol, destination(packet), source(packet), icmp, 2);
    }

    /** A datagram of either family. */
    static byte[] udp(String from, int fromPort, String to, int toPort, byte[] payload) {
        return packet(UDP, from, to, datagram(fromPort, toPort, payload), 6);
    }

    /** A datagram whose checksum field holds the pseudo-header's sum only, as the kernel hands them in. */
    static byte[] partialUdp(String from, int fromPort, String to, int toPort, byte[] payload) {
        return withPartial(udp(from, fromPort, to, toPort, payload), UDP, 6);
    }

    /** A segment with a timestamp option, whose checksum field holds the pseudo-header's sum only. */
    static byte[] partialTcp(String from, int fromPort, String to, int toPort, int flags, byte[] payload) {
        byte[] segment = ByteBuffer.allocate(32 + payload.length)
                .putShort((short) fromPort)
                .putShort((short) toPort)
                .putInt(0xffff_f000)
                .putInt(0x0102_0304)
                .put((byte) 0x80)
                .put((byte) flags)
                .putShort((short) 501)
                .putInt(0)
                .putInt(0x0101_080a)
                .putLong(0x0000_0007_0000_0008L)
                .put(payload)
                .array();
        return withPartial(packet(TCP, from, to, segment, 16), TCP, 16);
    }

    private static byte[] withPartial(byte[] packet, int protocol, int checksumAt) {
        int at = isIpv4(packet) ? IPV4_BYTES : IPV6_BYTES;
        int sum = fold(pseudo(protocol, address(source(packet)), address(destination(packet)), packet.length - at));
        ByteBuffer.wrap(packet).putShort(at + checksumAt, (short) sum);
        return packet;
    }

    /** Whether a TCP or UDP packet's checksums are right. */
    static boolean areChecksumsRight(byte[] packet) {
        boolean isIpv4 = isIpv4(packet);
        int at = isIpv4 ? IPV4_BYTES : IPV6_BYTES;
        byte[] transport = Arrays.copyOfRange(packet, at, packet.length);
        int protocol = packet[isIpv4 ? 9 : 6];
        long pseudo = pseudo(protocol, address(source(packet)), address(destination(packet)), transport.length);
        return (!isIpv4 || fold(sum(Arrays.copyOf(packet, IPV4_BYTES))) == 0xffff)
                && fold(pseudo + sum(transport)) == 0xffff;
    }

    static boolean isIpv4(byte[] packet) {
        return packet[0] >>> 4 == 4;
    }

    static String source(byte[] packet) {
        return textAt(packet, isIpv4(packet) ? 12 : 8);
    }

    static String destination(byte[] packet) {
        return textAt(packet, isIpv4(packet) ? 16 : 24);
    }

    private static String textAt(byte[] packet, int at) {
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        IpAddress address = isIpv4(packet)
                ? IpAddress.ofIpv4(bytes.getInt(at))
                : new IpAddress(bytes.getLong(at), bytes.getLong(at + 8));
        return address.toString();
    }

    private static byte[] datagram(int fromPort, int toPort, byte[] payload) {
        return ByteBuffer.allocate(8 + payload.length)
                .putShort((short) fromPort)
                .putShort((short) toPort)
                .putShort((short) (8 + payload.length))
                .putShort((short) 0)
                .put(payload)
                .array();
    }

    private static byte[] packet(int protocol, String from, String to, byte[] body, int checksumAt) {
        IpAddress source = address(from);
        IpAddress destination = address(to);
        long sum = sum(body);
        if (protocol != ICMP) {
            sum += pseudo(protocol, source, destination, body.length);
        }
        ByteBuffer.wrap(body).putShort(checksumAt, (short) ~fold(sum));
        byte[] header = source.isIpv4()
                ? ipv4(protocol, source, destination, body.length)
                : ipv6(protocol, source, destination, body.length);
        return ByteBuffer.allocate(header.length + body.length)
                .put(header)
                .put(body)
                .array();
    }

    private static byte[] ipv4(int protocol, IpAddress from, IpAddress to, int bytes) {
        ByteBuffer header = ByteBuffer.allocate(IPV4_BYTES)
                .put((byte) 0x45)
                .put((byte) 0)
                .putShort((short) (IPV4_BYTES + bytes))
                .putInt(0)
                .put((byte) 64)
                .put((byte) protocol)
                .putShort((short) 0)
                .putInt(from.ipv4Bits())
                .putInt(to.ipv4Bits());
        header.putShort(10, (short) ~fold(sum(header.array())));
        return header.array();
    }

    private static byte[] ipv6(int protocol, IpAddress from, IpAddress to, int bytes) {
        return ByteBuffer.allocate(IPV6_BYTES)
                .putInt(0x6000_0000)
                .putShort((short) bytes)
                .put((byte) protocol)
                .put((byte) 64)
                .putLong(from.hi())
                .putLong(from.lo())
                .putLong(to.hi())
                .putLong(to.lo())
                .array();
    }

    private static long pseudo(int protocol, IpAddress from, IpAddress to, int bytes) {
        return sum(from.toInetAddress().getAddress()) + sum(to.toInetAddress().getAddress()) + protocol + bytes;
    }

    private static long sum(byte[] bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.length; i++) {
            sum += (long) (bytes[i] & 0xff) << ((i & 1) == 0 ? 8 : 0);
        }
        return sum;
    }

    private static int fold(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) folded;
    }
}

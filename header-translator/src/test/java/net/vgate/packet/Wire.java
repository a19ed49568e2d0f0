package net.vgate.packet;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Packets as bytes, made the slow and obvious way: fields by hand, every checksum summed up anew. The model beside
 * everything that changes packets in place.
 */
public final class Wire {
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final byte[] NOTHING = {};

    private Wire() {}

    /** An IPv4 address from its octets. */
    public static int address(int a, int b, int c, int d) {
        return a << 24 | b << 16 | c << 8 | d;
    }

    /** Concatenation; ints are single bytes, byte arrays are themselves. */
    public static byte[] bytes(Object... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Object part : parts) {
            if (part instanceof byte[] array) {
                out.writeBytes(array);
            } else {
                out.write((Integer) part);
            }
        }
        return out.toByteArray();
    }

    /** Big-endian words of 16 bits. */
    public static byte[] words(int... words) {
        ByteBuffer buffer = ByteBuffer.allocate(words.length * 2);
        for (int word : words) {
            buffer.putShort((short) word);
        }
        return buffer.array();
    }

    /** RFC 1071, as written: add up 16-bit words, add back the carries, one by one. */
    public static int naiveSum(byte[] data) {
        int sum = 0;
        for (int i = 0; i < data.length; i += 2) {
            int word = (data[i] & 0xff) << 8 | (i + 1 < data.length ? data[i + 1] & 0xff : 0);
            sum += word;
            if (sum > 0xffff) {
                sum = (sum & 0xffff) + 1;
            }
        }
        return sum;
    }

    /** A whole IPv4 packet that may not be fragmented. */
    public static byte[] ipv4(int source, int destination, int protocol, byte[] payload) {
        return ipv4(source, destination, protocol, Ipv4Header.DONT_FRAGMENT, NOTHING, payload);
    }

    /** An IPv4 packet; {@code options} are a multiple of 4 bytes. */
    public static byte[] ipv4(
            int source, int destination, int protocol, int fragmentField, byte[] options, byte[] payload) {
        int headerBytes = 20 + options.length;
        ByteBuffer packet = ByteBuffer.allocate(headerBytes + payload.length);
        packet.put((byte) (0x40 | headerBytes / 4)).put((byte) 0).putShort((short) packet.capacity());
        packet.putShort((short) 0x1234).putShort((short) fragmentField);
        packet.put((byte) 63).put((byte) protocol).putShort((short) 0);
        packet.putInt(source).putInt(destination).put(options);
        packet.putShort(10, (short) ~naiveSum(Arrays.copyOf(packet.array(), headerBytes)));
        packet.put(payload);
        return packet.array();
    }

    /** An IPv6 packet; {@code nextHeader} is what {@code payload} begins with. */
    public static byte[] ipv6(byte[] source, byte[] destination, int nextHeader, byte[] payload) {
        ByteBuffer packet = ByteBuffer.allocate(40 + payload.length);
        packet.putInt(0x6000_0000)
                .putShort((short) payload.length)
                .put((byte) nextHeader)
                .put((byte) 63);
        packet.put(source).put(destination).put(payload);
        return packet.array();
    }

    /** An IPv6 address of documentation (RFC 3849) that ends in {@code last}. */
    public static byte[] address6(int last) {
        return ByteBuffer.allocate(16).putInt(0x2001_0db8).putInt(12, last).array();
    }

    /** The bytes of an IPv4 address. */
    public static byte[] octets(int address) {
        return ByteBuffer.allocate(4).putInt(address).array();
    }

    /** A TCP segment without a checksum; {@code options} are a multiple of 4 bytes. */
    public static byte[] tcp(int sourcePort, int destinationPort, int flags, byte[] options, byte[] payload) {
        byte[] fixed = words(sourcePort, destinationPort, 0x0102, 0x0304, 0x0506, 0x0708);
        return bytes(fixed, (20 + options.length) << 2, flags, words(0xffff, 0, 0), options, payload);
    }

    /** A UDP datagram without a checksum. */
    public static byte[] udp(int sourcePort, int destinationPort, byte[] payload) {
        return bytes(words(sourcePort, destinationPort, 8 + payload.length, 0), payload);
    }

    /** An ICMP message of either family without a checksum. */
    public static byte[] icmp(int type, int code, int rest, byte[] payload) {
        return bytes(type, code, words(0, rest >>> 16, rest), payload);
    }

    /** The sum over the pseudo-header; addresses of 4 or 16 bytes. */
    public static int pseudoSum(byte[] source, byte[] destination, int protocol, int bytes) {
        return naiveSum(bytes(source, destination, words(bytes >>> 16, bytes, 0, protocol)));
    }

    /** {@code segment} with its checksum, summed up with {@code pseudoSum} (0 for ICMP) and put at {@code offset}. */
    public static byte[] withChecksum(byte[] segment, int offset, int pseudoSum, boolean udp) {
        byte[] copy = segment.clone();
        ByteBuffer.wrap(copy).putShort(offset, (short) 0);
        int checksum = ~naiveSum(bytes(words(pseudoSum), copy)) & 0xffff;
        if (udp && checksum == 0) {
            checksum = 0xffff;
        }
        ByteBuffer.wrap(copy).putShort(offset, (short) checksum);
        return copy;
    }

    /** {@code segment} with the pseudo-header's sum in its checksum field, as a kernel leaves it to the hardware. */
    public static byte[] withPartial(byte[] segment, int offset, int pseudoSum) {
        byte[] copy = segment.clone();
        ByteBuffer.wrap(copy).putShort(offset, (short) pseudoSum);
        return copy;
    }

    /** The TCP or UDP packet over IPv4 with right checksums. */
    public static byte[] ipv4Whole(int source, int destination, int protocol, byte[] segment) {
        return ipv4(source, destination, protocol, summed4(source, destination, protocol, segment));
    }

    /** The TCP or UDP segment with its checksum for these addresses. */
    public static byte[] summed4(int source, int destination, int protocol, byte[] segment) {
        int pseudo = pseudoSum(octets(source), octets(destination), protocol, segment.length);
        return withChecksum(segment, protocol == TCP ? 16 : 6, pseudo, protocol == UDP);
    }

    /** The TCP, UDP or ICMPv6 packet over IPv6 with its checksum. */
    public static byte[] ipv6Whole(byte[] source, byte[] destination, int protocol, byte[] segment) {
        int offset = protocol == TCP ? 16 : protocol == UDP ? 6 : 2;
        int pseudo = pseudoSum(source, destination, protocol, segment.length);
        return ipv6(source, destination, protocol, withChecksum(segment, offset, pseudo, protocol == UDP));
    }
}

package net.vgate.offload;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.vgate.packet.Wire;

/**
 * Super-packets the slow and obvious way: packets as bytes, every length and checksum written anew. The model beside
 * {@link Segmenter} and {@link Coalescer}.
 */
final class NaiveSegmentation {
    static final int FIN = 0x01;
    static final int SYN = 0x02;
    static final int RST = 0x04;
    static final int PSH = 0x08;
    static final int ACK = 0x10;
    static final int URG = 0x20;
    static final int ECE = 0x40;
    static final int CWR = 0x80;

    private static final int DESTINATION_OPTIONS = 60;

    private NaiveSegmentation() {}

    static boolean isIpv4(byte[] packet) {
        return packet[0] >>> 4 == 4;
    }

    /** Where the transport header begins: behind IPv4's options, or one header of destination options. */
    static int transport(byte[] packet) {
        if (isIpv4(packet)) {
            return (packet[0] & 0xf) * 4;
        }
        return packet[6] == DESTINATION_OPTIONS ? 40 + (packet[41] + 1) * 8 : 40;
    }

    static int protocol(byte[] packet) {
        return isIpv4(packet) ? packet[9] : packet[6] == DESTINATION_OPTIONS ? packet[40] : packet[6];
    }

    static boolean isTcp(byte[] packet) {
        return protocol(packet) == Wire.TCP;
    }

    /** Where the payload begins. */
    static int payload(byte[] packet) {
        int at = transport(packet);
        return at + (isTcp(packet) ? (packet[at + 12] >>> 4 & 0xf) * 4 : 8);
    }

    static int payloadBytes(byte[] packet) {
        return packet.length - payload(packet);
    }

    static int flags(byte[] packet) {
        return packet[transport(packet) + 13] & 0xff;
    }

    /** The packet with its lengths and checksums; {@code partial}: with the pseudo-header's sum in its transport. */
    static byte[] finished(byte[] packet, boolean partial) {
        byte[] header = Arrays.copyOf(packet, transport(packet));
        byte[] segment = Arrays.copyOfRange(packet, header.length, packet.length);
        ByteBuffer buffer = ByteBuffer.wrap(header);
        if (isIpv4(packet)) {
            buffer.putShort(2, (short) packet.length).putShort(10, (short) 0);
            buffer.putShort(10, (short) ~Wire.naiveSum(header));
        } else {
            buffer.putShort(4, (short) (packet.length - 40));
        }
        int offset = 16;
        if (!isTcp(packet)) {
            ByteBuffer.wrap(segment).putShort(4, (short) segment.length);
            offset = 6;
        }
        int pseudo = pseudo(packet, segment.length);
        byte[] summed = partial
                ? Wire.withPartial(segment, offset, pseudo)
                : Wire.withChecksum(segment, offset, pseudo, !isTcp(packet));
        return Wire.bytes(header, summed);
    }

    private static int pseudo(byte[] packet, int bytes) {
        int from = isIpv4(packet) ? 12 : 8;
        int size = isIpv4(packet) ? 4 : 16;
        byte[] source = Arrays.copyOfRange(packet, from, from + size);
        byte[] destination = Arrays.copyOfRange(packet, from + size, from + 2 * size);
        return Wire.pseudoSum(source, destination, protocol(packet), bytes);
    }

    /** What a super-packet is cut into, segmentation-offloads.rst of Linux. */
    static List<byte[]> split(byte[] whole, int segmentBytes, boolean partial) {
        int start = payload(whole);
        List<byte[]> parts = new ArrayList<>();
        for (int at = start; at < whole.length || parts.isEmpty(); at += segmentBytes) {
            int end = Math.min(whole.length, at + segmentBytes);
            byte[] part = Wire.bytes(Arrays.copyOf(whole, start), Arrays.copyOfRange(whole, at, end));
            number(part, parts.size(), at - start);
            if (isTcp(whole)) {
                int flags = flags(whole) & ~(at == start ? 0 : CWR) & ~(end == whole.length ? 0 : FIN | PSH);
                part[transport(whole) + 13] = (byte) flags;
            }
            parts.add(finished(part, partial));
        }
        return parts;
    }

    private static void number(byte[] part, int index, int payloadBefore) {
        ByteBuffer buffer = ByteBuffer.wrap(part);
        if (isIpv4(part)) {
            buffer.putShort(4, (short) (buffer.getShort(4) + index));
        }
        if (isTcp(part)) {
            int sequence = transport(part) + 4;
            buffer.putInt(sequence, buffer.getInt(sequence) + payloadBefore);
        }
    }

    /** One super-packet of packets that follow one another: the first one's headers, and whether the last is pushed. */
    static byte[] join(List<byte[]> packets) {
        byte[] whole = packets.get(0);
        for (byte[] next : packets.subList(1, packets.size())) {
            whole = Wire.bytes(whole, Arrays.copyOfRange(next, payload(next), next.length));
        }
        if (isTcp(whole)) {
            whole[transport(whole) + 13] |= (byte) (flags(packets.get(packets.size() - 1)) & PSH);
        }
        return finished(whole, true);
    }
}

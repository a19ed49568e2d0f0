package net.vgate.offload;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.packet.Wire;

/** A flow that sends super-packets of sizes at the edges, already cut into packets. */
final class RandomFlow {
    private static final int MAX_PACKET_BYTES = 65_535;
    private static final int[] SEGMENTS = {1, 2, 3, 100, 535, 536, 1_000, 1_398, 1_448, 8_948};
    private static final byte[] TIMESTAMPS = Wire.bytes(1, 1, 8, 10, Wire.words(1, 2, 3, 4));

    private final SplittableRandom random;
    private final byte[] headers;
    private final int segmentBytes;
    private final int maxBytes;
    private final int vnet;
    private final int site;
    private final boolean isPartial;

    /** @param maxBytes of one super-packet */
    RandomFlow(SplittableRandom random, int maxBytes) {
        this.random = random;
        this.maxBytes = maxBytes;
        this.headers = random.nextInt(3) == 0 ? ipv6() : ipv4();
        if (random.nextInt(5) == 0) {
            mark();
        }
        this.segmentBytes = SEGMENTS[random.nextInt(SEGMENTS.length)];
        this.vnet = random.nextInt(2);
        this.site = random.nextInt(4) == 0 ? 1 : 0;
        this.isPartial = random.nextBoolean();
    }

    /** Few addresses and ports, so that other flows have them too. */
    private byte[] ipv4() {
        int source = Wire.address(100, 64, 2, random.nextInt(2));
        int destination = Wire.address(100, 64, 1, random.nextInt(2));
        byte[] transport = transport();
        byte[] packet = Wire.ipv4(source, destination, transport.length == 8 ? Wire.UDP : Wire.TCP, transport);
        int id = (int) edge(0x1_0000);
        ByteBuffer.wrap(packet)
                .put(1, (byte) random.nextInt(256))
                .putShort(4, (short) id)
                .putShort(6, (short) (random.nextBoolean() ? 0x4000 : 0))
                .put(8, (byte) (1 + random.nextInt(255)));
        return packet;
    }

    private byte[] ipv6() {
        byte[] transport = transport();
        byte[] source = Wire.address6(random.nextInt(2));
        byte[] destination = Wire.address6(0x100 + random.nextInt(2));
        byte[] packet = Wire.ipv6(source, destination, transport.length == 8 ? Wire.UDP : Wire.TCP, transport);
        int labels = random.nextInt() & 0x0fff_ffff;
        ByteBuffer.wrap(packet).putInt(0, 0x6000_0000 | labels).put(7, (byte) (1 + random.nextInt(255)));
        return packet;
    }

    /** Gives all packets of the flow a bit that is rarely set. */
    private void mark() {
        int at = NaiveSegmentation.transport(headers);
        if (NaiveSegmentation.isIpv4(headers) && random.nextInt(3) == 0) {
            headers[6] ^= (byte) 0x80;
        } else if (NaiveSegmentation.isTcp(headers)) {
            headers[at + 12 + random.nextInt(2)] ^= (byte) (1 << random.nextInt(4));
            headers[at + 13] ^= (byte) (random.nextInt(3) == 0 ? 1 << random.nextInt(8) : 0);
        }
    }

    /** A number below {@code end} that is often just before where it, or its sign, turns over. */
    private long edge(long end) {
        long[] edges = {end, end / 2, 1 + random.nextLong(end)};
        return Math.max(0, edges[random.nextInt(3)] - 1 - random.nextInt(20));
    }

    private byte[] transport() {
        int from = 1_000 + random.nextInt(2);
        int to = 2_000 + random.nextInt(2);
        if (random.nextInt(3) == 0) {
            return Wire.udp(from, to, Wire.NOTHING);
        }
        byte[] options = random.nextBoolean() ? TIMESTAMPS : new byte[4 * random.nextInt(11)];
        int flags = NaiveSegmentation.ACK | (random.nextInt(4) == 0 ? NaiveSegmentation.ECE : 0);
        byte[] segment = Wire.tcp(from, to, flags, options, Wire.NOTHING);
        ByteBuffer.wrap(segment)
                .putInt(4, (int) edge(1L << 32))
                .putInt(8, random.nextInt())
                .putShort(14, (short) random.nextInt());
        return segment;
    }

    /** The packets of its next super-packet. */
    List<TrafficPacket> next() {
        byte[] payload = new byte[payloadBytes()];
        random.nextBytes(payload);
        byte[] whole = Wire.bytes(headers, payload);
        boolean isTcp = NaiveSegmentation.isTcp(headers);
        if (isTcp && random.nextInt(3) == 0) {
            whole[NaiveSegmentation.transport(headers) + 13] |= (byte) NaiveSegmentation.PSH;
        }
        List<TrafficPacket> packets = new ArrayList<>();
        for (byte[] part : NaiveSegmentation.split(whole, segmentBytes, isPartial)) {
            packets.add(new TrafficPacket(part, vnet, site, isPartial));
        }
        advance(packets.size(), payload.length);
        return packets;
    }

    private int payloadBytes() {
        int most = Math.min(maxBytes, MAX_PACKET_BYTES - headers.length);
        int bytes = switch (random.nextInt(8)) {
            case 0 -> 1;
            case 1 -> segmentBytes - 1;
            case 2 -> segmentBytes;
            case 3 -> segmentBytes + 1;
            case 4 -> segmentBytes * (1 + random.nextInt(140));
            case 5 -> most;
            default -> 1 + random.nextInt(segmentBytes * 20);
        };
        // So many that Linux takes them apart again: 64 datagrams, and more segments than we put together.
        return Math.max(1, Math.min(Math.min(bytes, segmentBytes * 140), most));
    }

    private void advance(int packets, int bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(headers);
        if (NaiveSegmentation.isIpv4(headers)) {
            buffer.putShort(4, (short) (buffer.getShort(4) + packets));
        }
        if (NaiveSegmentation.isTcp(headers)) {
            int sequence = NaiveSegmentation.transport(headers) + 4;
            buffer.putInt(sequence, buffer.getInt(sequence) + bytes);
        }
    }
}

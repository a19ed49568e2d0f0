package net.vgate.packet;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Random packets that aim at the edges of a parser: mostly right, wrong in one place. */
public final class RandomPackets {
    private static final int[] IPV6_HEADERS = {0, 6, 17, 43, 44, 50, 51, 58, 59, 60, 135, 139, 140, 253};
    private static final int[] PROTOCOLS = {1, 6, 17, 33, 47, 50, 51, 58, 132, 136};

    private RandomPackets() {}

    /** At most 200 bytes. */
    public static byte[] hostile(SplittableRandom random) {
        byte[] packet = random.nextInt(3) == 0 ? ipv6(random) : ipv4(random);
        int damage = random.nextInt(4);
        for (int i = 0; i < damage; i++) {
            int at = random.nextInt(Math.min(packet.length, random.nextBoolean() ? 80 : 24));
            packet[at] = (byte) edge(random);
        }
        if (random.nextInt(3) == 0) {
            packet = Arrays.copyOf(packet, random.nextInt(packet.length + 1));
        }
        return packet.length > 200 ? Arrays.copyOf(packet, 200) : packet;
    }

    private static int edge(SplittableRandom random) {
        int[] edges = {0, 1, 2, 4, 5, 6, 8, 0x20, 0x3f, 0x40, 0x45, 0x4f, 0x60, 0x7f, 0x80, 0xff, random.nextInt(256)};
        return edges[random.nextInt(edges.length)];
    }

    private static byte[] ipv4(SplittableRandom random) {
        int protocol = PROTOCOLS[random.nextInt(PROTOCOLS.length)];
        byte[] options = new byte[random.nextInt(4) == 0 ? 4 * random.nextInt(11) : 0];
        if (random.nextBoolean()) {
            random.nextBytes(options);
        }
        int fragmentField = random.nextInt(3) > 0 ? 0 : random.nextInt(4) | random.nextInt(2) << 13;
        return Wire.ipv4(
                random.nextInt(), random.nextInt(), protocol, fragmentField, options, transport(random, protocol));
    }

    private static byte[] ipv6(SplittableRandom random) {
        int header = IPV6_HEADERS[random.nextInt(IPV6_HEADERS.length)];
        int first = header;
        byte[] chain = transport(random, header);
        for (int i = random.nextInt(5); i > 0; i--) {
            int kind = new int[] {0, 43, 44, 51, 60, 60, 60}[random.nextInt(7)];
            int units = kind == 44 ? 0 : random.nextInt(3);
            byte[] body = new byte[kind == 51 ? (units + 2) * 4 - 2 : units * 8 + 6];
            if (random.nextBoolean()) {
                random.nextBytes(body);
            }
            chain = Wire.bytes(first, units, body, chain);
            first = kind;
        }
        return Wire.ipv6(Wire.address6(random.nextInt()), Wire.address6(random.nextInt()), first, chain);
    }

    private static byte[] transport(SplittableRandom random, int protocol) {
        byte[] payload = new byte[random.nextInt(4) == 0 ? random.nextInt(40) : 8 * random.nextInt(4)];
        random.nextBytes(payload);
        return switch (protocol) {
            case 6 -> Wire.tcp(random.nextInt(), random.nextInt(), random.nextInt(256), options(random), payload);
            case 17 -> Wire.udp(random.nextInt(), random.nextInt(), payload);
            case 1 -> Wire.icmp(random.nextInt(14), random.nextInt(4), rest(random), quote(random, payload));
            case 58 -> Wire.icmp(random.nextInt(140), random.nextInt(4), rest(random), quote(random, payload));
            default -> payload;
        };
    }

    private static int rest(SplittableRandom random) {
        return random.nextInt(3) == 0 ? random.nextInt() & 0x3f3f_ffff : 0;
    }

    private static byte[] quote(SplittableRandom random, byte[] payload) {
        if (random.nextInt(3) == 0) {
            return payload;
        }
        byte[] quoted = random.nextBoolean()
                ? Wire.ipv4(random.nextInt(), random.nextInt(), 17, Wire.udp(7, 9, payload))
                : Wire.ipv6(Wire.address6(1), Wire.address6(2), 6, Wire.tcp(7, 9, 2, options(random), payload));
        return Arrays.copyOf(quoted, random.nextInt(quoted.length + 1));
    }

    /** TCP options, broken ones among them; a multiple of 4 bytes. */
    public static byte[] options(SplittableRandom random) {
        ByteBuffer options = ByteBuffer.allocate(4 * random.nextInt(11));
        while (options.hasRemaining()) {
            int kind = new int[] {0, 1, 1, 2, 2, 3, 8}[random.nextInt(7)];
            options.put((byte) kind);
            if (kind > 1 && options.hasRemaining()) {
                int length = kind == 2 ? 4 : random.nextInt(5);
                options.put((byte) length);
                for (int i = 2; i < length && options.hasRemaining(); i++) {
                    options.put((byte) edge(random));
                }
            }
        }
        return options.array();
    }
}

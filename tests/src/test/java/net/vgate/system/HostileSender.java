package net.vgate.system;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * A program that throws hostile datagrams at a gateway: a fixed number, from a seed, at a fixed rate or as fast as the
 * gateway takes them. What overflows its socket would be lost, and try nothing.
 *
 * <p>Arguments: own address and port, the gateway's, the gateway's process, how many, the seed, a capture of what the
 * gateway has received before, what to send ({@code records}, {@code forged} ones, or {@code hellos}), and how many a
 * second, 0 being as fast as it takes them.
 */
final class HostileSender {
    private static final int BURST = 100;
    private static final int MAX_BYTES = 1_472;

    /** Of the gateway's buffer, which is 4 MiB, the rest is for others. */
    private static final long MAX_WAITING_BYTES = 1 << 20;

    private final SplittableRandom random;
    private final List<byte[]> captured;
    private final byte[] scratch = new byte[MAX_BYTES];

    private HostileSender(long seed, List<byte[]> captured) {
        this.random = new SplittableRandom(seed);
        this.captured = captured;
    }

    public static void main(String[] args) throws IOException {
        InetSocketAddress own = new InetSocketAddress(InetAddress.getByName(args[0]), Integer.parseInt(args[1]));
        InetSocketAddress gateway = new InetSocketAddress(InetAddress.getByName(args[2]), Integer.parseInt(args[3]));
        Path sockets = Path.of("/proc", args[4], "net", "udp");
        int count = Integer.parseInt(args[5]);
        HostileSender sender = new HostileSender(Long.parseLong(args[6]), WanCapture.datagrams(Path.of(args[7])));
        String kind = args[8];
        int perSecond = Integer.parseInt(args[9]);
        long began = System.nanoTime();
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.bind(own);
            for (int i = 0; i < count; i++) {
                while (i % BURST == 0 && isTooEarly(i, perSecond, began, sockets, gateway.getPort())) {
                    LockSupport.parkNanos(500_000);
                }
                channel.send(sender.next(kind), gateway);
            }
        }
        System.out.println("sent " + count);
    }

    private static boolean isTooEarly(int sent, int perSecond, long began, Path sockets, int port) throws IOException {
        return perSecond == 0
                ? waitingBytes(sockets, port) > MAX_WAITING_BYTES
                : System.nanoTime() - began < sent * 1_000_000_000L / perSecond;
    }

    private ByteBuffer next(String kind) {
        return switch (kind) {
            case "hellos" -> hello();
            case "forged" -> forged();
            case "records" -> record();
            default -> throw new IllegalArgumentException(kind);
        };
    }

    /** What the sockets of {@code port} hold that nobody has fetched yet, proc(5). */
    private static long waitingBytes(Path sockets, int port) throws IOException {
        String ending = ":%04X".formatted(port);
        long waiting = 0;
        for (String line : Files.readAllLines(sockets)) {
            String[] columns = line.strip().split(" +", -1);
            if (columns[1].endsWith(ending)) {
                String queues = columns[4];
                waiting += Long.parseLong(queues.substring(queues.indexOf(':') + 1), 16);
            }
        }
        return waiting;
    }

    /** Anything but ClientHellos of our own. */
    private ByteBuffer record() {
        return switch (random.nextInt(8)) {
            case 0 -> randomBytes();
            case 1 -> truncated();
            case 2 -> replayed();
            case 3 -> forged();
            case 4 -> randomRecord();
            case 5 -> tinyProtectedRecord();
            case 6 -> endlessHandshakeMessage();
            default -> alert();
        };
    }

    private ByteBuffer randomBytes() {
        return random(random.nextInt(MAX_BYTES + 1));
    }

    private ByteBuffer random(int length) {
        random.nextBytes(scratch);
        return ByteBuffer.wrap(scratch, 0, length);
    }

    private byte[] anyCaptured() {
        return captured.get(random.nextInt(captured.size()));
    }

    private ByteBuffer truncated() {
        byte[] datagram = anyCaptured();
        return ByteBuffer.wrap(datagram, 0, random.nextInt(datagram.length));
    }

    private ByteBuffer replayed() {
        return ByteBuffer.wrap(anyCaptured());
    }

    /**
     * A record of an established association, with its connection ID, but a sequence number that has not come yet: only
     * its tag says that it is forged.
     */
    private ByteBuffer forged() {
        ByteBuffer datagram = ByteBuffer.wrap(anyCaptured().clone());
        datagram.putShort(5, (short) random.nextInt(1 << 8)).putInt(7, random.nextInt());
        return datagram;
    }

    /** A header that fits, and noise. */
    private ByteBuffer randomRecord() {
        int length = 13 + random.nextInt(200);
        ByteBuffer record = random(length);
        int[] types = {20, 21, 23, 24, 25};
        record.put(0, (byte) types[random.nextInt(types.length)]);
        record.putShort(1, (short) 0xfefd);
        record.putShort(3, (short) random.nextInt(3));
        record.putShort(11, (short) (length - 13));
        return record;
    }

    /** Too short for its nonce and tag. */
    private ByteBuffer tinyProtectedRecord() {
        ByteBuffer record = ByteBuffer.wrap(scratch, 0, 14);
        record.put(0, (byte) 23).putShort(1, (short) 0xfefd).putShort(3, (short) 1);
        record.putShort(5, (short) 0)
                .putInt(7, random.nextInt())
                .putShort(11, (short) 1)
                .put(13, (byte) 0);
        return record;
    }

    /** The first fragment of a message of 16 MiB; no ClientHello. */
    private ByteBuffer endlessHandshakeMessage() {
        ByteBuffer record = ByteBuffer.wrap(scratch, 0, 26);
        record.put(0, (byte) 22).putShort(1, (short) 0xfefd).putShort(3, (short) 0);
        record.putShort(5, (short) 0).putInt(7, random.nextInt(16)).putShort(11, (short) 13);
        record.putInt(13, (2 + random.nextInt(20)) << 24 | 0xffffff).putShort(17, (short) random.nextInt(8));
        record.putShort(19, (short) 0)
                .put(21, (byte) 0)
                .putShort(22, (short) 0)
                .put(24, (byte) 1)
                .put(25, (byte) 0);
        return record;
    }

    /** In clear: a fatal one, or close_notify. */
    private ByteBuffer alert() {
        ByteBuffer record = ByteBuffer.wrap(scratch, 0, 15);
        record.put(0, (byte) 21).putShort(1, (short) 0xfefd).putShort(3, (short) 0);
        record.putShort(5, (short) 0).putInt(7, random.nextInt()).putShort(11, (short) 2);
        record.put(13, (byte) (1 + random.nextInt(2))).put(14, (byte) (random.nextBoolean() ? 0 : 40));
        return record;
    }

    /** Without a cookie, with one that is made up, or cut off. */
    private ByteBuffer hello() {
        byte[] cookie = new byte[random.nextInt(3) == 0 ? random.nextInt(33) : 0];
        random.nextBytes(cookie);
        byte[] hello = ClientHello.of(ClientHello.random(random), cookie, random.nextInt(2));
        return ByteBuffer.wrap(
                hello, 0, random.nextInt(4) == 0 ? 13 + random.nextInt(hello.length - 13) : hello.length);
    }
}

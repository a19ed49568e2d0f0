package net.vgate.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A capture of tcpdump(8) that goes on until it is closed. */
public final class Capture implements AutoCloseable {
    private static final int FILE_HEADER_BYTES = 24;
    private static final int PACKET_HEADER_BYTES = 16;
    private static final int CAPTURED_LENGTH_OFFSET = 8;

    private final Path file;
    private final BackgroundProcess tcpdump;

    private Capture(Path file, BackgroundProcess tcpdump) {
        this.file = file;
        this.tcpdump = tcpdump;
    }

    static Capture start(TestNetns netns, String device, String filter, Path file) {
        List<String> command = new ArrayList<>(
                List.of("tcpdump", "-i", device, "-U", "--immediate-mode", "-n", "-Z", "root", "-w", file.toString()));
        if (!filter.isEmpty()) {
            command.add(filter);
        }
        Capture capture = new Capture(file, netns.start(command));
        capture.tcpdump.awaitOutput("listening on", Command.DEADLINE);
        return capture;
    }

    /** The file, in the format of pcap; it grows while the capture goes on. */
    public Path file() {
        return file;
    }

    /** The packets so far, each from its link header on (none at a TUN device). */
    public List<byte[]> packets() {
        return packets(file);
    }

    /** The packets in a capture's file, or in what there is of it so far. */
    public static List<byte[]> packets(Path file) {
        ByteBuffer bytes;
        try {
            bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        List<byte[]> packets = new ArrayList<>();
        int at = FILE_HEADER_BYTES;
        while (at + PACKET_HEADER_BYTES <= bytes.limit()) {
            int length = bytes.getInt(at + CAPTURED_LENGTH_OFFSET);
            at += PACKET_HEADER_BYTES;
            if (at + length > bytes.limit()) {
                break;
            }
            byte[] packet = new byte[length];
            bytes.get(at, packet);
            packets.add(packet);
            at += length;
        }
        return packets;
    }

    /** Waits until there are {@code count} packets at least. */
    public List<byte[]> awaitPackets(int count, Duration deadline) {
        TestBed.await(
                count + " packets in " + tcpdump, deadline, () -> packets().size() >= count);
        return packets();
    }

    /** The packets so far, a line each, in tcpdump's words. */
    public String text() {
        return Command.run("tcpdump", "-n", "-v", "-r", file.toString());
    }

    /** Ends the capture; what it caught stays until the bed is closed. */
    @Override
    public void close() {
        if (tcpdump.isAlive()) {
            tcpdump.signal("INT");
            tcpdump.awaitEnd(Command.DEADLINE);
        }
    }
}

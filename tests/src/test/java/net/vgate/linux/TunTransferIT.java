package net.vgate.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.CRC32;
import net.vgate.attachment.Offloads;
import net.vgate.offload.Coalescer;
import net.vgate.offload.Segmenter;
import net.vgate.offload.SuperPacket;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;
import net.vgate.tunnel.DatagramPort;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two kernels that talk through two devices, between which the test cuts, merges and carries their super-packets. */
@Tag("system")
@Timeout(120)
class TunTransferIT {
    private static final long DEADLINE_NANOS = 60_000_000_000L;
    private static final int MTU = 1_414;
    private static final int HEAD_BYTES = 40;
    private static final int BYTES = 24 << 20;

    private final TestBed bed = TestBed.create();
    private final End left = new End("left", "10.0.1.1", "10.0.2.0/24", "fd00:1::1", "fd00:2::/64");
    private final End right = new End("right", "10.0.2.1", "10.0.1.0/24", "fd00:2::1", "fd00:1::/64");
    private final PacketBatch read = PacketBatch.packed(64, 8 * PacketBatch.MAX_ROOM_BYTES);
    private final PacketBatch cut = PacketBatch.packed(512, 12 * PacketBatch.MAX_ROOM_BYTES);
    private final PacketBatch views = PacketBatch.viewsOf(cut, 512);
    private final Segmenter segmenter = new Segmenter(read);
    private final Coalescer coalescer = new Coalescer();
    private final int[] slots = new int[512];
    private int superPacketsRead;
    private int superPacketsWritten;

    /** What becomes of packets between the devices. */
    enum Carriage {
        /** They are written as they were read. */
        AS_THEY_ARE,
        /** Each is cut, and each part written by itself. */
        CUT,
        /** Each is cut, and the parts are merged again. */
        CUT_AND_MERGED
    }

    private final class End {
        final NetworkNamespace namespace;
        final TunDevice device;

        End(String name, String address, String route, String address6, String route6) {
            TestNetns netns = bed.namespace(name);
            namespace = new NetworkNamespace(Optional.of(netns.name()));
            device = namespace.call(() -> TunDevice.create("tun", Offloads.ALL));
            bed.onClose(device);
            netns.setting("net/ipv6/conf/tun/addr_gen_mode", "1");
            netns.ip("link", "set", "tun", "mtu", Integer.toString(MTU), "up");
            netns.address("tun", address + "/32");
            netns.address("tun", address6 + "/128");
            netns.route(route, "dev", "tun");
            netns.route(route6, "dev", "tun");
        }
    }

    @AfterEach
    void close() {
        bed.close();
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(IpPackets.address(address).toInetAddress(), port);
    }

    /** Moves what one device has to the other. */
    private void carry(TunDevice from, TunDevice to, Carriage carriage) {
        read.clear();
        if (from.readBatch(read, 64, 6 * PacketBatch.MAX_PACKET_BYTES) == 0) {
            Thread.onSpinWait();
            return;
        }
        int count = 0;
        for (int slot = 0; slot < read.size(); slot++) {
            assertTrue(read.isLive(slot));
            read.setVnet(slot, 0);
            read.setSite(slot, 0);
            assertNull(read.inner().parse(slot));
            assertNull(SuperPacket.count(read, slot));
            assertTrue(SuperPacket.packetBytes(read, slot) <= MTU);
            superPacketsRead += read.parts(slot) > 1 ? 1 : 0;
            slots[count++] = slot;
        }
        if (carriage == Carriage.AS_THEY_ARE) {
            write(to, read, count);
        } else {
            cutAll(to, carriage);
        }
    }

    private void cutAll(TunDevice to, Carriage carriage) {
        cut.clear();
        boolean keepPartial = carriage == Carriage.CUT_AND_MERGED;
        for (int slot = 0; slot < read.size(); slot++) {
            segmenter.begin(read, slot, keepPartial);
            while (!segmenter.cutInto(cut, HEAD_BYTES, 0)) {
                writeCut(to, carriage);
            }
        }
        writeCut(to, carriage);
    }

    private void writeCut(TunDevice to, Carriage carriage) {
        views.clear();
        for (int packet = 0; packet < cut.size(); packet++) {
            assertTrue(cut.length(packet) <= MTU);
            int at = cut.offset(packet) - HEAD_BYTES;
            int view = views.addView(cut, packet, at, HEAD_BYTES + cut.length(packet));
            views.popHeader(view, HEAD_BYTES);
            views.setChecksumState(view, cut.checksumState(packet));
            if (cut.checksumState(packet) != ChecksumState.PARTIAL) {
                byte[] bytes = views.copyOut(view);
                int protocol = bytes[IpPackets.isIpv4(bytes) ? 9 : 6];
                boolean hasPorts = protocol == IpPackets.TCP || protocol == IpPackets.UDP;
                assertTrue(!hasPorts || IpPackets.areChecksumsRight(bytes));
            }
        }
        if (carriage == Carriage.CUT_AND_MERGED) {
            coalescer.coalesce(views);
        }
        int count = 0;
        for (int slot = 0; slot < views.size(); slot++) {
            if (views.isLive(slot)) {
                slots[count++] = slot;
            }
        }
        write(to, views, count);
        cut.clear();
    }

    private void write(TunDevice to, PacketBatch batch, int count) {
        to.writeBatch(batch, slots, count);
        for (int i = 0; i < count; i++) {
            assertNull(batch.dropReason(slots[i]));
            superPacketsWritten += batch.parts(slots[i]) > 1 ? 1 : 0;
        }
        assertTrue(to.merge().isOn(), () -> to.merge().toString());
    }

    @ParameterizedTest
    @CsvSource({
        "AS_THEY_ARE, 10.0.1.1, 10.0.2.1",
        "CUT, 10.0.1.1, 10.0.2.1",
        "CUT_AND_MERGED, 10.0.1.1, 10.0.2.1",
        "AS_THEY_ARE, fd00:1::1, fd00:2::1",
        "CUT_AND_MERGED, fd00:1::1, fd00:2::1"
    })
    void carriesAConnectionOfTwoKernels(Carriage carriage, String from, String to)
            throws ExecutionException, InterruptedException, TimeoutException, IOException {
        try (ServerSocketChannel server =
                        right.namespace.call(() -> ServerSocketChannel.open().bind(at(to, 5_201)));
                SocketChannel client =
                        left.namespace.call(() -> SocketChannel.open().bind(at(from, 0)))) {
            CompletableFuture<Long> received = CompletableFuture.supplyAsync(() -> receiveAll(server));
            CompletableFuture<Long> sent = CompletableFuture.supplyAsync(() -> sendAll(client, at(to, 5_201)));
            long start = System.nanoTime();
            while (!received.isDone() || !sent.isDone()) {
                assertTrue(System.nanoTime() - start < DEADLINE_NANOS, "not there in time");
                carry(left.device, right.device, carriage);
                carry(right.device, left.device, carriage);
            }
            assertEquals(sent.get(1, TimeUnit.SECONDS), received.get(1, TimeUnit.SECONDS));
        }
        assertTrue(superPacketsRead > 20, superPacketsRead + " super-packets");
        assertEquals(carriage != Carriage.CUT, superPacketsWritten > 20, superPacketsWritten + " written");
    }

    private static long sendAll(SocketChannel client, InetSocketAddress to) {
        byte[] bytes = new byte[BYTES];
        new SplittableRandom(3).nextBytes(bytes);
        try {
            client.connect(to);
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                client.write(buffer);
            }
            client.shutdownOutput();
            // The end of the other side: all is there.
            client.read(ByteBuffer.allocate(1));
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return sum.getValue();
    }

    private static long receiveAll(ServerSocketChannel server) {
        CRC32 sum = new CRC32();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        try (SocketChannel connection = server.accept()) {
            while (connection.read(buffer) >= 0) {
                sum.update(buffer.flip());
                buffer.clear();
            }
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
        return sum.getValue();
    }

    /** An application that hands the kernel many datagrams as one, and one that takes them so. */
    @ParameterizedTest
    @CsvSource({"10.0.1.1, 10.0.2.1", "fd00:1::1, fd00:2::1"})
    void carriesDatagramsThatAnApplicationHandsInAsOne(String from, String to) {
        try (UdpPort sender = left.namespace.call(() -> UdpPort.open(at(from, 0), Offloads.ALL));
                UdpPort receiver = right.namespace.call(() -> UdpPort.open(at(to, 5_201), Offloads.ALL))) {
            for (Carriage carriage : Carriage.values()) {
                sendDatagrams(sender, at(to, 5_201));
                PacketBatch in = new PacketBatch(64);
                int datagrams = 0;
                long start = System.nanoTime();
                while (datagrams < 41) {
                    assertTrue(System.nanoTime() - start < DEADLINE_NANOS, datagrams + " datagrams");
                    carry(left.device, right.device, carriage);
                    int first = in.size();
                    receiver.receiveBatch(in);
                    for (int slot = first; slot < in.size(); slot++) {
                        datagrams += in.parts(slot);
                    }
                }
                assertEquals(41, datagrams);
                assertEquals(carriage == Carriage.CUT ? 41 : 1, in.size(), carriage.toString());
                assertDatagrams(in);
            }
        }
        assertEquals(3, superPacketsRead);
        assertEquals(2, superPacketsWritten);
    }

    private static void sendDatagrams(UdpPort sender, InetSocketAddress to) {
        PacketBatch out = PacketBatch.packed(64, 1 << 17);
        for (int i = 0; i < 41; i++) {
            int bytes = i < 40 ? 1_300 : 77;
            int at = out.end();
            int slot = out.addAt(at, at, bytes, at + bytes);
            for (int k = 0; k < bytes; k++) {
                out.slab().put(at + k, (byte) (i + k));
            }
            OuterAddress.write(out.addresses(), out.addressOffset(slot), to);
        }
        assertEquals(41, sender.sendBatch(out));
        assertTrue(sender.segmentation().isOn(), () -> sender.segmentation().toString());
    }

    private static void assertDatagrams(PacketBatch in) {
        int number = 0;
        for (int slot = 0; slot < in.size(); slot++) {
            assertEquals(DatagramPort.LISTEN, in.local(slot));
            int size = in.gsoType(slot) == GsoType.UDP ? in.gsoSize(slot) : in.length(slot);
            for (int at = 0; at < in.length(slot); at += size, number++) {
                int bytes = Math.min(size, in.length(slot) - at);
                assertEquals(number < 40 ? 1_300 : 77, bytes);
                for (int k = 0; k < bytes; k++) {
                    assertEquals((byte) (number + k), in.slab().get(in.offset(slot) + at + k));
                }
            }
        }
        assertEquals(41, number);
    }
}

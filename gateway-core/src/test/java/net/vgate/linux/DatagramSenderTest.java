package net.vgate.linux;

import static net.vgate.tunnel.DatagramPort.CONNECT;
import static net.vgate.tunnel.DatagramPort.LISTEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.Reference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import net.vgate.attachment.Offloads;
import net.vgate.packet.DropReason;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Datagrams that are handed to the kernel as one, and a kernel that does not take that. */
@Timeout(60)
class DatagramSenderTest {
    private static final long DEADLINE_NANOS = 10_000_000_000L;
    private static final int SOL_SOCKET = 1;
    /** A socket that sends no checksums may not have datagrams cut: EINVAL. */
    private static final int SO_NO_CHECK = 11;

    private final InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private final UdpPort a = UdpPort.open(any, Offloads.ALL);
    private final UdpPort b = UdpPort.open(any, Offloads.ALL);
    private final PacketBatch out = PacketBatch.packed(512, 640 << 10);
    private final PacketBatch in = new PacketBatch(64);
    private final ByteBuffer destination = ByteBuffer.allocate(PacketBatch.ADDRESS_BYTES);

    DatagramSenderTest() {
        OuterAddress.write(destination, 0, b.localAddress(LISTEN));
    }

    @AfterEach
    void close() {
        a.close();
        b.close();
    }

    private void add(int count, int bytes) {
        for (int i = 0; i < count; i++) {
            int at = out.end();
            int slot = out.addAt(at, at, bytes, at + bytes);
            OuterAddress.copy(destination, 0, out.addresses(), out.addressOffset(slot));
        }
    }

    private int receive(int count) {
        in.clear();
        int records = 0;
        long start = System.nanoTime();
        while (records < count) {
            assertTrue(System.nanoTime() - start < DEADLINE_NANOS, "received " + records + " of " + count);
            int first = in.size();
            b.receiveBatch(in);
            for (int slot = first; slot < in.size(); slot++) {
                records += in.parts(slot);
            }
        }
        return records;
    }

    private static void setOption(UdpPort port, int level, int option, int value) {
        NativeBlock block = new NativeBlock(Integer.BYTES);
        block.bytes().putInt(0, value);
        try {
            assertEquals(0, LibC.setsockopt(port.descriptor(LISTEN), level, option, block.address(), Integer.BYTES));
        } finally {
            Reference.reachabilityFence(block);
        }
    }

    @Test
    void sendsOneByOneOnceTheKernelRefusesToCut() {
        setOption(a, SOL_SOCKET, SO_NO_CHECK, 1);
        assertTrue(a.segmentation().isOn());
        add(10, 500);
        assertEquals(10, a.sendBatch(out));
        assertEquals(10, receive(10));
        assertEquals(10, in.size());
        assertEquals(
                "off, refused: Invalid argument (errno 22)", a.segmentation().toString());
        // It stays so, even if the kernel would take it again.
        setOption(a, SOL_SOCKET, SO_NO_CHECK, 0);
        assertEquals(10, a.sendBatch(out));
        receive(10);
        assertEquals(10, in.size());
    }

    @Test
    void losesNothingOfABatchThatIsRefusedInTheMiddle() {
        setOption(a, SOL_SOCKET, SO_NO_CHECK, 1);
        add(1, 700);
        add(70, 500);
        add(1, 800);
        add(5, 100);
        assertEquals(77, a.sendBatch(out));
        assertEquals(77, receive(64) + (in.size() < 77 ? receive(13) : 0));
        for (int slot = 0; slot < out.size(); slot++) {
            assertTrue(out.isLive(slot));
        }
    }

    @Test
    void switchesNothingOffWhenTheDatagramsThemselvesAreRefused() {
        InetSocketAddress nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        OuterAddress.write(destination, 0, nobody);
        add(3, 500);
        OuterAddress.write(destination, 0, b.localAddress(LISTEN));
        add(3, 500);
        assertEquals(3, a.sendBatch(out));
        for (int slot = 0; slot < 3; slot++) {
            assertEquals(DropReason.DEVICE_ERROR, out.dropReason(slot), "there is no port 0");
        }
        receive(3);
        assertEquals(1, in.size());
        assertTrue(a.segmentation().isOn());
    }

    @Test
    void knowsEachSocketForItself() {
        setOption(a, SOL_SOCKET, SO_NO_CHECK, 1);
        add(3, 500);
        for (int slot = 0; slot < 3; slot++) {
            out.setLocal(slot, CONNECT);
        }
        assertEquals(3, a.sendBatch(out));
        receive(3);
        assertEquals(1, in.size());
        assertTrue(a.segmentation().isOn());
    }

    @Test
    void isOffWhereItIsNotWanted() {
        try (UdpPort plain = UdpPort.open(any, Offloads.NONE)) {
            assertFalse(plain.segmentation().isOn());
            assertEquals("off, switched off", plain.coalescing().toString());
            add(4, 500);
            assertEquals(4, plain.sendBatch(out));
            receive(4);
            assertEquals(4, in.size());
        }
    }

    @Test
    void allocatesNothing() {
        Allocations.assertNone(300, () -> {
            out.clear();
            add(100, 1_200);
            add(20, 900);
            a.sendBatch(out);
            in.clear();
            int received = 1;
            while (received > 0 && in.remaining() > 0) {
                received = b.receiveBatch(in);
            }
        });
        assertTrue(in.size() > 0);
    }
}

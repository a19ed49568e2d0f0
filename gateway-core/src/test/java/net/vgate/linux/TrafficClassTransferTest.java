package net.vgate.linux;

import static net.vgate.tunnel.DatagramPort.LISTEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.Reference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.attachment.Offloads;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams of several traffic classes in one batch, through the kernel. */
@Timeout(60)
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"127.0.0.1", "::1"})
class TrafficClassTransferTest {
    private static final long DEADLINE_NANOS = 10_000_000_000L;
    private static final int BYTES = 500;
    private static final int SOL_SOCKET = 1;
    private static final int SO_NO_CHECK = 11;

    private final UdpPort a;
    private final UdpPort b;
    private final PacketBatch out = PacketBatch.packed(512, 640 << 10);
    private final PacketBatch in = new PacketBatch(64);
    private final ByteBuffer destination = ByteBuffer.allocate(PacketBatch.ADDRESS_BYTES);

    TrafficClassTransferTest(String address) throws UnknownHostException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getByName(address), 0);
        a = UdpPort.open(any, Offloads.ALL);
        b = UdpPort.open(any, Offloads.ALL);
        OuterAddress.write(destination, 0, b.localAddress(LISTEN));
    }

    @AfterEach
    void close() {
        a.close();
        b.close();
    }

    private void add(int count, int trafficClass) {
        for (int i = 0; i < count; i++) {
            int at = out.end();
            int slot = out.addAt(at, at, BYTES, at + BYTES);
            out.setTrafficClass(slot, trafficClass);
            OuterAddress.copy(destination, 0, out.addresses(), out.addressOffset(slot));
        }
    }

    /** What has arrived: the traffic class of each datagram that was sent. */
    private List<Integer> received(int count) {
        List<Integer> classes = new ArrayList<>();
        long start = System.nanoTime();
        while (classes.size() < count) {
            assertTrue(System.nanoTime() - start < DEADLINE_NANOS, "received " + classes.size() + " of " + count);
            in.clear();
            b.receiveBatch(in);
            for (int slot = 0; slot < in.size(); slot++) {
                classes.addAll(Collections.nCopies(in.parts(slot), in.trafficClass(slot)));
            }
        }
        return classes;
    }

    @Test
    void everyDatagramArrivesWithItsOwn() {
        SplittableRandom random = new SplittableRandom(6);
        List<Integer> expected = new ArrayList<>();
        // All values there are, by themselves and in runs.
        for (int trafficClass = 0; trafficClass < 256; trafficClass++) {
            int run = random.nextInt(3) == 0 ? 1 + random.nextInt(5) : 1;
            if (expected.size() + run <= 500) {
                add(run, trafficClass);
                expected.addAll(Collections.nCopies(run, trafficClass));
            }
        }
        assertEquals(expected.size(), a.sendBatch(out));
        assertEquals(expected, received(expected.size()));
    }

    @Test
    void equalDatagramsOfOneClassGoTogetherAndOthersDoNot() {
        add(4, 0x02);
        add(5, 0x03);
        add(6, 0);
        add(1, 0xb8);
        assertEquals(16, a.sendBatch(out));
        long start = System.nanoTime();
        while (in.size() < 4) {
            assertTrue(System.nanoTime() - start < DEADLINE_NANOS, "received " + in.size());
            b.receiveBatch(in);
        }
        List<String> arrived = new ArrayList<>();
        for (int slot = 0; slot < in.size(); slot++) {
            arrived.add(in.parts(slot) + " of " + in.trafficClass(slot));
        }
        assertEquals(List.of("4 of 2", "5 of 3", "6 of 0", "1 of 184"), arrived);
    }

    @Test
    void theyKeepItWhenTheKernelRefusesToCut() {
        NativeBlock on = new NativeBlock(Integer.BYTES);
        on.bytes().putInt(0, 1);
        try {
            assertEquals(
                    0, LibC.setsockopt(a.descriptor(LISTEN), SOL_SOCKET, SO_NO_CHECK, on.address(), Integer.BYTES));
        } finally {
            Reference.reachabilityFence(on);
        }
        add(3, 0x2a);
        add(3, 0);
        assertEquals(6, a.sendBatch(out));
        assertEquals(List.of(0x2a, 0x2a, 0x2a, 0, 0, 0), received(6));
    }

    @Test
    void allocatesNothing() {
        Allocations.assertNone(300, () -> {
            out.clear();
            add(30, 0x02);
            add(30, 0xbb);
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

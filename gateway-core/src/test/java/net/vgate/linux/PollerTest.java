package net.vgate.linux;

import static net.vgate.tunnel.DatagramPort.LISTEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.Offloads;
import net.vgate.packet.PacketBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PollerTest {
    private static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Poller poller = Poller.open();
    private final UdpPort port = UdpPort.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Offloads.ALL);

    @AfterEach
    void close() {
        poller.close();
        port.close();
    }

    private void sendToPort() {
        port.send(LISTEN, new byte[] {1}, 0, 1, port.localAddress(LISTEN));
    }

    @Test
    void reportsTheTokenUntilEverythingIsRead() {
        poller.add(port.descriptor(LISTEN), -7);
        assertEquals(0, poller.await(0));
        sendToPort();
        assertEquals(1, poller.await(LONG_NANOS));
        assertEquals(-7, poller.token(0));
        assertEquals(1, poller.await(LONG_NANOS));
        port.receiveBatch(new PacketBatch(1, 100));
        assertEquals(0, poller.await(0));
    }

    @Test
    void forgetsWhatIsRemoved() {
        poller.add(port.descriptor(LISTEN), 0);
        sendToPort();
        poller.remove(port.descriptor(LISTEN));
        assertEquals(0, poller.await(0));
        assertThrows(DeviceException.class, () -> poller.remove(port.descriptor(LISTEN)));
    }

    @Test
    void waitsAtLeastAsLongAsAsked() {
        long start = System.nanoTime();
        assertEquals(0, poller.await(1_500_001));
        assertTrue(System.nanoTime() - start >= 1_500_000);
    }

    @Test
    void isWokenByAnotherThread() throws InterruptedException {
        Thread other = new Thread(poller::wake);
        other.start();
        long start = System.nanoTime();
        assertEquals(0, poller.await(LONG_NANOS));
        assertTrue(System.nanoTime() - start < LONG_NANOS / 2);
        other.join();
    }

    @Test
    void manyWakeUpsEndOneWait() {
        for (int i = 0; i < 100; i++) {
            poller.wake();
        }
        assertEquals(0, poller.await(LONG_NANOS));
        // Far longer than a busy machine takes to come back at once.
        long start = System.nanoTime();
        assertEquals(0, poller.await(300_000_000));
        assertTrue(System.nanoTime() - start >= 300_000_000);
    }

    @Test
    void aWakeUpHidesNoDescriptor() {
        poller.add(port.descriptor(LISTEN), 3);
        sendToPort();
        poller.wake();
        assertEquals(1, poller.await(LONG_NANOS));
        assertEquals(3, poller.token(0));
    }

    @Test
    void afterClosingAWakeUpIsNothing() {
        poller.close();
        poller.wake();
        assertThrows(IllegalStateException.class, () -> poller.add(port.descriptor(LISTEN), 1));
    }

    @Test
    void allocatesNothing() {
        poller.add(port.descriptor(LISTEN), 3);
        sendToPort();
        Allocations.assertNone(5_000, () -> {
            poller.wake();
            assertEquals(1, poller.await(LONG_NANOS));
            poller.token(0);
        });
    }
}

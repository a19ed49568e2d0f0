package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import net.vgate.record.Association;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HandshakeTransportTest {
    private static final byte[] RECORD = Attacks.fragment(1, 4, 0, 0, new byte[4]);

    private final AtomicInteger sent = new AtomicInteger();
    private final HandshakeTransport transport = new HandshakeTransport(
            RecordFilter.client(1),
            (local, bytes, offset, length, to) -> sent.incrementAndGet(),
            new Association.Path(0, MemoryNetwork.address(1, 4_433)),
            System::nanoTime,
            TimeUnit.SECONDS.toNanos(10));

    @Test
    void sendsNothingAfterItWasCancelled() throws IOException {
        transport.send(RECORD, 0, RECORD.length);
        transport.cancel();
        assertThrows(TlsFatalAlertReceived.class, () -> transport.send(RECORD, 0, RECORD.length));
        assertEquals(1, sent.get());
    }

    /** A flight may be on its way out on the handshake's thread while another thread ends the handshake. */
    @Test
    void whatIsBeingSentIsSentBeforeCancelReturns() throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            for (int round = 0; round < 200; round++) {
                HandshakeTransport one = new HandshakeTransport(
                        RecordFilter.client(1),
                        (local, bytes, offset, length, to) -> {
                            LockSupport.parkNanos(1_000);
                            sent.incrementAndGet();
                        },
                        new Association.Path(0, MemoryNetwork.address(1, 4_433)),
                        System::nanoTime,
                        TimeUnit.SECONDS.toNanos(10));
                int before = sent.get();
                Future<?> flight = thread.submit(() -> {
                    for (; ; ) {
                        one.send(RECORD, 0, RECORD.length);
                    }
                });
                while (sent.get() == before) {
                    Thread.onSpinWait();
                }
                one.cancel();
                int atCancel = sent.get();
                assertTrue(assertThrows(Exception.class, flight::get).getCause() instanceof TlsFatalAlertReceived);
                assertEquals(atCancel, sent.get(), "sent after it was cancelled");
            }
        } finally {
            thread.shutdownNow();
        }
    }
}

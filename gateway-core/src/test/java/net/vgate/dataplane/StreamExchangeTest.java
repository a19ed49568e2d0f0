package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import net.vgate.packet.DropReason;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.pki.SelfSigned;
import net.vgate.record.RecordFormat;
import net.vgate.record.Steering;
import net.vgate.stream.ServerCertificate;
import net.vgate.stream.StreamClient;
import net.vgate.stream.StreamLimits;
import net.vgate.stream.StreamListener;
import net.vgate.stream.StreamLoop;
import net.vgate.stream.StreamPath;
import net.vgate.stream.StreamServer;
import net.vgate.stream.StreamTarget;
import net.vgate.tunnel.DatagramPort;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams of loopback between two exchanges, the second with two workers. */
@Timeout(60)
class StreamExchangeTest {
    private final List<InetSocketAddress> ended = new CopyOnWriteArrayList<>();
    private final List<StreamPath> opened = new CopyOnWriteArrayList<>();
    private final StreamExchange near = new StreamExchange(new Steering(1), address -> {});
    private final StreamExchange far = new StreamExchange(new Steering(2), ended::add);
    private final AtomicInteger wakes = new AtomicInteger();
    private final PacketBatch batch = new PacketBatch(64, 2_000);

    private StreamLoop loop;
    private StreamServer server;
    private StreamClient client;

    /** Says which streams there are. */
    private final class Opened implements StreamListener {
        private final StreamExchange exchange;

        Opened(StreamExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void opened(StreamPath path) {
            exchange.opened(path);
            opened.add(path);
        }

        @Override
        public void received(StreamPath path, ByteBuffer datagram) {
            exchange.received(path, datagram);
        }

        @Override
        public void closed(StreamPath path, String reason) {
            exchange.closed(path, reason);
        }
    }

    @BeforeEach
    void connect() throws IOException {
        loop = new StreamLoop();
        SelfSigned own = SelfSigned.of("vgate://west/west-1", Instant.now());
        server = StreamServer.open(
                loop,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new ServerCertificate(own.key(), List.of(own.certificate())),
                StreamLimits.DEFAULT,
                new Opened(far));
        client = new StreamClient(() -> loop, StreamLimits.DEFAULT, new Opened(near));
        far.wakeBy(0, wakes::incrementAndGet);
        far.wakeBy(1, wakes::incrementAndGet);
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
        loop.close();
    }

    private StreamPath newStream() {
        int before = opened.size();
        client.connect(
                new StreamTarget("127.0.0.1", server.localAddress().getPort(), Optional.empty()),
                chain -> Optional.empty(),
                failure -> opened.clear());
        await(() -> opened.size() == before + 2);
        return opened.stream()
                .skip(before)
                .filter(StreamPath::isOurs)
                .findFirst()
                .orElseThrow();
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadline < 0, "not in time");
            Thread.onSpinWait();
        }
    }

    /** The start of a record with a connection ID that ends in {@code lastByte}. */
    private static byte[] record(int lastByte, int number) {
        ByteBuffer bytes = ByteBuffer.allocate(100);
        bytes.put(0, (byte) RecordFormat.TLS12_CID);
        bytes.put(RecordFormat.LAST_CID_BYTE_OFFSET, (byte) lastByte);
        bytes.putInt(60, number);
        return bytes.array();
    }

    @Test
    void whatComesIsPutBeforeTheWorkerOfItsConnectionIdAndAnsweredByTheSameStream() {
        StreamPath first = newStream();
        StreamPath second = newStream();
        for (int i = 0; i < 3; i++) {
            second.offer(record(5, i), 0, 100);
        }
        receive(far, 1, 3);
        await(() -> wakes.get() > 0);
        assertFalse(far.isReady(0));
        assertFalse(far.receive(1, batch));

        for (int slot = 0; slot < 3; slot++) {
            assertEquals(DatagramPort.STREAM, batch.local(slot));
            assertEquals(100, batch.length(slot));
            assertEquals(slot, batch.slab().getInt(batch.offset(slot) + 60));
        }
        InetSocketAddress from = OuterAddress.read(batch.addresses(), batch.addressOffset(0));
        StreamPath back = far.find(from);
        assertNotNull(back);
        assertEquals(from, StreamExchange.addressOf(back));

        assertEquals(3, far.send(batch));
        batch.clear();
        receive(near, 0, 3);
        assertEquals(0, first.received());
        assertSame(second, near.find(OuterAddress.read(batch.addresses(), batch.addressOffset(0))));
    }

    private boolean ready(int worker, int count) {
        StreamPath theirs = opened.stream()
                .filter(path -> !path.isOurs())
                .reduce((a, b) -> b)
                .orElseThrow();
        return far.isReady(worker) && theirs.received() == count;
    }

    /** What is being put before a worker counts already, and is not there yet. */
    private void receive(StreamExchange exchange, int worker, int count) {
        await(() -> {
            exchange.receive(worker, batch);
            return batch.size() == count;
        });
    }

    @Test
    void whatHasNoConnectionIdIsTheFirstWorkers() {
        StreamPath path = newStream();
        path.offer(new byte[] {22, 1, 2}, 0, 3);

        receive(far, 0, 1);
        assertFalse(far.isReady(1));
        assertEquals(3, batch.length(0));
    }

    @Test
    void aWorkerThatSleepsOnIsLeftWithTheYoungest() {
        StreamPath path = newStream();
        opened.forEach(StreamPath::prove);
        int count = 700;
        for (int i = 0; i < count; i++) {
            path.offer(record(0, i), 0, 100);
            int sent = i;
            await(() -> path.queued() < 100 || path.sent() > sent);
        }
        await(() -> ready(0, count));
        // The last one is counted before it is there.
        await(() -> far.dropped() + 512 == count);
        int last = -1;
        int fetched = 0;
        for (boolean mayBeMore = true; mayBeMore; ) {
            batch.clear();
            mayBeMore = far.receive(0, batch);
            for (int slot = 0; slot < batch.size(); slot++) {
                int number = batch.slab().getInt(batch.offset(slot) + 60);
                assertTrue(number > last);
                last = number;
                fetched++;
            }
        }
        assertEquals(count - 1, last);
        assertEquals(count, fetched + far.dropped());
        assertTrue(far.dropped() > 0);
    }

    @Test
    void aStreamThatIsOverIsNoWayAnyMore() {
        StreamPath path = newStream();
        path.offer(record(0, 1), 0, 100);
        receive(far, 0, 1);
        InetSocketAddress from = OuterAddress.read(batch.addresses(), batch.addressOffset(0));
        path.close();
        await(() -> !ended.isEmpty());

        assertEquals(List.of(from), ended);
        assertNull(far.find(from));
        assertEquals(0, far.send(batch));
        assertEquals(DropReason.DEVICE_ERROR, batch.dropReason(0));
    }
}

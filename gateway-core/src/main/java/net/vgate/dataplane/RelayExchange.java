package net.vgate.dataplane;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import net.vgate.dataplane.RelayTable.Way;
import net.vgate.encap.ChecksumOption;
import net.vgate.encap.Geneve;
import net.vgate.encap.RelayOption;
import net.vgate.packet.PacketBatch;
import net.vgate.record.Association;
import net.vgate.record.RecordFormat;
import net.vgate.record.Steering;
import net.vgate.stream.DatagramQueue;
import net.vgate.tunnel.DatagramPort;
import org.jspecify.annotations.Nullable;

/**
 * Where relayed datagrams meet workers and control: the published {@link RelayTable}; what came to another worker than
 * the one whose connection ID it names, as most does that comes from a peer with one lane; and what control sends.
 *
 * <p><b>Threading.</b> {@link #receive} of each number for that worker's, all else for any. Nothing waits for another
 * thread.
 */
public final class RelayExchange {
    /** As many as one worker has before it. More is a worker that does not keep up. */
    private static final int WAITING = 512;

    /** Before a datagram that waits: its outer address. */
    private static final int ADDRESS_BYTES = PacketBatch.ADDRESS_BYTES;

    private final Steering steering;
    private final DatagramQueue[] waiting;
    private final AtomicReferenceArray<Runnable> wakes;

    /** Whether a worker was woken, and has not looked since. */
    private final AtomicIntegerArray woken;

    private volatile RelayTable table = RelayTable.EMPTY;

    public RelayExchange(Steering steering) {
        this.steering = steering;
        this.waiting = new DatagramQueue[steering.workers()];
        Arrays.setAll(waiting, worker -> new DatagramQueue(WAITING));
        this.wakes = new AtomicReferenceArray<>(steering.workers());
        this.woken = new AtomicIntegerArray(steering.workers());
    }

    /** Has {@code wake} called when there is something for a worker that may be asleep. */
    public void wakeBy(int worker, Runnable wake) {
        wakes.set(worker, wake);
    }

    /** What there is from now on. */
    public void publish(RelayTable next) {
        table = next;
    }

    RelayTable table() {
        return table;
    }

    /** How many datagrams were dropped since a worker did not fetch them in time. */
    public long dropped() {
        long dropped = 0;
        for (DatagramQueue queue : waiting) {
            dropped += queue.dropped();
        }
        return dropped;
    }

    /** Whether what is in {@code slot} is a record that another worker than {@code worker} has to open. */
    boolean isForAnother(int worker, PacketBatch batch, int slot) {
        return workerOf(batch, slot, worker) != worker;
    }

    private int workerOf(PacketBatch batch, int slot, int otherwise) {
        int at = batch.offset(slot);
        boolean hasCid = batch.length(slot) >= RecordFormat.HEADER_BYTES + RecordFormat.LOCAL_CID_BYTES
                && RecordFormat.contentType(batch.slab(), at) == RecordFormat.TLS12_CID;
        return hasCid ? steering.workerOf(RecordFormat.localCid(batch.slab(), at)) : otherwise;
    }

    /** Copies what is in {@code slot} for the worker that has to open it. */
    void handOver(PacketBatch batch, int slot) {
        int worker = workerOf(batch, slot, 0);
        byte[] addressed = new byte[ADDRESS_BYTES + batch.length(slot)];
        batch.addresses().get(batch.addressOffset(slot), addressed, 0, ADDRESS_BYTES);
        batch.slab().get(batch.offset(slot), addressed, ADDRESS_BYTES, batch.length(slot));
        waiting[worker].add(addressed);
        Runnable wake = wakes.get(worker);
        if (wake != null && woken.compareAndSet(worker, 0, 1)) {
            wake.run();
        }
    }

    /** Whether something waits for {@code worker}, who asks this before it sleeps. */
    boolean isReady(int worker) {
        // First: who adds something from here on wakes the worker again.
        if (woken.get(worker) != 0) {
            woken.set(worker, 0);
        }
        return waiting[worker].size() > 0;
    }

    /** Appends what waits for {@code worker}, as far as there is room. Returns whether more may be waiting. */
    boolean receive(int worker, PacketBatch batch) {
        DatagramQueue queue = waiting[worker];
        while (batch.remaining() > 0) {
            byte[] addressed = queue.take();
            if (addressed == null) {
                return false;
            }
            int length = addressed.length - ADDRESS_BYTES;
            int slot = batch.add(length);
            batch.slab().put(batch.offset(slot), addressed, ADDRESS_BYTES, length);
            batch.addresses().put(batch.addressOffset(slot), addressed, 0, ADDRESS_BYTES);
            batch.setLocal(slot, DatagramPort.RELAY);
        }
        return queue.size() > 0;
    }

    /** Has one datagram of control passed on by the way behind {@code to}, if it is open; {@code port} sends it. */
    void send(byte[] datagram, int offset, int length, InetSocketAddress to, DatagramPort port) {
        Way way = table.way(RelayAddress.number(to));
        Association via = way == null ? null : way.tunnel().sending();
        if (way == null || via == null || !mayCarry(via)) {
            return;
        }
        byte[] payload = new byte[RelayOption.HEADER_BYTES + length];
        RelayOption.write(
                ByteBuffer.wrap(payload), 0, RelayOption.HOP_LIMIT, flags(RelayAddress.isCaller(to)), way.label());
        System.arraycopy(datagram, offset, payload, RelayOption.HEADER_BYTES, length);
        byte @Nullable [] record = via.sealControl(payload);
        if (record != null) {
            Association.Path path = via.path();
            port.send(path.local(), record, 0, record.length, path.remote());
        }
    }

    /** The largest datagram, in bytes, that can be passed on by {@code via}. Any thread. */
    public static int largest(Association via) {
        long payload =
                Math.min((long) via.innerMtu() + Geneve.BYTES + ChecksumOption.BYTES, RecordFormat.MAX_PLAINTEXT_BYTES);
        return (int) Math.max(0, payload - RelayOption.HEADER_BYTES);
    }

    static int flags(boolean isCaller) {
        return isCaller ? RelayOption.FROM_CALLER : 0;
    }

    /** What is relayed goes by tunnels that are not, so that there is no loop. */
    public static boolean mayCarry(Association via) {
        return via.local() != DatagramPort.RELAY;
    }
}

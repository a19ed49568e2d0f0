package net.vgate.dataplane;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.record.RecordFormat;
import net.vgate.record.Steering;
import net.vgate.stream.DatagramQueue;
import net.vgate.stream.StreamListener;
import net.vgate.stream.StreamPath;
import net.vgate.tunnel.DatagramPort;
import org.jspecify.annotations.Nullable;

/**
 * Where streams and workers meet: what comes by a stream is put before the worker whose connection ID it names, and
 * what a worker sends into the stream that its outer address names. To the data path streams are one more socket,
 * {@link DatagramPort#STREAM}.
 *
 * <p><b>Threading.</b> The listener's methods are for one thread, the streams'; {@link #receive} of each number for
 * that worker's; all else for any. Nothing waits for another thread.
 */
public final class StreamExchange implements StreamListener {
    /** As many as one worker has before it: a dozen super-packets. More is a worker that does not keep up. */
    private static final int WAITING = 512;

    private static final StreamPath[] NONE = {};

    /** Of a stream, before the datagram that came by it. */
    private static final VarHandle NUMBER = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final Steering steering;
    private final DatagramQueue[] waiting;
    private final AtomicReferenceArray<Runnable> wakes;
    private final Consumer<InetSocketAddress> ended;

    private final AtomicLong displaced = new AtomicLong();

    /** In ascending order of their numbers; replaced as a whole. */
    private volatile StreamPath[] open = NONE;

    /** @param ended hears, on the streams' thread, the address of each stream that is over */
    public StreamExchange(Steering steering, Consumer<InetSocketAddress> ended) {
        this.steering = steering;
        this.ended = ended;
        this.waiting = new DatagramQueue[steering.workers()];
        Arrays.setAll(waiting, worker -> new DatagramQueue(WAITING));
        this.wakes = new AtomicReferenceArray<>(steering.workers());
    }

    /** Has {@code wake} called when there is something for a worker that may be asleep. */
    public void wakeBy(int worker, Runnable wake) {
        wakes.set(worker, wake);
    }

    /** The address that stands for {@code path} in associations and batches. */
    public static InetSocketAddress addressOf(StreamPath path) {
        return StreamAddress.of(path.number());
    }

    /** The stream behind an address of {@link #addressOf}; null when it is over. */
    public @Nullable StreamPath find(InetSocketAddress address) {
        return find(StreamAddress.number(address));
    }

    /** How many datagrams were dropped since a worker did not fetch them in time. */
    public long dropped() {
        long dropped = 0;
        for (DatagramQueue queue : waiting) {
            dropped += queue.dropped();
        }
        return dropped;
    }

    /** How many datagrams were dropped since TCP did not take them, or older ones in their place, in time. */
    public long displaced() {
        return displaced.get();
    }

    private @Nullable StreamPath find(long number) {
        StreamPath[] paths = open;
        int low = 0;
        int high = paths.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long found = paths[middle].number();
            if (found == number) {
                return paths[middle];
            }
            if (found < number) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    @Override
    public void opened(StreamPath path) {
        StreamPath[] next = Arrays.copyOf(open, open.length + 1);
        int at = next.length - 1;
        for (; at > 0 && next[at - 1].number() > path.number(); at--) {
            next[at] = next[at - 1];
        }
        next[at] = path;
        open = next;
    }

    @Override
    public void closed(StreamPath path, String reason) {
        StreamPath[] now = open;
        StreamPath[] next = new StreamPath[now.length];
        int count = 0;
        for (StreamPath one : now) {
            if (one != path) {
                next[count++] = one;
            }
        }
        open = Arrays.copyOf(next, count);
        ended.accept(addressOf(path));
    }

    @Override
    public void received(StreamPath path, ByteBuffer datagram) {
        byte[] numbered = new byte[Long.BYTES + datagram.remaining()];
        NUMBER.set(numbered, 0, path.number());
        datagram.get(datagram.position(), numbered, Long.BYTES, datagram.remaining());
        int worker = workerOf(datagram);
        waiting[worker].add(numbered);
        // With one before it, the worker is awake, or has been told.
        if (waiting[worker].size() <= 1) {
            Runnable wake = wakes.get(worker);
            if (wake != null) {
                wake.run();
            }
        }
    }

    private int workerOf(ByteBuffer datagram) {
        int at = datagram.position();
        boolean hasCid = datagram.remaining() >= RecordFormat.HEADER_BYTES + RecordFormat.LOCAL_CID_BYTES
                && RecordFormat.contentType(datagram, at) == RecordFormat.TLS12_CID;
        return hasCid ? steering.workerOf(RecordFormat.localCid(datagram, at)) : 0;
    }

    /** Whether something waits for {@code worker}. */
    boolean isReady(int worker) {
        return waiting[worker].size() > 0;
    }

    /** Appends what waits for {@code worker}, as far as there is room. Returns whether more may be waiting. */
    boolean receive(int worker, PacketBatch batch) {
        DatagramQueue queue = waiting[worker];
        while (batch.remaining() > 0) {
            byte[] numbered = queue.take();
            if (numbered == null) {
                return false;
            }
            int length = numbered.length - Long.BYTES;
            int slot = batch.add(length);
            batch.slab().put(batch.offset(slot), numbered, Long.BYTES, length);
            StreamAddress.write(batch.addresses(), batch.addressOffset(slot), (long) NUMBER.get(numbered, 0));
            batch.setLocal(slot, DatagramPort.STREAM);
        }
        return queue.size() > 0;
    }

    /** Sends the packets of {@code batch} that are for streams, one by one. Returns how many were taken. */
    int send(PacketBatch batch) {
        int sent = 0;
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot) && batch.local(slot) == DatagramPort.STREAM) {
                StreamPath path = find(StreamAddress.number(batch.addresses(), batch.addressOffset(slot)));
                if (path == null || !path.isOpen()) {
                    batch.drop(slot, DropReason.DEVICE_ERROR);
                } else if (batch.length(slot) > StreamPath.MAX_DATAGRAM_BYTES) {
                    batch.drop(slot, DropReason.TOO_BIG);
                } else {
                    if (!path.offer(batch.slab(), batch.offset(slot), batch.length(slot))) {
                        displaced.incrementAndGet();
                    }
                    sent++;
                }
            }
        }
        return sent;
    }

    /** Sends one datagram by the stream behind {@code to}, if there is one. */
    void send(byte[] datagram, int offset, int length, InetSocketAddress to) {
        StreamPath path = find(to);
        if (path != null && !path.offer(datagram, offset, length)) {
            displaced.incrementAndGet();
        }
    }
}

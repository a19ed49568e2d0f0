package net.vgate.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One established stream: datagrams go in at this end, and come out at the other in order, or not at all. Not many
 * wait: TCP hides from those who send that the path is slow, and what waits for long is of no use when it arrives.
 *
 * <p><b>Threading.</b> Any thread may call anything. Nothing waits, and nothing locks.
 */
public final class StreamPath {
    /** As much as one TLS record holds (RFC 8446 section 5.1): many datagrams are sealed at once. */
    private static final int WRITE_BYTES = 1 << 14;

    /** The longest datagram that goes by a stream. */
    public static final int MAX_DATAGRAM_BYTES = Capsule.MAX_DATAGRAM_BYTES;

    private final long number;
    private final boolean isOurs;
    private final Channel channel;
    private final String remote;
    private final OuterTls tls;
    private final DatagramQueue queue;
    private final Runnable drain = this::drain;
    private final AtomicBoolean isDrainDue = new AtomicBoolean();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private volatile boolean isProven;

    /** What the pipeline of a stream hears when {@link #prove} was first called. */
    enum Event {
        PROVEN
    }

    /** @param number that no other stream of the process has or had */
    StreamPath(long number, boolean isOurs, Channel channel, String remote, OuterTls tls, int queuedDatagrams) {
        this.number = number;
        this.isOurs = isOurs;
        this.channel = channel;
        this.remote = remote;
        this.tls = tls;
        this.queue = new DatagramQueue(queuedDatagrams);
    }

    /** Its name in this process, from 1; never used again. */
    public long number() {
        return number;
    }

    /** Whether we called the peer, not the peer us. */
    public boolean isOurs() {
        return isOurs;
    }

    /** The other end as far as we see, {@code ADDRESS:PORT}; it may be a proxy's. */
    public String remote() {
        return remote;
    }

    /** The TLS around it. */
    public OuterTls tls() {
        return tls;
    }

    /** Whether datagrams may still pass. */
    public boolean isOpen() {
        return channel.isActive();
    }

    /** How many datagrams were handed to TCP. */
    public long sent() {
        return sent.get();
    }

    /** How many datagrams have come. */
    public long received() {
        return received.get();
    }

    /** How many datagrams were dropped for younger ones. */
    public long dropped() {
        return queue.dropped();
    }

    /** How many datagrams wait for TCP. */
    public int queued() {
        return queue.size();
    }

    /**
     * Sends a datagram of at most 16 KiB after those that wait; the oldest of these goes if there is no room.
     *
     * @return false when it, or another in its place, was dropped
     */
    public boolean offer(byte[] bytes, int at, int length) {
        return offer(ByteBuffer.wrap(bytes), at, length);
    }

    /** The same for {@code length} bytes at index {@code at}, whatever the buffer's position is. */
    public boolean offer(ByteBuffer bytes, int at, int length) {
        if (length > MAX_DATAGRAM_BYTES) {
            return false;
        }
        byte[] datagram = new byte[length];
        bytes.get(at, datagram);
        return add(datagram);
    }

    private boolean add(byte[] datagram) {
        if (!channel.isActive()) {
            return false;
        }
        boolean hadRoom = queue.add(datagram);
        if (isDrainDue.compareAndSet(false, true)) {
            try {
                channel.eventLoop().execute(drain);
            } catch (RejectedExecutionException stopping) {
                return false;
            }
        }
        return hadRoom;
    }

    /** A peer has proved itself by a datagram that came by this stream: it may stay. */
    public void prove() {
        if (!isProven) {
            isProven = true;
            channel.pipeline().fireUserEventTriggered(Event.PROVEN);
        }
    }

    boolean isProven() {
        return isProven;
    }

    /** Ends it, after what TCP has room for; the listener hears of it. */
    public void close() {
        var unused = channel.close();
    }

    void countReceived() {
        received.incrementAndGet();
    }

    /** Hands to TCP what it has room for. The event loop, now and whenever there is room again. */
    void drain() {
        // First, so that whoever adds from now on has it done once more.
        isDrainDue.set(false);
        boolean wrote = false;
        byte[] next = channel.isWritable() ? queue.take() : null;
        while (next != null) {
            ByteBuf capsules = channel.alloc().directBuffer(WRITE_BYTES);
            long count = 0;
            while (next != null) {
                Capsule.write(capsules, next);
                count++;
                next = capsules.readableBytes() < WRITE_BYTES - 2_048 ? queue.take() : null;
            }
            var unused = channel.write(capsules, channel.voidPromise());
            sent.addAndGet(count);
            wrote = true;
            next = channel.isWritable() ? queue.take() : null;
        }
        if (wrote) {
            channel.flush();
        }
        if (!channel.isWritable() && queue.size() > 0) {
            // Until TCP has room again nobody needs to wake this thread.
            isDrainDue.set(true);
        }
    }

    @Override
    public String toString() {
        return "stream " + number + (isOurs ? " to " : " from ") + remote;
    }
}

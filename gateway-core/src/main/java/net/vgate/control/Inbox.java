package net.vgate.control;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue toward one thread. Putting never waits and takes no lock, so that a worker may do it; what does not
 * fit is refused, and the caller counts it.
 *
 * @param <T> what is handed over; the giver keeps no reference to it
 */
public final class Inbox<T> {
    private final ConcurrentLinkedQueue<T> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final int capacity;
    private volatile @Nullable Thread waiting;

    public Inbox(int capacity) {
        this.capacity = capacity;
    }

    /** False when the queue is full. Any thread. */
    boolean offer(T item) {
        if (size.incrementAndGet() > capacity) {
            size.decrementAndGet();
            return false;
        }
        enqueue(item);
        return true;
    }

    /** For the few things that may not be lost, at most one of a kind at a time: not bounded. Any thread. */
    void put(T item) {
        size.incrementAndGet();
        enqueue(item);
    }

    private void enqueue(T item) {
        queue.add(item);
        wake();
    }

    /** Ends a wait of the taking thread. Any thread. */
    void wake() {
        Thread thread = waiting;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    /** The next item, or null when there is none. The taking thread only. */
    @Nullable
    T poll() {
        T item = queue.poll();
        if (item != null) {
            size.decrementAndGet();
        }
        return item;
    }

    /** Waits until there may be an item, {@link #wake} is called, or the time is over. The taking thread only. */
    void await(long timeoutNanos) {
        waiting = Thread.currentThread();
        if (queue.isEmpty() && timeoutNanos > 0) {
            LockSupport.parkNanos(this, timeoutNanos);
        }
        waiting = null;
    }
}

package net.vgate.linux;

import java.lang.ref.Reference;

/**
 * Waits for descriptors to become readable: epoll(7), level-triggered, so that what was not read fully is reported
 * again. Each descriptor is known by a token of its owner's choosing.
 *
 * <p><b>Threading.</b> {@link #await} and {@link #token} belong to one thread; {@link #add} and {@link #remove} may be
 * called by any while it waits, and {@link #wake} by any at any time. {@link #close} is for when the thread has let go.
 */
public final class Poller implements AutoCloseable {
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLLIN = 1;
    private static final int EFD_CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK = 0x800;

    /** {@code struct epoll_event} is packed on x86-64 and not elsewhere: epoll_ctl(2). */
    static final int EVENT_BYTES = "amd64".equals(System.getProperty("os.arch")) ? 12 : 16;

    static final int EVENT_DATA_OFFSET = EVENT_BYTES - 8;

    /** Events of one wait; with level triggering the rest come with the next. */
    private static final int MAX_EVENTS = 256;

    /** The token of the event descriptor; as a 64-bit value it is none of the owner's, which have 32. */
    private static final long WAKE = 1L << 32;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final int epoll;
    private final int wakeUp;
    private final NativeBlock events = new NativeBlock(MAX_EVENTS * EVENT_BYTES);
    private final int[] tokens = new int[MAX_EVENTS];

    /** What {@link #wake} writes, then where the waiter reads it to. */
    private final NativeBlock counter = new NativeBlock(2 * Long.BYTES);

    /** Guards the descriptors against use after they were closed. */
    private final Object lock = new Object();

    private boolean isClosed;

    private Poller(int epoll, int wakeUp) {
        this.epoll = epoll;
        this.wakeUp = wakeUp;
        counter.bytes().putLong(0, 1);
    }

    /** A poller that watches nothing yet. */
    public static Poller open() {
        int epoll = LibC.epoll_create1(EPOLL_CLOEXEC);
        if (epoll < 0) {
            throw Errno.failure("epoll_create1", Errno.last());
        }
        int wakeUp = LibC.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (wakeUp < 0) {
            int errno = Errno.last();
            LibC.close(epoll);
            throw Errno.failure("eventfd", errno);
        }
        Poller poller = new Poller(epoll, wakeUp);
        try {
            poller.control(EPOLL_CTL_ADD, wakeUp, WAKE);
        } catch (RuntimeException failed) {
            poller.close();
            throw failed;
        }
        return poller;
    }

    /** Watches {@code descriptor}, which is not watched yet, and reports it as {@code token}. */
    public void add(int descriptor, int token) {
        control(EPOLL_CTL_ADD, descriptor, token & 0xffff_ffffL);
    }

    /** Stops watching {@code descriptor}, which is still open. A wait under way may report it once more. */
    public void remove(int descriptor) {
        control(EPOLL_CTL_DEL, descriptor, 0);
    }

    private void control(int operation, int descriptor, long data) {
        NativeBlock event = new NativeBlock(EVENT_BYTES);
        event.bytes().putInt(0, EPOLLIN);
        event.bytes().putLong(EVENT_DATA_OFFSET, data);
        synchronized (lock) {
            if (isClosed) {
                throw new IllegalStateException("the poller is closed");
            }
            try {
                if (LibC.epoll_ctl(epoll, operation, descriptor, event.address()) != 0) {
                    throw Errno.failure("epoll_ctl of descriptor " + descriptor, Errno.last());
                }
            } finally {
                Reference.reachabilityFence(event);
            }
        }
    }

    /**
     * Waits until a descriptor is readable or broken, {@link #wake} is called, or the time is over.
     *
     * @param timeoutNanos rounded up to whole milliseconds; 0 or less does not wait
     * @return how many descriptors are ready, see {@link #token}; 0 after a wake-up or the timeout
     */
    public int await(long timeoutNanos) {
        int millis =
                timeoutNanos <= 0 ? 0 : (int) Math.min(Integer.MAX_VALUE, (timeoutNanos - 1) / NANOS_PER_MILLI + 1);
        int ready = LibC.epoll_wait(epoll, events.address(), MAX_EVENTS, millis);
        if (ready < 0) {
            int errno = Errno.last();
            if (errno == Errno.EINTR) {
                return 0;
            }
            throw Errno.failure("epoll_wait", errno);
        }
        int count = 0;
        for (int i = 0; i < ready; i++) {
            long data = events.bytes().getLong(i * EVENT_BYTES + EVENT_DATA_OFFSET);
            if (data == WAKE) {
                // Non-blocking, and a counter: one read takes back any number of wake-ups.
                LibC.read(wakeUp, counter.address() + Long.BYTES, Long.BYTES);
            } else {
                tokens[count++] = (int) data;
            }
        }
        return count;
    }

    /** The token of ready descriptor {@code i}, of those that {@link #await} counted last. */
    public int token(int i) {
        return tokens[i];
    }

    /** Ends a wait under way, or the next one. */
    public void wake() {
        synchronized (lock) {
            if (!isClosed) {
                // Fails only when the counter is full, and then the waiter is woken already.
                LibC.write(wakeUp, counter.address(), Long.BYTES);
            }
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            if (!isClosed) {
                isClosed = true;
                LibC.close(wakeUp);
                LibC.close(epoll);
            }
        }
    }
}

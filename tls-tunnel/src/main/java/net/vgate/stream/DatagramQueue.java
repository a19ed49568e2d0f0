package net.vgate.stream;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams that wait, at most so many: when there is no room, the oldest goes, since the youngest is worth most to
 * whoever waits for it.
 *
 * <p>A ring whose places each count their turns (after D. Vyukov's bounded queue): place {@code p} is free for the
 * datagram of number {@code n} when it counts {@code n}, and holds it when it counts {@code n + 1}.
 *
 * <p><b>Threading.</b> Any thread may add and take, without locks and without waiting for another. Nothing is
 * allocated.
 */
public final class DatagramQueue {
    /** How often a full ring is tried again, while another thread is in the middle of something. */
    private static final int TRIES = 64;

    private final int mask;
    private final AtomicLongArray turns;
    private final AtomicReferenceArray<byte[]> datagrams;
    private final AtomicLong nextToAdd = new AtomicLong();
    private final AtomicLong nextToTake = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();

    /** @param capacity a power of two, 2 at least */
    public DatagramQueue(int capacity) {
        if (capacity < 2 || Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("no power of two: " + capacity);
        }
        this.mask = capacity - 1;
        this.turns = new AtomicLongArray(capacity);
        this.datagrams = new AtomicReferenceArray<>(capacity);
        for (int i = 0; i < capacity; i++) {
            turns.set(i, i);
        }
    }

    /** Adds {@code datagram}, which is the queue's from now on. False when one had to go for it. */
    public boolean add(byte[] datagram) {
        boolean hadRoom = true;
        for (int tries = 0; tries < TRIES; tries++) {
            if (put(datagram)) {
                return hadRoom;
            }
            // Else there will be room as soon as another thread has finished taking.
            if (size() > mask && take() != null) {
                dropped.incrementAndGet();
                hadRoom = false;
            }
        }
        dropped.incrementAndGet();
        return false;
    }

    private boolean put(byte[] datagram) {
        while (true) {
            long number = nextToAdd.get();
            int place = (int) number & mask;
            long turn = turns.get(place);
            if (turn < number) {
                return false;
            }
            if (turn == number && nextToAdd.compareAndSet(number, number + 1)) {
                datagrams.set(place, datagram);
                turns.set(place, number + 1);
                return true;
            }
        }
    }

    /** Takes the oldest; null when there is none. */
    public byte @Nullable [] take() {
        while (true) {
            long number = nextToTake.get();
            int place = (int) number & mask;
            long turn = turns.get(place);
            if (turn <= number) {
                return null;
            }
            if (turn == number + 1 && nextToTake.compareAndSet(number, number + 1)) {
                byte[] datagram = datagrams.getAndSet(place, null);
                turns.set(place, number + mask + 1);
                return datagram;
            }
        }
    }

    /** How many wait, give or take what is happening at this moment. */
    public int size() {
        return (int) Math.max(0, nextToAdd.get() - nextToTake.get());
    }

    /** How many went for want of room. */
    public long dropped() {
        return dropped.get();
    }
}

package net.vgate.record;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Destroys what workers may still be using only after each of them has let go of it. Control takes an association out
 * of every table and then retires it, which begins a new generation; a worker announces, at the start of each turn, the
 * generation that it sees and holds nothing of before. When all have announced the generation of a retirement, or are
 * idle, the keys go.
 *
 * <p><b>Threading.</b> {@link #retire} and {@link #reclaim} may be called by any thread; a {@link Worker} belongs to
 * its worker's thread.
 */
public final class Quiescence {
    private static final long IDLE = Long.MAX_VALUE;

    private final Object lock = new Object();
    private final AtomicLong generation = new AtomicLong();
    private final List<Worker> workers = new ArrayList<>();
    private final ArrayDeque<Retired> retired = new ArrayDeque<>();

    private record Retired(Association association, long generation) {}

    /** Takes part from now on; idle at first. */
    public Worker register() {
        synchronized (lock) {
            Worker worker = new Worker();
            workers.add(worker);
            return worker;
        }
    }

    /**
     * Destroys the association's keys as soon as that is safe, at the latest when {@link #reclaim} is called after it
     * is. It must be out of every table already; retiring it a second time does nothing.
     */
    public void retire(Association association) {
        synchronized (lock) {
            if (association.isRetired()) {
                return;
            }
            association.retire();
            retired.add(new Retired(association, begin()));
        }
        reclaim();
    }

    /**
     * Begins a new generation: what was published before this call is what workers see that have reached it, and
     * nothing of before.
     *
     * @return for {@link #isReached}
     */
    public long begin() {
        return generation.incrementAndGet();
    }

    /** Whether no worker uses anything of before {@code number} began. */
    public boolean isReached(long number) {
        synchronized (lock) {
            return number <= reached();
        }
    }

    private long reached() {
        long reached = IDLE;
        for (Worker worker : workers) {
            reached = Math.min(reached, worker.announced.get());
        }
        return reached;
    }

    /** Destroys what may be destroyed by now. Returns how many retired associations wait on. */
    public int reclaim() {
        synchronized (lock) {
            long reached = reached();
            while (!retired.isEmpty() && retired.getFirst().generation() <= reached) {
                retired.removeFirst().association().destroy();
            }
            return retired.size();
        }
    }

    /** One worker's part. */
    public final class Worker implements AutoCloseable {
        // Sequentially consistent on purpose: what the worker looks up after announcing must not be read before.
        private final AtomicLong announced = new AtomicLong(IDLE);

        private Worker() {}

        /** At the start of each turn: nothing that was looked up in an earlier turn is used any more. */
        public void announce() {
            announced.set(generation.get());
        }

        /** Before the worker waits: it holds nothing until it announces again. */
        public void idle() {
            announced.set(IDLE);
        }

        /** The worker is gone. */
        @Override
        public void close() {
            synchronized (lock) {
                workers.remove(this);
            }
            reclaim();
        }
    }
}

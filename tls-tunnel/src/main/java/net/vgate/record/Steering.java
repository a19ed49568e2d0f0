package net.vgate.record;

import java.util.random.RandomGenerator;

/**
 * Which worker opens what comes for one of our connection IDs: its last byte says so, modulo the number of workers, so
 * that the kernel can tell without knowing any association.
 *
 * @param workers how many there are, 1 to {@link #MAX_WORKERS}
 */
public record Steering(int workers) {
    /** No more than fit into the byte a few times over, lest the first ones get more. */
    public static final int MAX_WORKERS = 64;

    private static final int LAST_BYTE = 0xff;

    public Steering {
        if (workers < 1 || workers > MAX_WORKERS) {
            throw new IllegalArgumentException(workers + " workers");
        }
    }

    /** The worker that opens what comes for {@code cid}, from 0. */
    public int workerOf(long cid) {
        return (int) (cid & LAST_BYTE) % workers;
    }

    /** A random connection ID of {@code worker}. */
    long newCid(int worker, RandomGenerator random) {
        while (true) {
            long cid = random.nextLong();
            long ofWorker = cid - workerOf(cid) + worker;
            if ((ofWorker & ~(long) LAST_BYTE) == (cid & ~(long) LAST_BYTE)) {
                return ofWorker;
            }
        }
    }
}

package net.vgate.dataplane;

import java.util.Arrays;

/**
 * What was passed on from one gateway to another.
 *
 * <p><b>Threading.</b> Each worker writes its own counters, any thread reads.
 */
public final class RelayTraffic {
    private static final int PACKETS = 0;
    private static final int BYTES = 1;
    private static final int DROPS = 2;
    private static final int COUNT = 3;

    private final CounterArray[] byWorker;

    public RelayTraffic(int workers) {
        byWorker = new CounterArray[workers];
        Arrays.setAll(byWorker, worker -> new CounterArray(COUNT));
    }

    void count(int worker, int bytes) {
        byWorker[worker].add(PACKETS, 1);
        byWorker[worker].add(BYTES, bytes);
    }

    void countDrop(int worker) {
        byWorker[worker].add(DROPS, 1);
    }

    /** Datagrams that were passed on. */
    public long packets() {
        return sum(PACKETS);
    }

    /** Their bytes, without what the tunnels put around them. */
    public long bytes() {
        return sum(BYTES);
    }

    /** Datagrams that were granted, and dropped all the same. */
    public long drops() {
        return sum(DROPS);
    }

    private long sum(int index) {
        long sum = 0;
        for (CounterArray counters : byWorker) {
            sum += counters.get(index);
        }
        return sum;
    }
}

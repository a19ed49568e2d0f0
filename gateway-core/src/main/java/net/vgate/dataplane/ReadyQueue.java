package net.vgate.dataplane;

/**
 * The sources that may have packets, by number, each once, in the order in which they became ready: what is not ready
 * costs nothing, however many there are. For one thread.
 */
final class ReadyQueue {
    private final boolean[] isQueued;
    private final int[] sources;
    private int head;
    private int count;

    /** For numbers below {@code sourceCount}. */
    ReadyQueue(int sourceCount) {
        isQueued = new boolean[sourceCount];
        sources = new int[sourceCount];
    }

    /** Queues the source, unless it is; a number that is out of range is none of the plan's any more. */
    void add(int source) {
        if (source < isQueued.length && !isQueued[source]) {
            isQueued[source] = true;
            int tail = head + count;
            sources[tail < sources.length ? tail : tail - sources.length] = source;
            count++;
        }
    }

    /** Takes the first one out; there must be one. */
    int take() {
        if (count == 0) {
            throw new IllegalStateException("nothing is ready");
        }
        int source = sources[head];
        head = head + 1 == sources.length ? 0 : head + 1;
        count--;
        isQueued[source] = false;
        return source;
    }

    /** How many are queued. */
    int count() {
        return count;
    }

    /** Queues every source. */
    void addAll() {
        for (int source = 0; source < isQueued.length; source++) {
            add(source);
        }
    }
}

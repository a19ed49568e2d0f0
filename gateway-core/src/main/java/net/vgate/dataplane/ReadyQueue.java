package net.vgate.dataplane;

/**
 * The V-nets whose devices may have packets, each once, in the order in which they became ready: what is not ready
 * costs nothing, however many V-nets there are. For one thread.
 */
final class ReadyQueue {
    private final boolean[] isQueued;
    private final int[] vnets;
    private int head;
    private int count;

    /** For V-nets with indices below {@code vnetCount}. */
    ReadyQueue(int vnetCount) {
        isQueued = new boolean[vnetCount];
        vnets = new int[vnetCount];
    }

    /** Queues the V-net, unless it is; an index that is out of range is none of the plan's any more. */
    void add(int vnet) {
        if (vnet < isQueued.length && !isQueued[vnet]) {
            isQueued[vnet] = true;
            int tail = head + count;
            vnets[tail < vnets.length ? tail : tail - vnets.length] = vnet;
            count++;
        }
    }

    /** Takes the first V-net out; there must be one. */
    int take() {
        if (count == 0) {
            throw new IllegalStateException("no V-net is ready");
        }
        int vnet = vnets[head];
        head = head + 1 == vnets.length ? 0 : head + 1;
        count--;
        isQueued[vnet] = false;
        return vnet;
    }

    /** How many V-nets are queued. */
    int count() {
        return count;
    }

    /** Queues every V-net. */
    void addAll() {
        for (int vnet = 0; vnet < isQueued.length; vnet++) {
            add(vnet);
        }
    }
}

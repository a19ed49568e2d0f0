package net.vgate.forwarding;

/**
 * Packets that waited in vain for a neighbor to answer, of one table or of several, until somebody counts them as
 * dropped. Any thread.
 */
public final class LostPackets {
    private int count;
    private volatile boolean areThere;

    /** Adds {@code packets}, which may be 0. */
    public synchronized void add(int packets) {
        count += packets;
        areThere = count > 0;
    }

    /** Takes up to {@code most} out. Without a lock where there are none, as is the rule. */
    public int take(int most) {
        return areThere ? takeSome(most) : 0;
    }

    private synchronized int takeSome(int most) {
        int taken = Math.min(most, count);
        add(-taken);
        return taken;
    }
}

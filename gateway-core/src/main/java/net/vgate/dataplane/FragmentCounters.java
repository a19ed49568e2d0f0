package net.vgate.dataplane;

/**
 * How many fragments of the tunnel one worker sent and received, and how many packets it put together, by the remote
 * site.
 *
 * <p><b>Threading.</b> One instance per worker. The worker alone counts and grows, any thread reads.
 */
public final class FragmentCounters {
    private static final int SENT = 0;
    private static final int RECEIVED = 1;
    private static final int REASSEMBLED = 2;
    private static final int CELLS_PER_SITE = 3;

    private final CounterArray counters = new CounterArray(0);

    /** Makes room for the site numbers below {@code sites}; when a snapshot brings more. */
    void growTo(int sites) {
        counters.growTo(Math.multiplyExact(sites, CELLS_PER_SITE));
    }

    void countSent(int site, int fragments) {
        add(site, SENT, fragments);
    }

    void countReceived(int site) {
        add(site, RECEIVED, 1);
    }

    void countReassembled(int site) {
        add(site, REASSEMBLED, 1);
    }

    private void add(int site, int figure, int count) {
        int cell = site * CELLS_PER_SITE + figure;
        if (site >= 0 && cell < counters.length()) {
            counters.add(cell, count);
        }
    }

    /** Fragments sent to a site; by any thread. */
    public long sent(int site) {
        return counters.get(site * CELLS_PER_SITE + SENT);
    }

    /** Fragments that came from a site; by any thread. */
    public long received(int site) {
        return counters.get(site * CELLS_PER_SITE + RECEIVED);
    }

    /** Packets from a site that are whole again; by any thread. */
    public long reassembled(int site) {
        return counters.get(site * CELLS_PER_SITE + REASSEMBLED);
    }
}

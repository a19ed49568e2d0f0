package net.vgate.dataplane;

/**
 * How many packets one worker passed on as marked by the network between the gateways (CE, RFC 3168), by the remote
 * site that they came from.
 *
 * <p><b>Threading.</b> One instance per worker. The worker alone counts and grows, any thread reads.
 */
public final class CongestionMarks {
    private final CounterArray packets = new CounterArray(0);

    /** Makes room for the site numbers below {@code sites}; when a snapshot brings more. */
    void growTo(int sites) {
        packets.growTo(sites);
    }

    /** Counts one packet of a site, if there is room for its number. */
    void count(int site) {
        if (site >= 0 && site < packets.length()) {
            packets.add(site, 1);
        }
    }

    /** Packets marked; by any thread. */
    public long packets(int site) {
        return packets.get(site);
    }
}

package net.vgate.dataplane;

import net.vgate.packet.DropReason;

/**
 * How many packets one worker dropped, by stage, reason and the remote site that they were about.
 *
 * <p><b>Threading.</b> One instance per worker. The worker alone counts and grows, any thread reads.
 */
public final class DropCounters {
    /** In place of a site's number: before the site is known, or about none. */
    public static final int NO_SITE = -1;

    private static final int CELLS_PER_SITE = Stage.count() * DropReason.count();

    // The block of NO_SITE first, then one block per site number.
    private final CounterArray counters = new CounterArray(CELLS_PER_SITE);

    /** Makes room for the site numbers below {@code sites}; when a snapshot brings more. */
    public void growTo(int sites) {
        counters.growTo(Math.multiplyExact(sites + 1, CELLS_PER_SITE));
    }

    /** Counts one packet. A site that there is no room for counts as {@link #NO_SITE}. */
    public void count(Stage stage, DropReason reason, int site) {
        count(stage, reason, site, 1);
    }

    /** Counts {@code packets} packets. A site that there is no room for counts as {@link #NO_SITE}. */
    public void count(Stage stage, DropReason reason, int site, long packets) {
        counters.add(index(stage, reason, site < siteCount() ? site : NO_SITE), packets);
    }

    /** Packets dropped; by any thread. */
    public long packets(Stage stage, DropReason reason, int site) {
        return counters.get(index(stage, reason, site));
    }

    /** How many site numbers there is room for; by any thread. */
    public int siteCount() {
        return counters.length() / CELLS_PER_SITE - 1;
    }

    @SuppressWarnings("EnumOrdinal") // dense arrays, within one process
    private static int index(Stage stage, DropReason reason, int site) {
        return ((site + 1) * Stage.count() + stage.ordinal()) * DropReason.count() + reason.ordinal();
    }
}

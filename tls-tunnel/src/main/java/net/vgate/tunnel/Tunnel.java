package net.vgate.tunnel;

import java.util.stream.IntStream;
import net.vgate.record.Association;
import org.jspecify.annotations.Nullable;

/**
 * What the data path knows of a tunnel toward one remote gateway: a handle that stays the same for as long as the
 * gateway is configured, whatever becomes of the tunnel's associations.
 *
 * <p><b>Threading.</b> The Conductor publishes, any thread reads.
 */
public final class Tunnel {
    private final int site;
    private final String name;
    private final Lane[] lanes;
    private final TunnelCounters counters = new TunnelCounters();
    private volatile TunnelStatus status = TunnelStatus.NEW;

    /**
     * @param site number of the remote site, as in the forwarding snapshot
     * @param name the remote site's name and the gateway's, {@code west/west-1}
     */
    public Tunnel(int site, String name, int lanes) {
        if (lanes < 1) {
            throw new IllegalArgumentException(lanes + " lanes");
        }
        this.site = site;
        this.name = name;
        this.lanes = IntStream.range(0, lanes).mapToObj(Lane::new).toArray(Lane[]::new);
    }

    /** Number of the remote site. */
    public int site() {
        return site;
    }

    /** Site and gateway, {@code west/west-1}: the metric's label and the table's column. */
    public String name() {
        return name;
    }

    /** How many lanes there are, at least one. */
    public int lanes() {
        return lanes.length;
    }

    /** The lane with number {@code index}, from 0. */
    public Lane lane(int index) {
        return lanes[index];
    }

    /**
     * The lane of a flow.
     *
     * @param flowHash the same for both directions of the flow
     */
    public Lane laneFor(int flowHash) {
        return lanes.length == 1 ? lanes[0] : lanes[Integer.remainderUnsigned(flowHash, lanes.length)];
    }

    /** What the first lane sends on, or null. */
    public @Nullable Association sending() {
        return lanes[0].sending();
    }

    /** What has happened in the tunnel's life. */
    public TunnelCounters counters() {
        return counters;
    }

    /** The tunnel's life as last published. */
    public TunnelStatus status() {
        return status;
    }

    /** Says how the tunnel's life goes. */
    public void publish(TunnelStatus next) {
        status = next;
    }

    @Override
    public String toString() {
        return name;
    }
}

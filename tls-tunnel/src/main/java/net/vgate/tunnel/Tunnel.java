package net.vgate.tunnel;

import java.nio.ByteBuffer;
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
    private volatile int lanesInUse = 1;
    private volatile boolean avoided;
    private final TunnelCounters counters = new TunnelCounters();
    private volatile TunnelStatus status = TunnelStatus.NEW;

    /**
     * @param site number of the remote site, as in the forwarding snapshot
     * @param name the remote site's name and the gateway's, {@code west/west-1}
     * @param lanes how many there may be
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

    /** How many lanes both ends have agreed on, at least one. */
    public int lanes() {
        return lanesInUse;
    }

    /** From now on there are {@code count} lanes. The Conductor only. */
    public void useLanes(int count) {
        if (count < 1 || count > lanes.length) {
            throw new IllegalArgumentException(count + " lanes of " + lanes.length);
        }
        lanesInUse = count;
    }

    /** The lane with number {@code index}, from 0. */
    public Lane lane(int index) {
        return lanes[index];
    }

    /**
     * What the worker with number {@code worker} sends on: its own lane, so that a flow which stays at its worker stays
     * in order; while that lane carries nothing, the first that does. Null when there is none. Read once per batch.
     */
    public @Nullable Association sending(int worker) {
        Association own = lanes[worker % lanesInUse].sending();
        return own == null ? sending() : own;
    }

    /** What the first lane that carries anything sends on, or null. */
    public @Nullable Association sending() {
        for (Lane lane : lanes) {
            Association association = lane.sending();
            if (association != null) {
                return association;
            }
        }
        return null;
    }

    /** Whether flows take it only when no other gateway of the site can be reached. */
    public boolean isAvoided() {
        return avoided;
    }

    /** Says whether flows are to take another one if they can. The Conductor only. */
    public void avoid(boolean isAvoided) {
        avoided = isAvoided;
    }

    /** Whether the datagram at {@code at} begins with a record of what a lane sends on. Any thread. */
    public boolean hasSealed(ByteBuffer buffer, int at, int bytes) {
        for (Lane lane : lanes) {
            Association association = lane.sending();
            if (association != null && association.hasSealed(buffer, at, bytes)) {
                return true;
            }
        }
        return false;
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

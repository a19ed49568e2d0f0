package net.vgate.forwarding;

import java.nio.ByteBuffer;
import java.util.List;
import net.vgate.packet.DropReason;
import net.vgate.record.RecordFormat;

/**
 * Everything that the data path needs to forward, at one moment. Deeply immutable, but for the flow and fragment
 * tables, which are the declared exception and live on from one snapshot to the next, and the tunnels, which publish
 * their current association by themselves.
 *
 * <p>V-nets are known by their index here, remote sites by a number that stays the same for the life of the process.
 */
public final class ForwardingSnapshot {
    /** Forwards nothing. */
    public static final ForwardingSnapshot EMPTY = new ForwardingSnapshot(0, List.of(), List.of());

    private final long generation;
    private final VnetTable[] vnets;
    private final VniIndex vniIndex;
    private final SiteTunnels[] tunnelsBySite;

    /**
     * @param vnets in the order of their {@link VnetTable#index}
     * @param tunnelsBySite at each site's number the tunnels toward its gateways
     */
    public ForwardingSnapshot(long generation, List<VnetTable> vnets, List<SiteTunnels> tunnelsBySite) {
        this.generation = generation;
        this.vnets = vnets.toArray(new VnetTable[0]);
        this.vniIndex = VniIndex.of(vnets);
        this.tunnelsBySite = tunnelsBySite.toArray(new SiteTunnels[0]);
    }

    /** Rises by one with each published snapshot. */
    public long generation() {
        return generation;
    }

    /** How many V-nets there are. */
    public int vnetCount() {
        return vnets.length;
    }

    /** The V-net at {@code index}. */
    public VnetTable vnet(int index) {
        return vnets[index];
    }

    /** Index of the V-net with number {@code vni}, or -1. */
    public int indexOfVni(int vni) {
        return vniIndex.indexOf(vni);
    }

    /** Whether the datagram at {@code at} begins with a record of our own, of whichever tunnel. */
    public boolean hasSealed(ByteBuffer buffer, int at, int bytes) {
        if (!RecordFormat.isProtected(buffer, at, bytes)) {
            return false;
        }
        for (SiteTunnels tunnels : tunnelsBySite) {
            for (int i = 0; i < tunnels.size(); i++) {
                if (tunnels.tunnel(i).hasSealed(buffer, at, bytes)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * The tunnels that share the flows of the V-net at {@code vnet} toward a site now, see
     * {@link SiteTunnels#carriers}.
     */
    public long carriers(int site, int worker, int vnet) {
        return tunnels(site).carriers(worker, vnets[vnet]);
    }

    /** Why there are no {@link #carriers}. */
    public DropReason withoutCarrier(int site, int worker, int vnet) {
        return tunnels(site).refusal(worker, vnets[vnet]);
    }

    /**
     * The largest packet of the V-net that crosses by any of the tunnels which its flows toward a site may take now.
     */
    public int innerMtu(int site, int worker, int vnet) {
        return tunnels(site).innerMtu(worker, vnets[vnet]);
    }

    /** The tunnels toward a site; none for a number that is not in use. */
    public SiteTunnels tunnels(int site) {
        return site >= 0 && site < tunnelsBySite.length ? tunnelsBySite[site] : SiteTunnels.NONE;
    }
}

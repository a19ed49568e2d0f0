package net.vgate.forwarding;

import java.util.List;
import net.vgate.config.GatewayConfig.Peer;
import net.vgate.packet.DropReason;
import net.vgate.record.Association;
import net.vgate.tunnel.Tunnel;
import org.jspecify.annotations.Nullable;

/**
 * The tunnels toward the gateways of one remote site, and which of them carries a flow. Immutable, but for the tunnels,
 * which publish by themselves what they send on and whether they are to be avoided.
 */
public final class SiteTunnels {
    /** A site without gateways. */
    public static final SiteTunnels NONE = new SiteTunnels(List.of());

    private final Tunnel[] tunnels;
    private final int[] priorities;
    private final int[] weights;
    private final long[] hashes;

    /**
     * One gateway's tunnel.
     *
     * @param priority the lower, the sooner it is taken; RFC 2782 has it so
     * @param weight its share of the flows among those of its priority, at least 1
     */
    public record Choice(Tunnel tunnel, int priority, int weight) {}

    /** @param choices up to {@link Peer#MAX_GATEWAYS}, in the order of the configuration */
    public SiteTunnels(List<Choice> choices) {
        if (choices.size() > Peer.MAX_GATEWAYS) {
            throw new IllegalArgumentException(choices.size() + " gateways of one site");
        }
        tunnels = choices.stream().map(Choice::tunnel).toArray(Tunnel[]::new);
        priorities = choices.stream().mapToInt(Choice::priority).toArray();
        weights = choices.stream().mapToInt(Choice::weight).toArray();
        hashes = choices.stream()
                .mapToLong(choice -> RendezvousHash.gateway(choice.tunnel().name()))
                .toArray();
    }

    /** How many gateways the site has. */
    public int size() {
        return tunnels.length;
    }

    /** The tunnel with number {@code index}, in the order of the configuration. */
    public Tunnel tunnel(int index) {
        return tunnels[index];
    }

    /**
     * What worker {@code worker} sends on by the tunnel with number {@code index}; null for none, or when it is down.
     */
    public @Nullable Association sending(int index, int worker) {
        return index >= 0 && index < tunnels.length ? tunnels[index].sending(worker) : null;
    }

    /**
     * The tunnels that share the flows of a V-net now, a bit each: of those that carry it, those of the lowest priority
     * that are not to be avoided; if all are, of these. Zero when nothing may carry it.
     *
     * @param vnet null is any
     */
    public long carriers(int worker, @Nullable VnetTable vnet) {
        long best = 0;
        int bestRank = Integer.MAX_VALUE;
        for (int i = 0; i < tunnels.length; i++) {
            Association association = tunnels[i].sending(worker);
            if (association != null && (vnet == null || vnet.refusal(association) == null)) {
                int rank = priorities[i] | (tunnels[i].isAvoided() ? 1 << 30 : 0);
                if (rank < bestRank) {
                    best = 0;
                    bestRank = rank;
                }
                if (rank == bestRank) {
                    best |= 1L << i;
                }
            }
        }
        return best;
    }

    /**
     * Which of {@code carriers} carries a flow.
     *
     * @param carriers by {@link #carriers}, not zero
     * @param flow by {@link RendezvousHash#flow}
     */
    public int choose(long carriers, long flow) {
        int chosen = -1;
        double highest = 0;
        for (long left = carriers; left != 0; left &= left - 1) {
            int index = Long.numberOfTrailingZeros(left);
            double score = RendezvousHash.score(flow, hashes[index], weights[index]);
            if (score > highest) {
                highest = score;
                chosen = index;
            }
        }
        return chosen;
    }

    /** Why nothing carries a V-net. */
    DropReason refusal(int worker, VnetTable vnet) {
        for (Tunnel tunnel : tunnels) {
            Association association = tunnel.sending(worker);
            DropReason refusal = association == null ? null : vnet.refusal(association);
            if (refusal != null) {
                return refusal;
            }
        }
        return DropReason.NO_TUNNEL;
    }

    /** The largest packet of the V-net that crosses by any of the tunnels which its flows may take now. */
    int innerMtu(int worker, VnetTable vnet) {
        int least = vnet.innerMtu();
        for (long left = carriers(worker, vnet); left != 0; left &= left - 1) {
            Association association = tunnels[Long.numberOfTrailingZeros(left)].sending(worker);
            least = Math.min(least, vnet.innerMtu(association));
        }
        return least;
    }
}

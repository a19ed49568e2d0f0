package net.vgate.control;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import net.vgate.attachment.Neighbor;
import net.vgate.config.GatewayConfig.Peer;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.VnetTable;
import net.vgate.observe.StatusReport;
import net.vgate.packet.IpAddress;

/**
 * What is in force for one V-net: the tables that packets meet, and the configuration and status beside them. Taken by
 * the conductor, read by any thread.
 *
 * @param site this gateway's
 * @param file the configuration, when it was loaded
 * @param generation of the snapshot
 * @param peers all that are configured
 * @param index of the V-net in the snapshot
 * @param siteNumbers of the peers' sites, by name
 * @param tunnels as status has them
 * @param neighbors who is known on the link that the V-net's device leads to, if that is one of Ethernet
 */
public record VnetFacts(
        String site,
        String gateway,
        String file,
        long generation,
        List<Peer> peers,
        Vnet vnet,
        ForwardingSnapshot snapshot,
        int index,
        Map<String, Integer> siteNumbers,
        int workers,
        List<StatusReport.Tunnel> tunnels,
        Function<IpAddress, Optional<Neighbor>> neighbors) {
    public VnetFacts {
        peers = List.copyOf(peers);
        siteNumbers = Map.copyOf(siteNumbers);
        tunnels = List.copyOf(tunnels);
    }

    VnetTable table() {
        return snapshot.vnet(index);
    }

    int numberOf(Peer peer) {
        return siteNumbers.getOrDefault(peer.site(), VnetTable.NO_SITE);
    }

    /** Whether the V-net has anything to do with the peer. */
    boolean concerns(Peer peer) {
        return concerns(peer, vnet);
    }

    /** Whether a V-net has anything to do with a peer. */
    static boolean concerns(Peer peer, Vnet vnet) {
        return peer.vnets().contains(vnet.name())
                || vnet.remote().stream().anyMatch(remote -> remote.peer().equals(peer.site()))
                || vnet.translate().stream().anyMatch(rule -> rule.peer().equals(peer.site()));
    }

    /** The status of the tunnels to the peer's gateways, in the order of the configuration. */
    List<StatusReport.Tunnel> tunnelsTo(Peer peer) {
        return tunnels.stream()
                .filter(tunnel -> tunnel.peer().equals(peer.site()))
                .toList();
    }

    /** The device and where it is, for people. */
    String attachment() {
        return LiveInventory.attachment(vnet.attachment()).text();
    }
}

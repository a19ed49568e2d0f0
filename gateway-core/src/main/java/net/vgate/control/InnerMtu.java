package net.vgate.control;

import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.encap.ChecksumOption;
import net.vgate.encap.Overhead;
import net.vgate.packet.PacketBatch.Layer;
import net.vgate.record.RecordFormat;

/**
 * The largest inner packet of each V-net, from the path's MTU and the overhead of the paths that may carry it; unless
 * what a path does not carry goes in fragments.
 */
final class InnerMtu {
    private static final int ETHERNET = 1_500;

    private final GatewayConfig config;

    InnerMtu(GatewayConfig config) {
        this.config = config;
    }

    /**
     * In bytes: what is configured, else what fits every path toward the peers that may carry the V-net; where packets
     * go in fragments, what Ethernet carries at least.
     */
    int of(Vnet vnet) {
        int least = vnet.fragment() ? ETHERNET : 0;
        return vnet.attachment().mtu().orElseGet(() -> Math.max(least, fitting(vnet)));
    }

    private int fitting(Vnet vnet) {
        // Our sockets reach the families that they listen on, and no other.
        boolean ipv6 = config.listen().hasIpv6()
                && config.peers().stream().anyMatch(peer -> peer.vnets().contains(vnet.name()));
        return new Overhead(ipv6, RecordFormat.LOCAL_CID_BYTES, ChecksumOption.BYTES)
                .innerMtu(config.tunnel().pathMtuBytes(), Layer.L3);
    }
}

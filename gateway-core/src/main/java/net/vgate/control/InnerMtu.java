package net.vgate.control;

import java.net.Inet6Address;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.encap.ChecksumOption;
import net.vgate.encap.Overhead;
import net.vgate.packet.PacketBatch.Layer;
import net.vgate.record.RecordFormat;

/** The largest inner packet of each V-net, from the path's MTU and the overhead of the paths that may carry it. */
final class InnerMtu {
    private final GatewayConfig config;

    InnerMtu(GatewayConfig config) {
        this.config = config;
    }

    /** In bytes: what is configured, else what fits every path toward the peers that may carry the V-net. */
    int of(Vnet vnet) {
        return vnet.tun().mtu().orElseGet(() -> {
            // Our sockets reach the family that they listen on, and no other.
            boolean ipv6 = config.listen().udp().getAddress() instanceof Inet6Address
                    && config.peers().stream().anyMatch(peer -> peer.vnets().contains(vnet.name()));
            return new Overhead(ipv6, RecordFormat.LOCAL_CID_BYTES, ChecksumOption.BYTES)
                    .innerMtu(config.tunnel().pathMtuBytes(), Layer.L3);
        });
    }
}

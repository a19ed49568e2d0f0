package net.vgate.control;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.stream.Stream;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Peer;
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
            boolean ipv6 = config.peers().stream()
                    .filter(peer -> peer.vnets().contains(vnet.name()))
                    .anyMatch(this::mayUseIpv6);
            return new Overhead(ipv6, RecordFormat.LOCAL_CID_BYTES, ChecksumOption.BYTES)
                    .innerMtu(config.tunnel().pathMtuBytes(), Layer.L3);
        });
    }

    /** A peer without address comes to us, over whatever we listen on. */
    private boolean mayUseIpv6(Peer peer) {
        return peer.gateways().stream()
                .flatMap(gateway ->
                        Stream.of(gateway.udp().orElse(config.listen().udp())))
                .map(InetSocketAddress::getAddress)
                .anyMatch(Inet6Address.class::isInstance);
    }
}

package net.vgate.control;

import java.net.InetSocketAddress;
import java.util.Optional;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.PeerGateway;
import net.vgate.record.SocketText;
import net.vgate.stream.HttpProxy;
import net.vgate.stream.StreamTarget;

/** How a peer is reached; without any way it must come to us. */
record PeerWays(Optional<InetSocketAddress> udp, Optional<StreamTarget> tcp) {
    static PeerWays of(PeerGateway gateway, GatewayConfig config) {
        Optional<HttpProxy> proxy = config.proxy()
                .map(one -> new HttpProxy(
                        one.http().getAddress().getHostAddress(), one.http().getPort(), one.credentials()));
        return new PeerWays(
                gateway.udp(),
                gateway.tcp()
                        .map(address ->
                                new StreamTarget(address.getAddress().getHostAddress(), address.getPort(), proxy)));
    }

    /** Whether we can call it. */
    boolean isKnown() {
        return udp.isPresent() || tcp.isPresent();
    }

    /** For people, before there is an association. */
    Optional<String> text() {
        return udp.map(SocketText::of).or(() -> tcp.map(target -> StreamCalls.text(target.toString())));
    }
}

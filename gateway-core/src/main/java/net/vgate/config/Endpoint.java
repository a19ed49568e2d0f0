package net.vgate.config;

import java.net.InetSocketAddress;
import java.util.Optional;
import net.vgate.packet.IpAddress;
import net.vgate.record.SocketText;

/**
 * Where somebody is reached. Nothing is looked up for it.
 *
 * @param host an address in its usual form, IPv6 without brackets; or a name in lower case
 */
public record Endpoint(String host, int port) {
    /** At an address. */
    public static Endpoint of(InetSocketAddress socket) {
        return new Endpoint(IpAddress.of(socket.getAddress()).toString(), socket.getPort());
    }

    /** The address; empty when it is a name that has to be looked up. */
    public Optional<InetSocketAddress> address() {
        return IpAddress.parse(host).map(address -> new InetSocketAddress(address.toInetAddress(), port));
    }

    /** Whether {@link #host} has to be looked up. */
    public boolean isName() {
        return address().isEmpty();
    }

    /** As the file writes it. */
    @Override
    public String toString() {
        return address().map(SocketText::of).orElse(host + ":" + port);
    }
}

package net.vgate.record;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import net.vgate.packet.IpAddress;

/** A socket's address as people and the configuration write it; Java's own form has a slash in it. */
public final class SocketText {
    private SocketText() {}

    /** {@code ADDRESS:PORT}, IPv6 in brackets. */
    public static String of(InetSocketAddress socket) {
        String address = IpAddress.of(socket.getAddress()).toString();
        boolean isIpv6 = socket.getAddress() instanceof Inet6Address;
        return (isIpv6 ? "[" + address + "]" : address) + ":" + socket.getPort();
    }
}

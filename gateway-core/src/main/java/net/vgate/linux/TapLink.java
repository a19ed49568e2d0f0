package net.vgate.linux;

import java.util.List;
import java.util.function.LongSupplier;
import net.vgate.attachment.TapRequest;
import net.vgate.forwarding.NeighborTable;
import net.vgate.packet.InterfaceAddress;
import net.vgate.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/** The link of a TAP device, as all its queues see it: who the gateway is there, and its neighbors. Any thread. */
final class TapLink {
    private static final int MAX_NEIGHBORS = 65_536;

    private final long mac;
    private final LongSupplier nanoClock;
    private final NeighborTable neighbors = new NeighborTable(MAX_NEIGHBORS);
    private volatile @Nullable IpAddress ipv4;
    private volatile @Nullable IpAddress ipv6;

    TapLink(TapRequest request, LongSupplier nanoClock) {
        this.mac = request.mac().bits();
        this.nanoClock = nanoClock;
        change(request);
    }

    /** Takes over addresses and members. */
    void change(TapRequest request) {
        List<IpAddress> own =
                request.addresses().stream().map(InterfaceAddress::address).toList();
        neighbors.admit(request.members(), own);
        ipv4 = own.stream().filter(IpAddress::isIpv4).findFirst().orElse(null);
        ipv6 = own.stream().filter(address -> !address.isIpv4()).findFirst().orElse(null);
    }

    /** The gateway's own Ethernet address, 48 bits. */
    long mac() {
        return mac;
    }

    @Nullable
    IpAddress ipv4() {
        return ipv4;
    }

    @Nullable
    IpAddress ipv6() {
        return ipv6;
    }

    NeighborTable neighbors() {
        return neighbors;
    }

    long nanoTime() {
        return nanoClock.getAsLong();
    }
}

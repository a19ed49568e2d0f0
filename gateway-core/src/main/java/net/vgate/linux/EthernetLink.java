package net.vgate.linux;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import net.vgate.attachment.Neighbor;
import net.vgate.forwarding.LostPackets;
import net.vgate.forwarding.NeighborTable;
import net.vgate.packet.InterfaceAddress;
import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import net.vgate.packet.Prefix;
import org.jspecify.annotations.Nullable;

/**
 * A link of Ethernet on which the gateway is a router, as all workers see it: who the gateway is there, and its
 * neighbors. Any thread.
 */
final class EthernetLink {
    private static final int MAX_NEIGHBORS = 65_536;

    private final long mac;
    private final LongSupplier nanoClock;
    private final LostPackets lost;
    private final NeighborTable neighbors;
    private final IntFunction<@Nullable IpAddress> locatorOf;
    private volatile @Nullable IpAddress ipv4;
    private volatile @Nullable IpAddress ipv6;

    /**
     * @param lost gets the packets that wait for a neighbor in vain
     * @param locatorOf the locator of a number; null where the link has none
     */
    EthernetLink(MacAddress mac, LongSupplier nanoClock, LostPackets lost, IntFunction<@Nullable IpAddress> locatorOf) {
        this.locatorOf = locatorOf;
        this.mac = mac.bits();
        this.nanoClock = nanoClock;
        this.lost = lost;
        this.neighbors = new NeighborTable(MAX_NEIGHBORS, lost);
    }

    /**
     * Takes over who is there.
     *
     * @param addresses the gateway's own, at most one of each family
     * @param locators whether a neighbor may be behind the locator of a number
     */
    void change(List<InterfaceAddress> addresses, List<Prefix> members, IntPredicate locators) {
        List<IpAddress> own = addresses.stream().map(InterfaceAddress::address).toList();
        neighbors.admit(members, own, locators, nanoTime());
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

    /** Shows every neighbor, in no order; one may come twice. */
    void forEachNeighbor(Consumer<Neighbor> action) {
        neighbors.forEach(nanoTime(), showing(action));
    }

    /** The neighbor of an address, if it is known or asked for. */
    Optional<Neighbor> neighbor(IpAddress address) {
        AtomicReference<@Nullable Neighbor> found = new AtomicReference<>();
        neighbors.visit(address.hi(), address.lo(), nanoTime(), showing(found::set));
        return Optional.ofNullable(found.get());
    }

    private NeighborTable.Visitor showing(Consumer<Neighbor> action) {
        return (hi, lo, station, state, ageNanos) -> {
            boolean isKnown = station != NeighborTable.UNKNOWN;
            action.accept(new Neighbor(
                    new IpAddress(hi, lo),
                    isKnown ? new MacAddress(NeighborTable.mac(station)) : null,
                    isKnown ? locatorOf.apply(NeighborTable.locator(station)) : null,
                    state,
                    ageNanos));
        };
    }

    LostPackets lost() {
        return lost;
    }

    long nanoTime() {
        return nanoClock.getAsLong();
    }
}

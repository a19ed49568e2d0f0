package net.vgate.linux;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import net.vgate.attachment.MemberStation;
import net.vgate.attachment.MemberStations;
import net.vgate.attachment.Neighbor;
import net.vgate.attachment.NeighborState;
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
    private final @Nullable IntFunction<IpAddress> locatorOf;
    private final ToIntFunction<IpAddress> numberOf;
    private volatile MemberStations stations = MemberStations.ANY;
    private volatile @Nullable IpAddress ipv4;
    private volatile @Nullable IpAddress ipv6;

    /**
     * @param lost gets the packets that wait for a neighbor in vain
     * @param locatorOf the locator of a number; null when the link has none
     * @param numberOf the number of a locator, negative when nobody may be behind it; 0 where the link has none
     */
    EthernetLink(
            MacAddress mac,
            LongSupplier nanoClock,
            LostPackets lost,
            @Nullable IntFunction<IpAddress> locatorOf,
            ToIntFunction<IpAddress> numberOf) {
        this.numberOf = numberOf;
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

    /** Has members be where {@code written} has them. */
    void goBy(MemberStations written) {
        stations = written;
    }

    /** Whether there may be members that have to be somewhere. */
    boolean isWritten() {
        return stations.areWritten();
    }

    /** Whether a station may speak for an address, which others than members have nothing written of. For workers. */
    boolean maySpeak(long hi, long lo, long station) {
        MemberStation written = stations.station(hi, lo);
        if (written == null) {
            return true;
        }
        MacAddress mac = written.mac();
        if (mac != null && mac.bits() != NeighborTable.mac(station)) {
            return false;
        }
        IpAddress locator = written.locator();
        return locator == null || numberOf.applyAsInt(locator) == NeighborTable.locator(station);
    }

    /**
     * The station of an address: what is written of it goes over what was heard, so that a member that is written to be
     * elsewhere is there at once. For workers.
     *
     * @param heard {@link NeighborTable#UNKNOWN} if nothing was
     */
    long stationOf(long hi, long lo, long heard) {
        MemberStation written = stations.station(hi, lo);
        if (written == null) {
            return heard;
        }
        MacAddress mac = written.mac();
        IpAddress locator = written.locator();
        boolean isKnown = heard != NeighborTable.UNKNOWN;
        boolean needsLocator = locator == null && locatorOf != null;
        if (!isKnown && (mac == null || needsLocator)) {
            return NeighborTable.UNKNOWN;
        }
        if (needsLocator && mac != null && mac.bits() != NeighborTable.mac(heard)) {
            // Where another station was heard says nothing of this one.
            return NeighborTable.UNKNOWN;
        }
        int heardBehind = isKnown ? NeighborTable.locator(heard) : 0;
        int number = locator == null ? heardBehind : numberOf.applyAsInt(locator);
        // Else the configuration has taken the locator away.
        return number < 0
                ? NeighborTable.UNKNOWN
                : NeighborTable.station(number, mac == null ? NeighborTable.mac(heard) : mac.bits());
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
        return (hi, lo, heard, state, ageNanos) -> {
            long station = stationOf(hi, lo, heard);
            boolean isKnown = station != NeighborTable.UNKNOWN;
            NeighborState unheard = isKnown ? NeighborState.WRITTEN : NeighborState.INCOMPLETE;
            action.accept(new Neighbor(
                    new IpAddress(hi, lo),
                    isKnown ? new MacAddress(NeighborTable.mac(station)) : null,
                    isKnown && locatorOf != null ? locatorOf.apply(NeighborTable.locator(station)) : null,
                    station == heard ? state : unheard,
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

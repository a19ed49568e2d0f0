package net.vgate.attachment;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import net.vgate.packet.InterfaceAddress;
import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import net.vgate.packet.Prefix;
import net.vgate.packet.PrefixList;

/**
 * A V-net's part of a VTEP port, by which the gateway is a router on the V-net's link of Ethernet.
 *
 * @param port which other V-nets may share
 * @param vni by which the switches call the V-net, 24 bits; each once at a port
 * @param locators of the switches that may speak for the V-net
 * @param addresses the gateway's own addresses, and which prefixes are on the link
 * @param mac the gateway's own Ethernet address
 * @param members a {@link PrefixList}
 */
public record VtepRequest(
        VtepEndpoint port,
        int vni,
        List<IpAddress> locators,
        List<InterfaceAddress> addresses,
        MacAddress mac,
        int mtuBytes,
        List<Prefix> members)
        implements DeviceRequest {
    public VtepRequest {
        locators = List.copyOf(locators);
        addresses = List.copyOf(addresses);
        members = PrefixList.copyOf(members);
    }

    /** The port's name: there is no interface of the V-net's own. */
    @Override
    public String device() {
        return port.name();
    }

    @Override
    public Optional<String> netns() {
        return Optional.empty();
    }

    /** None: the kernel has no part in it. */
    @Override
    public List<Prefix> routes() {
        return List.of();
    }

    @Override
    public boolean isSameDevice(DeviceRequest former) {
        return former instanceof VtepRequest vtep && vtep.port.equals(port) && vtep.vni == vni && vtep.mac.equals(mac);
    }

    @Override
    public String label() {
        return "VTEP port " + port.name() + ", " + port.encapsulation().name().toLowerCase(Locale.ROOT) + " VNI " + vni;
    }
}

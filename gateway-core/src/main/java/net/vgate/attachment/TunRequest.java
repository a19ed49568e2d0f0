package net.vgate.attachment;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;

/**
 * A TUN device as a V-net wants it.
 *
 * @param addresses the gateway's own addresses in the V-net; each becomes a host address of the device
 * @param routes prefixes that lie behind the device; the V-net's own address of the same family is their source
 * @param sharedNetns whether another device of the gateway may be in the same namespace
 */
public record TunRequest(
        String device,
        Optional<String> netns,
        List<IpAddress> addresses,
        int mtuBytes,
        List<Prefix> routes,
        boolean sharedNetns)
        implements DeviceRequest {
    /** The least MTU of a link: RFC 791 section 3.2, RFC 8200 section 5. */
    private static final int MIN_MTU_IPV4 = 68;

    private static final int MIN_MTU_IPV6 = 1280;
    private static final int MAX_MTU = 65_535;

    /** @throws DeviceException when a value is none that the system takes */
    public TunRequest {
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
        DeviceRequest.requireNames("TUN", device, netns);
        int least = hasIpv6(addresses, routes) ? MIN_MTU_IPV6 : MIN_MTU_IPV4;
        if (mtuBytes < least || mtuBytes > MAX_MTU) {
            throw new DeviceException(
                    "TUN device " + device + ": MTU " + mtuBytes + " is not between " + least + " and " + MAX_MTU);
        }
    }

    /** Whether the device carries IPv6 at all. */
    public boolean hasIpv6() {
        return hasIpv6(addresses, routes);
    }

    private static boolean hasIpv6(List<IpAddress> addresses, List<Prefix> routes) {
        return Stream.concat(addresses.stream(), routes.stream().map(Prefix::network))
                .anyMatch(address -> !address.isIpv4());
    }

    @Override
    public boolean isSameDevice(DeviceRequest former) {
        return former instanceof TunRequest tun
                && tun.device.equals(device)
                && tun.netns.equals(netns)
                && tun.sharedNetns == sharedNetns;
    }

    @Override
    public String label() {
        return DeviceRequest.label("TUN", device, netns);
    }
}

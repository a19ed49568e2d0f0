package net.vgate.attachment;

import java.util.List;
import java.util.Optional;
import net.vgate.packet.InterfaceAddress;
import net.vgate.packet.MacAddress;
import net.vgate.packet.Prefix;
import net.vgate.packet.PrefixList;

/**
 * A TAP device as a V-net wants it, by which the gateway is a router on a link of Ethernet.
 *
 * @param bridge Linux bridge that the device becomes a port of; empty leaves that to somebody else
 * @param addresses the gateway's own addresses, and which prefixes are on the link
 * @param mac the gateway's own Ethernet address
 * @param members a {@link PrefixList}
 */
public record TapRequest(
        String device,
        Optional<String> netns,
        Optional<String> bridge,
        List<InterfaceAddress> addresses,
        MacAddress mac,
        int mtuBytes,
        List<Prefix> members)
        implements DeviceRequest {
    /** What hosts on Ethernet send unless told otherwise, which must get here so that they can be told. */
    private static final int ETHERNET_MTU = 1_500;

    /** The first octet that libvirt gives TAP devices: a bridge takes over the lowest address of its ports. */
    private static final long HIGHEST_STATION = 0xfe00_0000_0000L;

    private static final long STATION = 0x00ff_ffff_ffffL;

    /** @throws DeviceException when a value is none that the system takes */
    public TapRequest {
        addresses = List.copyOf(addresses);
        members = PrefixList.copyOf(members);
        DeviceRequest.requireNames("TAP", device, netns);
        DeviceRequest.requireNames("TAP", bridge.orElse(device), netns);
    }

    /** The device's own MTU, which is larger than what goes to other sites where that is less than Ethernet's. */
    public int linkMtuBytes() {
        return Math.max(mtuBytes, ETHERNET_MTU);
    }

    /**
     * The address of the device as the kernel has it, which must not be the gateway's: a bridge keeps what is for an
     * address of its ports to itself.
     */
    public MacAddress kernelMac() {
        long bits = HIGHEST_STATION | (mac.bits() & STATION);
        return new MacAddress(bits == mac.bits() ? bits ^ 1 : bits);
    }

    /** None: nothing is routed to the device, which is a port of a switch. */
    @Override
    public List<Prefix> routes() {
        return List.of();
    }

    @Override
    public boolean isSameDevice(DeviceRequest former) {
        return former instanceof TapRequest tap
                && tap.device.equals(device)
                && tap.netns.equals(netns)
                && tap.bridge.equals(bridge)
                && tap.mac.equals(mac);
    }

    @Override
    public String label() {
        return DeviceRequest.label("TAP", device, netns);
    }
}

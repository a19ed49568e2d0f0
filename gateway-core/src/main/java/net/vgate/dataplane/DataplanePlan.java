package net.vgate.dataplane;

import java.util.List;
import java.util.Map;
import net.vgate.attachment.PacketDevice;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.packet.PacketBatch;

/**
 * What a worker works by, at one moment: the forwarding snapshot, and the device of each of its V-nets.
 *
 * <p>Published by control, read once a turn. A device that a newer plan lacks is closed only after every worker has
 * passed a quiescent point.
 */
public final class DataplanePlan {
    /** Nothing to do. */
    public static final DataplanePlan EMPTY =
            new DataplanePlan(ForwardingSnapshot.EMPTY, List.of(), new int[0], Map.of());

    private final ForwardingSnapshot forwarding;
    private final PacketDevice[] devices;
    private final int[] trafficNumbers;
    private final Map<String, Integer> siteNumbers;

    /**
     * @param devices in the order of the snapshot's V-nets
     * @param trafficNumbers for each of them the number under which its traffic is counted
     * @param siteNumbers the numbers of the configured remote sites, by name
     */
    public DataplanePlan(
            ForwardingSnapshot forwarding,
            List<PacketDevice> devices,
            int[] trafficNumbers,
            Map<String, Integer> siteNumbers) {
        if (devices.size() != forwarding.vnetCount()) {
            throw new IllegalArgumentException(devices.size() + " devices for " + forwarding.vnetCount() + " V-nets");
        }
        this.forwarding = forwarding;
        this.devices = devices.toArray(new PacketDevice[0]);
        this.trafficNumbers = trafficNumbers.clone();
        this.siteNumbers = Map.copyOf(siteNumbers);
    }

    public ForwardingSnapshot forwarding() {
        return forwarding;
    }

    /** The device of the V-net at {@code vnet} in the snapshot. */
    public PacketDevice device(int vnet) {
        return devices[vnet];
    }

    /** How many devices, which is how many V-nets. */
    public int deviceCount() {
        return devices.length;
    }

    /** The number under which the traffic of the V-net at {@code vnet} is counted. */
    int trafficNumber(int vnet) {
        return trafficNumbers[vnet];
    }

    /** One more than the highest traffic number. */
    int trafficCount() {
        int highest = -1;
        for (int number : trafficNumbers) {
            highest = Math.max(highest, number);
        }
        return highest + 1;
    }

    /** The number of the remote site {@code name}, or {@link PacketBatch#NONE} if it is not configured any more. */
    int siteNumber(String name) {
        Integer number = siteNumbers.get(name);
        return number == null ? PacketBatch.NONE : number;
    }

    /** One more than the highest site number. */
    int siteCount() {
        int highest = PacketBatch.NONE;
        for (int number : siteNumbers.values()) {
            highest = Math.max(highest, number);
        }
        return highest + 1;
    }
}

package net.vgate.dataplane;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import net.vgate.attachment.PacketDevice;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.VniIndex;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import org.jspecify.annotations.Nullable;

/**
 * What a worker works by, at one moment: the forwarding snapshot, the device of each of its V-nets, and what these are
 * read from: sources, by number.
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
    private final PacketDevice[] sources;

    /** By source: its only V-net, or NONE. */
    private final int[] vnetOfSource;

    /** By source: the V-nets that share it, or null. */
    private final @Nullable VniIndex[] vnetsOfSource;

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
        Set<PacketDevice> distinct = new LinkedHashSet<>();
        devices.forEach(device -> distinct.add(device.source()));
        this.sources = distinct.toArray(new PacketDevice[0]);
        this.vnetOfSource = new int[sources.length];
        this.vnetsOfSource = new VniIndex[sources.length];
        findVnetsOfSources();
        this.trafficNumbers = trafficNumbers.clone();
        this.siteNumbers = Map.copyOf(siteNumbers);
    }

    private void findVnetsOfSources() {
        Map<PacketDevice, Integer> numbers = new HashMap<>();
        for (int source = 0; source < sources.length; source++) {
            numbers.put(sources[source], source);
            vnetOfSource[source] = PacketBatch.NONE;
        }
        Map<PacketDevice, int[]> shared = new HashMap<>();
        for (int vnet = 0; vnet < devices.length; vnet++) {
            PacketDevice source = devices[vnet].source();
            if (source == devices[vnet]) {
                vnetOfSource[Objects.requireNonNull(numbers.get(source))] = vnet;
            } else {
                shared.computeIfAbsent(source, unknown -> noneOf(devices.length))[vnet] = devices[vnet].vniAtSource();
            }
        }
        shared.forEach(
                (source, vnis) -> vnetsOfSource[Objects.requireNonNull(numbers.get(source))] = VniIndex.ofPlaces(vnis));
    }

    private static int[] noneOf(int count) {
        int[] none = new int[count];
        Arrays.fill(none, PacketBatch.NONE);
        return none;
    }

    public ForwardingSnapshot forwarding() {
        return forwarding;
    }

    /** The device of the V-net at {@code vnet} in the snapshot. */
    public PacketDevice device(int vnet) {
        return devices[vnet];
    }

    /** What packets are read from: a V-net's device, or what several V-nets share. */
    PacketDevice source(int source) {
        return sources[source];
    }

    int sourceCount() {
        return sources.length;
    }

    /** Whether several V-nets may have packets there. */
    boolean isShared(int source) {
        return vnetsOfSource[source] != null;
    }

    /** Has the packet in {@code slot}, which was just read from {@code source}, be of its V-net; or drops it. */
    void assign(PacketBatch batch, int slot, int source) {
        VniIndex shared = vnetsOfSource[source];
        int vnet = vnetOfSource[source];
        if (shared != null) {
            // Without one it was dropped already. The source may know a V-net that this plan has no longer, or not yet.
            vnet = batch.vnet(slot) < 0 ? PacketBatch.NONE : shared.indexOf(batch.vnet(slot));
            if (vnet < 0) {
                batch.drop(slot, DropReason.UNKNOWN_VNET);
            }
        }
        batch.setVnet(slot, vnet);
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

package net.vgate.attachment;

import java.util.Optional;
import java.util.function.Consumer;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;

/**
 * Seam: where the packets of members come in and go out. A device has a queue for each worker, which alone uses it, but
 * for {@link #close}, which whoever opened the device calls after the workers have let go of it.
 */
public interface PacketDevice extends AutoCloseable {
    /** The device's name, as the operator's tools show it. */
    String name();

    /** The queue of a worker, from 0: itself a device, with the name of this one. A device of one queue is its own. */
    default PacketDevice queue(int worker) {
        return this;
    }

    /**
     * What the device's packets are read from: itself, or a device that it shares with those of other V-nets, such as a
     * VTEP port. Then {@link #readBatch} of that one gives each packet's V-net as its {@link #vniAtSource}.
     */
    default PacketDevice source() {
        return this;
    }

    /** The number, 24 bits, by which packets at {@link #source} are this device's; none where that is itself. */
    default int vniAtSource() {
        return PacketBatch.NONE;
    }

    /**
     * Appends packets to {@code batch} as long as any packet fits, at most {@code packetLimit}, and none once there are
     * {@code byteLimit} bytes; never waits. Length, layer, checksum state and GSO fields of the slots are set. Returns
     * how many were read; there are no more when they reach no limit.
     *
     * @throws DeviceException when the device is gone or broken
     */
    int readBatch(PacketBatch batch, int packetLimit, int byteLimit);

    /**
     * Writes the packets in the given slots, in order, merged ones with all that was merged into them; never waits.
     * What the device does not take is marked dropped (QUEUE_FULL, DEVICE_ERROR).
     *
     * @param slots indices into {@code batch}, all live; the first {@code count} count
     */
    void writeBatch(PacketBatch batch, int[] slots, int count);

    /** Whether the device hands in TCP super-packets, if there is anything that could. Any thread. */
    Offload tso();

    /** Whether the device hands in UDP super-packets, if there is anything that could. Any thread. */
    Offload uso();

    /** Whether the device takes super-packets as they are, if there is anything that could. Any thread. */
    Offload merge();

    /**
     * Whether every packet of a flow comes from the same queue, as with one queue it does; else flows may change it,
     * and then packets overtake one another. Any thread.
     */
    default Offload steering() {
        return Offload.ON;
    }

    /** Whether the kernel takes many datagrams as one, where the device sends datagrams. Any thread. */
    default Offload udpSegment() {
        return Offload.ON;
    }

    /** Whether the kernel hands in many datagrams as one, where the device receives datagrams. Any thread. */
    default Offload udpGro() {
        return Offload.ON;
    }

    /** Whether what the device was made on is not there any more, of which reading tells nothing. Any thread. */
    default boolean isGone() {
        return false;
    }

    /**
     * Shows the neighbors on the device's link, in no order, if the gateway is a router on one. What changes meanwhile
     * may be missed or come twice. Any thread; no worker waits.
     */
    default void forEachNeighbor(Consumer<Neighbor> action) {}

    /** The neighbor of an address on the device's link, if it is known or asked for. Any thread; no worker waits. */
    default Optional<Neighbor> neighbor(IpAddress address) {
        return Optional.empty();
    }

    /**
     * From now on members are, on the device's link, where they have to be: nobody else speaks for them. Any thread; it
     * is in force for the next packet, as are changes of {@code stations} themselves.
     */
    default void goBy(MemberStations stations) {}

    /** What epoll waits on, or -1 when the device is none of the kernel's. */
    int descriptor();

    @Override
    void close();
}

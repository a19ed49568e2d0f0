package net.vgate.attachment;

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

    /** Whether the device hands in TCP super-packets. Any thread. */
    Offload tso();

    /** Whether the device hands in UDP super-packets. Any thread. */
    Offload uso();

    /** Whether the device takes super-packets as they are. Any thread. */
    Offload merge();

    /**
     * Whether every packet of a flow comes from the same queue, as with one queue it does; else flows may change it,
     * and then packets overtake one another. Any thread.
     */
    default Offload steering() {
        return Offload.ON;
    }

    /** What epoll waits on, or -1 when the device is none of the kernel's. */
    int descriptor();

    @Override
    void close();
}

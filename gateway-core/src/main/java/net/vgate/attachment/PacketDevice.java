package net.vgate.attachment;

import net.vgate.packet.PacketBatch;

/**
 * Seam: where the packets of members come in and go out. A device belongs to one worker thread, but for {@link #close},
 * which whoever opened it calls after the worker has let go of it.
 */
public interface PacketDevice extends AutoCloseable {
    /** The device's name, as the operator's tools show it. */
    String name();

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

    /** What epoll waits on, or -1 when the device is none of the kernel's. */
    int descriptor();

    @Override
    void close();
}

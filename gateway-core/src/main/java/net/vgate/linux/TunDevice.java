package net.vgate.linux;

import java.util.List;
import net.vgate.attachment.Offloads;
import net.vgate.packet.PacketBatch;

/** A TUN device: a link of IP, whose other end is the kernel of its namespace. */
public final class TunDevice extends KernelDevice {
    private TunDevice(TunQueue queue, List<TunDevice> furtherQueues) {
        super(queue, furtherQueues);
    }

    /** A device of one queue. */
    static TunDevice create(String name, Offloads wanted) {
        return create(name, wanted, 1);
    }

    /**
     * Makes a device called {@code name} in the calling thread's network namespace. It is down and has no address.
     *
     * @throws net.vgate.attachment.DeviceException when the name is taken, or the process may not
     */
    static TunDevice create(String name, Offloads wanted, int queues) {
        List<TunQueue> opened = TunQueue.open(name, TunQueue.Kind.TUN, wanted, queues);
        List<TunDevice> further = opened.stream()
                .skip(1)
                .map(queue -> new TunDevice(queue, List.of()))
                .toList();
        return new TunDevice(opened.get(0), further);
    }

    @Override
    void received(PacketBatch batch, int slot) {
        // A packet is what it is.
    }

    @Override
    public void writeBatch(PacketBatch batch, int[] slots, int count) {
        queue().writer().write(batch, slots, count);
    }
}

package net.vgate.linux;

import java.util.List;
import net.vgate.attachment.Offload;
import net.vgate.attachment.PacketDevice;
import net.vgate.packet.PacketBatch;

/**
 * What TUN and TAP devices have in common. With several workers it has a queue for each; this object is the first.
 * Which queue the packets of a flow come from is up to a program of ours ({@link QueueProgram}).
 *
 * <p>The device is not persistent: it, its addresses and its routes are gone with the descriptor, whatever ends the
 * process.
 */
abstract sealed class KernelDevice implements PacketDevice permits TunDevice, TapDevice {
    private final TunQueue queue;
    private final List<? extends KernelDevice> furtherQueues;
    private boolean isClosed;

    KernelDevice(TunQueue queue, List<? extends KernelDevice> furtherQueues) {
        this.queue = queue;
        this.furtherQueues = furtherQueues;
    }

    /** The queue that this object is. */
    final TunQueue queue() {
        return queue;
    }

    @Override
    public final String name() {
        return queue.name();
    }

    @Override
    public final int descriptor() {
        return queue.descriptor();
    }

    @Override
    public final PacketDevice queue(int worker) {
        return worker == 0 ? this : furtherQueues.get(worker - 1);
    }

    @Override
    public final Offload tso() {
        return queue.tso();
    }

    @Override
    public final Offload uso() {
        return queue.uso();
    }

    @Override
    public final Offload merge() {
        return furtherQueues.stream()
                .map(KernelDevice::merge)
                .filter(offload -> !offload.isOn())
                .findFirst()
                .orElseGet(queue.writer()::merge);
    }

    @Override
    public final Offload steering() {
        return queue.steering();
    }

    @Override
    public int readBatch(PacketBatch batch, int packetLimit, int byteLimit) {
        int packets = 0;
        int bytes = 0;
        while (packets < packetLimit && bytes < byteLimit && batch.hasRoom(PacketBatch.MAX_PACKET_BYTES)) {
            if (!queue.read(batch)) {
                break;
            }
            int slot = batch.size() - 1;
            bytes += batch.length(slot);
            packets++;
            if (batch.isLive(slot)) {
                received(batch, slot);
            }
        }
        return packets;
    }

    /** Looks at a packet that was just read. */
    abstract void received(PacketBatch batch, int slot);

    @Override
    public final void close() {
        if (!isClosed) {
            isClosed = true;
            furtherQueues.forEach(KernelDevice::close);
            queue.close();
        }
    }
}

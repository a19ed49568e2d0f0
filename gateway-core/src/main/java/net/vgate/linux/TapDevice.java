package net.vgate.linux;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import net.vgate.attachment.MemberStations;
import net.vgate.attachment.Neighbor;
import net.vgate.attachment.Offloads;
import net.vgate.attachment.TapRequest;
import net.vgate.forwarding.LostPackets;
import net.vgate.forwarding.NeighborTable;
import net.vgate.packet.DropReason;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;

/**
 * A TAP device on whose link the gateway is a router. Packets that waited in vain for a neighbor's answer are in a
 * later batch of {@link #readBatch}, dropped as NEIGHBOR_UNKNOWN.
 */
public final class TapDevice extends KernelDevice {
    private final EthernetLink link;
    private final LinkRouter router;
    private int[] ready = {};

    private TapDevice(TunQueue queue, EthernetLink link, List<TapDevice> furtherQueues) {
        super(queue, furtherQueues);
        this.link = link;
        this.router = new LinkRouter(link, new TapSender(queue.descriptor(), link));
    }

    /**
     * Makes a device in the calling thread's network namespace. It is down.
     *
     * @throws net.vgate.attachment.DeviceException when the name is taken, or the process may not
     */
    static TapDevice create(TapRequest request, Offloads wanted, int queues, LongSupplier nanoClock) {
        List<TunQueue> opened = TunQueue.open(request.device(), TunQueue.Kind.TAP, wanted, queues);
        EthernetLink link = new EthernetLink(request.mac(), nanoClock, new LostPackets(), null, locator -> 0);
        List<TapDevice> further = opened.stream()
                .skip(1)
                .map(queue -> new TapDevice(queue, link, List.of()))
                .toList();
        TapDevice device = new TapDevice(opened.get(0), link, further);
        device.change(request);
        return device;
    }

    /** Takes over addresses and members. Any thread. */
    void change(TapRequest request) {
        link.change(request.addresses(), request.members(), locator -> true);
    }

    /** Tells the link the gateway's addresses. Any thread. */
    void announce() {
        new TapSender(descriptor(), link).announce();
    }

    @Override
    public void forEachNeighbor(Consumer<Neighbor> action) {
        link.forEachNeighbor(action);
    }

    @Override
    public Optional<Neighbor> neighbor(IpAddress address) {
        return link.neighbor(address);
    }

    @Override
    public int readBatch(PacketBatch batch, int packetLimit, int byteLimit) {
        int lost = link.lost().take(Math.min(packetLimit, batch.remaining()));
        for (int i = 0; i < lost; i++) {
            batch.drop(batch.add(0), DropReason.NEIGHBOR_UNKNOWN);
        }
        return lost + super.readBatch(batch, packetLimit - lost, byteLimit);
    }

    @Override
    void received(PacketBatch batch, int slot) {
        router.received(batch, slot, 0);
        if (batch.isLive(slot) && link.isWritten() && batch.inner().parse(slot) == null) {
            router.heard(batch, slot, 0);
        }
    }

    @Override
    public void goBy(MemberStations stations) {
        link.goBy(stations);
    }

    @Override
    public void writeBatch(PacketBatch batch, int[] slots, int count) {
        if (ready.length < count) {
            ready = new int[batch.capacity()];
        }
        long now = link.nanoTime();
        int addressed = 0;
        for (int i = 0; i < count; i++) {
            if (router.address(batch, slots[i], now) != NeighborTable.UNKNOWN) {
                ready[addressed++] = slots[i];
            }
        }
        queue().writer().write(batch, ready, addressed);
    }
}

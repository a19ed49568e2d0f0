package net.vgate.linux;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import net.vgate.attachment.MemberStations;
import net.vgate.attachment.Neighbor;
import net.vgate.attachment.Offload;
import net.vgate.attachment.PacketDevice;
import net.vgate.attachment.VtepRequest;
import net.vgate.forwarding.NeighborTable;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;

/**
 * A V-net's part of a VTEP port, on whose link the gateway is a router, for one worker. It is read by way of the port.
 * Packets that waited in vain for a neighbor's answer are in a later batch of the port, dropped as NEIGHBOR_UNKNOWN.
 */
public final class VtepDevice implements PacketDevice {
    private final VtepPort port;
    private final VtepLink link;
    private final VtepQueue queue;
    private final LinkRouter router;
    private final List<VtepDevice> furtherQueues;

    private VtepDevice(VtepPort port, VtepLink link, int worker, List<VtepDevice> furtherQueues) {
        this.port = port;
        this.link = link;
        this.queue = port.queue(worker);
        this.router = new LinkRouter(link.ethernet(), newSender(port, link, queue));
        this.furtherQueues = furtherQueues;
    }

    /** A device with a queue for each of the port's workers. */
    static VtepDevice create(VtepPort port, VtepRequest request) {
        VtepLink link = new VtepLink(request, port.locators(), port.nanoClock(), port.lost());
        List<VtepDevice> further = IntStream.range(1, port.workers())
                .mapToObj(worker -> new VtepDevice(port, link, worker, List.of()))
                .toList();
        return new VtepDevice(port, link, 0, further);
    }

    private static VtepSender newSender(VtepPort port, VtepLink link, VtepQueue queue) {
        return new VtepSender(queue.descriptor(), port.endpoint().encapsulation(), link, port.locators());
    }

    VtepPort port() {
        return port;
    }

    VtepLink link() {
        return link;
    }

    /** Tells the link the gateway's addresses. Any thread. */
    void announce() {
        newSender(port, link, queue).announce();
    }

    /** Looks at a packet that came for the V-net, right before which its Ethernet header is. */
    void received(PacketBatch batch, int slot, int locator) {
        router.received(batch, slot, locator);
    }

    /** Looks at where a parsed packet came from, which was let in; it is dropped if its source is not there. */
    void heard(PacketBatch batch, int slot, int locator) {
        router.heard(batch, slot, locator);
    }

    @Override
    public void writeBatch(PacketBatch batch, int[] slots, int count) {
        long now = port.nanoClock().getAsLong();
        for (int i = 0; i < count; i++) {
            long station = router.address(batch, slots[i], now);
            if (station != NeighborTable.UNKNOWN) {
                queue.append(batch, slots[i], link.vni(), NeighborTable.locator(station));
            }
        }
        queue.flush(batch);
    }

    @Override
    public void goBy(MemberStations stations) {
        link.ethernet().goBy(stations);
    }

    @Override
    public void forEachNeighbor(Consumer<Neighbor> action) {
        link.ethernet().forEachNeighbor(action);
    }

    @Override
    public Optional<Neighbor> neighbor(IpAddress address) {
        return link.ethernet().neighbor(address);
    }

    @Override
    public PacketDevice source() {
        return port.queue(0);
    }

    @Override
    public int vniAtSource() {
        return link.vni();
    }

    @Override
    public VtepDevice queue(int worker) {
        return worker == 0 ? this : furtherQueues.get(worker - 1);
    }

    @Override
    public String name() {
        return port.endpoint().name();
    }

    @Override
    public int readBatch(PacketBatch batch, int packetLimit, int byteLimit) {
        throw new UnsupportedOperationException("what is read is the port");
    }

    @Override
    public Offload tso() {
        return Offload.ON;
    }

    @Override
    public Offload uso() {
        return Offload.ON;
    }

    @Override
    public Offload merge() {
        return Offload.ON;
    }

    @Override
    public Offload udpSegment() {
        return port.udpSegment();
    }

    @Override
    public Offload udpGro() {
        return port.udpGro();
    }

    /** None of its own. */
    @Override
    public int descriptor() {
        return -1;
    }

    /** Leaves the port, which is closed with the last of its V-nets. */
    @Override
    public void close() {
        port.remove(this);
    }
}

package net.vgate.linux;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongSupplier;
import net.vgate.attachment.Offloads;
import net.vgate.attachment.TapRequest;
import net.vgate.forwarding.NeighborTable;
import net.vgate.packet.ArpPacket;
import net.vgate.packet.DropReason;
import net.vgate.packet.EthernetHeader;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import net.vgate.packet.NeighborMessage;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.GsoType;
import org.jspecify.annotations.Nullable;

/**
 * A TAP device on which the gateway is a router: packets in batches are bare IP, and Ethernet's header stands before
 * them only here. What is for another station is dropped, so no frame ever goes further than its link; ARP and neighbor
 * discovery are answered for the gateway's own addresses, and no others. A packet to a neighbor whose address is not
 * known waits while the link is asked ({@link NeighborTable}): it counts as written, and if it waits in vain it is in a
 * later batch of {@link #readBatch}, dropped as NEIGHBOR_UNKNOWN.
 */
public final class TapDevice extends KernelDevice {
    private final TapLink link;
    private final NeighborTable neighbors;
    private final TapSender sender;
    private int[] ready = {};

    private TapDevice(TunQueue queue, TapLink link, List<TapDevice> furtherQueues) {
        super(queue, furtherQueues);
        this.link = link;
        this.neighbors = link.neighbors();
        this.sender = new TapSender(queue.descriptor(), link);
    }

    /**
     * Makes a device in the calling thread's network namespace. It is down.
     *
     * @throws net.vgate.attachment.DeviceException when the name is taken, or the process may not
     */
    static TapDevice create(TapRequest request, Offloads wanted, int queues, LongSupplier nanoClock) {
        List<TunQueue> opened = TunQueue.open(request.device(), TunQueue.Kind.TAP, wanted, queues);
        TapLink link = new TapLink(request, nanoClock);
        List<TapDevice> further = opened.stream()
                .skip(1)
                .map(queue -> new TapDevice(queue, link, List.of()))
                .toList();
        return new TapDevice(opened.get(0), link, further);
    }

    /** Takes over addresses and members. Any thread. */
    void change(TapRequest request) {
        link.change(request);
    }

    /** Tells the link the gateway's addresses. Any thread. */
    void announce() {
        new TapSender(descriptor(), link).announce();
    }

    @Override
    public int readBatch(PacketBatch batch, int packetLimit, int byteLimit) {
        int lost = neighbors.takeLost(Math.min(packetLimit, batch.remaining()));
        for (int i = 0; i < lost; i++) {
            batch.drop(batch.add(0), DropReason.NEIGHBOR_UNKNOWN);
        }
        return lost + super.readBatch(batch, packetLimit - lost, byteLimit);
    }

    @Override
    void received(PacketBatch batch, int slot) {
        DropReason reason = look(batch.slab(), batch.offset(slot), batch.length(slot));
        if (reason != null) {
            batch.drop(slot, reason);
        }
    }

    private @Nullable DropReason look(ByteBuffer slab, int at, int bytes) {
        int header = at - EthernetHeader.BYTES;
        boolean isForUs = EthernetHeader.destination(slab, header) == link.mac();
        return switch (EthernetHeader.etherType(slab, header)) {
            case EthernetHeader.ARP -> takeArp(slab, at, bytes);
            case EthernetHeader.IPV4 -> isForUs ? requireVersion(4, slab, at, bytes) : DropReason.NOT_FOR_GATEWAY;
            case EthernetHeader.IPV6 -> {
                if (NeighborMessage.isClaimed(slab, at, bytes)) {
                    yield takeNeighborMessage(slab, at, bytes);
                }
                yield isForUs ? requireVersion(6, slab, at, bytes) : DropReason.NOT_FOR_GATEWAY;
            }
            default -> isForUs ? DropReason.UNSUPPORTED : DropReason.NOT_FOR_GATEWAY;
        };
    }

    private static @Nullable DropReason requireVersion(int version, ByteBuffer slab, int at, int bytes) {
        return bytes > 0 && (slab.get(at) >>> 4 & 0xf) == version ? null : DropReason.MALFORMED;
    }

    /** RFC 826, "packet reception". */
    private DropReason takeArp(ByteBuffer slab, int at, int bytes) {
        if (!ArpPacket.isValid(slab, at, bytes)) {
            return DropReason.MALFORMED;
        }
        IpAddress own = link.ipv4();
        int asker = ArpPacket.sender(slab, at);
        long mac = ArpPacket.senderMac(slab, at);
        boolean isForUs = own != null && ArpPacket.target(slab, at) == own.ipv4Bits();
        learn(InnerHeader.MAPPED_HI, InnerHeader.MAPPED_LO | (asker & 0xffff_ffffL), mac, true, isForUs);
        if (own != null && isForUs && ArpPacket.operation(slab, at) == ArpPacket.REQUEST && MacAddress.isUnicast(mac)) {
            sender.answerArp(mac, asker, own);
        }
        return isForUs ? DropReason.CONSUMED : DropReason.NOT_FOR_GATEWAY;
    }

    /** RFC 4861 sections 7.2.3 to 7.2.5. */
    private DropReason takeNeighborMessage(ByteBuffer slab, int at, int bytes) {
        return switch (NeighborMessage.type(slab, at, bytes)) {
            case NeighborMessage.SOLICITATION -> takeSolicitation(slab, at);
            case NeighborMessage.ADVERTISEMENT -> takeAdvertisement(slab, at);
            default -> DropReason.MALFORMED;
        };
    }

    private DropReason takeSolicitation(ByteBuffer slab, int at) {
        IpAddress own = link.ipv6();
        if (own == null
                || NeighborMessage.targetHi(slab, at) != own.hi()
                || NeighborMessage.targetLo(slab, at) != own.lo()) {
            return DropReason.NOT_FOR_GATEWAY;
        }
        long given = NeighborMessage.linkAddress(slab, at);
        long mac = given == NeighborMessage.NO_ADDRESS ? EthernetHeader.source(slab, at - EthernetHeader.BYTES) : given;
        long askerHi = NeighborMessage.sourceHi(slab, at);
        long askerLo = NeighborMessage.sourceLo(slab, at);
        if (given != NeighborMessage.NO_ADDRESS) {
            learn(askerHi, askerLo, mac, true, true);
        }
        if (MacAddress.isUnicast(mac)) {
            sender.answerSolicitation(mac, askerHi, askerLo);
        }
        return DropReason.CONSUMED;
    }

    private DropReason takeAdvertisement(ByteBuffer slab, int at) {
        int header = at - EthernetHeader.BYTES;
        long given = NeighborMessage.linkAddress(slab, at);
        boolean isNews = given != NeighborMessage.NO_ADDRESS
                && (NeighborMessage.flags(slab, at) & NeighborMessage.OVERRIDE) != 0;
        long mac = given == NeighborMessage.NO_ADDRESS ? EthernetHeader.source(slab, header) : given;
        learn(NeighborMessage.targetHi(slab, at), NeighborMessage.targetLo(slab, at), mac, isNews, false);
        return DropReason.CONSUMED;
    }

    private void learn(long hi, long lo, long mac, boolean isNews, boolean isToUs) {
        if (mac == link.mac()) {
            return;
        }
        for (byte[] held : neighbors.learn(hi, lo, mac, isNews, isToUs, link.nanoTime())) {
            if (!sender.sendHeld(held, mac)) {
                neighbors.lose(1);
            }
        }
    }

    @Override
    public void writeBatch(PacketBatch batch, int[] slots, int count) {
        if (ready.length < count) {
            ready = new int[batch.capacity()];
        }
        long now = link.nanoTime();
        int addressed = 0;
        for (int i = 0; i < count; i++) {
            if (address(batch, slots[i], now)) {
                ready[addressed++] = slots[i];
            }
        }
        queue().writer().write(batch, ready, addressed);
    }

    /** Writes the Ethernet header. Returns whether the packet can be sent now; if not, it waits or is dropped. */
    private boolean address(PacketBatch batch, int slot, long now) {
        InnerHeader inner = batch.inner();
        DropReason malformed = inner.version(slot) == 0 ? inner.parse(slot) : null;
        if (malformed != null) {
            batch.drop(slot, malformed);
            return false;
        }
        long hi = inner.destinationHi(slot);
        long lo = inner.destinationLo(slot);
        long mac = neighbors.fresh(hi, lo, now);
        if (mac == NeighborTable.UNKNOWN) {
            ask(hi, lo, now);
            mac = neighbors.known(hi, lo);
        }
        writeHeader(batch, slot, mac);
        if (mac != NeighborTable.UNKNOWN) {
            return true;
        }
        if (hold(batch, slot, hi, lo, now)) {
            return false;
        }
        // It is refused, too, when another worker has heard the answer meanwhile.
        mac = neighbors.known(hi, lo);
        if (mac == NeighborTable.UNKNOWN) {
            batch.drop(slot, DropReason.NEIGHBOR_UNKNOWN);
            return false;
        }
        writeHeader(batch, slot, mac);
        return true;
    }

    private void writeHeader(PacketBatch batch, int slot, long mac) {
        int type = batch.inner().version(slot) == 4 ? EthernetHeader.IPV4 : EthernetHeader.IPV6;
        EthernetHeader.write(batch.slab(), batch.offset(slot) - EthernetHeader.BYTES, mac, link.mac(), type);
    }

    private void ask(long hi, long lo, long now) {
        switch (neighbors.ask(hi, lo, now)) {
            case LINK -> sender.askLink(hi, lo);
            case NEIGHBOR -> sender.askNeighbor(neighbors.known(hi, lo), hi, lo);
            case NOT_NOW, REFUSED -> {}
        }
    }

    /** Has a packet wait, if it is one of the first and no super-packet. Returns whether it does. */
    private boolean hold(PacketBatch batch, int slot, long hi, long lo, long now) {
        int bytes = TapSender.HEADER_BYTES + batch.length(slot);
        if (batch.gsoType(slot) != GsoType.NONE
                || batch.length(slot) > TapSender.MAX_HELD_BYTES
                || !neighbors.mayHold(hi, lo, bytes)
                || VirtioNetHeader.write(batch, slot, EthernetHeader.BYTES) != null) {
            return false;
        }
        byte[] packet = new byte[bytes];
        batch.slab().get(batch.offset(slot) - TapSender.HEADER_BYTES, packet);
        return neighbors.hold(hi, lo, packet, now);
    }
}

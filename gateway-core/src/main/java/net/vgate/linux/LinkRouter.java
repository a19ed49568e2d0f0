package net.vgate.linux;

import java.nio.ByteBuffer;
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
 * The gateway as a router on a link of Ethernet, for one worker: packets in batches are bare IP, and Ethernet's header
 * stands before them only here. What is for another station is dropped, so no frame ever goes further than its link;
 * ARP and neighbor discovery are answered for the gateway's own addresses, and no others. A packet to a neighbor whose
 * station is not known waits while the link is asked ({@link NeighborTable}): it counts as written, and if it waits in
 * vain it is among the link's {@link EthernetLink#lost lost} ones.
 */
final class LinkRouter {
    private final EthernetLink link;
    private final NeighborTable neighbors;
    private final LinkSender sender;

    LinkRouter(EthernetLink link, LinkSender sender) {
        this.link = link;
        this.neighbors = link.neighbors();
        this.sender = sender;
    }

    /**
     * Looks at a packet that came from the link, right before which its Ethernet header is; what is no packet to route
     * is dropped.
     *
     * @param locator number of the one by which it came, 0 where the link has none
     */
    void received(PacketBatch batch, int slot, int locator) {
        DropReason reason = look(batch.slab(), batch.offset(slot), batch.length(slot), locator);
        if (reason != null) {
            batch.drop(slot, reason);
        }
    }

    /**
     * A parsed packet came from the link by the locator of a number. It is dropped if that is not where its source has
     * to be. A known neighbor that sends from behind another locator than before has moved there.
     */
    void heard(PacketBatch batch, int slot, int locator) {
        InnerHeader inner = batch.inner();
        long hi = inner.sourceHi(slot);
        long lo = inner.sourceLo(slot);
        long mac = EthernetHeader.source(batch.slab(), batch.offset(slot) - EthernetHeader.BYTES);
        long station = NeighborTable.station(locator, mac);
        if (!link.maySpeak(hi, lo, station)) {
            batch.drop(slot, DropReason.MEMBER_ELSEWHERE);
            return;
        }
        long known = neighbors.known(hi, lo);
        if (known != NeighborTable.UNKNOWN && known != station && NeighborTable.mac(known) == mac) {
            learn(hi, lo, station, true, false);
        }
    }

    private @Nullable DropReason look(ByteBuffer slab, int at, int bytes, int locator) {
        int header = at - EthernetHeader.BYTES;
        boolean isForUs = EthernetHeader.destination(slab, header) == link.mac();
        return switch (EthernetHeader.etherType(slab, header)) {
            case EthernetHeader.ARP -> takeArp(slab, at, bytes, locator);
            case EthernetHeader.IPV4 -> isForUs ? requireVersion(4, slab, at, bytes) : DropReason.NOT_FOR_GATEWAY;
            case EthernetHeader.IPV6 -> {
                if (NeighborMessage.isClaimed(slab, at, bytes)) {
                    yield takeNeighborMessage(slab, at, bytes, locator);
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
    private DropReason takeArp(ByteBuffer slab, int at, int bytes, int locator) {
        if (!ArpPacket.isValid(slab, at, bytes)) {
            return DropReason.MALFORMED;
        }
        IpAddress own = link.ipv4();
        int asker = ArpPacket.sender(slab, at);
        long station = NeighborTable.station(locator, ArpPacket.senderMac(slab, at));
        long askerLo = InnerHeader.MAPPED_LO | (asker & 0xffff_ffffL);
        if (!maySpeak(slab, at, InnerHeader.MAPPED_HI, askerLo, station)) {
            return DropReason.MEMBER_ELSEWHERE;
        }
        boolean isForUs = own != null && ArpPacket.target(slab, at) == own.ipv4Bits();
        learn(InnerHeader.MAPPED_HI, askerLo, station, true, isForUs);
        if (own != null && isForUs && ArpPacket.operation(slab, at) == ArpPacket.REQUEST && isOneStation(station)) {
            sender.answerArp(station, asker, own);
        }
        return isForUs ? DropReason.CONSUMED : DropReason.NOT_FOR_GATEWAY;
    }

    /** RFC 4861 sections 7.2.3 to 7.2.5. */
    private DropReason takeNeighborMessage(ByteBuffer slab, int at, int bytes, int locator) {
        return switch (NeighborMessage.type(slab, at, bytes)) {
            case NeighborMessage.SOLICITATION -> takeSolicitation(slab, at, locator);
            case NeighborMessage.ADVERTISEMENT -> takeAdvertisement(slab, at, locator);
            default -> DropReason.MALFORMED;
        };
    }

    private DropReason takeSolicitation(ByteBuffer slab, int at, int locator) {
        IpAddress own = link.ipv6();
        if (own == null
                || NeighborMessage.targetHi(slab, at) != own.hi()
                || NeighborMessage.targetLo(slab, at) != own.lo()) {
            return DropReason.NOT_FOR_GATEWAY;
        }
        long given = NeighborMessage.linkAddress(slab, at);
        long station = NeighborTable.station(locator, macOf(slab, at, given));
        long askerHi = NeighborMessage.sourceHi(slab, at);
        long askerLo = NeighborMessage.sourceLo(slab, at);
        if (!maySpeak(slab, at, askerHi, askerLo, station)) {
            return DropReason.MEMBER_ELSEWHERE;
        }
        if (given != NeighborMessage.NO_ADDRESS) {
            learn(askerHi, askerLo, station, true, true);
        }
        if (isOneStation(station)) {
            sender.answerSolicitation(station, askerHi, askerLo);
        }
        return DropReason.CONSUMED;
    }

    private DropReason takeAdvertisement(ByteBuffer slab, int at, int locator) {
        long given = NeighborMessage.linkAddress(slab, at);
        boolean isNews = given != NeighborMessage.NO_ADDRESS
                && (NeighborMessage.flags(slab, at) & NeighborMessage.OVERRIDE) != 0;
        long station = NeighborTable.station(locator, macOf(slab, at, given));
        long hi = NeighborMessage.targetHi(slab, at);
        long lo = NeighborMessage.targetLo(slab, at);
        if (!maySpeak(slab, at, hi, lo, station)) {
            return DropReason.MEMBER_ELSEWHERE;
        }
        learn(hi, lo, station, isNews, false);
        return DropReason.CONSUMED;
    }

    /**
     * Whether a message may say that the address is at {@code station}: that one, and the one that its frame is from.
     */
    private boolean maySpeak(ByteBuffer slab, int at, long hi, long lo, long station) {
        long mac = EthernetHeader.source(slab, at - EthernetHeader.BYTES);
        return link.maySpeak(hi, lo, station)
                && link.maySpeak(hi, lo, NeighborTable.station(NeighborTable.locator(station), mac));
    }

    /** What a message itself does not give is where its frame came from. */
    private static long macOf(ByteBuffer slab, int at, long given) {
        return given == NeighborMessage.NO_ADDRESS ? EthernetHeader.source(slab, at - EthernetHeader.BYTES) : given;
    }

    private static boolean isOneStation(long station) {
        return MacAddress.isUnicast(NeighborTable.mac(station));
    }

    private void learn(long hi, long lo, long station, boolean isNews, boolean isToUs) {
        if (NeighborTable.mac(station) == link.mac()) {
            return;
        }
        for (byte[] held : neighbors.learn(hi, lo, station, isNews, isToUs, link.nanoTime())) {
            if (!sender.sendHeld(held, station)) {
                link.lost().add(1);
            }
        }
    }

    /**
     * Writes the Ethernet header right before the packet in {@code slot}, to the neighbor that it goes to.
     *
     * @return that neighbor's station, or {@link NeighborTable#UNKNOWN}: then the packet waits, or is dropped
     */
    long address(PacketBatch batch, int slot, long now) {
        InnerHeader inner = batch.inner();
        DropReason malformed = inner.version(slot) == 0 ? inner.parse(slot) : null;
        if (malformed != null) {
            batch.drop(slot, malformed);
            return NeighborTable.UNKNOWN;
        }
        long hi = inner.destinationHi(slot);
        long lo = inner.destinationLo(slot);
        long fresh = neighbors.fresh(hi, lo, now);
        long station = link.stationOf(hi, lo, fresh);
        if (station == NeighborTable.UNKNOWN) {
            if (fresh != NeighborTable.UNKNOWN) {
                neighbors.disbelieve(hi, lo, fresh, now);
            }
            ask(hi, lo, now);
            station = known(hi, lo);
        } else if (fresh == NeighborTable.UNKNOWN && neighbors.isAskedFor(hi, lo)) {
            // It was written meanwhile: nobody needs to answer, and packets wait.
            learn(hi, lo, station, true, false);
        }
        writeHeader(batch, slot, station);
        if (station != NeighborTable.UNKNOWN || hold(batch, slot, hi, lo, now)) {
            return station;
        }
        // It is refused, too, when another worker has heard the answer meanwhile.
        station = known(hi, lo);
        if (station == NeighborTable.UNKNOWN) {
            batch.drop(slot, DropReason.NEIGHBOR_UNKNOWN);
        } else {
            writeHeader(batch, slot, station);
        }
        return station;
    }

    private long known(long hi, long lo) {
        return link.stationOf(hi, lo, neighbors.known(hi, lo));
    }

    private void writeHeader(PacketBatch batch, int slot, long station) {
        int type = batch.inner().version(slot) == 4 ? EthernetHeader.IPV4 : EthernetHeader.IPV6;
        int at = batch.offset(slot) - EthernetHeader.BYTES;
        EthernetHeader.write(batch.slab(), at, NeighborTable.mac(station), link.mac(), type);
    }

    private void ask(long hi, long lo, long now) {
        switch (neighbors.ask(hi, lo, now)) {
            case LINK -> sender.askLink(hi, lo);
            case NEIGHBOR -> sender.askNeighbor(known(hi, lo), hi, lo);
            case NOT_NOW, REFUSED -> {}
        }
    }

    /** Has a packet wait, if it is one of the first and no super-packet. Returns whether it does. */
    private boolean hold(PacketBatch batch, int slot, long hi, long lo, long now) {
        if (batch.gsoType(slot) != GsoType.NONE
                || batch.length(slot) > LinkSender.MAX_HELD_BYTES
                || !neighbors.mayHold(hi, lo, sender.heldBytes(batch, slot))) {
            return false;
        }
        byte[] packet = sender.copyToHold(batch, slot);
        return packet != null && neighbors.hold(hi, lo, packet, now);
    }
}

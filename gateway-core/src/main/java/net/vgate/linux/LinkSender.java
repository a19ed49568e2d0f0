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
import org.jspecify.annotations.Nullable;

/**
 * Frames that the gateway sends on a link of its own accord: ARP (RFC 826), neighbor discovery (RFC 4861), and packets
 * that waited. What is before a frame depends on how the link is reached.
 *
 * <p><b>Threading.</b> One thread each.
 */
abstract class LinkSender {
    /** The largest packet that waits for its neighbor's address. */
    static final int MAX_HELD_BYTES = 2_048;

    /** {@code ff02::1} and {@code ff02::1:ff00:0}, RFC 4291 section 2.7.1. */
    private static final long LINK_SCOPE_HI = 0xff02_0000_0000_0000L;

    private static final long ALL_NODES_LO = 1;
    private static final long SOLICITED_NODE_LO = 0x1_ff00_0000L;
    private static final long SOLICITED_NODE_BITS = 0xff_ffffL;

    private final EthernetLink link;
    private final int prefixBytes;
    private final int headerBytes;
    private @Nullable NativeBlock block;

    /** @param prefixBytes what is before a frame */
    LinkSender(EthernetLink link, int prefixBytes) {
        this.link = link;
        this.prefixBytes = prefixBytes;
        this.headerBytes = prefixBytes + EthernetHeader.BYTES;
    }

    /** Writes what is before a frame with nothing left to do, at the beginning of {@code buffer}. */
    abstract void writePrefix(ByteBuffer buffer);

    /**
     * Writes what is before the frame of the packet in {@code slot}, whose Ethernet header is there, and does what is
     * to be done with the packet before it is sent as it is.
     */
    abstract @Nullable DropReason finish(PacketBatch batch, int slot);

    /**
     * Sends the {@code bytes} bytes of {@code frame}, its prefix included, to a station, or everybody on the link when
     * that is a group's address. Returns whether it was taken.
     */
    abstract boolean send(NativeBlock frame, int bytes, long station);

    /** Asks the whole link who has an address. */
    void askLink(long hi, long lo) {
        if (InnerHeader.isIpv4(hi, lo)) {
            askIpv4(MacAddress.BROADCAST, (int) lo);
        } else {
            long group = SOLICITED_NODE_LO | (lo & SOLICITED_NODE_BITS);
            askIpv6(MacAddress.solicitedNode(lo), LINK_SCOPE_HI, group, hi, lo);
        }
    }

    /** Asks a neighbor whether it still has an address. */
    void askNeighbor(long station, long hi, long lo) {
        if (InnerHeader.isIpv4(hi, lo)) {
            askIpv4(station, (int) lo);
        } else {
            askIpv6(station, hi, lo, hi, lo);
        }
    }

    private void askIpv4(long station, int target) {
        IpAddress own = link.ipv4();
        if (own != null) {
            sendArp(station, own.ipv4Bits(), target);
        }
    }

    private void sendArp(long to, int sender, int target) {
        ByteBuffer frame = frame(to, EthernetHeader.ARP);
        ArpPacket.write(frame, headerBytes, ArpPacket.REQUEST, link.mac(), sender, 0, target);
        send(ArpPacket.BYTES, to);
    }

    private void askIpv6(long station, long destinationHi, long destinationLo, long hi, long lo) {
        IpAddress own = link.ipv6();
        if (own != null) {
            NeighborMessage.write(
                    frame(station, EthernetHeader.IPV6),
                    headerBytes,
                    NeighborMessage.SOLICITATION,
                    own.hi(),
                    own.lo(),
                    destinationHi,
                    destinationLo,
                    hi,
                    lo,
                    0,
                    link.mac());
            send(NeighborMessage.WRITTEN_BYTES, station);
        }
    }

    /** Tells the link the gateway's addresses, unasked: RFC 5227 section 2.3, RFC 4861 section 7.2.6. */
    void announce() {
        IpAddress ipv4 = link.ipv4();
        if (ipv4 != null) {
            sendArp(MacAddress.BROADCAST, ipv4.ipv4Bits(), ipv4.ipv4Bits());
        }
        if (link.ipv6() != null) {
            advertise(MacAddress.ALL_NODES, LINK_SCOPE_HI, ALL_NODES_LO, 0);
        }
    }

    /** Answers who asks for the gateway's IPv4 address. */
    void answerArp(long station, int asker, IpAddress own) {
        ByteBuffer frame = frame(station, EthernetHeader.ARP);
        long mac = NeighborTable.mac(station);
        ArpPacket.write(frame, headerBytes, ArpPacket.REPLY, link.mac(), own.ipv4Bits(), mac, asker);
        send(ArpPacket.BYTES, station);
    }

    /** Answers who asks for the gateway's IPv6 address; who asks from none, to find duplicates, by a word to all. */
    void answerSolicitation(long station, long askerHi, long askerLo) {
        if (askerHi == 0 && askerLo == 0) {
            advertise(MacAddress.ALL_NODES, LINK_SCOPE_HI, ALL_NODES_LO, 0);
        } else {
            advertise(station, askerHi, askerLo, NeighborMessage.SOLICITED);
        }
    }

    private void advertise(long station, long destinationHi, long destinationLo, int solicited) {
        IpAddress own = link.ipv6();
        if (own != null) {
            NeighborMessage.write(
                    frame(station, EthernetHeader.IPV6),
                    headerBytes,
                    NeighborMessage.ADVERTISEMENT,
                    own.hi(),
                    own.lo(),
                    destinationHi,
                    destinationLo,
                    own.hi(),
                    own.lo(),
                    NeighborMessage.ROUTER | NeighborMessage.OVERRIDE | solicited,
                    link.mac());
            send(NeighborMessage.WRITTEN_BYTES, station);
        }
    }

    /**
     * A copy of the packet in {@code slot}, whose Ethernet header is there, for {@link #sendHeld}; null if it is none
     * that waits. Allocates.
     */
    byte @Nullable [] copyToHold(PacketBatch batch, int slot) {
        if (finish(batch, slot) != null) {
            return null;
        }
        byte[] held = new byte[heldBytes(batch, slot)];
        batch.slab().get(batch.offset(slot) - headerBytes, held);
        return held;
    }

    /** What the packet in {@code slot} takes while it waits. */
    int heldBytes(PacketBatch batch, int slot) {
        return headerBytes + batch.length(slot);
    }

    /** Sends a packet that waited to a station. Returns whether it was taken. */
    boolean sendHeld(byte[] held, long station) {
        ByteBuffer bytes = block().networkBytes();
        int type = (held[headerBytes - 2] & 0xff) << 8 | (held[headerBytes - 1] & 0xff);
        bytes.put(0, held);
        EthernetHeader.write(bytes, prefixBytes, NeighborTable.mac(station), link.mac(), type);
        return send(block(), held.length, station);
    }

    /** The memory of a frame with nothing left to do, whose headers are written. */
    private ByteBuffer frame(long station, int etherType) {
        ByteBuffer bytes = block().networkBytes();
        writePrefix(bytes);
        EthernetHeader.write(bytes, prefixBytes, NeighborTable.mac(station), link.mac(), etherType);
        return bytes;
    }

    /** A question that is not taken is asked again. */
    private void send(int payloadBytes, long station) {
        send(block(), headerBytes + payloadBytes, station);
    }

    /** Made with the first frame: of thousands of V-nets most are idle. */
    private NativeBlock block() {
        NativeBlock made = block;
        if (made == null) {
            made = new NativeBlock(headerBytes + MAX_HELD_BYTES);
            block = made;
        }
        return made;
    }
}

package net.vgate.linux;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import net.vgate.packet.ArpPacket;
import net.vgate.packet.EthernetHeader;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import net.vgate.packet.MacAddress;
import net.vgate.packet.NeighborMessage;
import org.jspecify.annotations.Nullable;

/** Frames that a TAP device sends of its own accord: ARP (RFC 826), neighbor discovery (RFC 4861), and held packets. */
final class TapSender {
    /** The largest packet that waits for its neighbor's address. */
    static final int MAX_HELD_BYTES = 2_048;

    /** What stands before a held packet. */
    static final int HEADER_BYTES = VirtioNetHeader.BYTES + EthernetHeader.BYTES;

    /** {@code ff02::1} and {@code ff02::1:ff00:0}, RFC 4291 section 2.7.1. */
    private static final long LINK_SCOPE_HI = 0xff02_0000_0000_0000L;

    private static final long ALL_NODES_LO = 1;
    private static final long SOLICITED_NODE_LO = 0x1_ff00_0000L;
    private static final long SOLICITED_NODE_BITS = 0xff_ffffL;

    private final int fd;
    private final TapLink link;
    private @Nullable NativeBlock block;

    TapSender(int fd, TapLink link) {
        this.fd = fd;
        this.link = link;
    }

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
    void askNeighbor(long mac, long hi, long lo) {
        if (InnerHeader.isIpv4(hi, lo)) {
            askIpv4(mac, (int) lo);
        } else {
            askIpv6(mac, hi, lo, hi, lo);
        }
    }

    private void askIpv4(long mac, int target) {
        IpAddress own = link.ipv4();
        if (own != null) {
            sendArp(mac, own.ipv4Bits(), target);
        }
    }

    private void sendArp(long to, int sender, int target) {
        ByteBuffer frame = frame(to, EthernetHeader.ARP);
        ArpPacket.write(frame, HEADER_BYTES, ArpPacket.REQUEST, link.mac(), sender, 0, target);
        send(ArpPacket.BYTES);
    }

    private void askIpv6(long mac, long destinationHi, long destinationLo, long hi, long lo) {
        IpAddress own = link.ipv6();
        if (own != null) {
            NeighborMessage.write(
                    frame(mac, EthernetHeader.IPV6),
                    HEADER_BYTES,
                    NeighborMessage.SOLICITATION,
                    own.hi(),
                    own.lo(),
                    destinationHi,
                    destinationLo,
                    hi,
                    lo,
                    0,
                    link.mac());
            send(NeighborMessage.WRITTEN_BYTES);
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
    void answerArp(long mac, int asker, IpAddress own) {
        ByteBuffer frame = frame(mac, EthernetHeader.ARP);
        ArpPacket.write(frame, HEADER_BYTES, ArpPacket.REPLY, link.mac(), own.ipv4Bits(), mac, asker);
        send(ArpPacket.BYTES);
    }

    /** Answers who asks for the gateway's IPv6 address; who asks from none, to find duplicates, by a word to all. */
    void answerSolicitation(long mac, long askerHi, long askerLo) {
        if (askerHi == 0 && askerLo == 0) {
            advertise(MacAddress.ALL_NODES, LINK_SCOPE_HI, ALL_NODES_LO, 0);
        } else {
            advertise(mac, askerHi, askerLo, NeighborMessage.SOLICITED);
        }
    }

    private void advertise(long mac, long destinationHi, long destinationLo, int solicited) {
        IpAddress own = link.ipv6();
        if (own != null) {
            NeighborMessage.write(
                    frame(mac, EthernetHeader.IPV6),
                    HEADER_BYTES,
                    NeighborMessage.ADVERTISEMENT,
                    own.hi(),
                    own.lo(),
                    destinationHi,
                    destinationLo,
                    own.hi(),
                    own.lo(),
                    NeighborMessage.ROUTER | NeighborMessage.OVERRIDE | solicited,
                    link.mac());
            send(NeighborMessage.WRITTEN_BYTES);
        }
    }

    /** Sends a packet that waited, with all its headers, to {@code mac}. Returns whether the device took it. */
    boolean sendHeld(byte[] held, long mac) {
        ByteBuffer bytes = block().networkBytes();
        int type = (held[HEADER_BYTES - 2] & 0xff) << 8 | (held[HEADER_BYTES - 1] & 0xff);
        bytes.put(0, held);
        EthernetHeader.write(bytes, VirtioNetHeader.BYTES, mac, link.mac(), type);
        return send(held.length - HEADER_BYTES);
    }

    /** The memory of a frame with nothing left to do, whose headers are written. */
    private ByteBuffer frame(long to, int etherType) {
        ByteBuffer bytes = block().networkBytes();
        bytes.putLong(0, 0);
        bytes.putShort(Long.BYTES, (short) 0);
        EthernetHeader.write(bytes, VirtioNetHeader.BYTES, to, link.mac(), etherType);
        return bytes;
    }

    private boolean send(int bytes) {
        NativeBlock sent = block();
        try {
            long written;
            do {
                written = LibC.write(fd, sent.address(), HEADER_BYTES + bytes);
            } while (written < 0 && Errno.last() == Errno.EINTR);
            // A question is asked again; whoever reads the device finds it broken.
            return written >= 0;
        } finally {
            Reference.reachabilityFence(sent);
        }
    }

    /** Made with the first frame: of thousands of V-nets most are idle. */
    private NativeBlock block() {
        NativeBlock made = block;
        if (made == null) {
            made = new NativeBlock(HEADER_BYTES + MAX_HELD_BYTES);
            block = made;
        }
        return made;
    }
}

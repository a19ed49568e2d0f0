package net.vgate.offload;

import java.nio.ByteBuffer;
import net.vgate.packet.Checksum;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.Ipv4Header;
import net.vgate.packet.Ipv6Header;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;
import net.vgate.packet.TcpHeader;
import net.vgate.packet.UdpHeader;

/**
 * One flow that a {@link Coalescer} follows: the packet that leads, which is parsed, and what was merged into it so
 * far.
 *
 * <p>A packet that follows is not parsed: it is taken only if its headers are the leader's, byte for byte, but for what
 * has to differ, which is compared with what it has to be. So there is nothing to read in it in another way.
 */
final class MergeRun {
    /** Kernels take no more datagrams in one: UDP_MAX_SEGMENTS of linux/udp.h before 6.9. */
    private static final int MAX_DATAGRAMS = 64;

    /** Segments of TCP, of some 500 bytes and more, until the super-packet is full. */
    private static final int MAX_SEGMENTS = 128;

    /** The zero of ones' complement that has all bits set. */
    private static final short OTHER_ZERO = -1;

    private static final int TCP_FLAGS_OF_ALL = InnerHeader.TCP_ACK | InnerHeader.TCP_ECE;

    private boolean isOpen;
    private int leader;
    private int last;
    private int start;
    private int headerBytes;
    private int l4;
    private boolean isIpv4;
    private boolean isTcp;
    private boolean isPartial;
    private int segmentBytes;
    private int payloadBytes;
    private int pseudoSum;
    private boolean leaderIsRight;

    /** Whether a parsed packet is one that others may be merged into. */
    static boolean mayLead(PacketBatch batch, int slot) {
        InnerHeader inner = batch.inner();
        ByteBuffer slab = batch.slab();
        int l3 = inner.l3Offset(slot);
        int l4 = inner.l4Offset(slot);
        boolean plainIp = l4 - l3 == (inner.version(slot) == 4 ? Ipv4Header.BYTES : Ipv6Header.BYTES);
        if (!plainIp
                || inner.fragment(slot) != InnerHeader.Fragment.WHOLE
                || batch.gsoType(slot) != GsoType.NONE
                || inner.end(slot) <= inner.payloadOffset(slot)) {
            return false;
        }
        if (inner.version(slot) == 4 && (slab.getShort(l3 + Ipv4Header.FRAGMENT_OFFSET) & 0x8000) != 0) {
            return false;
        }
        if (inner.protocol(slot) == InnerHeader.TCP) {
            int flags = inner.tcpFlags(slot);
            int reserved = slab.get(l4 + TcpHeader.DATA_OFFSET) & 0xf;
            return (flags & InnerHeader.TCP_ACK) != 0 && (flags & ~TCP_FLAGS_OF_ALL) == 0 && reserved == 0;
        }
        return slab.getShort(l4 + UdpHeader.CHECKSUM_OFFSET) != 0
                && (slab.getShort(l4 + UdpHeader.LENGTH_OFFSET) & 0xffff) == inner.end(slot) - l4;
    }

    /** Begins with a packet that may lead. */
    void begin(PacketBatch batch, int slot) {
        InnerHeader inner = batch.inner();
        isOpen = true;
        leader = slot;
        last = slot;
        start = inner.l3Offset(slot);
        l4 = inner.l4Offset(slot) - start;
        headerBytes = inner.payloadOffset(slot) - start;
        isIpv4 = inner.version(slot) == 4;
        isTcp = inner.protocol(slot) == InnerHeader.TCP;
        isPartial = batch.checksumState(slot) == ChecksumState.PARTIAL;
        segmentBytes = inner.end(slot) - inner.payloadOffset(slot);
        payloadBytes = segmentBytes;
        pseudoSum = Checksum.pseudoHeader(inner, slot, 0);
        leaderIsRight = false;
    }

    /** No packet is merged any more if this one, which is parsed and stays alone, is of the flow. */
    void closeIfOfFlow(PacketBatch batch, int slot) {
        InnerHeader inner = batch.inner();
        if (isOpen
                && batch.vnet(slot) == batch.vnet(leader)
                && inner.sourceLo(slot) == inner.sourceLo(leader)
                && inner.destinationLo(slot) == inner.destinationLo(leader)
                && inner.sourceHi(slot) == inner.sourceHi(leader)
                && inner.destinationHi(slot) == inner.destinationHi(leader)
                && mayShareFlow(inner, slot)) {
            isOpen = false;
        }
    }

    /** A fragment may be of any flow between its addresses. */
    private boolean mayShareFlow(InnerHeader inner, int slot) {
        return inner.fragment(slot) != InnerHeader.Fragment.WHOLE
                || (inner.protocol(slot) == inner.protocol(leader)
                        && inner.sourcePort(slot) == inner.sourcePort(leader)
                        && inner.destinationPort(slot) == inner.destinationPort(leader));
    }

    /** Merges the packet in {@code slot} if it is the next one. */
    boolean take(PacketBatch batch, int slot) {
        int payload = batch.length(slot) - headerBytes;
        if (!isOpen
                || payload <= 0
                || payload > segmentBytes
                || headerBytes + payloadBytes + payload > PacketBatch.MAX_PACKET_BYTES
                || batch.vnet(slot) != batch.vnet(leader)
                || batch.site(slot) != batch.site(leader)
                || (batch.checksumState(slot) == ChecksumState.PARTIAL) != isPartial) {
            return false;
        }
        ByteBuffer slab = batch.slab();
        int at = batch.offset(slot);
        boolean sameIp = isIpv4 ? followsIpv4(batch, slab, at, payload) : followsIpv6(slab, at, payload);
        if (!sameIp || !(isTcp ? followsTcp(slab, at + l4) : followsUdp(slab, at + l4, payload))) {
            return false;
        }
        if (!areChecksumsRight(batch, at, payload)) {
            return false;
        }
        boolean isPushed = isTcp && (slab.get(at + l4 + TcpHeader.FLAGS_OFFSET) & InnerHeader.TCP_PSH) != 0;
        batch.popHeader(slot, headerBytes);
        batch.merge(leader, last, slot);
        last = slot;
        payloadBytes += payload;
        if (isPushed) {
            int flags = start + l4 + TcpHeader.FLAGS_OFFSET;
            slab.put(flags, (byte) (slab.get(flags) | InnerHeader.TCP_PSH));
        }
        if (payload < segmentBytes || isPushed || batch.parts(leader) == (isTcp ? MAX_SEGMENTS : MAX_DATAGRAMS)) {
            isOpen = false;
        }
        return true;
    }

    private boolean followsIpv4(PacketBatch batch, ByteBuffer slab, int at, int payload) {
        int id = slab.getShort(start + Ipv4Header.ID_OFFSET) + batch.parts(leader);
        return slab.getShort(at) == slab.getShort(start)
                && Ipv4Header.totalLength(slab, at) == headerBytes + payload
                && slab.getShort(at + Ipv4Header.ID_OFFSET) == (short) id
                && slab.getShort(at + Ipv4Header.FRAGMENT_OFFSET) == slab.getShort(start + Ipv4Header.FRAGMENT_OFFSET)
                && slab.getShort(at + Ipv4Header.TTL_OFFSET) == slab.getShort(start + Ipv4Header.TTL_OFFSET)
                && slab.getLong(at + Ipv4Header.SOURCE_OFFSET) == slab.getLong(start + Ipv4Header.SOURCE_OFFSET);
    }

    private boolean followsIpv6(ByteBuffer slab, int at, int payload) {
        return slab.getInt(at) == slab.getInt(start)
                && Ipv6Header.payloadLength(slab, at) == headerBytes - Ipv6Header.BYTES + payload
                && slab.getShort(at + Ipv6Header.NEXT_HEADER_OFFSET)
                        == slab.getShort(start + Ipv6Header.NEXT_HEADER_OFFSET)
                && areEqual(slab, at, start, Ipv6Header.SOURCE_OFFSET, Ipv6Header.BYTES);
    }

    private boolean followsTcp(ByteBuffer slab, int at) {
        int of = start + l4;
        int flagsThere = slab.getShort(at + TcpHeader.DATA_OFFSET) & ~InnerHeader.TCP_PSH;
        return slab.getInt(at) == slab.getInt(of)
                && slab.getInt(at + TcpHeader.SEQUENCE_OFFSET)
                        == slab.getInt(of + TcpHeader.SEQUENCE_OFFSET) + payloadBytes
                && slab.getInt(at + TcpHeader.ACKNOWLEDGMENT_OFFSET)
                        == slab.getInt(of + TcpHeader.ACKNOWLEDGMENT_OFFSET)
                && flagsThere == slab.getShort(of + TcpHeader.DATA_OFFSET)
                && slab.getShort(at + TcpHeader.WINDOW_OFFSET) == slab.getShort(of + TcpHeader.WINDOW_OFFSET)
                && slab.getShort(at + TcpHeader.URGENT_OFFSET) == slab.getShort(of + TcpHeader.URGENT_OFFSET)
                && areEqual(slab, at, of, TcpHeader.BYTES, headerBytes - l4);
    }

    private boolean followsUdp(ByteBuffer slab, int at, int payload) {
        return slab.getInt(at) == slab.getInt(start + l4)
                && (slab.getShort(at + UdpHeader.LENGTH_OFFSET) & 0xffff) == UdpHeader.BYTES + payload
                && slab.getShort(at + UdpHeader.CHECKSUM_OFFSET) != 0;
    }

    /** Whether bytes {@code from} to {@code to} of two headers are the same. */
    private static boolean areEqual(ByteBuffer slab, int at, int of, int from, int to) {
        for (int i = from; i < to; i += 4) {
            if (slab.getInt(at + i) != slab.getInt(of + i)) {
                return false;
            }
        }
        return true;
    }

    /** What is wrong must stay wrong, and so alone: a super-packet's checksums are all made anew. */
    private boolean areChecksumsRight(PacketBatch batch, int at, int payload) {
        if (!leaderIsRight) {
            if (!isRight(batch.slab(), start, segmentBytes)) {
                isOpen = false;
                return false;
            }
            leaderIsRight = true;
        }
        return isRight(batch.slab(), at, payload);
    }

    /** Of the two zeros that a right field may hold, it must be the one that is made anew: 0, but for UDP. */
    private boolean isRight(ByteBuffer slab, int at, int payload) {
        if (isIpv4
                && (Checksum.sum(slab, at, Ipv4Header.BYTES) != 0xffff
                        || slab.getShort(at + Ipv4Header.CHECKSUM_OFFSET) == OTHER_ZERO)) {
            return false;
        }
        int field = slab.getShort(at + l4 + (isTcp ? TcpHeader.CHECKSUM_OFFSET : UdpHeader.CHECKSUM_OFFSET));
        int transportBytes = headerBytes - l4 + payload;
        int pseudo = Checksum.add(pseudoSum, transportBytes);
        if (isPartial) {
            return (field & 0xffff) == pseudo;
        }
        return Checksum.add(pseudo, Checksum.sum(slab, at + l4, transportBytes)) == 0xffff
                && (field != OTHER_ZERO || !isTcp);
    }

    /** Makes the leader's headers those of the super-packet, if it became one. */
    void finish(PacketBatch batch) {
        isOpen = false;
        if (batch.parts(leader) == 1 || batch.gsoType(leader) != GsoType.NONE) {
            return;
        }
        ByteBuffer slab = batch.slab();
        int bytes = headerBytes + payloadBytes;
        if (isIpv4) {
            slab.putShort(start + Ipv4Header.TOTAL_LENGTH_OFFSET, (short) bytes);
            slab.putShort(start + Ipv4Header.CHECKSUM_OFFSET, (short) 0);
            int sum = Checksum.sum(slab, start, Ipv4Header.BYTES);
            slab.putShort(start + Ipv4Header.CHECKSUM_OFFSET, (short) Checksum.complement(sum));
        } else {
            slab.putShort(start + Ipv6Header.PAYLOAD_LENGTH_OFFSET, (short) (bytes - Ipv6Header.BYTES));
        }
        int at = start + l4;
        int transportBytes = bytes - l4;
        int pseudo = Checksum.add(pseudoSum, transportBytes);
        if (isTcp) {
            slab.putShort(at + TcpHeader.CHECKSUM_OFFSET, (short) pseudo);
            batch.setGso(leader, isIpv4 ? GsoType.TCP4 : GsoType.TCP6, segmentBytes);
        } else {
            slab.putShort(at + UdpHeader.LENGTH_OFFSET, (short) transportBytes);
            slab.putShort(at + UdpHeader.CHECKSUM_OFFSET, (short) pseudo);
            batch.setGso(leader, GsoType.UDP, segmentBytes);
        }
        batch.setChecksumState(leader, ChecksumState.PARTIAL);
    }
}

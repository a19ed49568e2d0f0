package net.vgate.offload;

import java.nio.ByteBuffer;
import net.vgate.packet.Checksum;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.Ipv4Header;
import net.vgate.packet.Ipv6Header;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.TcpHeader;
import net.vgate.packet.TransportChecksum;
import net.vgate.packet.UdpHeader;

/**
 * Puts the packets of the wire into another batch, one close behind the other, as they will be sent: a super-packet is
 * cut, by the rules of Linux's GSO (Documentation/networking/segmentation-offloads.rst); any other packet is copied.
 * What stands before the inner packet, such as a Geneve header, is put before each.
 *
 * <p>Each packet has the headers' ECN field. The identification of IPv4 counts up from packet to packet; TCP's PSH and
 * FIN are left to the last one, CWR (RFC 3168 section 6.1.2) to the first. A checksum that is
 * {@link ChecksumState#PARTIAL} stays so in each packet where the receiver takes that, else it is completed.
 *
 * <p>Nothing in here allocates. One thread.
 */
public final class Segmenter {
    private static final int NOT_ON_ALL_BUT_LAST = InnerHeader.TCP_FIN | InnerHeader.TCP_PSH;

    private PacketBatch from;
    private int slot;
    private boolean keepPartial;
    private int part;
    private int nextPayload;

    // Of the super-packet that is being cut.
    private boolean isTcp;
    private int headersBytes;
    private int l3;
    private int l4;
    private int ipv4Sum;
    private int transportSum;

    /** A segmenter that has nothing to cut; {@code batch} is any. */
    public Segmenter(PacketBatch batch) {
        this.from = batch;
    }

    /**
     * Begins with what is in a parsed slot, from its offset on.
     *
     * @param keepPartial whether a partial checksum may stay so
     */
    public void begin(PacketBatch batch, int superSlot, boolean keepPartial) {
        this.from = batch;
        this.slot = superSlot;
        this.keepPartial = keepPartial;
        this.part = 0;
        if (batch.parts(slot) == 1) {
            if (!keepPartial) {
                TransportChecksum.complete(batch, slot);
            }
            return;
        }
        InnerHeader inner = batch.inner();
        int start = batch.offset(slot);
        nextPayload = inner.payloadOffset(slot);
        headersBytes = nextPayload - start;
        l3 = inner.l3Offset(slot) - start;
        l4 = inner.l4Offset(slot) - start;
        isTcp = inner.protocol(slot) == InnerHeader.TCP;
        sumHeaders(inner);
    }

    /** Sums up, once, what is the same in all packets. */
    private void sumHeaders(InnerHeader inner) {
        ByteBuffer slab = from.slab();
        int at = inner.l3Offset(slot);
        if (inner.version(slot) == 4) {
            int sum = Checksum.sum(slab, at, Ipv4Header.headerBytes(slab, at));
            sum = less(sum, slab.getShort(at + Ipv4Header.TOTAL_LENGTH_OFFSET));
            sum = less(sum, slab.getShort(at + Ipv4Header.ID_OFFSET));
            ipv4Sum = less(sum, slab.getShort(at + Ipv4Header.CHECKSUM_OFFSET));
        }
        transportSum = Checksum.pseudoHeader(inner, slot, 0);
    }

    /** The sum without one of its words. */
    private static int less(int sum, short word) {
        return Checksum.add(sum, ~word & 0xffff);
    }

    /**
     * Appends packets to {@code to} until it is full or there are no more. Before and after each are {@code headBytes}
     * and {@code tailBytes} for what is put around it later; and the next one's begin where this one's end.
     *
     * @return whether there are no more
     */
    public boolean cutInto(PacketBatch to, int headBytes, int tailBytes) {
        int parts = from.parts(slot);
        int around = headBytes + tailBytes;
        for (; part < parts; part++) {
            int payload =
                    parts == 1 ? 0 : Math.min(from.gsoSize(slot), from.inner().end(slot) - nextPayload);
            int bytes = parts == 1 ? from.length(slot) : headersBytes + payload;
            int begin = to.end();
            if (to.remaining() == 0 || begin + bytes + around > to.slab().capacity()) {
                return false;
            }
            int at = begin + headBytes;
            int packet = to.addAt(begin, at, bytes, at + bytes + tailBytes);
            to.setVnet(packet, from.vnet(slot));
            to.setSite(packet, from.site(slot));
            to.setTrafficClass(packet, from.trafficClass(slot));
            if (keepPartial) {
                to.setChecksumState(packet, from.checksumState(slot));
            }
            if (parts == 1) {
                to.slab().put(at, from.slab(), from.offset(slot), bytes);
            } else {
                to.slab().put(at, from.slab(), from.offset(slot), headersBytes);
                to.slab().put(at + headersBytes, from.slab(), nextPayload, payload);
                nextPayload += payload;
                adapt(to.slab(), at, bytes);
            }
        }
        return true;
    }

    /** Makes the copied headers those of packet number {@code part}, whose bytes begin at {@code at}. */
    private void adapt(ByteBuffer slab, int at, int bytes) {
        int ipAt = at + l3;
        int ipBytes = bytes - l3;
        if (from.inner().version(slot) == 4) {
            int id = (slab.getShort(ipAt + Ipv4Header.ID_OFFSET) + part) & 0xffff;
            slab.putShort(ipAt + Ipv4Header.TOTAL_LENGTH_OFFSET, (short) ipBytes);
            slab.putShort(ipAt + Ipv4Header.ID_OFFSET, (short) id);
            int sum = Checksum.add(Checksum.add(ipv4Sum, ipBytes), id);
            slab.putShort(ipAt + Ipv4Header.CHECKSUM_OFFSET, (short) Checksum.complement(sum));
        } else {
            slab.putShort(ipAt + Ipv6Header.PAYLOAD_LENGTH_OFFSET, (short) (ipBytes - Ipv6Header.BYTES));
        }
        int transportAt = at + l4;
        int transportBytes = bytes - l4;
        if (isTcp) {
            adaptTcp(slab, transportAt);
        } else {
            slab.putShort(transportAt + UdpHeader.LENGTH_OFFSET, (short) transportBytes);
        }
        setChecksum(slab, transportAt, transportBytes);
    }

    private void adaptTcp(ByteBuffer slab, int at) {
        int sequence = slab.getInt(at + TcpHeader.SEQUENCE_OFFSET) + part * from.gsoSize(slot);
        slab.putInt(at + TcpHeader.SEQUENCE_OFFSET, sequence);
        int flags = slab.get(at + TcpHeader.FLAGS_OFFSET);
        if (part != from.parts(slot) - 1) {
            flags &= ~NOT_ON_ALL_BUT_LAST;
        }
        if (part != 0) {
            flags &= ~InnerHeader.TCP_CWR;
        }
        slab.put(at + TcpHeader.FLAGS_OFFSET, (byte) flags);
    }

    private void setChecksum(ByteBuffer slab, int at, int bytes) {
        int field = at + (isTcp ? TcpHeader.CHECKSUM_OFFSET : UdpHeader.CHECKSUM_OFFSET);
        int pseudo = Checksum.add(transportSum, bytes);
        // It covers itself: left partial, the pseudo-header's part stands there and nothing else is summed up.
        slab.putShort(field, (short) pseudo);
        if (keepPartial && from.checksumState(slot) == ChecksumState.PARTIAL) {
            return;
        }
        int checksum = Checksum.complement(Checksum.sum(slab, at, bytes));
        slab.putShort(field, (short) (checksum == 0 && !isTcp ? 0xffff : checksum));
    }
}

package net.vgate.offload;

import java.nio.ByteBuffer;
import net.vgate.packet.Checksum;
import net.vgate.packet.Ipv4Header;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.TransportChecksum;

/**
 * Puts an IPv4 packet that is too large, and may be fragmented, into another batch as fragments, one close behind the
 * other (RFC 791 section 3.2). What stands before the inner packet, such as a Geneve header, is put before each.
 *
 * <p>Nothing in here allocates. One thread.
 */
public final class Fragmenter {
    /** A header without options, and the least that one but the last may carry (RFC 791 section 3.2). */
    public static final int LEAST_BYTES = Ipv4Header.BYTES + 8;

    /** Offsets count in units of so many bytes. */
    private static final int UNIT = 8;

    private PacketBatch from;
    private int slot;
    private int headersBytes;
    private int l3;
    private int dataBytes;
    private int next;

    /** A fragmenter that has nothing to do; {@code batch} is any. */
    public Fragmenter(PacketBatch batch) {
        this.from = batch;
    }

    /**
     * Whether a parsed packet, or each that a super-packet stands for, may be put on its way in fragments. One with
     * options may be too, but then not all of them are copied; that is left to its sender.
     */
    public static boolean mayFragment(PacketBatch batch, int slot) {
        int l3 = batch.inner().l3Offset(slot);
        return batch.inner().version(slot) == 4
                && !Ipv4Header.dontFragment(batch.slab(), l3)
                && Ipv4Header.headerBytes(batch.slab(), l3) == Ipv4Header.BYTES;
    }

    /**
     * Begins with the one packet in a parsed slot, from its offset on, of which {@link #mayFragment} holds.
     *
     * @param packetBytes what a fragment may have at most, its IP header included; {@link #LEAST_BYTES} at least
     */
    public void begin(PacketBatch batch, int packetSlot, int packetBytes) {
        TransportChecksum.complete(batch, packetSlot);
        from = batch;
        slot = packetSlot;
        l3 = batch.inner().l3Offset(slot) - batch.offset(slot);
        headersBytes = l3 + Ipv4Header.BYTES;
        dataBytes = (packetBytes - Ipv4Header.BYTES) / UNIT * UNIT;
        next = batch.offset(slot) + headersBytes;
    }

    /**
     * Appends fragments to {@code to} until it is full or there are no more, as {@link Segmenter#cutInto} does with
     * packets.
     *
     * @return whether there are no more
     */
    public boolean cutInto(PacketBatch to, int headBytes, int tailBytes) {
        int end = from.inner().end(slot);
        while (next < end) {
            int data = Math.min(dataBytes, end - next);
            int bytes = headersBytes + data;
            int begin = to.end();
            if (to.remaining() == 0
                    || begin + headBytes + bytes + tailBytes > to.slab().capacity()) {
                return false;
            }
            int at = begin + headBytes;
            int fragment = to.addAt(begin, at, bytes, at + bytes + tailBytes);
            to.setVnet(fragment, from.vnet(slot));
            to.setSite(fragment, from.site(slot));
            to.setTrafficClass(fragment, from.trafficClass(slot));
            to.slab().put(at, from.slab(), from.offset(slot), headersBytes);
            to.slab().put(at + headersBytes, from.slab(), next, data);
            adapt(to.slab(), at + l3, data, next + data < end);
            next += data;
        }
        return true;
    }

    /** Makes the copied header that of the fragment whose data come next. */
    private void adapt(ByteBuffer slab, int at, int data, boolean hasMore) {
        int skipped = next - from.offset(slot) - headersBytes;
        int word = slab.getShort(at + Ipv4Header.FRAGMENT_OFFSET) & 0xffff;
        word = (word + skipped / UNIT) | (hasMore ? Ipv4Header.MORE_FRAGMENTS : 0);
        slab.putShort(at + Ipv4Header.TOTAL_LENGTH_OFFSET, (short) (Ipv4Header.BYTES + data));
        slab.putShort(at + Ipv4Header.FRAGMENT_OFFSET, (short) word);
        slab.putShort(at + Ipv4Header.CHECKSUM_OFFSET, (short) 0);
        slab.putShort(
                at + Ipv4Header.CHECKSUM_OFFSET, (short) Checksum.complement(Checksum.sum(slab, at, Ipv4Header.BYTES)));
    }
}

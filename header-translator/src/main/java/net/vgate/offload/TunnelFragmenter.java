package net.vgate.offload;

import net.vgate.encap.FragmentOption;
import net.vgate.encap.Geneve;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.TransportChecksum;

/**
 * Puts a packet that is too large for the path into another batch in fragments of the tunnel ({@link FragmentOption}),
 * one close behind the other, as few as will do and of equal size: so the kernel can be handed the records of many
 * packets as one. Unlike those of {@link Fragmenter} they are nothing to the packet's receiver, so that any packet may
 * be fragmented.
 *
 * <p>Nothing in here allocates. One thread.
 */
public final class TunnelFragmenter {
    /** A path on which a fragment would have room for less is none to fragment for. */
    private static final int MIN_ROOM_BYTES = 2 * FragmentOption.MIN_BYTES;

    private PacketBatch from;
    private int slot;
    private int headersBytes;
    private int data;
    private int end;
    private int each;
    private int index;

    /** A fragmenter that has nothing to do; {@code batch} is any. */
    public TunnelFragmenter(PacketBatch batch) {
        this.from = batch;
    }

    /** The largest packet, in bytes, that a path takes in fragments which carries packets of {@code fits} whole. */
    public static int largestPacket(int fits) {
        int room = fits - FragmentOption.BYTES;
        return room < MIN_ROOM_BYTES
                ? 0
                : (int) Math.min(PacketBatch.MAX_PACKET_BYTES, (long) room * FragmentOption.MAX_COUNT);
    }

    /**
     * Begins with the packet in a parsed slot, no header before it, which is larger than {@code fits} and not larger
     * than {@link #largestPacket}. Puts a Geneve header before it.
     *
     * @param fits what the path carries of a packet that goes whole
     * @param id tells the packet from others of the association, for as long as they may be on their way
     * @param keepPartial whether a partial checksum may stay so
     */
    public void begin(PacketBatch batch, int packetSlot, int vni, int fits, int id, boolean keepPartial) {
        if (!keepPartial) {
            TransportChecksum.complete(batch, packetSlot);
        }
        from = batch;
        slot = packetSlot;
        int total = batch.length(slot);
        int room = fits - FragmentOption.BYTES;
        int count = (total + room - 1) / room;
        int type = batch.inner().version(slot) == 4 ? Geneve.IPV4 : Geneve.IPV6;
        data = batch.offset(slot);
        end = data + total;
        each = FragmentOption.fragmentBytes(total, count);
        index = 0;
        Geneve.pushFragment(batch, slot, vni, type, id, count, keepPartial);
        headersBytes = data - batch.offset(slot);
    }

    /**
     * Appends fragments to {@code to} until it is full or there are no more, as {@link Segmenter#cutInto} does with
     * packets.
     *
     * @return whether there are no more
     */
    public boolean cutInto(PacketBatch to, int headBytes, int tailBytes) {
        while (data < end) {
            int bytes = Math.min(each, end - data);
            int begin = to.end();
            int around = headBytes + headersBytes + tailBytes;
            if (to.remaining() == 0 || begin + bytes + around > to.slab().capacity()) {
                return false;
            }
            int at = begin + headBytes;
            int fragment = to.addAt(begin, at, headersBytes + bytes, begin + bytes + around);
            to.setVnet(fragment, from.vnet(slot));
            to.setSite(fragment, from.site(slot));
            to.setTrafficClass(fragment, from.trafficClass(slot));
            to.slab().put(at, from.slab(), from.offset(slot), headersBytes);
            to.slab().put(at + headersBytes, from.slab(), data, bytes);
            FragmentOption.setIndex(to.slab(), at + Geneve.BYTES, index);
            data += bytes;
            index++;
        }
        return true;
    }

    /** How many fragments {@link #cutInto} has made of the packet. */
    public int made() {
        return index;
    }
}

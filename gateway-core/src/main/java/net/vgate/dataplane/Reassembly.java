package net.vgate.dataplane;

import java.nio.ByteBuffer;
import net.vgate.encap.ChecksumOption;
import net.vgate.encap.FragmentOption;
import net.vgate.encap.Geneve;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.TrafficClass;
import net.vgate.record.Association;

/**
 * Packets of which some fragments of the tunnel have come, and others not. Bounded in packets, in bytes and in time,
 * and so that neither one V-net on one association nor one site leaves nothing for others; when there is no room the
 * oldest packet goes, since fragments are sent one right behind the other, and what did not follow at once was lost,
 * most likely.
 *
 * <p>What contradicts itself or what came before gives the packet up: records are authentic and come once, so that is
 * the peer's fault, and none of the network's.
 *
 * <p>Its memory is outside the heap and never grows; nothing in here allocates after it is made. One thread.
 */
final class Reassembly {
    /**
     * More than what two datagrams that were sent together may be apart, on any path that is of use; less than what the
     * sender's identifications of 24 bits last: a worker of either end would have to pass 16 million packets in it (RFC
     * 4963 section 2 is about 16 bits).
     */
    static final long TIMEOUT_NANOS = 1_000_000_000L;

    static final int MAX_PACKETS = 128;

    static final int BLOCK_BYTES = 2_048;
    static final int BLOCKS = 256;

    /** One V-net on one association has one such share of packets and of blocks. */
    static final int SHARES = 4;

    /** One site has this many shares. */
    static final int SHARES_OF_SITE = 2;

    private static final int NONE = -1;

    private final DropCounters drops;
    private final ByteBuffer memory = ByteBuffer.allocateDirect(BLOCKS * BLOCK_BYTES);

    /** The block that follows in the same packet, or among the free ones. */
    private final int[] next = new int[BLOCKS];

    private int firstFree;
    private int free = BLOCKS;

    /** The first {@link #count} are under way, the oldest first. */
    private final Incomplete[] packets = new Incomplete[MAX_PACKETS];

    private int count;

    /** A packet that is not whole yet. */
    private static final class Incomplete {
        private long association;
        private int vni;
        private int id;
        private int site;
        private int type;
        private boolean isPartial;
        private int total;
        private int fragments;
        private long sinceNanos;
        private int firstBlock;

        /** Which fragments are there, a bit each. */
        private long have;

        /** Which ECN fields their outer headers had, a bit each. */
        private int ecns;

        private boolean isOf(long ofAssociation, int ofVni) {
            return association == ofAssociation && vni == ofVni;
        }

        private int blocks() {
            return (total + BLOCK_BYTES - 1) / BLOCK_BYTES;
        }

        private boolean isWhole() {
            return Long.bitCount(have) == fragments;
        }
    }

    Reassembly(DropCounters drops) {
        this.drops = drops;
        for (int block = 0; block < BLOCKS; block++) {
            next[block] = block + 1;
        }
        for (int i = 0; i < MAX_PACKETS; i++) {
            packets[i] = new Incomplete();
        }
    }

    /** How many packets are under way. */
    int packets() {
        return count;
    }

    /** How many bytes of memory are left, in whole blocks. */
    int freeBytes() {
        return free * BLOCK_BYTES;
    }

    /** Gives up packets whose first fragment came too long ago. */
    void expire(long nowNanos) {
        while (count > 0 && nowNanos - packets[0].sinceNanos >= TIMEOUT_NANOS) {
            giveUp(0, DropReason.REASSEMBLY_TIMEOUT);
        }
    }

    /**
     * Takes a copy of the fragment in {@code slot}, which begins with a checked Geneve header that has a
     * {@link FragmentOption}. If it is the last one that was missing, the packet is put into the next slot of
     * {@code to}, which has room for it.
     *
     * @return CONSUMED, or why it is dropped
     */
    DropReason add(PacketBatch from, int slot, Association association, PacketBatch to, long nowNanos) {
        ByteBuffer slab = from.slab();
        int at = from.offset(slot);
        int option = FragmentOption.find(slab, at);
        int vni = Geneve.vni(slab, at);
        int found = find(association.id(), vni, FragmentOption.id(slab, option));
        int headerBytes = Geneve.headerBytes(slab, at);
        boolean isValid = FragmentOption.isValid(slab, option, from.length(slot) - headerBytes)
                && (found == NONE || continues(packets[found], slab, at, option));
        if (!isValid) {
            if (found != NONE) {
                remove(found);
            }
            return DropReason.REASSEMBLY_INVALID;
        }
        int place = found == NONE ? begin(from, slot, association.id(), option, nowNanos) : found;
        Incomplete packet = packets[place];
        int index = FragmentOption.index(slab, option);
        packet.have |= 1L << index;
        packet.ecns |= 1 << TrafficClass.ecn(from.trafficClass(slot));
        int each = FragmentOption.fragmentBytes(packet.total, packet.fragments);
        store(packet, index * each, slab, at + headerBytes, from.length(slot) - headerBytes);
        if (!packet.isWhole()) {
            return DropReason.CONSUMED;
        }
        DropReason reason = finish(packet, from, slot, to);
        remove(place);
        return reason;
    }

    private int find(long association, int vni, int id) {
        for (int i = count - 1; i >= 0; i--) {
            if (packets[i].id == id && packets[i].isOf(association, vni)) {
                return i;
            }
        }
        return NONE;
    }

    /** Whether a fragment that is right in itself is one of {@code packet} that has not come yet. */
    private static boolean continues(Incomplete packet, ByteBuffer slab, int at, int option) {
        return FragmentOption.totalBytes(slab, option) == packet.total
                && FragmentOption.count(slab, option) == packet.fragments
                && (packet.have & 1L << FragmentOption.index(slab, option)) == 0
                && Geneve.protocolType(slab, at) == packet.type
                && ChecksumOption.isIn(slab, at) == packet.isPartial;
    }

    private int begin(PacketBatch from, int slot, long association, int option, long nowNanos) {
        ByteBuffer slab = from.slab();
        int at = from.offset(slot);
        int total = FragmentOption.totalBytes(slab, option);
        int blocks = (total + BLOCK_BYTES - 1) / BLOCK_BYTES;
        makeRoom(association, Geneve.vni(slab, at), from.site(slot), blocks);
        Incomplete packet = packets[count];
        packet.association = association;
        packet.vni = Geneve.vni(slab, at);
        packet.id = FragmentOption.id(slab, option);
        packet.site = from.site(slot);
        packet.type = Geneve.protocolType(slab, at);
        packet.isPartial = ChecksumOption.isIn(slab, at);
        packet.total = total;
        packet.fragments = FragmentOption.count(slab, option);
        packet.sinceNanos = nowNanos;
        packet.have = 0;
        packet.ecns = 0;
        packet.firstBlock = take(blocks);
        return count++;
    }

    private void makeRoom(long association, int vni, int site, int blocks) {
        int oldest = oldestIfFull(association, vni, NONE, 1, blocks);
        while (oldest != NONE) {
            giveUp(oldest, DropReason.REASSEMBLY_FULL);
            oldest = oldestIfFull(association, vni, NONE, 1, blocks);
        }
        oldest = oldestIfFull(association, vni, site, SHARES_OF_SITE, blocks);
        while (oldest != NONE) {
            giveUp(oldest, DropReason.REASSEMBLY_FULL);
            oldest = oldestIfFull(association, vni, site, SHARES_OF_SITE, blocks);
        }
        while (count == MAX_PACKETS || free < blocks) {
            giveUp(0, DropReason.REASSEMBLY_FULL);
        }
    }

    /**
     * The oldest packet of a site, or of a V-net on an association if {@code site} is {@link #NONE}; but NONE if there
     * is room for another one of {@code blocks} in these shares.
     */
    private int oldestIfFull(long association, int vni, int site, int shares, int blocks) {
        int oldest = NONE;
        int others = 0;
        int held = blocks;
        for (int i = count - 1; i >= 0; i--) {
            if (site == NONE ? packets[i].isOf(association, vni) : packets[i].site == site) {
                oldest = i;
                others++;
                held += packets[i].blocks();
            }
        }
        boolean hasRoom = others < MAX_PACKETS * shares / SHARES && held <= BLOCKS * shares / SHARES;
        return hasRoom ? NONE : oldest;
    }

    /** Takes blocks from the front of the free ones, which are in a row already. */
    private int take(int blocks) {
        int first = firstFree;
        for (int i = 0; i < blocks; i++) {
            firstFree = next[firstFree];
        }
        free -= blocks;
        return first;
    }

    private void store(Incomplete packet, int offset, ByteBuffer slab, int at, int bytes) {
        int block = packet.firstBlock;
        for (int i = 0; i < offset / BLOCK_BYTES; i++) {
            block = next[block];
        }
        int into = offset % BLOCK_BYTES;
        for (int done = 0; done < bytes; into = 0, block = next[block]) {
            int here = Math.min(BLOCK_BYTES - into, bytes - done);
            memory.put(block * BLOCK_BYTES + into, slab, at + done, here);
            done += here;
        }
    }

    /** Puts a whole packet into {@code to}; what the last fragment's slot says of V-net and site is newest. */
    private DropReason finish(Incomplete packet, PacketBatch from, int slot, PacketBatch to) {
        int ecn = combined(packet.ecns);
        if (ecn == NONE) {
            return DropReason.CONGESTION;
        }
        int whole = to.add(packet.total);
        int block = packet.firstBlock;
        for (int done = 0; done < packet.total; done += BLOCK_BYTES, block = next[block]) {
            int here = Math.min(BLOCK_BYTES, packet.total - done);
            to.slab().put(to.offset(whole) + done, memory, block * BLOCK_BYTES, here);
        }
        to.setVnet(whole, from.vnet(slot));
        to.setSite(whole, from.site(slot));
        to.setTrafficClass(whole, TrafficClass.of(TrafficClass.dscp(from.trafficClass(slot)), ecn));
        if (packet.isPartial) {
            to.setChecksumState(whole, ChecksumState.PARTIAL);
        }
        return DropReason.CONSUMED;
    }

    /**
     * The ECN field of a packet whose fragments had those of {@code ecns}, a bit each; {@link #NONE} when it must be
     * dropped: RFC 3168 section 5.3. What that leaves open is Not-ECT, which leaves the packet as it is inside, or
     * ECT(1) beside ECT(0), since a router may have made that of it (RFC 6040 section 4.2).
     */
    static int combined(int ecns) {
        boolean hasNotEct = (ecns & 1 << TrafficClass.NOT_ECT) != 0;
        if ((ecns & 1 << TrafficClass.CE) != 0) {
            return hasNotEct ? NONE : TrafficClass.CE;
        }
        if (hasNotEct) {
            return TrafficClass.NOT_ECT;
        }
        return (ecns & 1 << TrafficClass.ECT_1) != 0 ? TrafficClass.ECT_1 : TrafficClass.ECT_0;
    }

    private void giveUp(int place, DropReason reason) {
        drops.count(Stage.REASSEMBLE, reason, packets[place].site);
        remove(place);
    }

    private void remove(int place) {
        Incomplete packet = packets[place];
        int last = packet.firstBlock;
        int blocks = packet.blocks();
        for (int i = 1; i < blocks; i++) {
            last = next[last];
        }
        next[last] = firstFree;
        firstFree = packet.firstBlock;
        free += blocks;
        count--;
        System.arraycopy(packets, place + 1, packets, place, count - place);
        packets[count] = packet;
    }
}

package net.vgate.dataplane;

import java.util.Arrays;
import net.vgate.encap.Geneve;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.record.Association;
import org.jspecify.annotations.Nullable;

/**
 * Moves a batch in which there are fragments of the tunnel: packets that came whole and packets that are whole now go
 * on in a batch of their own, in the order in which they came to be so. There is one, with its memory, once a fragment
 * has come to the worker.
 *
 * <p>One instance per worker, run by that worker's thread only.
 */
final class Reassembler {
    /** Packets that go on together. */
    private static final int PACKETS = 128;

    private static final int PACKETS_BYTES = 256 << 10;

    private final Reassembly reassembly;
    private final PacketBatch whole = PacketBatch.packed(PACKETS, PACKETS_BYTES);
    private final @Nullable Association[] arriving;
    private final @Nullable Association[] associations = new Association[PACKETS];
    private final DropTally drops;
    private final FragmentCounters counters;
    private final InboundPackets packets;

    /** Makes what moves the packets of a batch. */
    interface Onward {
        InboundPackets of(PacketBatch batch, @Nullable Association[] associations, DropTally drops);
    }

    /** @param arriving the associations of the batches that will be moved, by slot */
    Reassembler(@Nullable Association[] arriving, DropCounters drops, FragmentCounters counters, Onward onward) {
        this.reassembly = new Reassembly(drops);
        this.arriving = arriving;
        this.drops = new DropTally(whole, drops);
        this.counters = counters;
        this.packets = onward.of(whole, associations, this.drops);
    }

    /** Sets whether packets are merged into super-packets for the devices. */
    void merge(boolean isWanted) {
        packets.merge(isWanted);
    }

    /** Gives up packets that are under way for too long. */
    void expire(long nowNanos) {
        reassembly.expire(nowNanos);
    }

    /** Moves the live packets of {@code batch}, of which those in {@code fragments} still have their Geneve headers. */
    void forward(PacketBatch batch, SlotList fragments, DataplanePlan plan, long nowNanos) {
        begin();
        int nextFragment = 0;
        for (int slot = 0; slot < batch.size(); slot++) {
            boolean isFragment = nextFragment < fragments.count() && fragments.array()[nextFragment] == slot;
            if (isFragment) {
                nextFragment++;
            }
            if (!batch.isLive(slot)) {
                continue;
            }
            if (!whole.hasRoom(isFragment ? PacketBatch.MAX_PACKET_BYTES : batch.length(slot))) {
                packets.forward(plan, nowNanos);
                begin();
            }
            if (isFragment) {
                add(batch, slot, nowNanos);
            } else {
                copy(batch, slot);
            }
        }
        packets.forward(plan, nowNanos);
        // An association that is over is not to be kept for the sake of its last fragment.
        Arrays.fill(associations, null);
    }

    private void begin() {
        whole.clear();
        drops.begin();
    }

    private void add(PacketBatch batch, int slot, long nowNanos) {
        Association association = arriving[slot];
        if (association == null) {
            throw new IllegalStateException("slot " + slot + " has no association");
        }
        counters.countReceived(batch.site(slot));
        int type = Geneve.protocolType(batch.slab(), batch.offset(slot));
        int next = whole.size();
        batch.drop(slot, reassembly.add(batch, slot, association, whole, nowNanos));
        if (whole.size() > next) {
            counters.countReassembled(batch.site(slot));
            associations[next] = association;
            packets.take(next, type);
        }
    }

    private void copy(PacketBatch batch, int slot) {
        int bytes = batch.length(slot);
        int copy = whole.add(bytes);
        whole.slab().put(whole.offset(copy), batch.slab(), batch.offset(slot), bytes);
        whole.setVnet(copy, batch.vnet(slot));
        whole.setSite(copy, batch.site(slot));
        whole.setChecksumState(copy, batch.checksumState(slot));
        associations[copy] = arriving[slot];
        batch.drop(slot, DropReason.CONSUMED);
    }
}

package net.vgate.offload;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;

/** Packets in the places where they arrived, coalesced, and what becomes of them when they are cut again. */
final class CoalescedTraffic {
    private static final int SLOTS = 512;
    private static final int SLAB_BYTES = 2 << 20;

    private final PacketBatch arrived = PacketBatch.packed(SLOTS, SLAB_BYTES);
    private final PacketBatch batch = PacketBatch.viewsOf(arrived, SLOTS);
    private final PacketBatch whole = PacketBatch.packed(1, PacketBatch.MAX_ROOM_BYTES);
    private final List<PacketBatch> targets = Stream.of(1, 3, 50, 200)
            .map(slots -> PacketBatch.packed(slots, 2 * PacketBatch.MAX_ROOM_BYTES))
            .toList();
    private final Coalescer coalescer = new Coalescer();
    private final Segmenter segmenter = new Segmenter(whole);

    /** What was merged by the last call, in the places where it is. */
    PacketBatch batch() {
        return batch;
    }

    Coalescer coalescer() {
        return coalescer;
    }

    /** Puts the packets into slots, each into that of its index, and merges them. */
    void coalesce(List<TrafficPacket> packets) {
        load(packets);
        coalescer.coalesce(batch);
    }

    /** Puts the packets into slots. */
    void load(List<TrafficPacket> packets) {
        arrived.clear();
        batch.clear();
        for (TrafficPacket packet : packets) {
            int from = arrived.addCopy(packet.bytes());
            int slot = batch.addView(arrived, from, arrived.offset(from), packet.bytes().length);
            batch.setVnet(slot, packet.vnet());
            batch.setSite(slot, packet.site());
            batch.setChecksumState(slot, packet.isPartial() ? ChecksumState.PARTIAL : ChecksumState.UNKNOWN);
        }
    }

    /** The slots of each live packet and of what was merged into it. */
    List<List<Integer>> groups() {
        List<List<Integer>> groups = new ArrayList<>();
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot)) {
                groups.add(chain(slot));
            }
        }
        return groups;
    }

    private List<Integer> chain(int leader) {
        List<Integer> chain = new ArrayList<>();
        for (int slot = leader; slot != PacketBatch.NONE; slot = batch.next(slot)) {
            chain.add(slot);
        }
        return chain;
    }

    /** The bytes of the live packet in {@code leader}, those of what was merged into it behind its own. */
    byte[] gathered(int leader) {
        List<Integer> chain = chain(leader);
        ByteBuffer bytes = ByteBuffer.allocate(
                chain.stream().mapToInt(slot -> batch.length(slot)).sum());
        chain.forEach(slot -> bytes.put(batch.copyOut(slot)));
        return bytes.array();
    }

    /**
     * What the live packet in {@code leader} is cut into.
     *
     * @param keepPartial whether the transport checksum stays partial
     * @param target any number; it chooses how many packets are cut before somebody takes them away
     */
    List<byte[]> cut(int leader, boolean keepPartial, int target) {
        whole.clear();
        int slot = whole.addCopy(gathered(leader));
        whole.setGso(slot, batch.gsoType(leader), batch.gsoSize(leader));
        whole.setChecksumState(slot, batch.checksumState(leader));
        boolean isMerged = batch.parts(leader) > 1;
        if (whole.inner().parse(slot) != null || (isMerged && SuperPacket.count(whole, slot) != null)) {
            throw new AssertionError("not a packet that can be cut");
        }
        if (whole.parts(slot) != batch.parts(leader)) {
            throw new AssertionError(whole.parts(slot) + " packets, not " + batch.parts(leader));
        }
        segmenter.begin(whole, slot, keepPartial);
        PacketBatch to = targets.get(target % targets.size());
        List<byte[]> packets = new ArrayList<>();
        boolean isDone = false;
        while (!isDone) {
            to.clear();
            isDone = segmenter.cutInto(to, 7, 3);
            for (int packet = 0; packet < to.size(); packet++) {
                packets.add(to.copyOut(packet));
            }
        }
        return packets;
    }
}

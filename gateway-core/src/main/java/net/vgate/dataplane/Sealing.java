package net.vgate.dataplane;

import java.util.List;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.record.Association;
import net.vgate.record.RecordProtector;
import net.vgate.tunnel.Tunnel;
import org.jspecify.annotations.Nullable;

/**
 * Finds for each packet the association that carries it, and seals the packets of one association together. The
 * association is taken once a batch and site: key and sequence numbers as one object.
 */
final class Sealing {
    private final RecordProtector protector;
    private final SlotList slots;

    Sealing(RecordProtector protector, int capacity) {
        this.protector = protector;
        this.slots = new SlotList(capacity);
    }

    /** Seals every live packet; what has no association is dropped, nothing is ever sent in clear. */
    void seal(PacketBatch batch, ForwardingSnapshot table) {
        for (int first = 0; first < batch.size(); first++) {
            if (!batch.isLive(first) || batch.lane(first) != PacketBatch.NONE) {
                continue;
            }
            int site = batch.site(first);
            slots.clear();
            for (int slot = first; slot < batch.size(); slot++) {
                if (batch.isLive(slot) && batch.site(slot) == site) {
                    batch.setLane(slot, 0);
                    slots.add(slot);
                }
            }
            Association association = carrier(table.tunnels(site));
            if (association == null) {
                for (int i = 0; i < slots.count(); i++) {
                    batch.drop(slots.array()[i], DropReason.NO_TUNNEL);
                }
            } else {
                protector.seal(batch, slots.array(), slots.count(), association);
            }
        }
    }

    private static @Nullable Association carrier(List<Tunnel> tunnels) {
        for (int i = 0; i < tunnels.size(); i++) {
            Association association = tunnels.get(i).sending();
            if (association != null) {
                return association;
            }
        }
        return null;
    }
}

package net.vgate.dataplane;

import java.util.ArrayList;
import java.util.List;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.record.Association;
import net.vgate.record.RecordProtector;
import org.jspecify.annotations.Nullable;

/**
 * Makes packets records of an association, and has the records wait while it is held ({@link Association#hold}): in
 * order, in native memory. Once some wait, all that are sealed on it wait behind them until a later turn has taken them
 * out. When many wait, it is held no longer; when there is no room even so, the oldest goes.
 *
 * <p>One instance per worker, run by that worker's thread only. Memory is taken when the first record waits, and given
 * back after the last.
 */
final class Sealing {
    /** Fewer records than the replay window takes: messages of control do not wait, and must not make them too old. */
    private static final int WAITING_BYTES = 1 << 20;

    /** Who seals so much in so short a time would fill any memory; the rest is for what comes until the next turn. */
    private static final int ENOUGH_BYTES = WAITING_BYTES - (128 << 10);

    private final RecordProtector protector;
    private final DropCounters drops;
    private final List<Waiting> waiting = new ArrayList<>();

    /** Records of one association toward one site. */
    private record Waiting(Association association, int site, PacketRing ring) {}

    Sealing(RecordProtector protector, DropCounters drops) {
        this.protector = protector;
        this.drops = drops;
    }

    /**
     * Seals as {@link RecordProtector#seal} does. What has to wait is CONSUMED.
     *
     * @param slots of one site
     */
    void seal(PacketBatch batch, SlotList slots, Association association) {
        protector.seal(batch, slots.array(), slots.count(), association);
        Waiting queue = find(association);
        if (queue == null && association.isHeld() && !slots.isEmpty()) {
            queue = begin(association, batch.site(slots.array()[0]));
        }
        if (queue != null) {
            hold(queue, batch, slots);
        }
    }

    private @Nullable Waiting find(Association association) {
        for (int i = 0; i < waiting.size(); i++) {
            if (waiting.get(i).association == association) {
                return waiting.get(i);
            }
        }
        return null;
    }

    /** Null when there is no memory left for that: better out of order than lost. */
    private @Nullable Waiting begin(Association association, int site) {
        PacketRing ring = PacketRing.of(WAITING_BYTES);
        if (ring == null) {
            return null;
        }
        Waiting queue = new Waiting(association, site, ring);
        waiting.add(queue);
        return queue;
    }

    private void hold(Waiting queue, PacketBatch batch, SlotList slots) {
        if (queue.ring.used() > ENOUGH_BYTES) {
            // Better out of order than lost. What comes until the next turn has room still.
            queue.association.release();
        }
        for (int i = 0; i < slots.count(); i++) {
            int slot = slots.array()[i];
            if (!batch.isLive(slot)) {
                continue;
            }
            while (!queue.ring.add(batch, slot, 0)) {
                queue.ring.remove();
                drops.count(Stage.SEAL, DropReason.QUEUE_FULL, queue.site, 1);
            }
            batch.drop(slot, DropReason.CONSUMED);
        }
    }

    /** Whether records wait. */
    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    /**
     * Moves records whose association is not held any more into {@code batch}, which is empty, to be sent by the path
     * that it has now. Returns whether more are to follow.
     */
    boolean release(PacketBatch batch, long nowNanos) {
        for (int i = 0; i < waiting.size(); ) {
            Waiting queue = waiting.get(i);
            if (queue.association.isHeld(nowNanos)) {
                i++;
                continue;
            }
            while (queue.ring.packets() > 0) {
                if (!batch.hasRoom(queue.ring.length())) {
                    return true;
                }
                int slot = queue.ring.moveTo(batch);
                batch.setSite(slot, queue.site);
                queue.association.address(batch, slot);
            }
            queue.ring.giveBack();
            waiting.remove(i);
        }
        return false;
    }
}

package net.vgate.dataplane;

import java.util.IdentityHashMap;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.RateLimit;
import net.vgate.offload.Segmenter;
import net.vgate.offload.SuperPacket;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import org.jspecify.annotations.Nullable;

/**
 * Has packets of V-nets wait that may send to a site at a bounded rate only ({@link RateLimit}). What is within the
 * rate passes as it is; what is beyond is copied into a queue ({@link ShapedQueue}), super-packets cut, and comes back
 * in a later turn. Nothing here waits: {@link #waitNanos} says when to turn again. Packets wait in clear and are sealed
 * when they are sent, so that they take the association which carries then.
 *
 * <p>One instance per worker, run by that worker's thread only. Without limits it has no memory, and costs nothing.
 */
final class Shaper {
    /** Packets of one turn. */
    private static final int RELEASED = 128;

    private static final int RELEASED_BYTES = 256 << 10;

    private static final ShapedQueue[] NONE = {};

    private final DropCounters drops;
    private final int worker;

    /** At {@code vnet * sites + site}; null where there is no limit. */
    private @Nullable ShapedQueue[] queues = NONE;

    /** One more than the highest number of a site with a limit; 0 when there is none. */
    private int sites;

    /** Those in which packets wait come first. */
    private ShapedQueue[] waiting = NONE;

    private int waitingCount;
    private int turns;
    private @Nullable PacketBatch cut;
    private @Nullable PacketBatch released;
    private @Nullable Segmenter segmenter;
    private @Nullable DropTally tally;

    Shaper(DropCounters drops, int worker) {
        this.drops = drops;
        this.worker = worker;
    }

    /** Makes the queues those of a new plan. What waits goes on waiting where there is a limit still. */
    void adopt(ForwardingSnapshot table) {
        IdentityHashMap<RateLimit, ShapedQueue> before = new IdentityHashMap<>();
        for (ShapedQueue queue : queues) {
            if (queue != null) {
                before.put(queue.limit(), queue);
            }
        }
        sites = 0;
        for (int vnet = 0; vnet < table.vnetCount(); vnet++) {
            sites = Math.max(sites, table.vnet(vnet).limitedSites());
        }
        queues = new ShapedQueue[table.vnetCount() * sites];
        waiting = new ShapedQueue[queues.length];
        waitingCount = 0;
        for (int vnet = 0; vnet < table.vnetCount(); vnet++) {
            for (int site = 0; site < table.vnet(vnet).limitedSites(); site++) {
                RateLimit limit = table.vnet(vnet).limit(site);
                if (limit != null) {
                    place(limit, before.remove(limit), vnet, site);
                }
            }
        }
        before.values().forEach(gone -> count(gone.site(), gone.abandon()));
        if (sites > 0 && released == null) {
            PacketBatch batch = PacketBatch.packed(RELEASED, RELEASED_BYTES);
            released = batch;
            cut = PacketBatch.packed(RELEASED, RELEASED_BYTES);
            segmenter = new Segmenter(batch);
            tally = new DropTally(batch, drops);
        }
    }

    private void place(RateLimit limit, @Nullable ShapedQueue known, int vnet, int site) {
        ShapedQueue queue = known == null ? new ShapedQueue(limit, worker) : known;
        queue.place(vnet, site);
        queues[vnet * sites + site] = queue;
        if (queue.packets() > 0) {
            waiting[waitingCount++] = queue;
        }
    }

    /** Takes what has to wait out of {@code batch}: it is CONSUMED there. */
    void hold(PacketBatch batch, long nowNanos) {
        if (sites == 0) {
            return;
        }
        for (int slot = 0; slot < batch.size(); slot++) {
            ShapedQueue queue = batch.isLive(slot) ? queue(batch.vnet(slot), batch.site(slot)) : null;
            if (queue != null && !passes(queue, batch, slot, nowNanos)) {
                hold(queue, batch, slot, nowNanos);
                batch.drop(slot, DropReason.CONSUMED);
            }
        }
    }

    private @Nullable ShapedQueue queue(int vnet, int site) {
        return site < sites ? queues[vnet * sites + site] : null;
    }

    /** Whether nothing waits before the packet and it may pass; one of more than a burst is cut first. */
    private static boolean passes(ShapedQueue queue, PacketBatch batch, int slot, long nowNanos) {
        RateLimit limit = queue.limit();
        if (queue.packets() > 0 || limit.waitNanos(nowNanos) > 0) {
            return false;
        }
        long bytes = SuperPacket.wireBytes(batch, slot);
        if (batch.parts(slot) > 1 && bytes > limit.bytesIn(RateLimit.BURST_NANOS)) {
            return false;
        }
        limit.charge(bytes, nowNanos);
        return true;
    }

    private void hold(ShapedQueue queue, PacketBatch batch, int slot, long nowNanos) {
        int trafficClass = batch.inner().trafficClass(slot);
        boolean waitedBefore = queue.packets() > 0;
        int refused = 0;
        if (batch.parts(slot) == 1) {
            refused = queue.add(batch, slot, trafficClass, nowNanos) ? 0 : 1;
        } else if (segmenter != null && cut != null) {
            segmenter.begin(batch, slot, true);
            boolean isDone;
            do {
                cut.clear();
                isDone = segmenter.cutInto(cut, 0, 0);
                for (int part = 0; part < cut.size(); part++) {
                    refused += queue.add(cut, part, trafficClass, nowNanos) ? 0 : 1;
                }
            } while (!isDone);
        }
        count(batch.site(slot), refused);
        if (!waitedBefore && queue.packets() > 0) {
            waiting[waitingCount++] = queue;
        }
    }

    /** What may be sent now, parsed; null when there is nothing. Valid until the next call. */
    @Nullable
    PacketBatch release(long nowNanos) {
        PacketBatch batch = released;
        if (waitingCount == 0 || batch == null) {
            return null;
        }
        batch.clear();
        // The batch may be full before the last one's turn, so another one is the first each time.
        swap(0, Math.floorMod(turns++, waitingCount));
        for (int i = 0; i < waitingCount; ) {
            ShapedQueue queue = waiting[i];
            count(queue.site(), queue.release(batch, nowNanos));
            if (queue.packets() == 0) {
                waiting[i] = waiting[--waitingCount];
            } else {
                i++;
            }
        }
        return batch.size() == 0 ? null : batch;
    }

    /** Counts what was dropped, on its further way, of what was released last. */
    void countDropped(Stage stage) {
        if (tally != null) {
            tally.begin();
            tally.after(stage);
        }
    }

    private void swap(int one, int other) {
        ShapedQueue queue = waiting[one];
        waiting[one] = waiting[other];
        waiting[other] = queue;
    }

    /** How long nothing is to be released: 0 when something is, and {@code most} when nothing waits. */
    long waitNanos(long nowNanos, long most) {
        long wait = most;
        for (int i = 0; i < waitingCount; i++) {
            wait = Math.min(wait, waiting[i].limit().waitNanos(nowNanos));
        }
        return Math.max(0, wait);
    }

    private void count(int site, int packets) {
        if (packets > 0) {
            drops.count(Stage.SHAPE, DropReason.SHAPED, site, packets);
        }
    }
}

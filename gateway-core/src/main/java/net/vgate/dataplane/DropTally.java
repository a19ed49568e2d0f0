package net.vgate.dataplane;

import java.util.Arrays;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;

/** The one place that counts a batch's drops: after each stage, what that stage dropped. One per path. */
final class DropTally {
    private final PacketBatch batch;
    private final DropCounters counters;
    private final boolean[] counted;

    DropTally(PacketBatch batch, DropCounters counters) {
        this.batch = batch;
        this.counters = counters;
        this.counted = new boolean[batch.capacity()];
    }

    /** A new batch begins. */
    void begin() {
        Arrays.fill(counted, false);
    }

    /** Counts what was dropped since the last call, as dropped in {@code stage}. What was consumed is no loss. */
    void after(Stage stage) {
        for (int slot = 0; slot < batch.size(); slot++) {
            DropReason reason = batch.dropReason(slot);
            if (reason != null && !counted[slot]) {
                counted[slot] = true;
                if (reason != DropReason.CONSUMED) {
                    counters.count(stage, reason, batch.site(slot), batch.parts(slot));
                }
            }
        }
    }
}

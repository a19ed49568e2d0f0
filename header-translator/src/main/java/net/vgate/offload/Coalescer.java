package net.vgate.offload;

import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.PacketBatch;
import org.jspecify.annotations.Nullable;

/**
 * Parses the packets of a batch and merges those that follow one another in a flow into super-packets, by the rules of
 * Linux's GRO: segments of TCP, or datagrams of UDP, of one V-net and site and with the same headers, whose payloads
 * are of one size but for the last, which may be smaller. Cut again, a super-packet gives the very packets that it was
 * made of. The order within a flow stays as it is.
 *
 * <p>Merged packets stay where they are: see {@link PacketBatch#merge}. The super-packet's checksum is partial.
 *
 * <p>Nothing in here allocates. One thread.
 */
public final class Coalescer {
    /** Flows that are followed at the same time; one more takes the place of the one that began first. */
    private static final int FLOWS = 8;

    private final MergeRun[] runs = new MergeRun[FLOWS];
    private boolean isEnabled = true;
    private int begun;

    public Coalescer() {
        for (int i = 0; i < FLOWS; i++) {
            runs[i] = new MergeRun();
        }
    }

    /** Sets whether anything is merged. */
    public void enable(boolean isWanted) {
        isEnabled = isWanted;
    }

    /** Parses every live slot; what cannot be understood is dropped. What remains live is a packet, or a merged one. */
    public void coalesce(PacketBatch batch) {
        begun = 0;
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot) && !joins(batch, slot)) {
                parse(batch, slot);
            }
        }
        for (int i = 0; i < Math.min(begun, FLOWS); i++) {
            runs[i].finish(batch);
        }
    }

    private boolean joins(PacketBatch batch, int slot) {
        for (int i = 0; i < Math.min(begun, FLOWS); i++) {
            if (runs[i].take(batch, slot)) {
                return true;
            }
        }
        return false;
    }

    private void parse(PacketBatch batch, int slot) {
        @Nullable DropReason malformed = batch.inner().parse(slot);
        if (malformed != null) {
            batch.drop(slot, malformed);
            return;
        }
        // What comes after this one may not get before it.
        for (int i = 0; i < Math.min(begun, FLOWS); i++) {
            runs[i].closeIfOfFlow(batch, slot);
        }
        int protocol = batch.inner().protocol(slot);
        boolean mayMerge = isEnabled && (protocol == InnerHeader.TCP || protocol == InnerHeader.UDP);
        if (mayMerge && MergeRun.mayLead(batch, slot)) {
            MergeRun run = runs[begun % FLOWS];
            if (begun >= FLOWS) {
                run.finish(batch);
            }
            run.begin(batch, slot);
            begun++;
        }
    }
}

package net.vgate.linux;

import java.nio.ByteBuffer;
import net.vgate.offload.Segmenter;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a packet that was merged of many into those that it stands for. It has the memory of one super-packet. One
 * thread.
 */
final class SuperPacketCutter {
    private final PacketBatch whole = PacketBatch.packed(1, PacketBatch.MAX_ROOM_BYTES);
    private final Segmenter segmenter = new Segmenter(whole);

    /**
     * Begins with the packet in {@code slot} and all that was merged into it. Returns null, or why it cannot be cut.
     *
     * @param keepPartial whether a partial checksum may stay so
     */
    @Nullable
    DropReason begin(PacketBatch batch, int slot, boolean keepPartial) {
        whole.clear();
        int bytes = batch.length(slot);
        for (int next = batch.next(slot); next != PacketBatch.NONE; next = batch.next(next)) {
            bytes += batch.length(next);
        }
        int copy = whole.add(bytes);
        int at = whole.offset(copy);
        ByteBuffer from = batch.slab();
        for (int next = slot; next != PacketBatch.NONE; next = batch.next(next)) {
            whole.slab().put(at, from, batch.offset(next), batch.length(next));
            at += batch.length(next);
        }
        whole.setGso(copy, batch.gsoType(slot), batch.gsoSize(slot));
        whole.setParts(copy, batch.parts(slot));
        whole.setChecksumState(copy, ChecksumState.PARTIAL);
        DropReason malformed = whole.inner().parse(copy);
        if (malformed == null) {
            segmenter.begin(whole, copy, keepPartial);
        }
        return malformed;
    }

    /** As {@link Segmenter#cutInto}. */
    boolean cutInto(PacketBatch to, int headBytes, int tailBytes) {
        return segmenter.cutInto(to, headBytes, tailBytes);
    }
}

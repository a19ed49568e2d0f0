package net.vgate.dataplane;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import org.jspecify.annotations.Nullable;

/**
 * Packets that wait, in order, in native memory of a fixed size; each as it is on the wire, in one piece. For one
 * thread.
 *
 * <pre>
 * | length 4 | partial checksum? 2, traffic class 2 | since when 8 | packet, up to a multiple of 8 |
 * </pre>
 */
final class PacketRing {
    private static final int FLAGS_OFFSET = 4;
    private static final int TRAFFIC_CLASS_OFFSET = 6;
    private static final int SINCE_OFFSET = 8;
    private static final int HEADER_BYTES = 16;

    /** In place of a length: the next packet is at the beginning. */
    private static final int WRAP = -1;

    private static final short PARTIAL = 1;

    /** What all rings of the process may take together; who finds nothing left drops. */
    private static final AtomicLong LEFT = new AtomicLong(64 << 20);

    private final ByteBuffer memory;
    private int head;
    private int tail;
    private int packets;

    private PacketRing(int bytes) {
        memory = ByteBuffer.allocateDirect(bytes);
    }

    /** A ring of {@code bytes} bytes, a multiple of 8; null when there are not as many left for it. */
    static @Nullable PacketRing of(int bytes) {
        if (LEFT.addAndGet(-bytes) < 0) {
            LEFT.addAndGet(bytes);
            return null;
        }
        return new PacketRing(bytes);
    }

    /** Others may have its memory; it is not used any more. */
    void giveBack() {
        LEFT.addAndGet(memory.capacity());
    }

    int bytes() {
        return memory.capacity();
    }

    /** How many bytes are taken, at the most. */
    int used() {
        if (packets == 0) {
            return 0;
        }
        return tail > head ? tail - head : memory.capacity() - head + tail;
    }

    /** How many packets wait. */
    int packets() {
        return packets;
    }

    /** Adds a copy of the packet in {@code slot}. False when there is no room. */
    boolean add(PacketBatch batch, int slot, long nowNanos) {
        int length = batch.length(slot);
        int needed = HEADER_BYTES + ((length + 7) & -8);
        int at = place(needed);
        if (at < 0) {
            return false;
        }
        memory.putInt(at, length);
        memory.putShort(at + FLAGS_OFFSET, batch.checksumState(slot) == ChecksumState.PARTIAL ? PARTIAL : 0);
        memory.putShort(at + TRAFFIC_CLASS_OFFSET, (short) batch.trafficClass(slot));
        memory.putLong(at + SINCE_OFFSET, nowNanos);
        memory.put(at + HEADER_BYTES, batch.slab(), batch.offset(slot), length);
        tail = at + needed;
        packets++;
        return true;
    }

    /** Where {@code needed} bytes are free in one piece; -1 when they are not. */
    private int place(int needed) {
        if (packets == 0) {
            head = 0;
            tail = 0;
        }
        boolean isWrapped = packets > 0 && tail <= head;
        int end = isWrapped ? head : memory.capacity();
        if (tail + needed <= end) {
            return tail;
        }
        if (isWrapped || needed > head) {
            return -1;
        }
        if (tail < memory.capacity()) {
            memory.putInt(tail, WRAP);
        }
        return 0;
    }

    /** Since when the first packet waits; there is one. */
    long sinceNanos() {
        return memory.getLong(first() + SINCE_OFFSET);
    }

    /** Length of the first packet; there is one. */
    int length() {
        return memory.getInt(first());
    }

    /** Moves the first packet into the next slot of {@code batch}, which has room; returns the slot. */
    int moveTo(PacketBatch batch) {
        int at = first();
        int length = memory.getInt(at);
        int slot = batch.add(length);
        batch.slab().put(batch.offset(slot), memory, at + HEADER_BYTES, length);
        batch.setTrafficClass(slot, memory.getShort(at + TRAFFIC_CLASS_OFFSET));
        if (memory.getShort(at + FLAGS_OFFSET) == PARTIAL) {
            batch.setChecksumState(slot, ChecksumState.PARTIAL);
        }
        remove();
        return slot;
    }

    /** Takes the first packet away; there is one. */
    void remove() {
        int at = first();
        head = at + HEADER_BYTES + ((memory.getInt(at) + 7) & -8);
        packets--;
    }

    private int first() {
        return head == memory.capacity() || memory.getInt(head) == WRAP ? 0 : head;
    }
}

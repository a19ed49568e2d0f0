package net.vgate.record.ipsecmb;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of the direct buffers that one thread hands to the library. A worker has a handful of batches for its
 * whole life, so each buffer is asked for its address once, and is kept reachable from then on.
 */
final class BufferAddresses {
    /** Two buffers a batch, and twice the batches that a worker is ever seen with; the oldest one gives way. */
    private static final int KEPT = 16;

    private final @Nullable ByteBuffer[] buffers = new ByteBuffer[KEPT];
    private final long[] addresses = new long[KEPT];
    private int next;

    /** The address of {@code buffer}'s first byte. Allocates only when the buffer is new here. */
    @SuppressWarnings("ReferenceEquality") // The same memory is meant, not the same bytes.
    long of(ByteBuffer buffer) {
        for (int i = 0; i < KEPT; i++) {
            if (buffers[i] == buffer) {
                return addresses[i];
            }
        }
        int at = next;
        next = (next + 1) % KEPT;
        buffers[at] = buffer;
        addresses[at] = AlignedMemory.addressOf(buffer);
        return addresses[at];
    }
}

package net.vgate.forwarding;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory of up to {@link #BUCKETS} buckets of flows, outside of the heap. Any thread.
 *
 * <pre>
 * bucket: | header: 8 | word of each slot: 8 x 8 | key of each slot: 8 x 40 |   bytes
 * header: | version: 14 | spilled: 1 | frozen: 1 | tag of each slot: 8 x 6 |    bits
 * </pre>
 *
 * Words are {@link FlowWord}s.
 */
final class FlowChunk {
    static final int BUCKETS = 128;
    static final int WAYS = 8;

    /** In place of a chunk that nobody needed before its buckets were frozen. */
    static final FlowChunk NEVER_USED = new FlowChunk(0);

    private static final int KEY_WORDS = 5;
    private static final int WORDS_OFFSET = Long.BYTES;
    private static final int KEYS_OFFSET = WORDS_OFFSET + WAYS * Long.BYTES;
    private static final int BUCKET_BYTES = KEYS_OFFSET + WAYS * KEY_WORDS * Long.BYTES;

    private static final int TAG_BITS = 6;
    private static final long TAG_MASK = (1L << TAG_BITS) - 1;
    private static final long FROZEN = 1L << 48;
    private static final long SPILLED = 1L << 49;
    private static final long VERSION_STEP = 1L << 50;

    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final ByteBuffer memory;

    FlowChunk(int buckets) {
        memory = ByteBuffer.allocateDirect(buckets * BUCKET_BYTES);
    }

    static long bytesOf(int buckets) {
        return (long) buckets * BUCKET_BYTES;
    }

    boolean isNeverUsed() {
        return memory.capacity() == 0;
    }

    long header(int bucket) {
        return (long) LONGS.getVolatile(memory, bucket * BUCKET_BYTES);
    }

    boolean casHeader(int bucket, long header, long next) {
        return LONGS.compareAndSet(memory, bucket * BUCKET_BYTES, header, next);
    }

    /** Whether nothing may be added to the bucket any more. */
    static boolean isFrozen(long header) {
        return (header & FROZEN) != 0;
    }

    static long frozen(long header) {
        return header | FROZEN;
    }

    /** Whether flows of the bucket may be in its alternative. */
    static boolean isSpilled(long header) {
        return (header & SPILLED) != 0;
    }

    /** Six bits that tell most flows of a bucket apart. */
    static long tagOf(FlowProbe probe) {
        return probe.hash() >>> (Long.SIZE - TAG_BITS);
    }

    static boolean hasTag(long header, int slot, long tag) {
        return (header >>> (slot * TAG_BITS) & TAG_MASK) == tag;
    }

    /** The header once a flow with this tag was added to the slot. */
    static long entered(long header, int slot, long tag) {
        int shift = slot * TAG_BITS;
        long others = header & ~(TAG_MASK << shift);
        return (others | tag << shift) + VERSION_STEP;
    }

    /** The header once a flow of the bucket was added to its alternative. */
    static long spilled(long header) {
        return (header | SPILLED) + VERSION_STEP;
    }

    long word(int bucket, int slot) {
        return (long) LONGS.getAcquire(memory, wordAt(bucket, slot));
    }

    /** Shows the key that was written before to whoever reads the word, before this thread reads anything else. */
    void publishWord(int bucket, int slot, long word) {
        LONGS.setVolatile(memory, wordAt(bucket, slot), word);
    }

    boolean casWord(int bucket, int slot, long word, long next) {
        return LONGS.compareAndSet(memory, wordAt(bucket, slot), word, next);
    }

    void writeKey(int bucket, int slot, FlowProbe probe) {
        int at = keyAt(bucket, slot);
        for (int i = 0; i < KEY_WORDS; i++) {
            LONGS.setOpaque(memory, at + i * Long.BYTES, probe.keyWord(i));
        }
    }

    boolean isKey(int bucket, int slot, FlowProbe probe) {
        int at = keyAt(bucket, slot);
        for (int i = 0; i < KEY_WORDS; i++) {
            if ((long) LONGS.getOpaque(memory, at + i * Long.BYTES) != probe.keyWord(i)) {
                return false;
            }
        }
        return true;
    }

    void readKey(int bucket, int slot, FlowProbe into) {
        int at = keyAt(bucket, slot);
        into.setKeyWords(
                (long) LONGS.getOpaque(memory, at),
                (long) LONGS.getOpaque(memory, at + Long.BYTES),
                (long) LONGS.getOpaque(memory, at + 2 * Long.BYTES),
                (long) LONGS.getOpaque(memory, at + 3 * Long.BYTES),
                (long) LONGS.getOpaque(memory, at + 4 * Long.BYTES));
    }

    private static int wordAt(int bucket, int slot) {
        return bucket * BUCKET_BYTES + WORDS_OFFSET + slot * Long.BYTES;
    }

    private static int keyAt(int bucket, int slot) {
        return bucket * BUCKET_BYTES + KEYS_OFFSET + slot * KEY_WORDS * Long.BYTES;
    }
}

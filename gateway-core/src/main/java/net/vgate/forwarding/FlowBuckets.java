package net.vgate.forwarding;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The slots of a flow table of one size, outside of the heap: buckets of eight slots each, in chunks that are allocated
 * when the first flow falls into them.
 *
 * <pre>
 * bucket: | header: 8 | word of each slot: 8 x 8 | key of each slot: 8 x 40 |          bytes
 * header: | version: 15 | frozen: 1 | tag of each slot: 8 x 6 |                        bits
 * </pre>
 *
 * <p><b>Protocol.</b> A {@linkplain FlowWord slot's word} is taken by compare-and-set from empty, expired or given-up
 * to busy; then the key is written, then the word says live. The flow is found only once its tag is in the header, put
 * there by a compare-and-set that fails if anybody else put one there since the bucket was searched for the key: so a
 * key is in a bucket once. Readers compare the key between two reads of the word. A frozen bucket takes no more flows.
 */
final class FlowBuckets {
    static final int WAYS = 8;

    private static final int KEY_WORDS = 5;
    private static final int WORDS_OFFSET = Long.BYTES;
    private static final int KEYS_OFFSET = WORDS_OFFSET + WAYS * Long.BYTES;
    private static final int BUCKET_BYTES = KEYS_OFFSET + WAYS * KEY_WORDS * Long.BYTES;

    private static final int CHUNK_SHIFT = 7;
    private static final int CHUNK_MASK = (1 << CHUNK_SHIFT) - 1;

    /** A flow that began only now is not given up: its answer is under way. */
    private static final int MIN_IDLE_TICKS = 2;

    private static final int TAG_BITS = 6;
    private static final long TAG_MASK = (1L << TAG_BITS) - 1;
    private static final long FROZEN = 1L << 48;
    private static final long VERSION_STEP = 1L << 49;

    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /** In place of a chunk that nobody needed before its buckets were frozen. */
    private static final ByteBuffer NEVER_USED = ByteBuffer.allocateDirect(0);

    /** What became of an attempt to add a flow. */
    enum Added {
        /** It is there now, and the probe knows where. */
        DONE,
        /** It was there already, and the probe knows where. */
        PRESENT,
        /** Another worker was quicker, or the bucket is frozen: search anew, from the table's current buckets. */
        AGAIN,
        /** The bucket or the whole table is full. */
        FULL
    }

    private final int bucketCount;
    private final int chunkBytes;
    private final FlowCounts counts;
    private final AtomicReferenceArray<@Nullable ByteBuffer> chunks;

    /**
     * @param bucketCount a power of two
     * @param counts those of the table that the buckets belong to
     */
    FlowBuckets(int bucketCount, FlowCounts counts) {
        this.bucketCount = bucketCount;
        this.chunkBytes = Math.min(bucketCount, 1 << CHUNK_SHIFT) * BUCKET_BYTES;
        this.counts = counts;
        this.chunks = new AtomicReferenceArray<>(((bucketCount - 1) >> CHUNK_SHIFT) + 1);
    }

    int bucketCount() {
        return bucketCount;
    }

    /** Looks for the probe's key. If it is there, expired or not, the probe knows where. */
    boolean find(FlowProbe probe) {
        int bucket = bucketOf(probe);
        ByteBuffer chunk = chunk(bucket);
        return chunk != null && find(probe, bucket, chunk, header(chunk, baseOf(bucket)), -1);
    }

    private boolean find(FlowProbe probe, int bucket, ByteBuffer chunk, long header, int exceptSlot) {
        int base = baseOf(bucket);
        long tag = tagOf(probe);
        for (int slot = 0; slot < WAYS; slot++) {
            if ((header >>> (slot * TAG_BITS) & TAG_MASK) == tag && slot != exceptSlot) {
                long word = word(chunk, base, slot);
                if (FlowWord.status(word) == FlowWord.LIVE && isKey(probe, chunk, base, slot)) {
                    VarHandle.acquireFence();
                    long again = word(chunk, base, slot);
                    if (FlowWord.status(again) == FlowWord.LIVE && FlowWord.isSameKey(word, again)) {
                        probe.found(this, bucket, slot, again);
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Changes the word of the flow that the probe found; false if it changed since. */
    boolean replace(FlowProbe probe, long next) {
        int bucket = probe.bucket();
        ByteBuffer chunk = chunk(bucket);
        if (chunk == null || !casWord(chunk, baseOf(bucket), probe.slot(), probe.word(), next)) {
            return false;
        }
        probe.found(this, bucket, probe.slot(), next);
        return true;
    }

    /**
     * Adds a flow with the probe's key.
     *
     * @param word state and time of the flow; the version does not count
     * @param maxFlows how many flows the table may have
     * @param mayReplace whether, for want of room, a flow that is not lasting may be given up
     */
    Added add(FlowProbe probe, long word, int maxFlows, boolean mayReplace) {
        int bucket = bucketOf(probe);
        ByteBuffer chunk = chunkForFlow(bucket);
        if (chunk.capacity() == 0) {
            return Added.AGAIN;
        }
        int base = baseOf(bucket);
        long header = header(chunk, base);
        if ((header & FROZEN) != 0) {
            return Added.AGAIN;
        }
        if (find(probe, bucket, chunk, header, -1)) {
            return Added.PRESENT;
        }
        int slot = claim(chunk, base, FlowWord.seen(word), maxFlows, mayReplace);
        if (slot < 0) {
            return Added.FULL;
        }
        for (int i = 0; i < KEY_WORDS; i++) {
            LONGS.setOpaque(chunk, keyAt(base, slot) + i * Long.BYTES, probe.keyWord(i));
        }
        long live = FlowWord.copy(word, word(chunk, base, slot));
        LONGS.setRelease(chunk, wordAt(base, slot), live);
        return enter(probe, bucket, chunk, slot, live);
    }

    /** Puts the tag of a slot that has its key into the header, unless the key got there before. */
    private Added enter(FlowProbe probe, int bucket, ByteBuffer chunk, int slot, long live) {
        int base = baseOf(bucket);
        while (true) {
            long header = header(chunk, base);
            if ((header & FROZEN) != 0) {
                giveUp(chunk, base, slot, live);
                return Added.AGAIN;
            }
            if (find(probe, bucket, chunk, header, slot)) {
                giveUp(chunk, base, slot, live);
                return Added.PRESENT;
            }
            long word = word(chunk, base, slot);
            if (FlowWord.status(word) != FlowWord.LIVE || !FlowWord.isSameKey(word, live)) {
                // This thread was stopped for so long that others took the slot: its tag is theirs now.
                return Added.AGAIN;
            }
            int shift = slot * TAG_BITS;
            long others = header & ~(TAG_MASK << shift);
            long entered = (others | tagOf(probe) << shift) + VERSION_STEP;
            if (LONGS.compareAndSet(chunk, base, header, entered)) {
                probe.found(this, bucket, slot, word);
                return Added.DONE;
            }
        }
    }

    /**
     * Takes a slot for another key: an expired one, an empty one, or the longest idle of those that are not lasting.
     */
    private int claim(ByteBuffer chunk, int base, int tick, int maxFlows, boolean mayReplace) {
        for (int slot = 0; slot < WAYS; slot++) {
            long word = word(chunk, base, slot);
            if (FlowWord.status(word) == FlowWord.LIVE
                    && FlowWord.isExpired(word, tick)
                    && claim(chunk, base, slot, word)) {
                return slot;
            }
        }
        for (int slot = 0; slot < WAYS; slot++) {
            long word = word(chunk, base, slot);
            if (FlowWord.status(word) == FlowWord.EMPTY) {
                if (!counts.takeOne(maxFlows)) {
                    break;
                }
                if (claim(chunk, base, slot, word)) {
                    return slot;
                }
                counts.giveOneBack();
            }
        }
        return mayReplace ? claimLongestIdle(chunk, base, tick) : -1;
    }

    private int claimLongestIdle(ByteBuffer chunk, int base, int tick) {
        int victim = -1;
        long victimWord = 0;
        int longest = MIN_IDLE_TICKS - 1;
        for (int slot = 0; slot < WAYS; slot++) {
            long word = word(chunk, base, slot);
            if (FlowWord.status(word) == FlowWord.LIVE
                    && !FlowWord.state(word).isLasting()
                    && FlowWord.idleTicks(word, tick) > longest) {
                longest = FlowWord.idleTicks(word, tick);
                victim = slot;
                victimWord = word;
            }
        }
        if (victim >= 0 && claim(chunk, base, victim, victimWord)) {
            counts.replaced();
            return victim;
        }
        return -1;
    }

    private static boolean claim(ByteBuffer chunk, int base, int slot, long word) {
        boolean claimed = casWord(chunk, base, slot, word, FlowWord.claim(word));
        // The key's words may not be seen before the word says that they change.
        VarHandle.storeStoreFence();
        return claimed;
    }

    private void giveUp(ByteBuffer chunk, int base, int slot, long live) {
        while (true) {
            long word = word(chunk, base, slot);
            if (FlowWord.status(word) != FlowWord.LIVE || !FlowWord.isSameKey(word, live)) {
                return;
            }
            if (casWord(chunk, base, slot, word, FlowWord.release(word))) {
                counts.giveOneBack();
                return;
            }
        }
    }

    /** Removes the flow that the probe found; false if it changed since. */
    boolean remove(FlowProbe probe) {
        if (!replace(probe, FlowWord.release(probe.word()))) {
            return false;
        }
        counts.giveOneBack();
        return true;
    }

    /** Empties the slots of expired flows. */
    void reclaim(int bucket, int tick) {
        ByteBuffer chunk = chunk(bucket);
        if (chunk == null) {
            return;
        }
        int base = baseOf(bucket);
        for (int slot = 0; slot < WAYS; slot++) {
            long word = word(chunk, base, slot);
            if (FlowWord.status(word) == FlowWord.LIVE
                    && FlowWord.isExpired(word, tick)
                    && casWord(chunk, base, slot, word, FlowWord.release(word))) {
                counts.giveOneBack();
            }
        }
    }

    /** From now on nothing is added to the bucket. */
    void freeze(int bucket) {
        int index = bucket >> CHUNK_SHIFT;
        if (chunks.get(index) == null && chunks.compareAndSet(index, null, NEVER_USED)) {
            return;
        }
        ByteBuffer chunk = chunk(bucket);
        int base = baseOf(bucket);
        while (chunk != null) {
            long header = header(chunk, base);
            if ((header & FROZEN) != 0 || LONGS.compareAndSet(chunk, base, header, header | FROZEN)) {
                return;
            }
        }
    }

    /** Moves the flows of a frozen bucket into larger buckets; only one thread does so for one bucket. */
    void move(int bucket, FlowBuckets larger, FlowProbe mover, int tick) {
        ByteBuffer chunk = chunk(bucket);
        if (chunk != null) {
            for (int slot = 0; slot < WAYS; slot++) {
                move(chunk, baseOf(bucket), slot, larger, mover, tick);
            }
        }
    }

    /**
     * First the copy, then the mark on the original: until then everybody uses the original, and what they change there
     * makes the mark fail and is copied again.
     */
    private void move(ByteBuffer chunk, int base, int slot, FlowBuckets larger, FlowProbe mover, int tick) {
        boolean copied = false;
        while (true) {
            long word = word(chunk, base, slot);
            if (FlowWord.status(word) != FlowWord.LIVE) {
                // A busy slot is one that cannot be entered any more.
                return;
            }
            if (copied) {
                larger.replace(mover, FlowWord.copy(word, mover.word()));
            } else if (!FlowWord.isExpired(word, tick)) {
                readKey(chunk, base, slot, mover);
                VarHandle.acquireFence();
                if (!FlowWord.isSameKey(word, word(chunk, base, slot))) {
                    continue;
                }
                Added added = larger.add(mover, word, Integer.MAX_VALUE, true);
                if (added == Added.AGAIN) {
                    continue;
                }
                copied = added == Added.DONE;
                if (added == Added.FULL) {
                    counts.replaced();
                }
            }
            if (casWord(chunk, base, slot, word, FlowWord.moved(word))) {
                counts.giveOneBack();
                return;
            }
        }
    }

    /** Bytes of all chunks, allocated or not. */
    long bytes() {
        return bytesOf(bucketCount);
    }

    static long bytesOf(int bucketCount) {
        return (long) bucketCount * BUCKET_BYTES;
    }

    private @Nullable ByteBuffer chunk(int bucket) {
        ByteBuffer chunk = chunks.get(bucket >> CHUNK_SHIFT);
        return chunk == null || chunk.capacity() == 0 ? null : chunk;
    }

    /** The chunk, allocated if need be; empty if it was frozen before anybody needed it. */
    private ByteBuffer chunkForFlow(int bucket) {
        int index = bucket >> CHUNK_SHIFT;
        ByteBuffer chunk = chunks.get(index);
        if (chunk == null) {
            ByteBuffer fresh = ByteBuffer.allocateDirect(chunkBytes);
            ByteBuffer quicker = chunks.compareAndExchange(index, null, fresh);
            chunk = quicker == null ? fresh : quicker;
        }
        return chunk;
    }

    int bucketOf(FlowProbe probe) {
        return (int) probe.hash() & (bucketCount - 1);
    }

    private static long tagOf(FlowProbe probe) {
        return probe.hash() >>> (Long.SIZE - TAG_BITS);
    }

    private static int baseOf(int bucket) {
        return (bucket & CHUNK_MASK) * BUCKET_BYTES;
    }

    private static int wordAt(int base, int slot) {
        return base + WORDS_OFFSET + slot * Long.BYTES;
    }

    private static int keyAt(int base, int slot) {
        return base + KEYS_OFFSET + slot * KEY_WORDS * Long.BYTES;
    }

    private static long header(ByteBuffer chunk, int base) {
        return (long) LONGS.getAcquire(chunk, base);
    }

    private static long word(ByteBuffer chunk, int base, int slot) {
        return (long) LONGS.getAcquire(chunk, wordAt(base, slot));
    }

    private static boolean casWord(ByteBuffer chunk, int base, int slot, long word, long next) {
        return LONGS.compareAndSet(chunk, wordAt(base, slot), word, next);
    }

    private static boolean isKey(FlowProbe probe, ByteBuffer chunk, int base, int slot) {
        int at = keyAt(base, slot);
        for (int i = 0; i < KEY_WORDS; i++) {
            if ((long) LONGS.getOpaque(chunk, at + i * Long.BYTES) != probe.keyWord(i)) {
                return false;
            }
        }
        return true;
    }

    private static void readKey(ByteBuffer chunk, int base, int slot, FlowProbe into) {
        int at = keyAt(base, slot);
        into.setKeyWords(
                (long) LONGS.getOpaque(chunk, at),
                (long) LONGS.getOpaque(chunk, at + 8),
                (long) LONGS.getOpaque(chunk, at + 16),
                (long) LONGS.getOpaque(chunk, at + 24),
                (long) LONGS.getOpaque(chunk, at + 32));
    }
}

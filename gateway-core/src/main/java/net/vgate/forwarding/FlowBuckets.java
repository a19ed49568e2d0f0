package net.vgate.forwarding;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The flows of a table of one size, in buckets of eight slots, in chunks that are allocated when the first flow falls
 * into them. A key has a home bucket and, for when that is full, an alternative. Any thread.
 *
 * <p><b>Protocol.</b> A slot is taken by compare-and-set of its {@linkplain FlowWord word}, from empty, expired or
 * given up to busy; then the key is written, then the word says live. The flow counts from when the header of its home
 * bucket says so, by a compare-and-set that fails if anybody else added a flow of that bucket since it was searched for
 * the key: so a key is there once. Readers compare the key between two reads of the word. Nothing is added once the
 * home's header is frozen, nor to a bucket whose own header is.
 */
final class FlowBuckets {
    private static final int WAYS = FlowChunk.WAYS;
    private static final int NO_SLOT = -1;

    /** A flow that began only now is not given up: its answer is under way. */
    private static final int MIN_IDLE_TICKS = 2;

    private final int bucketCount;
    private final FlowCounts counts;
    private final AtomicReferenceArray<@Nullable FlowChunk> chunks;

    /** What became of an attempt to add a flow. */
    enum Added {
        /** It is there now, and the probe knows where. */
        DONE,
        /** It was there already, and the probe knows where. */
        PRESENT,
        /** The bucket is frozen: search anew, in the table's current buckets. */
        AGAIN,
        /** There is no slot. */
        FULL
    }

    /**
     * @param bucketCount a power of two, at least 2
     * @param counts those of the table that the buckets belong to
     */
    FlowBuckets(int bucketCount, FlowCounts counts) {
        this.bucketCount = bucketCount;
        this.counts = counts;
        this.chunks = new AtomicReferenceArray<>((bucketCount + FlowChunk.BUCKETS - 1) / FlowChunk.BUCKETS);
    }

    int bucketCount() {
        return bucketCount;
    }

    /** Bytes of all chunks, allocated or not. */
    long bytes() {
        return FlowChunk.bytesOf(bucketCount);
    }

    /** Looks for the probe's key. If it is there, expired or not, the probe knows where. */
    boolean find(FlowProbe probe) {
        int home = homeOf(probe);
        FlowChunk chunk = chunk(home);
        return chunk != null && find(probe, home, chunk.header(inChunk(home)), NO_SLOT);
    }

    private boolean find(FlowProbe probe, int home, long header, int exceptPlace) {
        long tag = FlowChunk.tagOf(probe);
        for (int slot = 0; slot < WAYS; slot++) {
            if (FlowChunk.hasTag(header, slot, tag) && place(home, slot) != exceptPlace && isAt(probe, home, slot)) {
                return true;
            }
        }
        if (FlowChunk.isSpilled(header)) {
            int alternative = alternativeOf(probe);
            for (int slot = 0; slot < WAYS; slot++) {
                if (place(alternative, slot) != exceptPlace && isAt(probe, alternative, slot)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean isAt(FlowProbe probe, int bucket, int slot) {
        FlowChunk chunk = chunk(bucket);
        if (chunk == null) {
            return false;
        }
        int at = inChunk(bucket);
        long word = chunk.word(at, slot);
        if (FlowWord.status(word) != FlowWord.LIVE || !chunk.isKey(at, slot, probe)) {
            return false;
        }
        VarHandle.acquireFence();
        long again = chunk.word(at, slot);
        if (FlowWord.status(again) != FlowWord.LIVE || !FlowWord.isSameKey(word, again)) {
            return false;
        }
        probe.found(this, bucket, slot, again);
        return true;
    }

    /** Changes the word of the flow that the probe found; false if it changed since. */
    boolean replace(FlowProbe probe, long next) {
        int bucket = probe.bucket();
        FlowChunk chunk = chunk(bucket);
        if (chunk == null || !chunk.casWord(inChunk(bucket), probe.slot(), probe.word(), next)) {
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
        int home = homeOf(probe);
        FlowChunk homeChunk = chunkForFlow(home);
        if (homeChunk.isNeverUsed() || FlowChunk.isFrozen(homeChunk.header(inChunk(home)))) {
            return Added.AGAIN;
        }
        if (find(probe, home, homeChunk.header(inChunk(home)), NO_SLOT)) {
            return Added.PRESENT;
        }
        int alternative = alternativeOf(probe);
        int tick = FlowWord.seen(word);
        int bucket = home;
        int slot = claim(home, tick, maxFlows);
        if (slot == NO_SLOT) {
            bucket = alternative;
            slot = claim(alternative, tick, maxFlows);
        }
        if (slot == NO_SLOT && mayReplace) {
            bucket = home;
            slot = claimLongestIdle(home, tick);
        }
        if (slot == NO_SLOT) {
            return Added.FULL;
        }
        FlowChunk chunk = chunkForFlow(bucket);
        int at = inChunk(bucket);
        chunk.writeKey(at, slot, probe);
        long live = FlowWord.copy(word, chunk.word(at, slot));
        chunk.publishWord(at, slot, live);
        return enter(probe, homeChunk, place(bucket, slot), live);
    }

    /** Makes the header of the home bucket say that a flow was added at a place, unless its key got there before. */
    private Added enter(FlowProbe probe, FlowChunk homeChunk, int place, long live) {
        int home = homeOf(probe);
        int bucket = place / WAYS;
        int slot = place % WAYS;
        FlowChunk chunk = chunkForFlow(bucket);
        while (true) {
            long header = homeChunk.header(inChunk(home));
            // Whoever froze the slot's bucket before this may have passed the slot by while it was busy.
            boolean isFrozen = FlowChunk.isFrozen(header) || FlowChunk.isFrozen(chunk.header(inChunk(bucket)));
            boolean isPresent = !isFrozen && find(probe, home, header, place);
            long word = chunk.word(inChunk(bucket), slot);
            boolean isOurs = FlowWord.status(word) == FlowWord.LIVE && FlowWord.isSameKey(word, live);
            if (!isOurs || isFrozen || isPresent) {
                boolean isGivenUp = isOurs && giveUp(chunk, bucket, slot, live);
                if (isGivenUp) {
                    return isFrozen ? Added.AGAIN : Added.PRESENT;
                }
                // Others found the flow before it was entered, and have moved it, or it is gone again.
                boolean isMoved = FlowWord.status(chunk.word(inChunk(bucket), slot)) == FlowWord.MOVED;
                return isMoved ? Added.AGAIN : Added.DONE;
            }
            long entered = bucket == home
                    ? FlowChunk.entered(header, slot, FlowChunk.tagOf(probe))
                    : FlowChunk.spilled(header);
            if (homeChunk.casHeader(inChunk(home), header, entered)) {
                probe.found(this, bucket, slot, word);
                return Added.DONE;
            }
        }
    }

    /** Takes a slot for another key: an expired one, or an empty one. */
    private int claim(int bucket, int tick, int maxFlows) {
        FlowChunk chunk = chunkForFlow(bucket);
        if (chunk.isNeverUsed()) {
            return NO_SLOT;
        }
        int at = inChunk(bucket);
        for (int slot = 0; slot < WAYS; slot++) {
            long word = chunk.word(at, slot);
            if (isReusable(chunk, at, word, tick) && claim(chunk, at, slot, word)) {
                return slot;
            }
        }
        for (int slot = 0; slot < WAYS; slot++) {
            long word = chunk.word(at, slot);
            if (FlowWord.status(word) == FlowWord.EMPTY) {
                if (!counts.takeOne(maxFlows)) {
                    return NO_SLOT;
                }
                if (claim(chunk, at, slot, word)) {
                    return slot;
                }
                counts.giveOneBack();
            }
        }
        return NO_SLOT;
    }

    /** Takes the slot of the flow that was silent for longest, of those that are not lasting. */
    private int claimLongestIdle(int bucket, int tick) {
        FlowChunk chunk = chunkForFlow(bucket);
        int at = inChunk(bucket);
        int victim = NO_SLOT;
        long victimWord = 0;
        int longest = MIN_IDLE_TICKS - 1;
        for (int slot = 0; slot < WAYS; slot++) {
            long word = chunk.word(at, slot);
            if (FlowWord.status(word) == FlowWord.LIVE
                    && !FlowWord.state(word).isLasting()
                    && FlowWord.idleTicks(word, tick) > longest) {
                longest = FlowWord.idleTicks(word, tick);
                victim = slot;
                victimWord = word;
            }
        }
        if (victim == NO_SLOT || !claim(chunk, at, victim, victimWord)) {
            return NO_SLOT;
        }
        counts.replaced();
        return victim;
    }

    private static boolean claim(FlowChunk chunk, int at, int slot, long word) {
        boolean claimed = chunk.casWord(at, slot, word, FlowWord.claim(word));
        // No part of the key may be seen before the word says that it changes.
        VarHandle.storeStoreFence();
        return claimed;
    }

    /** Empties the slot of a flow that was not entered; false if others were quicker. */
    private boolean giveUp(FlowChunk chunk, int bucket, int slot, long live) {
        while (true) {
            long word = chunk.word(inChunk(bucket), slot);
            if (FlowWord.status(word) != FlowWord.LIVE || !FlowWord.isSameKey(word, live)) {
                return false;
            }
            if (chunk.casWord(inChunk(bucket), slot, word, FlowWord.release(word))) {
                counts.giveOneBack();
                return true;
            }
        }
    }

    /**
     * Whether the slot whose word was read holds an expired flow that nobody moves. The header is read after the word:
     * if the bucket was not frozen even then, who moves the flow finds it expired, or the word changed.
     */
    private static boolean isReusable(FlowChunk chunk, int at, long word, int tick) {
        return FlowWord.status(word) == FlowWord.LIVE
                && FlowWord.isExpired(word, tick)
                && !FlowChunk.isFrozen(chunk.header(at));
    }

    /** Empties the slots of expired flows. */
    void reclaim(int bucket, int tick) {
        FlowChunk chunk = chunk(bucket);
        if (chunk == null) {
            return;
        }
        for (int slot = 0; slot < WAYS; slot++) {
            long word = chunk.word(inChunk(bucket), slot);
            if (isReusable(chunk, inChunk(bucket), word, tick)
                    && chunk.casWord(inChunk(bucket), slot, word, FlowWord.release(word))) {
                counts.giveOneBack();
            }
        }
    }

    /** From now on no flow of the key's home bucket is added. */
    void freeze(FlowProbe probe) {
        freeze(homeOf(probe));
    }

    private void freeze(int bucket) {
        chunks.compareAndSet(bucket / FlowChunk.BUCKETS, null, FlowChunk.NEVER_USED);
        FlowChunk chunk = chunk(bucket);
        while (chunk != null) {
            long header = chunk.header(inChunk(bucket));
            if (FlowChunk.isFrozen(header) || chunk.casHeader(inChunk(bucket), header, FlowChunk.frozen(header))) {
                return;
            }
        }
    }

    /** Freezes a bucket and moves its flows to larger buckets. For one bucket, one thread does so. */
    void move(int bucket, FlowBuckets larger, FlowProbe mover, int tick) {
        freeze(bucket);
        FlowChunk chunk = chunk(bucket);
        if (chunk != null) {
            for (int slot = 0; slot < WAYS; slot++) {
                move(chunk, inChunk(bucket), slot, larger, mover, tick);
            }
        }
    }

    /**
     * First the copy, then the mark on the original: until then everybody uses the original, and what they change there
     * makes the mark fail and is copied again.
     */
    private void move(FlowChunk chunk, int at, int slot, FlowBuckets larger, FlowProbe mover, int tick) {
        boolean copied = false;
        while (true) {
            long word = chunk.word(at, slot);
            if (FlowWord.status(word) != FlowWord.LIVE) {
                // Who made it busy will find the bucket frozen, and give up; or has given up a flow not yet entered.
                if (copied) {
                    larger.replace(mover, FlowWord.ended(mover.word()));
                }
                return;
            }
            if (copied) {
                larger.replace(mover, FlowWord.copy(word, mover.word()));
            } else if (!FlowWord.isExpired(word, tick)) {
                chunk.readKey(at, slot, mover);
                VarHandle.acquireFence();
                Added added = FlowWord.isSameKey(word, chunk.word(at, slot))
                        ? larger.add(mover, word, Integer.MAX_VALUE, true)
                        : Added.AGAIN;
                if (added == Added.AGAIN) {
                    continue;
                }
                copied = added == Added.DONE;
                if (added == Added.FULL) {
                    counts.replaced();
                }
            }
            if (chunk.casWord(at, slot, word, FlowWord.moved(word))) {
                counts.giveOneBack();
                return;
            }
        }
    }

    private @Nullable FlowChunk chunk(int bucket) {
        FlowChunk chunk = chunks.get(bucket / FlowChunk.BUCKETS);
        return chunk == null || chunk.isNeverUsed() ? null : chunk;
    }

    /** The chunk, allocated if need be; {@link FlowChunk#NEVER_USED} if it was frozen before anybody needed it. */
    private FlowChunk chunkForFlow(int bucket) {
        int index = bucket / FlowChunk.BUCKETS;
        FlowChunk chunk = chunks.get(index);
        if (chunk == null) {
            FlowChunk fresh = new FlowChunk(Math.min(bucketCount, FlowChunk.BUCKETS));
            FlowChunk quicker = chunks.compareAndExchange(index, null, fresh);
            chunk = quicker == null ? fresh : quicker;
        }
        return chunk;
    }

    private int homeOf(FlowProbe probe) {
        return (int) probe.hash() & (bucketCount - 1);
    }

    private int alternativeOf(FlowProbe probe) {
        int other = (int) (probe.hash() >>> Integer.SIZE) & (bucketCount - 1);
        return other == homeOf(probe) ? other ^ 1 : other;
    }

    private static int inChunk(int bucket) {
        return bucket % FlowChunk.BUCKETS;
    }

    private static int place(int bucket, int slot) {
        return bucket * WAYS + slot;
    }
}

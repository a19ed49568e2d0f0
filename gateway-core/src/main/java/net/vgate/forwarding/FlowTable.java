package net.vgate.forwarding;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The live flows of one V-net: the one structure of the data path that workers share and change. No locks: each change
 * is a compare-and-set, see {@link FlowBuckets}, and any number of workers may look up, add and change at once.
 *
 * <p><b>Memory.</b> A table without flows has none. It doubles as flows come, up to what {@code maxFlows} needs, and
 * moves its flows over a few buckets at a time, while it is used. Nothing else is ever allocated.
 *
 * <p><b>Full.</b> A flow that does not fit takes the place of an expired one; else of that flow of its bucket which was
 * silent for longest and which nobody answered, or which is closing; else it is refused. A flow in which both sides
 * take part is never given up, so a flood of one-sided packets leaves alone what works.
 */
public final class FlowTable {
    private static final int FIRST_BUCKETS = 8;

    /** Mean flows per bucket of eight at which the table doubles; a key without a slot makes it double sooner. */
    private static final int FLOWS_PER_BUCKET = 3;

    /** Buckets that one packet moves when the table has doubled: done long before it must double again. */
    private static final int MOVED_PER_CALL = 2;

    /** Buckets that one new flow searches for expired ones when the table is full. */
    private static final int RECLAIMED_PER_CALL = 16;

    private final int maxFlows;
    private final State state;

    /** What an attempt to add a flow came to. */
    public enum Insertion {
        /** The flow is in the table now, and the probe knows where. */
        INSERTED,
        /** The flow was in the table: another worker put it there, or it is expired. The probe knows where. */
        PRESENT,
        /** There is no room. */
        FULL
    }

    /** What goes on when the bound changes. */
    private static final class State {
        static final AtomicReferenceFieldUpdater<State, Size> CURRENT =
                AtomicReferenceFieldUpdater.newUpdater(State.class, Size.class, "current");

        final FlowCounts counts;
        final AtomicInteger reclaimed = new AtomicInteger();
        volatile Size current;

        State(FlowMemory memory) {
            counts = new FlowCounts(memory);
            counts.takeFirstMemory(FlowChunk.bytesOf(FIRST_BUCKETS));
            current = new Size(new FlowBuckets(FIRST_BUCKETS, counts), null);
        }
    }

    /** The buckets of one size, and those of the size before while they are moved into these. */
    private static final class Size {
        final FlowBuckets buckets;
        final AtomicInteger claimedToMove = new AtomicInteger();
        final AtomicInteger moved = new AtomicInteger();
        volatile @Nullable FlowBuckets previous;

        Size(FlowBuckets buckets, @Nullable FlowBuckets previous) {
            this.buckets = buckets;
            this.previous = previous;
        }
    }

    private FlowTable(int maxFlows, State state) {
        this.maxFlows = maxFlows;
        this.state = state;
    }

    /** A table for up to {@code maxFlows} flows. */
    public static FlowTable of(int maxFlows, FlowMemory memory) {
        return new FlowTable(maxFlows, new State(memory));
    }

    /** The same flows under another bound; if there are more already, they stay until they expire. */
    public FlowTable withMaxFlows(int otherMaxFlows) {
        return new FlowTable(otherMaxFlows, state);
    }

    /** Looks for the probe's key. If it is there, expired or not, the probe knows where. */
    public boolean find(FlowProbe probe) {
        while (true) {
            Size size = state.current;
            FlowBuckets previous = size.previous;
            // What is in both is being moved, and the original counts.
            if (previous != null && previous.find(probe)) {
                return true;
            }
            if (size.buckets.find(probe)) {
                return true;
            }
            if (state.current == size) {
                return false;
            }
        }
    }

    /**
     * Notes a packet of the flow that the probe found: state, starter, generation and time are as given from now on.
     *
     * @return false when the flow changed since it was found: look it up again
     */
    public boolean update(FlowProbe probe, FlowState next, boolean outbound, int generation, long nowNanos) {
        FlowBuckets buckets = probe.buckets();
        if (buckets == null) {
            return false;
        }
        int tick = FlowWord.tick(nowNanos);
        // Time does not go back when another worker's reading was later.
        int seen = FlowWord.idleTicks(probe.word(), tick) == 0 ? FlowWord.seen(probe.word()) : tick;
        long word = FlowWord.live(probe.word(), next, outbound, generation, seen);
        return word == probe.word() || buckets.replace(probe, word);
    }

    /** Makes the flow that the probe found expired; false when it changed since. */
    public boolean end(FlowProbe probe) {
        FlowBuckets buckets = probe.buckets();
        return buckets != null && buckets.replace(probe, FlowWord.ended(probe.word()));
    }

    /** Adds a flow with the probe's key. */
    public Insertion insert(FlowProbe probe, FlowState first, boolean outbound, int generation, long nowNanos) {
        int tick = FlowWord.tick(nowNanos);
        long word = FlowWord.live(0, first, outbound, generation, tick);
        boolean reclaimed = false;
        while (true) {
            Size size = state.current;
            FlowBuckets previous = size.previous;
            if (previous != null) {
                // Frozen first, so that nobody adds the key there after it was not found.
                previous.freeze(probe);
                if (previous.find(probe)) {
                    return Insertion.PRESENT;
                }
                move(size, previous, probe.mover(), tick);
            }
            switch (size.buckets.add(probe, word, maxFlows, reclaimed)) {
                case DONE -> {
                    if (state.counts.flows() > (long) size.buckets.bucketCount() * FLOWS_PER_BUCKET) {
                        grow(size);
                    }
                    return Insertion.INSERTED;
                }
                case PRESENT -> {
                    return Insertion.PRESENT;
                }
                case AGAIN -> {}
                case FULL -> {
                    if (reclaimed) {
                        return Insertion.FULL;
                    }
                    // Only if the table cannot be larger, a flow is given up.
                    if (state.counts.flows() >= maxFlows || !grow(size)) {
                        reclaimSome(size.buckets, tick);
                        reclaimed = true;
                    }
                }
            }
        }
    }

    /**
     * Doubles the table; false when it is as large as it may be, or has not yet moved all flows since the last time.
     */
    private boolean grow(Size size) {
        FlowBuckets buckets = size.buckets;
        if (size.previous != null || (long) buckets.bucketCount() * FLOWS_PER_BUCKET >= maxFlows) {
            return false;
        }
        long bytes = FlowChunk.bytesOf(buckets.bucketCount() * 2);
        if (!state.counts.takeMemory(bytes)) {
            return false;
        }
        FlowBuckets larger = new FlowBuckets(buckets.bucketCount() * 2, state.counts);
        if (!State.CURRENT.compareAndSet(state, size, new Size(larger, buckets))) {
            // Another worker was quicker: the table has grown all the same.
            state.counts.giveMemoryBack(bytes);
        }
        return true;
    }

    private void move(Size size, FlowBuckets previous, FlowProbe mover, int tick) {
        for (int i = 0; i < MOVED_PER_CALL; i++) {
            if (size.claimedToMove.get() >= previous.bucketCount()) {
                return;
            }
            int bucket = size.claimedToMove.getAndIncrement();
            if (bucket >= previous.bucketCount()) {
                return;
            }
            previous.move(bucket, size.buckets, mover, tick);
            if (size.moved.incrementAndGet() == previous.bucketCount()) {
                size.previous = null;
                state.counts.giveMemoryBack(previous.bytes());
            }
        }
    }

    private void reclaimSome(FlowBuckets buckets, int tick) {
        int first = state.reclaimed.getAndAdd(RECLAIMED_PER_CALL);
        int many = Math.min(RECLAIMED_PER_CALL, buckets.bucketCount());
        for (int i = 0; i < many; i++) {
            buckets.reclaim((first + i) & (buckets.bucketCount() - 1), tick);
        }
    }

    /**
     * Gives back the slots of all expired flows, but of those that are being moved. The table does so by itself when it
     * is full; control may do so now and then, so that {@link #flows()} tells the truth.
     */
    public void reclaim(long nowNanos) {
        FlowBuckets buckets = state.current.buckets;
        for (int bucket = 0; bucket < buckets.bucketCount(); bucket++) {
            buckets.reclaim(bucket, FlowWord.tick(nowNanos));
        }
    }

    /** Gives the memory back to the budget, once no worker has the V-net any more. */
    public void close() {
        state.counts.giveAllMemoryBack();
    }

    /** Whether flows are on their way into larger buckets. */
    boolean isMoving() {
        return state.current.previous != null;
    }

    /** Notes that a TCP flow was taken up in its middle. */
    public void countPickedUp() {
        state.counts.pickedUp();
    }

    /** How many flows there are, expired ones whose slots nobody has needed since included. */
    public int flows() {
        return state.counts.flows();
    }

    /** How many flows there may be. */
    public int maxFlows() {
        return maxFlows;
    }

    /** How many flows were given up for others since the start. */
    public long replacedFlows() {
        return state.counts.replacedFlows();
    }

    /** How many TCP flows were taken up in their middle since the start. */
    public long pickedUpFlows() {
        return state.counts.pickedUpFlows();
    }

    /** Bytes of memory in use. */
    public long bytes() {
        return state.counts.takenBytes();
    }
}

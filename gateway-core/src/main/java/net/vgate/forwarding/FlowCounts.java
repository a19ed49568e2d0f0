package net.vgate.forwarding;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/** What a flow table counts, through all the sizes that it has had. Any thread. */
final class FlowCounts {
    // Plain fields, since each of thousands of V-nets has them.
    private static final AtomicIntegerFieldUpdater<FlowCounts> FLOWS =
            AtomicIntegerFieldUpdater.newUpdater(FlowCounts.class, "flows");
    private static final AtomicLongFieldUpdater<FlowCounts> REPLACED =
            AtomicLongFieldUpdater.newUpdater(FlowCounts.class, "replaced");
    private static final AtomicLongFieldUpdater<FlowCounts> PICKED_UP =
            AtomicLongFieldUpdater.newUpdater(FlowCounts.class, "pickedUp");
    private static final AtomicLongFieldUpdater<FlowCounts> TAKEN_BYTES =
            AtomicLongFieldUpdater.newUpdater(FlowCounts.class, "takenBytes");

    private final FlowMemory memory;
    private volatile int flows;
    private volatile long replaced;
    private volatile long pickedUp;
    private volatile long takenBytes;

    FlowCounts(FlowMemory memory) {
        this.memory = memory;
    }

    /** Counts one flow more, unless there are {@code maxFlows} already. */
    boolean takeOne(int maxFlows) {
        if (FLOWS.incrementAndGet(this) <= maxFlows) {
            return true;
        }
        FLOWS.decrementAndGet(this);
        return false;
    }

    void giveOneBack() {
        FLOWS.decrementAndGet(this);
    }

    int flows() {
        return flows;
    }

    void replaced() {
        REPLACED.incrementAndGet(this);
    }

    long replacedFlows() {
        return replaced;
    }

    void pickedUp() {
        PICKED_UP.incrementAndGet(this);
    }

    long pickedUpFlows() {
        return pickedUp;
    }

    /** Memory that a table cannot be without. */
    void takeFirstMemory(long bytes) {
        memory.takeAtAnyRate(bytes);
        TAKEN_BYTES.addAndGet(this, bytes);
    }

    boolean takeMemory(long bytes) {
        if (!memory.take(bytes)) {
            return false;
        }
        TAKEN_BYTES.addAndGet(this, bytes);
        return true;
    }

    void giveMemoryBack(long bytes) {
        TAKEN_BYTES.addAndGet(this, -bytes);
        memory.giveBack(bytes);
    }

    long takenBytes() {
        return takenBytes;
    }

    void giveAllMemoryBack() {
        memory.giveBack(TAKEN_BYTES.getAndSet(this, 0));
    }
}

package net.vgate.forwarding;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What a flow table counts, through all the sizes that it has had. Any thread. */
final class FlowCounts {
    private final FlowMemory memory;
    private final AtomicInteger flows = new AtomicInteger();
    private final AtomicLong replaced = new AtomicLong();
    private final AtomicLong pickedUp = new AtomicLong();
    private final AtomicLong takenBytes = new AtomicLong();

    FlowCounts(FlowMemory memory) {
        this.memory = memory;
    }

    /** Counts one flow more, unless there are {@code maxFlows} already. */
    boolean takeOne(int maxFlows) {
        if (flows.incrementAndGet() <= maxFlows) {
            return true;
        }
        flows.decrementAndGet();
        return false;
    }

    void giveOneBack() {
        flows.decrementAndGet();
    }

    int flows() {
        return flows.get();
    }

    void replaced() {
        replaced.incrementAndGet();
    }

    long replacedFlows() {
        return replaced.get();
    }

    void pickedUp() {
        pickedUp.incrementAndGet();
    }

    long pickedUpFlows() {
        return pickedUp.get();
    }

    /** Memory that a table cannot be without. */
    void takeFirstMemory(long bytes) {
        memory.takeAtAnyRate(bytes);
        takenBytes.addAndGet(bytes);
    }

    boolean takeMemory(long bytes) {
        if (!memory.take(bytes)) {
            return false;
        }
        takenBytes.addAndGet(bytes);
        return true;
    }

    void giveMemoryBack(long bytes) {
        takenBytes.addAndGet(-bytes);
        memory.giveBack(bytes);
    }

    long takenBytes() {
        return takenBytes.get();
    }

    void giveAllMemoryBack() {
        memory.giveBack(takenBytes.getAndSet(0));
    }
}

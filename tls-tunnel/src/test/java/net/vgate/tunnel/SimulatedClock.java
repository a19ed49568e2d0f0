package net.vgate.tunnel;

import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * A clock that jumps from one planned event to the next; events of one moment happen in the order they were planned.
 */
final class SimulatedClock {
    private record Planned(long at, long order, Runnable event) {}

    private final PriorityQueue<Planned> planned =
            new PriorityQueue<>(Comparator.comparingLong(Planned::at).thenComparingLong(Planned::order));
    private long now;
    private long order;

    SimulatedClock(long start) {
        now = start;
    }

    long now() {
        return now;
    }

    void after(long nanos, Runnable event) {
        planned.add(new Planned(now + Math.max(0, nanos), order++, event));
    }

    /** Lets {@code nanos} pass. */
    void run(long nanos) {
        long end = now + nanos;
        while (!planned.isEmpty() && planned.peek().at() <= end) {
            Planned next = planned.remove();
            now = next.at();
            next.event().run();
        }
        now = end;
    }
}

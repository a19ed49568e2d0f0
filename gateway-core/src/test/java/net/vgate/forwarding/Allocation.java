package net.vgate.forwarding;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Asserts that a piece of the data path allocates nothing. */
public final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int WARM_UP = 20_000;
    private static final int MEASURED = 2_000;

    private Allocation() {}

    /** Runs {@code step} until it is warm, and then on; fails if it allocates then. */
    public static void assertNone(Runnable step) {
        run(step, WARM_UP);
        // A compilation that finishes in between may show up once; what allocates shows up each time.
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 3 && least != 0; attempt++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            run(step, MEASURED);
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least, "bytes allocated by " + MEASURED + " runs");
    }

    private static void run(Runnable step, int times) {
        for (int i = 0; i < times; i++) {
            step.run();
        }
    }
}

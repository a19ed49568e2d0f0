package net.vgate.linux;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TunWriterTest {
    private static final int WRITERS = 1_000;
    private static final int NO_DESCRIPTOR = -1;

    /** A gateway may have thousands of V-nets, of which few have traffic. */
    @Test
    void takesNoMemoryOutsideOfTheHeapBeforeAPacketWasMerged() {
        long before = directBytes();
        List<TunWriter> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            writers.add(new TunWriter("idle", NO_DESCRIPTOR, 0));
        }
        long each = (directBytes() - before) / writers.size();
        assertTrue(each < 100, each + " bytes each");
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}

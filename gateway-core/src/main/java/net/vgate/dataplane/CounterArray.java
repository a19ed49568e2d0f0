package net.vgate.dataplane;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Counters that one thread raises and any thread reads, without locks: a reader sees each counter whole and never
 * falling, and may see it a moment late.
 *
 * <p>Only the writing thread grows the array. Counting allocates nothing.
 */
final class CounterArray {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    private volatile long[] cells;

    CounterArray(int length) {
        cells = new long[length];
    }

    int length() {
        return cells.length;
    }

    /** By the writing thread. */
    void add(int index, long amount) {
        long[] current = cells;
        CELL.setOpaque(current, index, current[index] + amount);
    }

    /** By the writing thread; counters never fall but here. */
    void clear(int from, int to) {
        long[] current = cells;
        for (int index = from; index < to; index++) {
            CELL.setOpaque(current, index, 0L);
        }
    }

    /** By the writing thread. */
    void growTo(int length) {
        if (length > cells.length) {
            cells = Arrays.copyOf(cells, length);
        }
    }

    /** By any thread; 0 for what the array does not yet reach. */
    long get(int index) {
        long[] current = cells;
        return index < current.length ? (long) CELL.getOpaque(current, index) : 0;
    }
}

package net.vgate.dataplane;

/** A list of slots that is used again for each batch. */
final class SlotList {
    private final int[] slots;
    private int count;

    SlotList(int capacity) {
        slots = new int[capacity];
    }

    void clear() {
        count = 0;
    }

    void add(int slot) {
        slots[count++] = slot;
    }

    int count() {
        return count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** The slots, of which the first {@link #count} count; borrowed. */
    int[] array() {
        return slots;
    }
}

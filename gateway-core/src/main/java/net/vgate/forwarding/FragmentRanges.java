package net.vgate.forwarding;

import net.vgate.packet.PacketBatch;

/** Which bytes of one datagram have passed, as ranges that neither touch nor overlap. */
final class FragmentRanges {
    private static final int UNKNOWN = -1;

    private final int[] starts = new int[FragmentTable.RANGES];
    private final int[] ends = new int[FragmentTable.RANGES];
    private int count;
    private int total = UNKNOWN;
    private boolean ended;

    void clear() {
        count = 0;
        total = UNKNOWN;
        ended = false;
    }

    /**
     * Adds a fragment, from {@code start} to before {@code end}, in bytes.
     *
     * @param more whether it is not the last
     * @return false when it must not pass; then it is not added, and often the datagram has ended
     */
    boolean add(int start, int end, boolean more) {
        if (ended || isInside(start, end)) {
            return false;
        }
        if (start >= end
                || end > PacketBatch.MAX_PACKET_BYTES
                || (more && (end - start & 7) != 0)
                || overlaps(start, end)
                || !agreesOnTotal(end, more)
                || !insert(start, end)) {
            ended = true;
            return false;
        }
        if (!more) {
            total = end;
        }
        return true;
    }

    /** Whether all bytes have passed. */
    boolean isWhole() {
        return count == 1 && starts[0] == 0 && ends[0] == total;
    }

    private boolean isInside(int start, int end) {
        for (int i = 0; i < count; i++) {
            if (start >= starts[i] && end <= ends[i]) {
                return true;
            }
        }
        return false;
    }

    private boolean overlaps(int start, int end) {
        for (int i = 0; i < count; i++) {
            if (start < ends[i] && end > starts[i]) {
                return true;
            }
        }
        return false;
    }

    private boolean agreesOnTotal(int end, boolean more) {
        if (more) {
            return total == UNKNOWN || end < total;
        }
        for (int i = 0; i < count; i++) {
            if (ends[i] > end) {
                return false;
            }
        }
        return total == UNKNOWN;
    }

    /** Widens the ranges that the new one touches, or keeps it by itself; false when there is no room for it. */
    private boolean insert(int start, int end) {
        int before = UNKNOWN;
        int after = UNKNOWN;
        for (int i = 0; i < count; i++) {
            if (ends[i] == start) {
                before = i;
            }
            if (starts[i] == end) {
                after = i;
            }
        }
        if (before != UNKNOWN && after != UNKNOWN) {
            ends[before] = ends[after];
            count--;
            starts[after] = starts[count];
            ends[after] = ends[count];
        } else if (before != UNKNOWN) {
            ends[before] = end;
        } else if (after != UNKNOWN) {
            starts[after] = start;
        } else if (count < starts.length) {
            starts[count] = start;
            ends[count] = end;
            count++;
        } else {
            return false;
        }
        return true;
    }
}

package net.vgate.forwarding;

import java.util.concurrent.TimeUnit;
import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.PacketBatch;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams of one V-net whose first fragment was permitted, as one worker sees them: what later fragments without
 * ports are judged by. Used by that worker's thread only. Its memory is allocated with the first fragment.
 *
 * <p>The fragments that pass never overlap, whatever the order they come in: of each datagram the ranges of bytes that
 * passed are kept. A fragment inside of them is a repetition and dropped alone; one that overlaps them in part, or
 * contradicts the datagram's end, ends the datagram (RFC 5722). A datagram whose fragments are so much out of order
 * that more than {@link #RANGES} ranges would be kept ends as well.
 *
 * <p>A datagram is forgotten when it is whole, and after 30 s.
 */
public final class FragmentTable {
    static final int RANGES = 8;

    private static final int WAYS = 8;
    private static final int SETS = 64;
    private static final int ENTRIES = WAYS * SETS;

    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** After that, a first fragment is one of another datagram that has the same identification. */
    private static final long REPETITION_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int UNKNOWN = -1;

    private final FlowHash hashing;
    private @Nullable Datagrams datagrams;

    public FragmentTable(FlowHash hashing) {
        this.hashing = hashing;
    }

    /** Columns of the entries. */
    private static final class Datagrams {
        final boolean[] used = new boolean[ENTRIES];
        final long[] sourceHi = new long[ENTRIES];
        final long[] sourceLo = new long[ENTRIES];
        final long[] destinationHi = new long[ENTRIES];
        final long[] destinationLo = new long[ENTRIES];
        final long[] id = new long[ENTRIES];
        final long[] beganNanos = new long[ENTRIES];
        final FragmentRanges[] ranges = new FragmentRanges[ENTRIES];

        Datagrams() {
            for (int i = 0; i < ENTRIES; i++) {
                ranges[i] = new FragmentRanges();
            }
        }

        boolean isLive(int entry, long nowNanos) {
            return used[entry] && beganNanos[entry] + TIMEOUT_NANOS - nowNanos > 0;
        }
    }

    /**
     * Notes the first fragment in {@code slot}, which policy permits, so that later ones may follow it.
     *
     * @return null, or why it must be dropped
     */
    public @Nullable DropReason admitFirst(PacketBatch batch, int slot, boolean outbound, long nowNanos) {
        Datagrams table = datagrams;
        if (table == null) {
            table = new Datagrams();
            datagrams = table;
        }
        InnerHeader inner = batch.inner();
        int entry = find(table, inner, slot, outbound, nowNanos);
        if (entry >= 0 && table.beganNanos[entry] + REPETITION_NANOS - nowNanos > 0) {
            return DropReason.FRAGMENT_FORBIDDEN;
        }
        if (entry < 0) {
            entry = free(table, inner, slot, outbound, nowNanos);
        }
        if (entry < 0) {
            return DropReason.FRAGMENT_TABLE_FULL;
        }
        table.used[entry] = true;
        table.sourceHi[entry] = inner.sourceHi(slot);
        table.sourceLo[entry] = inner.sourceLo(slot);
        table.destinationHi[entry] = inner.destinationHi(slot);
        table.destinationLo[entry] = inner.destinationLo(slot);
        table.id[entry] = id(inner, slot, outbound);
        table.beganNanos[entry] = nowNanos;
        table.ranges[entry].clear();
        return table.ranges[entry].add(0, inner.fragmentBytes(slot), true) ? null : DropReason.FRAGMENT_FORBIDDEN;
    }

    /**
     * Judges the later fragment in {@code slot} by its first one.
     *
     * @return null, or why it must be dropped
     */
    public @Nullable DropReason admitLater(PacketBatch batch, int slot, boolean outbound, long nowNanos) {
        Datagrams table = datagrams;
        InnerHeader inner = batch.inner();
        int entry = table == null ? UNKNOWN : find(table, inner, slot, outbound, nowNanos);
        if (table == null || entry < 0) {
            return DropReason.FRAGMENT_WITHOUT_FIRST;
        }
        FragmentRanges ranges = table.ranges[entry];
        int start = inner.fragmentOffset(slot);
        if (!ranges.add(start, start + inner.fragmentBytes(slot), inner.moreFragments(slot))) {
            return DropReason.FRAGMENT_FORBIDDEN;
        }
        if (ranges.isWhole()) {
            table.used[entry] = false;
        }
        return null;
    }

    private int find(Datagrams table, InnerHeader inner, int slot, boolean outbound, long nowNanos) {
        long id = id(inner, slot, outbound);
        int first = firstOfSet(inner, slot, id);
        for (int entry = first; entry < first + WAYS; entry++) {
            if (table.isLive(entry, nowNanos)
                    && table.id[entry] == id
                    && table.sourceLo[entry] == inner.sourceLo(slot)
                    && table.destinationLo[entry] == inner.destinationLo(slot)
                    && table.sourceHi[entry] == inner.sourceHi(slot)
                    && table.destinationHi[entry] == inner.destinationHi(slot)) {
                return entry;
            }
        }
        return UNKNOWN;
    }

    private int free(Datagrams table, InnerHeader inner, int slot, boolean outbound, long nowNanos) {
        int first = firstOfSet(inner, slot, id(inner, slot, outbound));
        for (int entry = first; entry < first + WAYS; entry++) {
            if (!table.isLive(entry, nowNanos)) {
                return entry;
            }
        }
        return UNKNOWN;
    }

    private int firstOfSet(InnerHeader inner, int slot, long id) {
        long hash = hashing.of(
                inner.sourceHi(slot), inner.sourceLo(slot), inner.destinationHi(slot), inner.destinationLo(slot), id);
        return ((int) hash & (SETS - 1)) * WAYS;
    }

    /**
     * What tells datagrams of one pair of addresses apart: the identification, in IPv4 with the protocol (RFC 791),
     * which in IPv6 need not be the same in all fragments (RFC 8200 section 4.5); and the direction.
     */
    private static long id(InnerHeader inner, int slot, boolean outbound) {
        long protocol = inner.version(slot) == 4 ? inner.protocol(slot) : 0;
        return (outbound ? 1L << 40 : 0) | protocol << 32 | (inner.fragmentId(slot) & 0xffff_ffffL);
    }
}

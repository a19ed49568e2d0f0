package net.vgate.record;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Connection IDs, hashed with open addressing, at most half full; immutable. IDs are random, so they are their own
 * hash.
 */
final class CidIndex {
    static final CidIndex EMPTY = of(Map.of(), Set.of());

    private final long[] cids;
    private final boolean[] used;
    private final @Nullable Association[] associations;
    private final int mask;

    private CidIndex(int capacity) {
        this.cids = new long[capacity];
        this.used = new boolean[capacity];
        this.associations = new Association[capacity];
        this.mask = capacity - 1;
    }

    static CidIndex of(Map<Long, Association> byId, Set<Long> handshaking) {
        int count = byId.size() + handshaking.size();
        CidIndex index = new CidIndex(Integer.highestOneBit(Math.max(1, count)) * 4);
        byId.forEach(index::put);
        for (long cid : handshaking) {
            index.put(cid, null);
        }
        return index;
    }

    private void put(long cid, @Nullable Association association) {
        int at = slotOf(cid);
        cids[at] = cid;
        used[at] = true;
        associations[at] = association;
    }

    @Nullable
    Association find(long cid) {
        return associations[slotOf(cid)];
    }

    boolean isHandshaking(long cid) {
        int at = slotOf(cid);
        return used[at] && associations[at] == null;
    }

    /** Where {@code cid} is, or the free place where it would be. */
    private int slotOf(long cid) {
        int at = (int) (cid ^ cid >>> 32) & mask;
        while (used[at] && cids[at] != cid) {
            at = at + 1 & mask;
        }
        return at;
    }
}

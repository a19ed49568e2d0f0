package net.vgate.tunnel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;

/**
 * What one end of a tunnel demands for each V-net, see {@link TunnelClass#demand}; for those that are not in it,
 * nothing. Immutable.
 *
 * @param ranges in order, none empty, none that demands nothing
 */
public record VnetDemands(List<Range> ranges) {
    /** Nothing for any V-net. */
    public static final VnetDemands NONE = new VnetDemands(List.of());

    /**
     * V-nets in a row for which the same is demanded.
     *
     * @param first the lowest VNI, 24 bits
     * @param last the highest
     */
    public record Range(int first, int last, long demand) {}

    public VnetDemands {
        ranges = ranges.stream().sorted(Comparator.comparingInt(Range::first)).toList();
    }

    /**
     * Those of a table.
     *
     * @param byVni what is demanded; 0 is nothing
     */
    public static VnetDemands of(SortedMap<Integer, Long> byVni) {
        List<Range> ranges = new ArrayList<>();
        byVni.forEach((vni, demand) -> {
            Range before = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
            if (before != null && before.last + 1 == vni && before.demand == demand) {
                ranges.set(ranges.size() - 1, new Range(before.first, vni, demand));
            } else if (demand != 0) {
                ranges.add(new Range(vni, vni, demand));
            }
        });
        return new VnetDemands(ranges);
    }

    /** What is demanded for the V-net with number {@code vni}; 0 is nothing. */
    public long of(int vni) {
        int low = 0;
        int high = ranges.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Range range = ranges.get(middle);
            if (range.last < vni) {
                low = middle + 1;
            } else if (range.first > vni) {
                high = middle - 1;
            } else {
                return range.demand;
            }
        }
        return 0;
    }

    /** Whether nothing is demanded for any V-net. */
    public boolean isEmpty() {
        return ranges.isEmpty();
    }
}

package net.vgate.config;

import java.util.Collection;
import java.util.Optional;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;
import net.vgate.packet.PrefixList;

/** Prefixes, to ask which of them another one has to do with. Nested ones count as the widest. */
public final class PrefixSet {
    /** Apart from each other, in their order. */
    private final PrefixList widest;

    public PrefixSet(Collection<Prefix> prefixes) {
        PrefixList all = PrefixList.copyOf(prefixes);
        PrefixList.Builder builder = new PrefixList.Builder();
        Prefix last = null;
        for (int index : all.sortedIndices()) {
            Prefix prefix = all.get(index);
            if (last == null || !last.overlaps(prefix)) {
                builder.add(prefix);
                last = prefix;
            }
        }
        widest = builder.build();
    }

    boolean isEmpty() {
        return widest.isEmpty();
    }

    /** Whether one of them is of IPv6. */
    boolean hasIpv6() {
        return !isEmpty() && !widest.get(widest.size() - 1).network().isIpv4();
    }

    /** One that has all addresses of {@code prefix}. */
    public Optional<Prefix> enclosing(Prefix prefix) {
        int after = firstAfter(prefix);
        return after == 0
                ? Optional.empty()
                : Optional.of(widest.get(after - 1))
                        .filter(found -> found.length() <= prefix.length() && found.overlaps(prefix));
    }

    /** One that has some address in common with {@code prefix}. */
    public Optional<Prefix> overlapping(Prefix prefix) {
        Optional<Prefix> enclosing = enclosing(prefix);
        if (enclosing.isPresent()) {
            return enclosing;
        }
        int after = firstAfter(prefix);
        return after == widest.size()
                ? Optional.empty()
                : Optional.of(widest.get(after)).filter(prefix::overlaps);
    }

    /** The smallest prefix that has all addresses which {@code prefix} has in common with any of them. */
    Optional<Prefix> smallestAround(Prefix prefix) {
        if (enclosing(prefix).isPresent()) {
            return Optional.of(prefix);
        }
        int first = firstAfter(prefix);
        if (first == widest.size() || !prefix.overlaps(widest.get(first))) {
            return Optional.empty();
        }
        int last = first;
        int high = widest.size() - 1;
        while (last < high) {
            int middle = (last + high + 1) >>> 1;
            if (prefix.overlaps(widest.get(middle))) {
                last = middle;
            } else {
                high = middle - 1;
            }
        }
        Prefix start = widest.get(first);
        IpAddress end = widest.get(last).network();
        int length = start.length();
        while (!Prefix.around(start.network(), length).contains(end)) {
            length--;
        }
        return Optional.of(Prefix.around(start.network(), length));
    }

    /** Index of the first one that comes after {@code prefix} in their order. */
    private int firstAfter(Prefix prefix) {
        int low = 0;
        int high = widest.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (PrefixList.ORDER.compare(widest.get(middle), prefix) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}

package net.vgate.config;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;
import org.jspecify.annotations.Nullable;

/**
 * The prefixes that are open at one point of a walk over prefixes in {@link net.vgate.packet.PrefixList#ORDER}. Two
 * prefixes are nested or have nothing in common, so what encloses the next one is exactly what has not ended yet.
 */
final class PrefixOrder<T> {
    /** IPv4 first: in the order of 128 bits, its mapped form stands amid the addresses of ::/0. */
    static final Comparator<IpAddress> ADDRESSES =
            Comparator.comparingInt(IpAddress::bits).thenComparing(Comparator.naturalOrder());

    private final Deque<Open<T>> open = new ArrayDeque<>();

    /**
     * What belongs to the narrowest open prefix that encloses {@code next}, which may not come before any earlier one.
     */
    @Nullable
    T enclosing(Prefix next) {
        while (!open.isEmpty() && !open.peek().prefix.overlaps(next)) {
            open.pop();
        }
        return open.isEmpty() ? null : open.peek().value;
    }

    /** Opens {@code prefix}, the last one that was asked for. */
    void open(Prefix prefix, T value) {
        open.push(new Open<>(prefix, value));
    }

    private record Open<T>(Prefix prefix, T value) {}
}

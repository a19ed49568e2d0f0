package net.vgate.config;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;

/** Prefixes, to ask which of them another one has to do with. Nested ones count as the widest. */
final class PrefixSet {
    private final TreeMap<IpAddress, Prefix> byNetwork = new TreeMap<>(PrefixOrder.ADDRESSES);

    PrefixSet(Collection<Prefix> prefixes) {
        prefixes.stream().sorted(PrefixOrder.ORDER).forEach(prefix -> {
            if (enclosing(prefix).isEmpty()) {
                byNetwork.put(prefix.network(), prefix);
            }
        });
    }

    boolean isEmpty() {
        return byNetwork.isEmpty();
    }

    /** One that has all addresses of {@code prefix}. */
    Optional<Prefix> enclosing(Prefix prefix) {
        return Optional.ofNullable(byNetwork.floorEntry(prefix.network()))
                .map(Map.Entry::getValue)
                .filter(found -> found.length() <= prefix.length() && found.overlaps(prefix));
    }

    /** One that has some address in common with {@code prefix}. */
    Optional<Prefix> overlapping(Prefix prefix) {
        return enclosing(prefix)
                .or(() -> Optional.ofNullable(byNetwork.ceilingEntry(prefix.network()))
                        .map(Map.Entry::getValue)
                        .filter(prefix::overlaps));
    }

    /** Whether one of the family is there. */
    boolean has(boolean ipv4) {
        return byNetwork.values().stream().anyMatch(prefix -> prefix.network().isIpv4() == ipv4);
    }
}

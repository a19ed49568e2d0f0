package net.vgate.config;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.config.GatewayConfig.PortRange;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;

/**
 * Finds rules that no flow reaches, because earlier ones permit all of theirs. What is looked up for a rule grows with
 * how deep prefixes are nested in one another, and not with how many rules there are.
 *
 * <p>A side of a rule counts as the smallest prefix of those of the V-net's addresses that it names. So two ways to
 * write the same addresses are equal, and one side has all of another's exactly when it encloses it.
 */
final class RuleCoverage {
    private static final Prefix ALL_IPV4 = Prefix.around(IpAddress.ofIpv4(0), 0);
    private static final Prefix ALL_IPV6 = Prefix.around(new IpAddress(0, 0), 0);
    private static final List<PortRange> ALL_PORTS = List.of(new PortRange(0, 0xffff));
    private static final int ANY_PROTOCOL = -1;

    private final Side members;
    private final Side remotes;
    private final Map<Flows, Ports> permitted = new HashMap<>();

    /** @param members the V-net's, as {@code remotes}; empty if that is not known */
    RuleCoverage(PrefixSet members, PrefixSet remotes) {
        this.members = new Side(members);
        this.remotes = new Side(remotes);
    }

    /** A rule that so many others cover bit by bit is not worth the time. */
    private static final int MOST_STEPS = 1_000;

    /** The flows that a rule is about, but for their ports: one or none for each family. */
    private record Flows(Direction direction, int protocol, Prefix members, Prefix remote) {}

    /** Whether {@code rule} is about no addresses that a flow of the V-net can have. */
    boolean isAboutNothing(PolicyRule rule) {
        return flows(rule).isEmpty();
    }

    /**
     * Takes in the next rule of the file.
     *
     * @return lines of earlier rules that together permit all of it; empty if it permits something more
     */
    SortedSet<Integer> add(PolicyRule rule, int line) {
        List<PortRange> ranges = rule.ports().isEmpty() ? ALL_PORTS : rule.ports();
        SortedSet<Integer> lines = new TreeSet<>();
        List<Flows> flows = flows(rule);
        if (flows.stream().allMatch(of -> areCovered(of, ranges, lines))) {
            return lines;
        }
        for (Flows of : flows) {
            members.add(of.members);
            remotes.add(of.remote);
            Ports ports = permitted.computeIfAbsent(of, unused -> new Ports());
            ranges.forEach(range -> ports.add(range, line));
        }
        return new TreeSet<>();
    }

    private List<Flows> flows(PolicyRule rule) {
        int protocol = rule.protocol()
                // The two are one to the data path: a rule speaks of the family of its prefixes.
                .map(number -> number == PolicyForms.ICMPV6 ? PolicyForms.ICMP : number)
                .orElse(ANY_PROTOCOL);
        List<Flows> flows = new ArrayList<>();
        for (Prefix family : List.of(ALL_IPV4, ALL_IPV6)) {
            Optional<Prefix> ours = members.named(rule.members(), family);
            Optional<Prefix> theirs = remotes.named(rule.remote(), family);
            if (ours.isPresent() && theirs.isPresent()) {
                flows.add(new Flows(rule.direction(), protocol, ours.get(), theirs.get()));
            }
        }
        return flows;
    }

    /** Goes from port to port, at each one by the range that leads furthest. */
    private boolean areCovered(Flows flows, List<PortRange> ranges, SortedSet<Integer> lines) {
        List<Ports> around = permittedAround(flows);
        int steps = 0;
        for (PortRange range : ranges) {
            int port = range.first();
            while (port <= range.last()) {
                if (++steps > MOST_STEPS) {
                    return false;
                }
                Claim furthest = Claim.NONE;
                for (Ports ports : around) {
                    furthest = furthest.orFurther(ports.at(port));
                }
                if (furthest.last < port) {
                    return false;
                }
                lines.add(furthest.line);
                port = furthest.last + 1;
            }
        }
        return true;
    }

    /** What earlier rules permit of which {@code flows} are a part. */
    private List<Ports> permittedAround(Flows flows) {
        List<Ports> around = new ArrayList<>();
        List<Prefix> remotesAround = remotes.enclosing(flows.remote);
        for (Prefix ours : members.enclosing(flows.members)) {
            for (Prefix theirs : remotesAround) {
                for (int protocol : new int[] {flows.protocol, ANY_PROTOCOL}) {
                    Ports ports = permitted.get(new Flows(flows.direction, protocol, ours, theirs));
                    if (ports != null) {
                        around.add(ports);
                    }
                }
            }
        }
        return around;
    }

    /** That the rule in {@code line} permits ports up to {@code last}. */
    private record Claim(int last, int line) {
        static final Claim NONE = new Claim(-1, 0);

        Claim orFurther(Claim other) {
            return other.last > last || (other.last == last && other.line < line) ? other : this;
        }
    }

    /**
     * Ranges of ports by their first port. None is inside another, so that they end in the order in which they begin.
     */
    private static final class Ports {
        private final TreeMap<Integer, Claim> claims = new TreeMap<>();

        void add(PortRange range, int line) {
            if (at(range.first()).last >= range.last()) {
                return;
            }
            Map.Entry<Integer, Claim> inside = claims.ceilingEntry(range.first());
            while (inside != null && inside.getValue().last <= range.last()) {
                claims.remove(inside.getKey());
                inside = claims.ceilingEntry(range.first());
            }
            claims.put(range.first(), new Claim(range.last(), line));
        }

        /** The range that leads furthest of those that begin at {@code port} or before. */
        Claim at(int port) {
            Map.Entry<Integer, Claim> entry = claims.floorEntry(port);
            return entry == null ? Claim.NONE : entry.getValue();
        }
    }

    /** One side of the rules so far. */
    private static final class Side {
        private final PrefixSet all;
        private final Set<Prefix> prefixes = new HashSet<>();
        private final BitSet mappedLengths = new BitSet();

        Side(PrefixSet all) {
            this.all = all;
        }

        void add(Prefix prefix) {
            prefixes.add(prefix);
            mappedLengths.set(prefix.mappedLength());
        }

        /** What a rule names of a family; empty if that is nothing. */
        Optional<Prefix> named(Optional<Prefix> written, Prefix family) {
            return Optional.of(written.orElse(family))
                    .filter(prefix ->
                            prefix.network().isIpv4() == family.network().isIpv4())
                    .flatMap(prefix -> all.isEmpty() ? Optional.of(prefix) : all.smallestAround(prefix));
        }

        /** Those so far that have all addresses of {@code prefix}. */
        List<Prefix> enclosing(Prefix prefix) {
            IpAddress network = prefix.network();
            int unmapped = 128 - network.bits();
            List<Prefix> found = new ArrayList<>();
            int length = mappedLengths.nextSetBit(unmapped);
            while (length >= 0 && length <= prefix.mappedLength()) {
                Prefix wider = Prefix.around(network, length - unmapped);
                if (prefixes.contains(wider)) {
                    found.add(wider);
                }
                length = mappedLengths.nextSetBit(length + 1);
            }
            return found;
        }
    }
}

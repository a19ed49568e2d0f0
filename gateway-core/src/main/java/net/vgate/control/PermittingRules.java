package net.vgate.control;

import java.util.ArrayList;
import java.util.List;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.config.PrefixSet;
import net.vgate.observe.AddressReport.Written;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;
import net.vgate.packet.PrefixList;

/**
 * Which rules of a policy can permit a flow between hosts here and hosts of another site: those that do for some pair
 * of the hosts, some protocol and some port.
 *
 * @param ofDirection how many rules there are in all for flows that start so
 * @param permitsAll whether one of {@code rules} permits whatever the hosts may send
 */
record PermittingRules(List<Written> rules, int ofDirection, boolean permitsAll) {
    /** Hosts of one side and one family, of which there may be a million prefixes. */
    record Hosts(boolean ipv4, PrefixList prefixes, PrefixSet set) {
        static Hosts of(boolean ipv4, PrefixList prefixes) {
            return new Hosts(ipv4, prefixes, new PrefixSet(prefixes));
        }

        static Hosts of(IpAddress address) {
            return of(address.isIpv4(), PrefixList.copyOf(List.of(new Prefix(address, address.bits()))));
        }

        boolean isEmpty() {
            return prefixes.isEmpty();
        }

        private boolean meets(Prefix prefix) {
            return prefix.network().isIpv4() == ipv4 && set.overlapping(prefix).isPresent();
        }

        private boolean isWithin(Prefix prefix) {
            return prefixes.stream().allMatch(one -> one.length() >= prefix.length() && prefix.contains(one.network()));
        }
    }

    /**
     * Those of {@code policy}.
     *
     * @param lines of each rule, its line; empty when they are not known
     * @param remote as this site sees them
     */
    static PermittingRules of(
            List<PolicyRule> policy, List<Integer> lines, Direction direction, Hosts members, Hosts remote) {
        List<Written> found = new ArrayList<>();
        int ofDirection = 0;
        boolean permitsAll = false;
        for (int i = 0; i < policy.size(); i++) {
            PolicyRule rule = policy.get(i);
            if (rule.direction() != direction) {
                continue;
            }
            ofDirection++;
            if (hasSense(rule)
                    && rule.members().map(members::meets).orElse(true)
                    && rule.remote().map(remote::meets).orElse(true)) {
                found.add(new Written(rule.toString(), i < lines.size() ? lines.get(i) : null));
                permitsAll |= rule.protocol().isEmpty()
                        && rule.ports().isEmpty()
                        && rule.members().map(members::isWithin).orElse(true)
                        && rule.remote().map(remote::isWithin).orElse(true);
            }
        }
        return new PermittingRules(found, ofDirection, permitsAll);
    }

    /** Only TCP and UDP have ports. */
    private static boolean hasSense(PolicyRule rule) {
        return rule.ports().isEmpty()
                || rule.protocol()
                        .map(protocol -> protocol == InnerHeader.TCP || protocol == InnerHeader.UDP)
                        .orElse(true);
    }
}

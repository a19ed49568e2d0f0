package net.vgate.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.config.GatewayConfig.PortRange;
import net.vgate.packet.Prefix;
import net.vgate.packet.PrefixList;

/**
 * Each rule says one thing that can happen. One that never can is refused rather than left to be found out on the day
 * it is needed.
 */
final class PolicyChecks {
    private final Fields vnet;
    private final Problems problems;
    private final PrefixSet members;
    private final PrefixSet remotes;

    PolicyChecks(Fields vnet, Problems problems) {
        this.vnet = vnet;
        this.problems = problems;
        members = new PrefixSet(vnet.values(ConfigKeys.MEMBERS));
        PrefixList.Builder prefixes = new PrefixList.Builder();
        vnet.values(ConfigKeys.REMOTE)
                .forEach(remote -> remote.values(ConfigKeys.REMOTE_PREFIXES).forEach(prefixes::add));
        remotes = new PrefixSet(prefixes.build());
    }

    void check() {
        Map<PolicyRule, Spot> seen = new HashMap<>();
        for (Located<Fields> rule : vnet.list(ConfigKeys.POLICY)) {
            checkRule(rule.value(), rule.spot(), seen);
        }
        if (vnet.list(ConfigKeys.POLICY).isEmpty() && !vnet.wrote(ConfigKeys.POLICY) && !remotes.isEmpty()) {
            problems.warning(
                    vnet.spotOf(ConfigKeys.POLICY),
                    "is missing, so nothing passes between sites",
                    "write what may, or policy: [] to say that nothing may");
        }
    }

    private void checkRule(Fields rule, Spot spot, Map<PolicyRule, Spot> seen) {
        boolean isOut = rule.wrote(ConfigKeys.RULE_OUT);
        if (isOut == rule.wrote(ConfigKeys.RULE_IN)) {
            problems.error(
                    spot,
                    isOut ? "has both out and in" : "has neither out nor in",
                    "begin a rule with out: PROTOCOL or in: PROTOCOL");
            return;
        }
        Optional<Located<Prefix>> from = rule.find(ConfigKeys.RULE_FROM);
        Optional<Located<Prefix>> to = rule.find(ConfigKeys.RULE_TO);
        checkSide(isOut ? from : to, members, "members");
        checkSide(isOut ? to : from, remotes, "remote prefixes");
        checkFamilies(rule, isOut, from, to);
        checkPorts(rule, isOut);
        boolean isWhole =
                rule.value(isOut ? ConfigKeys.RULE_OUT : ConfigKeys.RULE_IN).isPresent()
                        && rule.wrote(ConfigKeys.RULE_FROM) == from.isPresent()
                        && rule.wrote(ConfigKeys.RULE_TO) == to.isPresent()
                        && rule.wrote(ConfigKeys.RULE_PORTS)
                                == rule.find(ConfigKeys.RULE_PORTS).isPresent()
                        && rule.find(ConfigKeys.RULE_STATELESS).isPresent();
        if (isWhole) {
            PolicyRule whole = ConfigBuilder.rule(rule);
            Spot before = seen.putIfAbsent(whole, spot);
            if (before != null) {
                problems.warning(spot, "the rule in line " + before.line() + " says the same", "remove one");
            } else {
                warnIfCovered(whole, spot, seen);
            }
        }
    }

    /** The first rule that fits a flow counts it, so a later one that permits nothing more is never reached. */
    private void warnIfCovered(PolicyRule rule, Spot spot, Map<PolicyRule, Spot> before) {
        before.entrySet().stream()
                .filter(other -> !other.getKey().equals(rule) && covers(other.getKey(), rule))
                .min((a, b) -> Integer.compare(a.getValue().line(), b.getValue().line()))
                .ifPresent(other -> problems.warning(
                        spot,
                        "never reached: the rule in line %d permits all of it"
                                .formatted(other.getValue().line()),
                        "remove it, or write it first to have its flows counted apart"));
    }

    private static boolean covers(PolicyRule wide, PolicyRule narrow) {
        return wide.direction() == narrow.direction()
                && (wide.protocol().isEmpty() || wide.protocol().equals(narrow.protocol()))
                && covers(wide.members(), narrow.members())
                && covers(wide.remote(), narrow.remote())
                && (wide.ports().isEmpty()
                        || (!narrow.ports().isEmpty()
                                && narrow.ports().stream()
                                        .allMatch(range -> wide.ports().stream().anyMatch(all -> covers(all, range)))));
    }

    private static boolean covers(Optional<Prefix> wide, Optional<Prefix> narrow) {
        return wide.isEmpty()
                || (narrow.isPresent()
                        && wide.get().length() <= narrow.get().length()
                        && wide.get().overlaps(narrow.get()));
    }

    private static boolean covers(PortRange wide, PortRange narrow) {
        return wide.first() <= narrow.first() && narrow.last() <= wide.last();
    }

    private void checkSide(Optional<Located<Prefix>> side, PrefixSet all, String what) {
        side.filter(prefix -> !all.isEmpty() && all.overlapping(prefix.value()).isEmpty())
                .ifPresent(prefix -> problems.error(
                        prefix.spot(),
                        "the rule never matches: %s is outside all %s of this V-net".formatted(prefix.value(), what),
                        "rules name our members by their own addresses, and remote ones as this site sees them"));
    }

    private void checkFamilies(
            Fields rule, boolean isOut, Optional<Located<Prefix>> from, Optional<Located<Prefix>> to) {
        if (from.isPresent()
                && to.isPresent()
                && from.get().value().network().isIpv4()
                        != to.get().value().network().isIpv4()) {
            problems.error(
                    to.get().spot(),
                    "the rule never matches: from and to are of two families",
                    "write one rule for each");
            return;
        }
        Optional<Located<Optional<Integer>>> protocol = rule.find(isOut ? ConfigKeys.RULE_OUT : ConfigKeys.RULE_IN);
        Optional<Located<Prefix>> side = from.or(() -> to);
        if (protocol.isEmpty() || side.isEmpty()) {
            return;
        }
        int number = protocol.get().value().orElse(-1);
        boolean isIpv4 = side.get().value().network().isIpv4();
        if (number == (isIpv4 ? PolicyForms.ICMPV6 : PolicyForms.ICMP)) {
            problems.error(
                    protocol.get().spot(),
                    "the rule never matches: " + (isIpv4 ? "icmpv6 with IPv4 addresses" : "icmp with IPv6 addresses"),
                    "write " + (isIpv4 ? "icmp" : "icmpv6"));
        }
    }

    private void checkPorts(Fields rule, boolean isOut) {
        Optional<Integer> protocol =
                rule.value(isOut ? ConfigKeys.RULE_OUT : ConfigKeys.RULE_IN).orElse(Optional.of(PolicyForms.TCP));
        boolean hasPorts =
                protocol.isPresent() && (protocol.get() == PolicyForms.TCP || protocol.get() == PolicyForms.UDP);
        if (rule.wrote(ConfigKeys.RULE_PORTS) && !hasPorts) {
            problems.error(
                    rule.spotOf(ConfigKeys.RULE_PORTS),
                    PolicyForms.text(protocol) + " has no ports",
                    "remove them, or write a rule for tcp and one for udp");
        }
        List<Located<PortRange>> ranges = rule.list(ConfigKeys.RULE_PORTS).stream()
                .sorted((a, b) -> Integer.compare(a.value().first(), b.value().first()))
                .toList();
        int last = 0;
        for (Located<PortRange> range : ranges) {
            if (range.value().first() <= last) {
                problems.warning(range.spot(), "ports that are there already", "remove one of the two");
            }
            last = Math.max(last, range.value().last());
        }
    }
}

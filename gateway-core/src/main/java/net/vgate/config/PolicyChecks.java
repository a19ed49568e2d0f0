package net.vgate.config;

import java.util.ArrayList;
import java.util.List;
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
    private final PolicyTests tests;
    private final Problems problems;
    private final PrefixSet members;
    private final PrefixSet remotes;
    private final IdleRules idle;

    PolicyChecks(Fields vnet, PolicyTests tests, Problems problems) {
        this.vnet = vnet;
        this.tests = tests;
        this.problems = problems;
        members = new PrefixSet(vnet.values(ConfigKeys.MEMBERS));
        PrefixList.Builder prefixes = new PrefixList.Builder();
        vnet.values(ConfigKeys.REMOTE)
                .forEach(remote -> remote.values(ConfigKeys.REMOTE_PREFIXES).forEach(prefixes::add));
        remotes = new PrefixSet(prefixes.build());
        idle = new IdleRules(members, remotes);
    }

    void check() {
        List<Located<Fields>> rules = vnet.list(ConfigKeys.POLICY);
        List<PolicyRule> understood = new ArrayList<>();
        rules.forEach(rule -> checkRule(rule.value(), rule.spot()).ifPresent(understood::add));
        if (rules.isEmpty() && !vnet.wrote(ConfigKeys.POLICY) && !remotes.isEmpty()) {
            problems.warning(
                    vnet.spotOf(ConfigKeys.POLICY),
                    "is missing, so nothing passes between sites",
                    "write what may, or policy: [] to say that nothing may");
        }
        boolean isWhole = understood.size() == rules.size()
                && vnet.wrote(ConfigKeys.POLICY) == vnet.find(ConfigKeys.POLICY).isPresent();
        tests.check(vnet, members, remotes, isWhole ? Optional.of(understood) : Optional.empty());
    }

    /** The rule; empty if not all of it could be understood. */
    private Optional<PolicyRule> checkRule(Fields rule, Spot spot) {
        if (!Checks.hasOneDirection(rule, spot, ConfigKeys.RULE_OUT, ConfigKeys.RULE_IN, problems)) {
            return Optional.empty();
        }
        boolean isOut = rule.wrote(ConfigKeys.RULE_OUT);
        Optional<Located<Prefix>> from = rule.find(ConfigKeys.RULE_FROM);
        Optional<Located<Prefix>> to = rule.find(ConfigKeys.RULE_TO);
        boolean isOurs = checkSide(isOut ? from : to, members, "members");
        boolean isTheirs = checkSide(isOut ? to : from, remotes, "remote prefixes");
        boolean isOneFamily = checkFamilies(rule, isOut, from, to);
        checkPorts(rule, isOut);
        boolean isWhole =
                rule.value(isOut ? ConfigKeys.RULE_OUT : ConfigKeys.RULE_IN).isPresent()
                        && rule.wrote(ConfigKeys.RULE_FROM) == from.isPresent()
                        && rule.wrote(ConfigKeys.RULE_TO) == to.isPresent()
                        && rule.wrote(ConfigKeys.RULE_PORTS)
                                == rule.find(ConfigKeys.RULE_PORTS).isPresent()
                        && rule.find(ConfigKeys.RULE_STATELESS).isPresent();
        if (!isWhole) {
            return Optional.empty();
        }
        PolicyRule whole = ConfigBuilder.rule(rule);
        if (isOurs && isTheirs && isOneFamily) {
            idle.add(whole, spot.line()).ifPresent(of -> problems.warning(spot, of.text(), of.advice()));
        }
        return Optional.of(whole);
    }

    private boolean checkSide(Optional<Located<Prefix>> side, PrefixSet all, String what) {
        Optional<Located<Prefix>> outside = side.filter(
                prefix -> !all.isEmpty() && all.overlapping(prefix.value()).isEmpty());
        outside.ifPresent(prefix -> problems.error(
                prefix.spot(),
                "the rule never matches: %s is outside all %s of this V-net".formatted(prefix.value(), what),
                "rules name our members by their own addresses, and remote ones as this site sees them"));
        return outside.isEmpty();
    }

    private boolean checkFamilies(
            Fields rule, boolean isOut, Optional<Located<Prefix>> from, Optional<Located<Prefix>> to) {
        Optional<Boolean> fromIpv4 = from.map(prefix -> prefix.value().network().isIpv4());
        Optional<Boolean> toIpv4 = to.map(prefix -> prefix.value().network().isIpv4());
        if (from.isPresent() && to.isPresent() && !fromIpv4.equals(toIpv4)) {
            problems.error(
                    to.get().spot(),
                    "the rule never matches: from and to are of two families",
                    "write one rule for each");
            return false;
        }
        Optional<Boolean> isIpv4 = fromIpv4.or(() -> toIpv4);
        Optional<Located<Optional<Integer>>> otherIcmp = rule.find(isOut ? ConfigKeys.RULE_OUT : ConfigKeys.RULE_IN)
                .filter(protocol -> protocol.value().isPresent()
                        && isIpv4.isPresent()
                        && PolicyForms.isIcmpOfOther(protocol.value().get(), isIpv4.get()));
        otherIcmp.ifPresent(protocol -> problems.error(
                protocol.spot(),
                "the rule never matches: "
                        + (isIpv4.orElseThrow() ? "icmpv6 with IPv4 addresses" : "icmp with IPv6 addresses"),
                "write " + (isIpv4.orElseThrow() ? "icmp" : "icmpv6")));
        return otherIcmp.isEmpty();
    }

    private void checkPorts(Fields rule, boolean isOut) {
        Optional<Integer> protocol =
                rule.value(isOut ? ConfigKeys.RULE_OUT : ConfigKeys.RULE_IN).orElse(Optional.of(PolicyForms.TCP));
        boolean hasPorts = protocol.filter(PolicyForms::hasPorts).isPresent();
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

package net.vgate.forwarding;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.config.GatewayConfig.PortRange;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.Prefix;

/** Takes rules apart into what {@link CompiledPolicy} looks up. */
final class PolicyCompiler {
    private static final PortRange ALL_PORTS = new PortRange(0, 0xffff);

    private final List<PolicyRule> rules;
    private final NestedPrefixes members;
    private final NestedPrefixes remotes;
    private final Map<Prefix, Integer> memberNumbers = new HashMap<>();
    private final Map<Prefix, Integer> remoteNumbers = new HashMap<>();
    private final Map<Long, PortSweep> sweeps = new HashMap<>();

    PolicyCompiler(List<PolicyRule> rules) {
        this.rules = List.copyOf(rules);
        members = new NestedPrefixes(
                rules.stream().flatMap(rule -> rule.members().stream()).toList(), memberNumbers);
        remotes = new NestedPrefixes(
                rules.stream().flatMap(rule -> rule.remote().stream()).toList(), remoteNumbers);
        for (int i = 0; i < rules.size(); i++) {
            add(i, rules.get(i));
        }
    }

    private void add(int number, PolicyRule rule) {
        if (rule.ports().isEmpty()) {
            add(number, rule, protocolOf(rule), ALL_PORTS);
            return;
        }
        for (PortRange range : rule.ports()) {
            if (rule.protocol().isPresent()) {
                int protocol = protocolOf(rule);
                // What has no ports has none in a range.
                if (protocol == InnerHeader.TCP || protocol == InnerHeader.UDP) {
                    add(number, rule, protocol, range);
                }
            } else {
                add(number, rule, InnerHeader.TCP, range);
                add(number, rule, InnerHeader.UDP, range);
            }
        }
    }

    private void add(int number, PolicyRule rule, int protocol, PortRange range) {
        int member = rule.members().map(memberNumbers::get).orElse(NestedPrefixes.EVERYTHING);
        int remote = rule.remote().map(remoteNumbers::get).orElse(NestedPrefixes.EVERYTHING);
        long key = PortRules.key(rule.direction() == Direction.OUT, protocol, member, remote);
        sweeps.computeIfAbsent(key, unused -> new PortSweep()).add(number, range);
    }

    private static int protocolOf(PolicyRule rule) {
        return rule.protocol().map(CompiledPolicy::ruleProtocol).orElse(CompiledPolicy.ANY_PROTOCOL);
    }

    List<PolicyRule> rules() {
        return rules;
    }

    NestedPrefixes members() {
        return members;
    }

    NestedPrefixes remotes() {
        return remotes;
    }

    PortRules ports() {
        return new PortRules(sweeps);
    }
}

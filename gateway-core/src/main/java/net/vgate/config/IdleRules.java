package net.vgate.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.stream.Collectors;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.packet.PrefixList;

/** Finds rules of a V-net that no flow reaches. They are taken in one by one, in the order of the file. */
public final class IdleRules {
    /** Nobody looks up more of them. */
    private static final int SHOWN_LINES = 5;

    private final RuleCoverage coverage;
    private final Map<PolicyRule, Integer> lines = new HashMap<>();

    /** @param members the V-net's, as {@code remotes}; empty if that is not known */
    IdleRules(PrefixSet members, PrefixSet remotes) {
        coverage = new RuleCoverage(members, remotes);
    }

    /**
     * Why no flow reaches a rule.
     *
     * @param text for people
     * @param advice what to do
     */
    public record Idle(String text, String advice) {}

    /** For each rule of the V-net, why no flow reaches it; empty where some may. */
    public static List<Optional<Idle>> of(Vnet vnet) {
        PrefixList.Builder remotes = new PrefixList.Builder();
        vnet.remote().forEach(remote -> remote.prefixes().forEach(remotes::add));
        IdleRules rules = new IdleRules(new PrefixSet(vnet.members()), new PrefixSet(remotes.build()));
        List<Optional<Idle>> idle = new ArrayList<>();
        for (int i = 0; i < vnet.policy().size(); i++) {
            idle.add(rules.add(vnet.policy().get(i), vnet.policyLines().get(i)));
        }
        return idle;
    }

    /** Takes in the next rule. The first one that fits a flow counts it, so one that permits nothing more is idle. */
    Optional<Idle> add(PolicyRule rule, int line) {
        Integer before = lines.putIfAbsent(rule, line);
        SortedSet<Integer> permitting = coverage.add(rule, line);
        if (before != null) {
            return Optional.of(new Idle("the rule in line " + before + " says the same", "remove one"));
        }
        if (!permitting.isEmpty()) {
            return Optional.of(new Idle(
                    "never reached: " + rulesIn(permitting) + " all of it",
                    "remove it, or write it first to have its flows counted apart"));
        }
        if (coverage.isAboutNothing(rule)) {
            return Optional.of(new Idle(
                    "the rule never matches: no member and remote prefix that it is about are of one family",
                    "remove it, or add addresses of that family to members and remote"));
        }
        return Optional.empty();
    }

    private static String rulesIn(SortedSet<Integer> lines) {
        if (lines.size() == 1) {
            return "the rule in line %d permits".formatted(lines.first());
        }
        int shown = lines.size() <= SHOWN_LINES ? lines.size() - 1 : SHOWN_LINES;
        return "the rules in lines %s and %s permit"
                .formatted(
                        lines.stream().limit(shown).map(String::valueOf).collect(Collectors.joining(", ")),
                        lines.size() <= SHOWN_LINES ? lines.last() : lines.size() - shown + " more");
    }
}

package net.vgate.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import net.vgate.observe.Quantity;
import net.vgate.observe.StatusReport;
import net.vgate.observe.StatusReport.Denied;
import net.vgate.observe.StatusReport.Rule;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a gateway's V-nets and what they decided: what {@code vgate policy list --json} prints.
 *
 * @param file which the rules' lines are in
 * @param uptimeSeconds of the gateway
 */
record PolicyListing(String file, double uptimeSeconds, List<Vnet> vnets) {
    /** The rules of one V-net, and what none of them permits. */
    record Vnet(String name, List<Rule> rules, Denied deniedOut, Denied deniedIn) {}

    static PolicyListing of(StatusReport report) {
        return new PolicyListing(
                report.configuration().file(),
                report.gateway().uptimeSeconds(),
                report.vnets().stream()
                        .map(vnet -> new Vnet(vnet.name(), vnet.policy(), vnet.deniedOut(), vnet.deniedIn()))
                        .toList());
    }

    /** Only the V-net with this name. */
    PolicyListing of(String vnet) {
        return new PolicyListing(
                file,
                uptimeSeconds,
                vnets.stream().filter(one -> one.name().equals(vnet)).toList());
    }

    /** Only rules that never decided. */
    PolicyListing unused() {
        return new PolicyListing(
                file,
                uptimeSeconds,
                vnets.stream()
                        .map(vnet -> new Vnet(
                                vnet.name(),
                                vnet.rules().stream()
                                        .filter(PolicyListing::isUnused)
                                        .toList(),
                                vnet.deniedOut(),
                                vnet.deniedIn()))
                        .toList());
    }

    private static boolean isUnused(Rule rule) {
        return rule.lastHitSeconds() == null;
    }

    /** A table, and a line that sums up. What was never hit is coloured. */
    String text(Ink ink) {
        TextTable table = new TextTable("VNET", "RULE", "WHERE", "HITS", "LAST HIT");
        List<UnaryOperator<String>> inks = new ArrayList<>();
        inks.add(ink::bold);
        long unused = 0;
        for (Vnet vnet : vnets) {
            for (Rule rule : vnet.rules()) {
                table.row(
                        vnet.name(),
                        rule.rule(),
                        file + ":" + rule.line(),
                        Quantity.count(rule.hits()),
                        age(rule.lastHitSeconds()));
                inks.add(isUnused(rule) ? ink::yellow : UnaryOperator.identity());
                unused += isUnused(rule) ? 1 : 0;
            }
            addDenied(table, vnet.name(), "out", vnet.deniedOut());
            addDenied(table, vnet.name(), "in", vnet.deniedIn());
            inks.add(UnaryOperator.identity());
            inks.add(UnaryOperator.identity());
        }
        StringBuilder text = new StringBuilder();
        List<String> lines = table.toString().lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            text.append(inks.get(i).apply(lines.get(i))).append('\n');
        }
        return text.append("rules never hit, since the gateway started %s ago or a reload brought them: %s%n"
                        .formatted(Quantity.age(uptimeSeconds), Quantity.count(unused)))
                .toString();
    }

    private static void addDenied(TextTable table, String vnet, String direction, Denied denied) {
        table.row(
                vnet,
                direction + ": what no rule permits, denied",
                "-",
                Quantity.count(denied.packets()),
                age(denied.lastSeconds()));
    }

    /** How long ago, for people. */
    static String age(@Nullable Long seconds) {
        return seconds == null ? "never" : Quantity.age(seconds) + " ago";
    }
}

package net.vgate.observe;

import java.util.List;
import net.vgate.observe.StatusReport.Denied;
import org.jspecify.annotations.Nullable;

/**
 * The policy of one V-net as it is in force: what {@code vgate policy show --json} prints.
 *
 * @param file which the rules' lines are in
 * @param rules of which the first that permits a flow decides
 * @param fallback what becomes of packets that no rule permits: {@code deny}
 * @param deniedOut what members here sent, and no rule permits
 * @param deniedIn what other sites sent, and no rule permits
 */
public record PolicyReport(
        String vnet, String file, List<Rule> rules, String fallback, Denied deniedOut, Denied deniedIn) {
    public PolicyReport {
        rules = List.copyOf(rules);
    }

    /**
     * One rule.
     *
     * @param number from 1, in the order of the file
     * @param rule as a person writes it
     * @param hits flows that it permitted, when they started or when the policy had changed; and packets of no flow
     * @param lastHitSeconds how long ago the last one was; null when there was none
     * @param idle why no flow reaches it; null when some may
     */
    public record Rule(
            int number,
            String rule,
            int line,
            long hits,
            @Nullable Long lastHitSeconds,
            @Nullable String idle) {}
}

package net.vgate.config;

import java.util.List;
import net.vgate.config.GatewayConfig.PolicyRule;

/**
 * Makes of rules what the data path asks, so that policy tests ask the same. Passed in, since the data path knows the
 * configuration, and not the other way round.
 */
@FunctionalInterface
public interface RuleCompiler {
    /** What a V-net with these rules would ask. */
    Compiled compile(List<PolicyRule> rules);

    /** Rules that answer which of them permits a flow. */
    @FunctionalInterface
    interface Compiled {
        /**
         * Index of the first rule that permits a flow, or a negative number.
         *
         * @param outbound whether the member's side starts it
         * @param port destination port, 0 for protocols without
         */
        int permit(
                boolean outbound, int protocol, long memberHi, long memberLo, long remoteHi, long remoteLo, int port);
    }
}

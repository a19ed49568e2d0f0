package net.vgate.config;

import java.util.List;
import java.util.Optional;

/**
 * What came of reading a configuration file.
 *
 * @param config empty exactly when one of the problems is an error
 * @param policyTests how many tests of the policy the file has
 * @param passedPolicyTests how many of them were answered as they expect
 * @param problems all of them, in the order of the file
 */
public record ConfigResult(
        Optional<GatewayConfig> config, int policyTests, int passedPolicyTests, List<ConfigProblem> problems) {
    public ConfigResult {
        problems = List.copyOf(problems);
    }

    /** How many of the problems are errors. */
    public long errors() {
        return problems.stream().filter(ConfigProblem::isError).count();
    }

    /** How many of the problems are warnings. */
    public long warnings() {
        return problems.size() - errors();
    }
}

package net.vgate.observe;

import java.util.List;
import net.vgate.config.ConfigDiff;

/**
 * What a reload would do.
 *
 * @param changes what would be different; empty when nothing would, or the file is not in order
 * @param problems why it would be refused, one line each, with file, line and column
 */
public record PlanReport(List<ConfigDiff.Change> changes, List<String> problems) {
    public PlanReport {
        changes = List.copyOf(changes);
        problems = List.copyOf(problems);
    }
}

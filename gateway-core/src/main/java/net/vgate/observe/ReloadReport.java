package net.vgate.observe;

import java.util.List;

/**
 * What came of a reload.
 *
 * @param applied whether the file's configuration is in use now
 * @param generation the configuration in use now
 * @param changes what is different from before, one line each; empty when nothing is, or it was not applied
 * @param problems why it was not applied, one line each, with file, line and column
 */
public record ReloadReport(boolean applied, long generation, List<String> changes, List<String> problems) {
    public ReloadReport {
        changes = List.copyOf(changes);
        problems = List.copyOf(problems);
    }
}

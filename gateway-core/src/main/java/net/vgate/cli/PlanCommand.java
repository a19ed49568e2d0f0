package net.vgate.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import net.vgate.config.ConfigDiff;
import net.vgate.config.ConfigReader;
import net.vgate.config.ConfigResult;
import net.vgate.config.GatewayConfig;
import net.vgate.observe.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vgate plan}. */
@Command(
        name = "plan",
        description = {
            "Say what changes from one configuration to another, and what it costs:",
            "a reload, a reload during which one V-net pauses, or a restart. Changes nothing."
        },
        footer = {"", "Example: vgate plan /etc/vgate/east.yaml east.yaml"})
final class PlanCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "OLD", description = "The configuration that holds now.")
    private Path before;

    @Parameters(index = "1", paramLabel = "NEW", description = "The configuration that is to hold.")
    private Path after;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        ConfigDiff diff = ConfigDiff.between(read(before), read(after));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> report = new LinkedHashMap<>();
            report.put("restart", diff.needsRestart());
            report.put("pausedVnets", diff.pausedVnets());
            report.put("changes", diff.changes());
            out.print(Json.write(report));
        } else {
            out.print(text(diff));
        }
        return ExitCode.OK;
    }

    private GatewayConfig read(Path file) {
        ConfigResult result = ConfigReader.read(file);
        result.problems().forEach(problem -> spec.commandLine().getErr().println(problem));
        return result.config()
                .orElseThrow(() -> new CommandFailure(ExitCode.USAGE, file + " is refused, so there is no plan"));
    }

    /** A table of the changes, and what they come to. */
    static String text(ConfigDiff diff) {
        if (diff.isEmpty()) {
            return "nothing changes\n";
        }
        TextTable table = new TextTable("CHANGE", "WHAT", "KEY", "BEFORE", "AFTER", "TAKES");
        diff.changes()
                .forEach(change -> table.row(
                        change.kind().name().toLowerCase(Locale.ROOT),
                        change.subject(),
                        orDash(change.key()),
                        orDash(change.before()),
                        orDash(change.after()),
                        change.effect().label()));
        String costs = "a reload takes it over, and no other traffic is touched";
        if (diff.needsRestart()) {
            costs = "the gateway has to be restarted";
        } else if (!diff.pausedVnets().isEmpty()) {
            costs = "a reload takes it over; paused meanwhile: " + String.join(", ", diff.pausedVnets());
        }
        return table + costs + "\n";
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}

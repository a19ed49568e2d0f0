package net.vgate.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import net.vgate.config.ConfigDiff;
import net.vgate.config.ConfigReader;
import net.vgate.config.ConfigResult;
import net.vgate.config.GatewayConfig;
import net.vgate.forwarding.CompiledPolicy;
import net.vgate.http.Method;
import net.vgate.http.Response;
import net.vgate.observe.Json;
import net.vgate.observe.PlanReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vgate plan}. */
@Command(
        name = "plan",
        description = {
            "Say what changes from one configuration to another, and what it costs:",
            "a reload, a reload during which one V-net pauses, or a restart. Changes nothing.",
            "Without files it asks a running gateway what a reload would change; that sees renewed certificates, too."
        },
        footer = {
            "",
            "Example: vgate plan -c /etc/vgate/east.yaml",
            "         vgate plan /etc/vgate/east.yaml east.yaml"
        })
final class PlanCommand implements Callable<Integer> {
    /** The gateway looks into its files. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @Spec
    private CommandSpec spec;

    @Mixin
    private AdminSocket gateway;

    @Parameters(
            paramLabel = "[OLD NEW]",
            arity = "0..2",
            hideParamSyntax = true,
            description = "The configuration that holds now, and the one that is to hold.")
    private List<Path> files = List.of();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        ConfigDiff diff = switch (files.size()) {
            case 0 -> ask();
            case 2 -> compare(files.get(0), files.get(1));
            default -> throw new CommandFailure(ExitCode.USAGE, "name two configurations, or none to ask a gateway");
        };
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

    private ConfigDiff compare(Path before, Path after) {
        if (gateway.isChosen()) {
            throw new CommandFailure(ExitCode.USAGE, "either two files or a running gateway, not both");
        }
        return ConfigDiff.between(read(before), read(after));
    }

    private ConfigDiff ask() {
        PlanReport report = report(gateway.ask(Method.GET, "/plan", TIMEOUT));
        if (!report.problems().isEmpty()) {
            report.problems().forEach(spec.commandLine().getErr()::println);
            throw new CommandFailure(ExitCode.USAGE, "a reload would be refused");
        }
        return new ConfigDiff(report.changes());
    }

    private static PlanReport report(Response answer) {
        if (answer.status() != 200 && answer.status() != 422) {
            throw new CommandFailure(ExitCode.FAILURE, "the gateway answers: " + answer.bodyText());
        }
        return AdminSocket.read(answer.bodyText(), PlanReport.class);
    }

    private GatewayConfig read(Path file) {
        ConfigResult result = ConfigReader.read(file, CompiledPolicy::compile);
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

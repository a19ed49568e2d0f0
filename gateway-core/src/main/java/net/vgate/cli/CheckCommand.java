package net.vgate.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import net.vgate.config.ConfigProblem;
import net.vgate.config.ConfigReader;
import net.vgate.config.ConfigResult;
import net.vgate.config.GatewayConfig;
import net.vgate.forwarding.CompiledPolicy;
import net.vgate.observe.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vgate check}. */
@Command(
        name = "check",
        description = {
            "Check configuration files, the certificates and keys that they name, and run their policy tests.",
            "Prints all problems at once, one line each: file, line, column, key, what was found, what is allowed."
                    + " Changes nothing and looks at no network."
        },
        footer = {"", "Example: vgate check /etc/vgate/east.yaml"})
final class CheckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Configuration files.")
    private List<Path> files;

    @Option(names = "--strict", description = "Take warnings for errors.")
    private boolean strict;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        boolean isFine = true;
        List<Report> reports = new ArrayList<>();
        for (Path file : files) {
            ConfigResult result = ConfigReader.read(file, CompiledPolicy::compile);
            isFine &= result.errors() == 0 && !(strict && result.warnings() > 0);
            if (json) {
                reports.add(Report.of(file, result));
            } else {
                print(file, result, spec.commandLine().getOut());
            }
        }
        if (json) {
            spec.commandLine().getOut().print(Json.write(reports));
        }
        return isFine ? ExitCode.OK : ExitCode.USAGE;
    }

    /** All problems of {@code file}, and a last line that sums up. */
    static void print(Path file, ConfigResult result, PrintWriter out) {
        result.problems().forEach(problem -> out.println(problem.toText()));
        String problems = count(result.errors(), "error") + ", " + count(result.warnings(), "warning");
        String tests = result.policyTests() == 0
                ? ""
                : ", %d of %s passed".formatted(result.passedPolicyTests(), count(result.policyTests(), "policy test"));
        if (result.config().isEmpty()) {
            out.println(file + ": refused: " + problems + tests);
            return;
        }
        GatewayConfig config = result.config().get();
        out.printf(
                "%s: ok: gateway %s of site %s, %s, %s%s%s%n",
                file,
                config.gateway(),
                config.site(),
                count(config.vnets().size(), "V-net"),
                count(config.peers().size(), "peer"),
                tests,
                result.warnings() > 0 ? " (" + count(result.warnings(), "warning") + ")" : "");
    }

    private static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private record Report(
            String file,
            boolean ok,
            long errors,
            long warnings,
            int policyTests,
            int passedPolicyTests,
            List<Line> problems) {
        static Report of(Path file, ConfigResult result) {
            return new Report(
                    file.toString(),
                    result.config().isPresent(),
                    result.errors(),
                    result.warnings(),
                    result.policyTests(),
                    result.passedPolicyTests(),
                    result.problems().stream().map(Line::of).toList());
        }
    }

    private record Line(String severity, String file, int line, int column, String key, String found, String advice) {
        static Line of(ConfigProblem problem) {
            return new Line(
                    problem.severity().name().toLowerCase(Locale.ROOT),
                    problem.file().toString(),
                    problem.line(),
                    problem.column(),
                    problem.key(),
                    problem.found(),
                    problem.advice());
        }
    }
}

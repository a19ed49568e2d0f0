package net.vgate.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import net.vgate.http.Method;
import net.vgate.http.Response;
import net.vgate.observe.Json;
import net.vgate.observe.StatusReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;

/** {@code vgate status}. */
@Command(
        name = "status",
        description = {
            "Show a running gateway: its tunnels, V-nets, translations, policy and drops.",
            "Counts are those since it started. Drops are named by stage and reason as in the metrics."
        },
        footer = {"", "Example: vgate status -c /etc/vgate/east.yaml --json"})
final class StatusCommand implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @Spec
    private CommandSpec spec;

    @Mixin
    private AdminSocket gateway;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        Response answer = gateway.ask(Method.GET, "/status", TIMEOUT);
        if (answer.status() != 200) {
            throw new CommandFailure(ExitCode.FAILURE, "the gateway answers: " + answer.bodyText());
        }
        spec.commandLine().getOut().print(json ? answer.bodyText() : text(answer.bodyText()));
        return ExitCode.OK;
    }

    private static String text(String report) {
        try {
            return StatusText.of(Json.read(report, StatusReport.class), Ink.ofStandardOutput());
        } catch (JacksonException e) {
            throw new CommandFailure(
                    ExitCode.FAILURE,
                    "the gateway's answer is not understood; is it another version? --json prints it",
                    e);
        }
    }
}

package net.vgate.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import net.vgate.http.Method;
import net.vgate.http.Response;
import net.vgate.observe.ReloadReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vgate reload}. */
@Command(
        name = "reload",
        description = {
            "Have a running gateway read its configuration file anew.",
            "It takes over all of it or nothing; what does not change is not disturbed. Prints what changed, or why not."
        },
        footer = {"", "Example: vgate reload -c /etc/vgate/east.yaml"})
final class ReloadCommand implements Callable<Integer> {
    /** Devices and namespaces are made meanwhile. */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @Spec
    private CommandSpec spec;

    @Mixin
    private AdminSocket gateway;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        Response answer = gateway.ask(Method.POST, "/reload", TIMEOUT);
        if (answer.status() != 200 && answer.status() != 422) {
            throw new CommandFailure(ExitCode.FAILURE, "the gateway answers: " + answer.bodyText());
        }
        ReloadReport report = AdminSocket.read(answer.bodyText(), ReloadReport.class);
        if (json) {
            spec.commandLine().getOut().print(answer.bodyText());
        } else {
            print(report);
        }
        return report.applied() ? ExitCode.OK : ExitCode.USAGE;
    }

    private void print(ReloadReport report) {
        PrintWriter out = spec.commandLine().getOut();
        if (!report.applied()) {
            PrintWriter err = spec.commandLine().getErr();
            report.problems().forEach(err::println);
            err.println("vgate: refused; generation " + report.generation() + " runs on as it was");
        } else if (report.changes().isEmpty()) {
            out.println("nothing changes; generation " + report.generation());
        } else {
            report.changes().forEach(out::println);
            out.println("reloaded; generation " + report.generation());
        }
    }
}

package net.vgate.cli;

import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import net.vgate.attachment.NeighborState;
import net.vgate.http.Method;
import net.vgate.http.Response;
import net.vgate.observe.Json;
import net.vgate.observe.NeighborsReport;
import net.vgate.observe.Quantity;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code vgate neighbor}. */
@Command(
        name = "neighbor",
        description = "Show which stations a running gateway knows on the links of its TAPs and VTEP ports.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = NeighborCommand.ListNeighbors.class,
        footer = {"", "Example: vgate neighbor list -c /etc/vgate/east.yaml"})
final class NeighborCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "neighbor what?");
    }

    /** {@code vgate neighbor list}. */
    @Command(
            name = "list",
            description = {
                "Show members' Ethernet addresses, the locators of the switches behind which they are, and since when that"
                        + " was not confirmed anew.",
                "Only what the gateway has heard, or asks for: members that nothing was sent to are not there."
            },
            footer = {"", "Example: vgate neighbor list --vnet blue --json"})
    static final class ListNeighbors implements Callable<Integer> {
        private static final Duration TIMEOUT = Duration.ofSeconds(30);

        private static final int REFUSED = 422;

        @Spec
        private CommandSpec spec;

        @Mixin
        private AdminSocket gateway;

        @Option(names = "--vnet", paramLabel = "NAME", description = "Of this V-net only.")
        private @Nullable String vnet;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public Integer call() {
            String path = "/neighbors" + (vnet == null ? "" : "?vnet=" + encoded(vnet));
            Response answer = gateway.ask(Method.GET, path, TIMEOUT);
            if (answer.status() != 200 && answer.status() != REFUSED) {
                throw new CommandFailure(ExitCode.FAILURE, "the gateway answers: " + answer.bodyText());
            }
            NeighborsReport report = AdminSocket.read(answer.bodyText(), NeighborsReport.class);
            if (report.problem() != null) {
                throw new CommandFailure(ExitCode.FAILURE, report.problem());
            }
            PrintWriter out = spec.commandLine().getOut();
            out.print(json ? Json.write(report) : text(report));
            return ExitCode.OK;
        }

        private static String text(NeighborsReport report) {
            TextTable table = new TextTable("V-NET", "ADDRESS", "MAC", "LOCATOR", "STATE", "AGE");
            report.neighbors()
                    .forEach(neighbor -> table.row(
                            neighbor.vnet(),
                            neighbor.address(),
                            orDash(neighbor.mac()),
                            orDash(neighbor.locator()),
                            neighbor.state(),
                            isWritten(neighbor) ? "-" : Quantity.age((double) neighbor.ageSeconds())));
            if (table.isEmpty()) {
                return "no neighbors are known\n";
            }
            String more = report.leftOut() == 0
                    ? ""
                    : Quantity.count(report.leftOut())
                            + " more are left out; --vnet shows one V-net's, vgate explain one member's\n";
            return table + more;
        }

        /** Nobody has heard of it there. */
        private static boolean isWritten(NeighborsReport.Neighbor neighbor) {
            return neighbor.state().equals(NeighborState.WRITTEN.label());
        }

        private static String orDash(@Nullable String text) {
            return text == null ? "-" : text;
        }

        private static String encoded(String text) {
            return URLEncoder.encode(text, StandardCharsets.UTF_8);
        }
    }
}

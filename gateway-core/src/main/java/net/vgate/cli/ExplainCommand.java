package net.vgate.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import net.vgate.http.Method;
import net.vgate.http.Response;
import net.vgate.observe.AddressReport;
import net.vgate.observe.Json;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vgate explain}. */
@Command(
        name = "explain",
        description = {
            "Tell what a running gateway makes of an address: whose it is, how each site writes it, and what packets to it"
                    + " and from it meet, stage by stage, with the reason by which those are counted that are dropped.",
            "Without --at the address is as this site writes it: members here by their own addresses, those of other"
                    + " sites as this site sees them. With --at SITE it is as that site writes it, which is how it"
                    + " stands in packets that come from there: which of our members is that?",
            "It tells what can happen by what is in force now, and sends nothing. Flows that are under way are not looked"
                    + " at; vgate status counts what does happen."
        },
        footer = {
            "",
            "Example: vgate explain 10.0.0.7 --vnet blue -c /etc/vgate/east.yaml",
            "         vgate explain 100.64.1.7 --vnet blue --at west -c /etc/vgate/east.yaml"
        })
final class ExplainCommand implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private static final int WRONG_QUESTION = 422;
    private static final int OUT_OF_FORCE = 503;

    @Spec
    private CommandSpec spec;

    @Mixin
    private AdminSocket gateway;

    @Parameters(paramLabel = "ADDRESS", description = "An IPv4 or IPv6 address.")
    private String address;

    @Option(names = "--vnet", required = true, paramLabel = "NAME", description = "The V-net's name.")
    private String vnet;

    @Option(
            names = "--at",
            paramLabel = "SITE",
            description = "The address is as it is written at this site; default: the gateway's own.")
    private @Nullable String at;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        String path = "/explain?vnet=" + encoded(vnet) + "&address=" + encoded(address)
                + (at == null ? "" : "&at=" + encoded(at));
        Response answer = gateway.ask(Method.GET, path, TIMEOUT);
        if (answer.status() != 200 && answer.status() != WRONG_QUESTION && answer.status() != OUT_OF_FORCE) {
            throw new CommandFailure(ExitCode.FAILURE, "the gateway answers: " + answer.bodyText());
        }
        AddressReport report = AdminSocket.read(answer.bodyText(), AddressReport.class);
        if (report.problem() != null) {
            throw new CommandFailure(
                    answer.status() == WRONG_QUESTION ? ExitCode.USAGE : ExitCode.FAILURE, report.problem());
        }
        spec.commandLine().getOut().print(json ? Json.write(report) : AddressText.of(report, Ink.ofStandardOutput()));
        return ExitCode.OK;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}

package net.vgate.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import net.vgate.http.Method;
import net.vgate.http.Response;
import net.vgate.observe.Json;
import net.vgate.observe.PolicyReport;
import net.vgate.observe.Quantity;
import net.vgate.observe.StatusReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vgate policy}. */
@Command(
        name = "policy",
        description = {
            "Show what the policy rules of a running gateway decide.",
            "Rules are written in the configuration file, under policy: of their V-net, and taken over by vgate reload."
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {PolicyCommand.Listing.class, PolicyCommand.Show.class, InTheFile.class},
        footer = {"", "Example: vgate policy show blue -c /etc/vgate/east.yaml"})
final class PolicyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "policy what?");
    }

    /** {@code vgate policy list}. */
    @Command(
            name = "list",
            description = {
                "List the rules of a running gateway, how often each has decided, and when last.",
                "Of the rules that permit a flow, the first in the file decides. It is hit once: when the flow starts, and"
                        + " by the flow's next packet after the V-net's rules have changed. Packets of no flow (those of"
                        + " stateless rules, and resets) are a hit each.",
                "What no rule permits is denied; that counts packets, by direction.",
                "Counts begin with the gateway. A reload leaves those of rules that say the same as before."
            },
            footer = {
                "",
                "Example: vgate policy list -c /etc/vgate/east.yaml --vnet blue",
                "         vgate policy list -c /etc/vgate/east.yaml --unused"
            })
    static final class Listing implements Callable<Integer> {
        private static final Duration TIMEOUT = Duration.ofSeconds(10);

        @Spec
        private CommandSpec spec;

        @Mixin
        private AdminSocket gateway;

        @Option(names = "--vnet", paramLabel = "NAME", description = "Only this V-net.")
        private @Nullable String vnet;

        @Option(names = "--unused", description = "Only rules that were never hit.")
        private boolean unused;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public Integer call() {
            Response answer = gateway.ask(Method.GET, "/status", TIMEOUT);
            if (answer.status() != 200) {
                throw new CommandFailure(ExitCode.FAILURE, "the gateway answers: " + answer.bodyText());
            }
            PolicyListing all = PolicyListing.of(AdminSocket.read(answer.bodyText(), StatusReport.class));
            PolicyListing asked = vnet == null ? all : all.of(vnet);
            if (asked.vnets().isEmpty() && vnet != null) {
                throw new CommandFailure(
                        ExitCode.USAGE, "the gateway has no V-net " + vnet + "; vgate status names those it has");
            }
            PolicyListing shown = unused ? asked.unused() : asked;
            spec.commandLine().getOut().print(json ? Json.write(shown) : shown.text(Ink.ofStandardOutput()));
            return ExitCode.OK;
        }
    }

    /** {@code vgate policy show}. */
    @Command(
            name = "show",
            description = {
                "Show the policy of one V-net as it is in force: its rules in the order in which they are tried, where"
                        + " they are written, what they decided, and whether any flow reaches them.",
                "Counts are as in vgate policy list."
            },
            footer = {"", "Example: vgate policy show blue -c /etc/vgate/east.yaml"})
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private AdminSocket gateway;

        @Parameters(paramLabel = "VNET", description = "The V-net's name.")
        private String vnet;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public Integer call() {
            PolicyReport report = gateway.find("/vnets/" + AdminSocket.segment(vnet) + "/policy", PolicyReport.class);
            spec.commandLine().getOut().print(json ? Json.write(report) : text(report, Ink.ofStandardOutput()));
            return ExitCode.OK;
        }

        private static String text(PolicyReport report, Ink ink) {
            TextTable table = new TextTable("NO", "RULE", "LINE", "HITS", "LAST HIT", "REACHABLE");
            List<UnaryOperator<String>> inks = new ArrayList<>();
            for (PolicyReport.Rule rule : report.rules()) {
                table.row(
                        rule.number(),
                        rule.rule(),
                        rule.line(),
                        Quantity.count(rule.hits()),
                        PolicyListing.age(rule.lastHitSeconds()),
                        rule.idle() == null ? "yes" : rule.idle());
                inks.add(rule.idle() == null ? UnaryOperator.identity() : ink::yellow);
            }
            addDenied(table, "out", report.deniedOut());
            addDenied(table, "in", report.deniedIn());
            inks.add(UnaryOperator.identity());
            inks.add(UnaryOperator.identity());
            return new Sections(ink)
                    .line("V-net %s, by %s: the first rule that permits a flow decides"
                            .formatted(report.vnet(), report.file()))
                    .table("policy", table, inks)
                    .toString();
        }

        private static void addDenied(TextTable table, String direction, StatusReport.Denied denied) {
            table.row(
                    "-",
                    direction + ": what no rule permits, denied",
                    "-",
                    Quantity.count(denied.packets()),
                    PolicyListing.age(denied.lastSeconds()),
                    "");
        }
    }
}

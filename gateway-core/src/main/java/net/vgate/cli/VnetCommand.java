package net.vgate.cli;

import java.util.concurrent.Callable;
import net.vgate.observe.Json;
import net.vgate.observe.VnetReport;
import net.vgate.observe.VnetsReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vgate vnet}. */
@Command(
        name = "vnet",
        description = {
            "Show the V-nets of a running gateway.",
            "V-nets are written in the configuration file, under vnets:, and taken over by vgate reload."
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {VnetCommand.ListVnets.class, VnetCommand.Show.class, InTheFile.class},
        footer = {"", "Example: vgate vnet show blue -c /etc/vgate/east.yaml"})
final class VnetCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "vnet what?");
    }

    /** {@code vgate vnet list}. */
    @Command(
            name = "list",
            description = {
                "List the V-nets of a running gateway: how members are attached, how many prefixes and listed members"
                        + " there are, and the sites that have to do with it."
            },
            footer = {"", "Example: vgate vnet list -c /etc/vgate/east.yaml"})
    static final class ListVnets implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private AdminSocket gateway;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public Integer call() {
            VnetsReport report = gateway.find("/vnets", VnetsReport.class);
            spec.commandLine().getOut().print(json ? Json.write(report) : VnetText.of(report, Ink.ofStandardOutput()));
            return ExitCode.OK;
        }
    }

    /** {@code vgate vnet show}. */
    @Command(
            name = "show",
            description = {
                "Show one V-net of a running gateway: its members, the other sites and how each is translated for, its"
                        + " traffic and its policy.",
                "Counts are those since the gateway started; vgate status has drops of all V-nets, by reason."
            },
            footer = {"", "Example: vgate vnet show blue -c /etc/vgate/east.yaml"})
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private AdminSocket gateway;

        @Parameters(paramLabel = "NAME", description = "The V-net's name.")
        private String name;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public Integer call() {
            VnetReport report = gateway.find("/vnets/" + AdminSocket.segment(name), VnetReport.class);
            spec.commandLine().getOut().print(json ? Json.write(report) : VnetText.of(report, Ink.ofStandardOutput()));
            return ExitCode.OK;
        }
    }
}

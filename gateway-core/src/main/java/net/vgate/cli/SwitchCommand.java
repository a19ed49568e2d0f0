package net.vgate.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import net.vgate.observe.Json;
import net.vgate.observe.Quantity;
import net.vgate.observe.StatusReport;
import net.vgate.observe.SwitchReport;
import net.vgate.observe.SwitchesReport;
import net.vgate.observe.SwitchesReport.Switch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vgate switch}. */
@Command(
        name = "switch",
        description = {
            "Show who hosts members, as a running gateway knows it: itself, the gateways of other sites, and the VM"
                    + " switches at its VTEP ports.",
            "They are written in the configuration file, under peers: and attach: {vtep: ...}, and taken over by vgate"
                    + " reload."
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {SwitchCommand.ListSwitches.class, SwitchCommand.Show.class, InTheFile.class},
        footer = {"", "Example: vgate switch show west/west-1 -c /etc/vgate/east.yaml"})
final class SwitchCommand implements Callable<Integer> {
    /** Of a switch's V-nets, as many are named in a list. */
    private static final int SHOWN_VNETS = 6;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "switch what?");
    }

    /** {@code vgate switch list}. */
    @Command(
            name = "list",
            description = {
                "List who hosts members: gateways as SITE/GATEWAY with their outer addresses and how their tunnels stand,"
                        + " VM switches as PORT/LOCATOR; and the V-nets that each may speak for."
            },
            footer = {"", "Example: vgate switch list -c /etc/vgate/east.yaml"})
    static final class ListSwitches implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private AdminSocket gateway;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public Integer call() {
            SwitchesReport report = gateway.find("/switches", SwitchesReport.class);
            spec.commandLine().getOut().print(json ? Json.write(report) : text(report));
            return ExitCode.OK;
        }

        private static String text(SwitchesReport report) {
            TextTable table = new TextTable("SWITCH", "KIND", "STATE", "LOCATORS", "PORT", "V-NETS");
            for (Switch one : report.switches()) {
                List<String> vnets = one.vnets().stream()
                        .map(SwitchesReport.Vnet::name)
                        .limit(SHOWN_VNETS)
                        .toList();
                int more = one.vnets().size() - vnets.size();
                table.row(
                        one.name(),
                        one.kind(),
                        orDash(one.state()),
                        listed(one.locators()),
                        one.port() == null ? "-" : portText(one.port()),
                        listed(vnets) + (more > 0 ? " and " + more + " more" : ""));
            }
            return table.toString();
        }
    }

    /** {@code vgate switch show}. */
    @Command(
            name = "show",
            description = "Show one of those who host members, its V-nets, and the tunnel to it.",
            footer = {
                "",
                "Example: vgate switch show west/west-1 -c /etc/vgate/east.yaml",
                "         vgate switch show rack/192.0.2.11 -c /etc/vgate/east.yaml"
            })
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private AdminSocket gateway;

        @Parameters(paramLabel = "NAME", description = "SITE/GATEWAY or PORT/LOCATOR, as the list has it.")
        private String name;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public Integer call() {
            SwitchReport report = gateway.find("/switches/" + AdminSocket.segment(name), SwitchReport.class);
            spec.commandLine().getOut().print(json ? Json.write(report) : text(report, Ink.ofStandardOutput()));
            return ExitCode.OK;
        }

        private static String text(SwitchReport report, Ink ink) {
            Switch one = report.identity();
            Sections sections = new Sections(ink);
            sections.title("switch " + one.name() + ": "
                    + (one.port() == null
                            ? "self".equals(one.state()) ? "this gateway" : "gateway of another site"
                            : "VM switch at VTEP port " + portText(one.port())));
            sections.line("  locators: " + listed(one.locators()));
            StatusReport.Tunnel tunnel = report.tunnel();
            if (tunnel != null) {
                UnaryOperator<String> colour = tunnel.up() ? UnaryOperator.identity() : ink::red;
                sections.line(
                        "  tunnel: " + tunnel.standing() + ", " + orDash(tunnel.local()) + " > "
                                + orDash(tunnel.remote()),
                        colour);
                if (tunnel.up()) {
                    sections.line("  by " + orDash(tunnel.rung()) + ", " + orDash(tunnel.cipherSuite())
                            + ", round trip "
                            + (tunnel.rttSeconds() == null ? "-" : Quantity.roundTrip(tunnel.rttSeconds())) + ", out "
                            + Quantity.bytes(tunnel.out().bytes()) + ", in "
                            + Quantity.bytes(tunnel.in().bytes()));
                }
            }
            TextTable table = new TextTable("VNET", "VNI", "REFUSED");
            List<UnaryOperator<String>> inks = new ArrayList<>();
            for (SwitchesReport.Vnet vnet : one.vnets()) {
                String refused = refused(vnet.name(), tunnel);
                table.row(vnet.name(), vnet.vni(), refused);
                inks.add(refused.isEmpty() ? UnaryOperator.identity() : ink::red);
            }
            return sections.table("V-nets that it may speak for", table, inks).toString();
        }

        /** Why the tunnel does not carry it. */
        private static String refused(String vnet, StatusReport.@Nullable Tunnel tunnel) {
            return tunnel == null
                    ? ""
                    : tunnel.refusedVnets().stream()
                            .filter(one -> one.vnet().equals(vnet))
                            .map(one -> one.reason() + ": it demands " + one.demanded() + ", " + one.but())
                            .findFirst()
                            .orElse("");
        }
    }

    private static String portText(SwitchesReport.Port port) {
        return port.name() + " (" + port.encapsulation() + ", " + port.locator() + " of " + port.device() + ")";
    }

    private static String listed(List<String> names) {
        return names.isEmpty() ? "-" : String.join(", ", names);
    }

    private static String orDash(@Nullable String text) {
        return text == null ? "-" : text;
    }
}

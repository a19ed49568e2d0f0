package net.vgate.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import net.vgate.forwarding.MemberState;
import net.vgate.http.HttpLimits;
import net.vgate.http.Method;
import net.vgate.http.Response;
import net.vgate.observe.AddressReport;
import net.vgate.observe.Json;
import net.vgate.observe.MemberReport;
import net.vgate.observe.MembersChange;
import net.vgate.observe.MembersReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vgate member}. */
@Command(
        name = "member",
        description = {
            "Show and change who is a member of a running gateway's V-nets, where these say membership: directory.",
            "A change is in force, and on the disk, when the command returns; all of it is done, or nothing."
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            MemberCommand.ListMembers.class,
            MemberCommand.Show.class,
            MemberCommand.Add.class,
            MemberCommand.SetState.class,
            MemberCommand.Remove.class
        },
        footer = {"", "Example: vgate member add blue 10.0.0.7 10.0.0.8 -c /etc/vgate/east.yaml"})
final class MemberCommand implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** What one request takes even of IPv6. */
    private static final int MANY_ADDRESSES = 20_000;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "member what?");
    }

    private static MembersReport read(Response answer) {
        if (answer.status() != 200 && answer.status() != 422) {
            throw new CommandFailure(ExitCode.FAILURE, "the gateway answers: " + answer.bodyText());
        }
        MembersReport report = AdminSocket.read(answer.bodyText(), MembersReport.class);
        if (!report.problems().isEmpty()) {
            throw new CommandFailure(ExitCode.FAILURE, String.join("\n", report.problems()));
        }
        return report;
    }

    /** {@code vgate member list}. */
    @Command(
            name = "list",
            description =
                    "Show members, their states, and the Ethernet addresses and locators that are written for them.",
            footer = {"", "Example: vgate member list blue --json"})
    static final class ListMembers implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private AdminSocket gateway;

        @Parameters(arity = "0..1", paramLabel = "VNET", description = "Of this V-net only.")
        private @Nullable String vnet;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public Integer call() {
            MembersReport report = readAll();
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.print(Json.write(report));
                return ExitCode.OK;
            }
            TextTable table = new TextTable("V-NET", "ADDRESS", "STATE", "MAC", "LOCATOR");
            report.members()
                    .forEach(member -> table.row(
                            member.vnet(),
                            member.address(),
                            member.state(),
                            orAny(member.mac()),
                            orAny(member.locator())));
            out.print(table.isEmpty() ? "no members are listed\n" : table.toString());
            return ExitCode.OK;
        }

        private static String orAny(@Nullable String written) {
            return written == null ? "any" : written;
        }

        /** Page by page. */
        private MembersReport readAll() {
            List<MembersReport.Member> members = new ArrayList<>();
            String after = "";
            while (true) {
                String path = "/members?vnet=" + (vnet == null ? "" : vnet) + "&after=" + after;
                MembersReport page = read(gateway.ask(Method.GET, path, TIMEOUT));
                members.addAll(page.members());
                if (!page.more() || page.members().isEmpty()) {
                    return new MembersReport(page.revision(), members, false, List.of());
                }
                MembersReport.Member last = members.get(members.size() - 1);
                after = last.vnet() + "/" + last.address();
            }
        }
    }

    /** {@code vgate member show}. */
    @Command(
            name = "show",
            description = "Show one member, and what makes it one.",
            footer = {"", "Example: vgate member show blue 10.0.0.7"})
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private AdminSocket gateway;

        @Parameters(index = "0", paramLabel = "VNET", description = "The V-net's name.")
        private String vnet;

        @Parameters(index = "1", paramLabel = "ADDRESS", description = "The member's address, as this site writes it.")
        private String address;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public Integer call() {
            MemberReport report = gateway.find(
                    "/members/" + AdminSocket.segment(vnet) + "/" + AdminSocket.segment(address), MemberReport.class);
            spec.commandLine().getOut().print(json ? Json.write(report) : text(report));
            return ExitCode.OK;
        }

        private static String text(MemberReport report) {
            AddressReport.Written by = report.by();
            String station = (report.mac() == null ? "" : "  has to be at " + report.mac() + "\n")
                    + (report.locator() == null ? "" : "  has to be behind locator " + report.locator() + "\n");
            return "%s in V-net %s: %s, %s%n  %s%n%s"
                    .formatted(
                            report.address(),
                            report.vnet(),
                            report.state(),
                            report.revision() == null
                                    ? "as every address of its prefix"
                                    : "listed by the directory, which is at revision " + report.revision(),
                            by == null
                                    ? "not in force: no prefix in members: of the V-net grants it any more"
                                    : "granted by " + by,
                            station);
        }
    }

    /** What a change is said by. */
    abstract static class Change implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private AdminSocket gateway;

        @Parameters(index = "0", paramLabel = "VNET", description = "The V-net's name.")
        private String vnet;

        @Parameters(
                index = "1..*",
                arity = "1..*",
                paramLabel = "ADDRESS",
                description = "Addresses of members; @FILE reads them from a file. Up to 20,000 in one change.")
        private List<String> addresses;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        /** The last word of the path. */
        abstract String verb();

        abstract @Nullable MemberState state();

        /** Where they have to be. */
        StationOptions station() {
            return new StationOptions();
        }

        @Override
        public Integer call() {
            MemberState state = state();
            StationOptions station = station();
            String asked = Json.write(new MembersChange(
                    vnet, addresses, state == null ? null : state.label(), station.mac, station.locator));
            if (asked.length() > HttpLimits.ADMIN.bodyBytes()) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        addresses.size() + " addresses are too many for one change; name some " + MANY_ADDRESSES
                                + " at most");
            }
            MembersReport report = read(gateway.ask(Method.POST, "/members/" + verb(), asked, TIMEOUT));
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.print(Json.write(report));
            } else {
                out.println("revision " + report.revision());
            }
            return ExitCode.OK;
        }
    }

    /** Where on its link a member has to be. */
    static final class StationOptions {
        @Option(
                names = "--mac",
                paramLabel = "MAC",
                description =
                        "The Ethernet address that they have to have, at a TAP or VTEP port; \"any\" lets them have"
                                + " any, as they do unless told otherwise.")
        private @Nullable String mac;

        @Option(
                names = "--locator",
                paramLabel = "LOCATOR",
                description = "The locator of the VTEP port's V-net behind which they have to be; \"any\" lets them be"
                        + " behind any, as they are unless told otherwise.")
        private @Nullable String locator;
    }

    /** {@code vgate member add}. */
    @Command(
            name = "add",
            description = "List members that are not listed yet.",
            footer = {"", "Example: vgate member add blue @addresses.txt --expected"})
    static final class Add extends Change {
        @Option(names = "--expected", description = "They are not there yet: known, and nothing is delivered to them.")
        private boolean expected;

        @Mixin
        private StationOptions station;

        @Override
        String verb() {
            return "add";
        }

        @Override
        StationOptions station() {
            return station;
        }

        @Override
        MemberState state() {
            return expected ? MemberState.EXPECTED : MemberState.JOINED;
        }
    }

    /** {@code vgate member set}. */
    @Command(
            name = "set",
            description = {
                "Change members that are listed: their state, and where they have to be. What is not named stays."
            },
            footer = {
                "",
                "Example: vgate member set blue 10.0.0.7 --state joined",
                "         vgate member set blue 10.0.0.7 --locator 192.0.2.12     # it moves there"
            })
    static final class SetState extends Change {
        @Spec
        private CommandSpec spec;

        @Option(names = "--state", paramLabel = "STATE", description = "expected or joined.")
        private @Nullable String label;

        @Mixin
        private StationOptions station;

        @Override
        String verb() {
            return "set";
        }

        @Override
        @Nullable
        MemberState state() {
            return label == null
                    ? null
                    : MemberState.of(label)
                            .orElseThrow(() -> new ParameterException(
                                    spec.commandLine(), label + " is no state; write expected or joined"));
        }

        @Override
        StationOptions station() {
            return station;
        }
    }

    /** {@code vgate member remove}. */
    @Command(
            name = "remove",
            description = "Take members off the list: from now on nothing is delivered to them, or taken from them.",
            footer = {"", "Example: vgate member remove blue 10.0.0.7"})
    static final class Remove extends Change {
        @Override
        String verb() {
            return "remove";
        }

        @Override
        @Nullable
        MemberState state() {
            return null;
        }
    }
}

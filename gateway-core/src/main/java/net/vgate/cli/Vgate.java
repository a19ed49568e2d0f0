package net.vgate.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program. */
@Command(
        name = "vgate",
        description = "Cross-site gateway for virtual networks.",
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "To begin: vgate pki ca --out pki, vgate pki issue --ca pki --site east --gateway east-1 --out pki,",
            "          vgate check east.yaml, vgate run -c east.yaml"
        })
public final class Vgate {
    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "When something fails, print where in the program, too.")
    private boolean debug;

    private Vgate() {}

    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int exitCode = execute(out, err, args);
        out.flush();
        err.flush();
        System.exit(exitCode);
    }

    /** Runs one command line, and returns its exit code, one of {@link ExitCode}. */
    public static int execute(PrintWriter out, PrintWriter err, String... args) {
        Vgate vgate = new Vgate();
        CommandLine line = new CommandLine(vgate);
        Verbs.all().forEach(line::addSubcommand);
        line.setOut(out).setErr(err);
        line.setUsageHelpAutoWidth(true);
        line.setParameterExceptionHandler((wrong, words) -> refuse(wrong));
        line.setExecutionExceptionHandler((failure, at, result) -> vgate.report(failure, at));
        addHelp(line);
        if (args.length == 0) {
            line.usage(out);
            return ExitCode.USAGE;
        }
        return line.execute(args);
    }

    /** On every command alike: -h, and what the exit codes mean. */
    private static void addHelp(CommandLine line) {
        line.getCommandSpec().mixinStandardHelpOptions(true);
        line.getCommandSpec()
                .usageMessage()
                .exitCodeListHeading("%nExit codes:%n")
                .exitCodeList(ExitCode.list());
        line.getSubcommands().values().forEach(Vgate::addHelp);
    }

    private static int refuse(ParameterException wrong) {
        CommandLine line = wrong.getCommandLine();
        String name = line.getCommandSpec().qualifiedName();
        line.getErr().println("vgate: " + whatIsWrong(wrong) + "; see " + name + " --help");
        return ExitCode.USAGE;
    }

    private static String whatIsWrong(ParameterException wrong) {
        boolean hasCommands = !wrong.getCommandLine().getSubcommands().isEmpty();
        if (hasCommands && wrong instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
            return "there is no command " + unmatched.getUnmatched().get(0);
        }
        return oneLine(wrong);
    }

    private int report(Exception failure, CommandLine line) {
        boolean isOurs = failure instanceof CommandFailure;
        line.getErr().println("vgate: " + (isOurs ? "" : failure.getClass().getSimpleName() + ": ") + oneLine(failure));
        if (debug) {
            failure.printStackTrace(line.getErr());
        } else if (!isOurs) {
            line.getErr().println("vgate: that is a fault of the program; --debug says where");
        }
        return failure instanceof CommandFailure ours ? ours.exitCode() : ExitCode.FAILURE;
    }

    private static String oneLine(Exception failure) {
        return String.valueOf(failure.getMessage())
                .replaceAll("\\s*\\R\\s*", " ")
                .strip();
    }
}

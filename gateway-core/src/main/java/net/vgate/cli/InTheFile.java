package net.vgate.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/**
 * {@code add}, {@code set} and {@code remove} of what the configuration file alone says: they tell where. The file
 * stays the one truth, which nothing else can widen.
 */
@Command(
        name = "add",
        aliases = {"set", "remove"},
        hidden = true,
        description = "Is done in the configuration file, and says where.",
        footer = {"", "Example: ${COMMAND-FULL-NAME}"})
final class InTheFile implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    /** Whatever is written behind the verb: none of it is wrong. */
    @Unmatched
    @SuppressWarnings("unused")
    private List<String> words = new ArrayList<>();

    @Override
    public Integer call() {
        String where = switch (spec.parent().name()) {
            case "vnet" -> "V-nets are written in the configuration file, under vnets:";
            case "switch" ->
                "switches are written in the configuration file, gateways under peers:,"
                        + " VM switches under attach: {vtep: ...} of the V-nets that they may speak for";
            default -> "rules are written in the configuration file, under policy: of their V-net";
        };
        throw new CommandFailure(
                ExitCode.USAGE, where + "; then vgate plan says what changes, and vgate reload takes it over");
    }
}

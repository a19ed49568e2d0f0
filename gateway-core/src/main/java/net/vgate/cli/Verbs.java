package net.vgate.cli;

import java.util.List;

/** Every verb of the program, in the order of its help: each an object that picocli reads as a command. */
final class Verbs {
    private Verbs() {}

    static List<Object> all() {
        return List.of(
                new RunCommand(),
                new CheckCommand(),
                new PlanCommand(),
                new StatusCommand(),
                new VnetCommand(),
                new SwitchCommand(),
                new PolicyCommand(),
                new ReloadCommand(),
                new DrainCommand(),
                new ExplainCommand(),
                new MemberCommand(),
                new NeighborCommand(),
                new PkiCommand(),
                new VersionCommand(),
                new RehearseCommand());
    }
}

package net.vgate.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import net.vgate.observe.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vgate version}. */
@Command(
        name = "version",
        description = "Print the version of vgate, and of Java and the system below it.",
        footer = {"", "Example: vgate version --json"})
final class VersionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("vgate", Version.number());
        versions.put("java", System.getProperty("java.runtime.version") + ", " + System.getProperty("java.vm.name"));
        versions.put(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                        + System.getProperty("os.arch"));
        if (json) {
            spec.commandLine().getOut().print(Json.write(versions));
        } else {
            versions.forEach((name, version) -> spec.commandLine().getOut().printf("%-7s %s%n", name, version));
        }
        return ExitCode.OK;
    }
}

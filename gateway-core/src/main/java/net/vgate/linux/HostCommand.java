package net.vgate.linux;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import net.vgate.attachment.DeviceException;

/** Runs a program of the system's administration, with input, and with a deadline. */
final class HostCommand {
    private static final List<Path> FOLDERS =
            List.of(Path.of("/usr/sbin"), Path.of("/sbin"), Path.of("/usr/bin"), Path.of("/bin"));

    private static final String NOT_PERMITTED = "Operation not permitted";

    /** Far beyond what any of them takes; only so that nothing hangs for ever. */
    private static final int DEADLINE_SECONDS = 20;

    /**
     * What a program said.
     *
     * @param exitCode 0 for success
     * @param output standard output and error, as they came
     */
    record Result(int exitCode, String output) {
        boolean isSuccess() {
            return exitCode == 0;
        }

        /** What went wrong, on one line, and what to do when it is known. */
        String line() {
            String line = output.replaceAll("\\s*\\n\\s*", "; ");
            return line.contains(NOT_PERMITTED)
                    ? line + "; root needs the capabilities CAP_NET_ADMIN and CAP_SYS_ADMIN for this"
                    : line;
        }
    }

    private HostCommand() {}

    /** Runs {@code program}, which Debian's package {@code packageName} has, with {@code input}. */
    static Result run(String packageName, String input, String program, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(find(program, packageName).toString());
        command.addAll(arguments);
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put("LC_ALL", "C");
            builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
            return finish(builder.start(), input, program);
        } catch (IOException failed) {
            throw new DeviceException(program + " could not be run: " + failed.getMessage(), failed);
        }
    }

    private static Path find(String program, String packageName) {
        return FOLDERS.stream()
                .map(folder -> folder.resolve(program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new DeviceException(
                        "the program " + program + " is missing; install the package " + packageName));
    }

    private static Result finish(Process process, String input, String program) throws IOException {
        CompletableFuture<Process> end = process.onExit().orTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS);
        CompletableFuture<Boolean> isLate = end.handle((done, late) -> {
            if (late != null) {
                process.destroyForcibly();
            }
            return late != null;
        });
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException endedEarly) {
            // It stopped reading at an error of its own, which its output tells.
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (isLate.join()) {
            throw new DeviceException(program + " did not end within " + DEADLINE_SECONDS + " s: " + output);
        }
        return new Result(process.exitValue(), output);
    }
}

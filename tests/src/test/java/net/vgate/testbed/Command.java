package net.vgate.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs with a deadline, and keeps what they say. */
public final class Command {
    /** Enough for what a test runs and waits for. */
    public static final Duration DEADLINE = Duration.ofSeconds(30);

    /**
     * How a program ended.
     *
     * @param exitCode 0 for success
     * @param output standard output and error, as they came
     */
    public record Result(int exitCode, String output) {
        /** Whether the program succeeded. */
        public boolean isSuccess() {
            return exitCode == 0;
        }
    }

    private Command() {}

    /** Runs {@code command}, which must succeed; returns what it said. */
    public static String run(String... command) {
        return checked(List.of(command), DEADLINE);
    }

    /** Runs {@code command}, which must succeed within {@code deadline}; returns what it said. */
    public static String checked(List<String> command, Duration deadline) {
        Result result = attempt(command, deadline);
        if (!result.isSuccess()) {
            throw new AssertionError(
                    String.join(" ", command) + " ended with " + result.exitCode() + ":\n" + result.output());
        }
        return result.output();
    }

    /** Runs {@code command}, which must end within {@code deadline}, well or not. */
    public static Result attempt(List<String> command, Duration deadline) {
        Path log = newLog();
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(log.toFile())
                    .start();
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(String.join(" ", command) + " did not end within " + deadline.toSeconds()
                        + " s:\n" + Files.readString(log));
            }
            return new Result(process.exitValue(), text(log));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        } finally {
            log.toFile().delete();
        }
    }

    /**
     * {@code command} with a hundred times the share of the processors that others have, where we may give it: what it
     * takes is then its own matter, whatever else the machine is doing.
     */
    public static List<String> favoured(List<String> command) {
        if (Boolean.getBoolean("vgate.soak")) {
            return command;
        }
        List<String> whole = new ArrayList<>(List.of(
                "setsid",
                "sh",
                "-c",
                "{ echo -20 > /proc/self/autogroup; } 2>/dev/null; exec nice -n -20 \"$@\"",
                "sh"));
        whole.addAll(command);
        return whole;
    }

    private static Path newLog() {
        try {
            return Files.createTempFile("vgate-testbed", ".log");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The text of {@code file}, whatever its bytes are. */
    static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A moment between two looks at a condition. */
    static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(10);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
    }
}

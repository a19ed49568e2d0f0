package net.vgate.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that runs beside the test, and what it has said so far. */
public final class BackgroundProcess implements AutoCloseable {
    private final List<String> command;
    private final Process process;
    private final Path log;

    private BackgroundProcess(List<String> command, Process process, Path log) {
        this.command = command;
        this.process = process;
        this.log = log;
    }

    static BackgroundProcess start(List<String> command, Path log) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(log.toFile())
                    .start();
            return new BackgroundProcess(command, process, log);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Its process number. */
    public long pid() {
        return process.pid();
    }

    /** Whether it runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Standard output and error so far. */
    public String output() {
        return Command.text(log);
    }

    /** Waits until it has said {@code text}. */
    public void awaitOutput(String text, Duration deadline) {
        long start = System.nanoTime();
        while (!output().contains(text)) {
            if (!process.isAlive() && !output().contains(text)) {
                throw new AssertionError(this + " ended with " + process.exitValue() + ":\n" + output());
            }
            if (System.nanoTime() - start > deadline.toNanos()) {
                throw new AssertionError(this + " has not said \"" + text + "\":\n" + output());
            }
            Command.pause();
        }
    }

    /** Waits until it has ended by itself; returns its exit code. */
    public int awaitEnd(Duration deadline) {
        try {
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(this + " did not end within " + deadline.toSeconds() + " s:\n" + output());
            }
            return process.exitValue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
    }

    /** Sends SIGTERM and waits for the end; returns the exit code. */
    public int terminate(Duration deadline) {
        process.destroy();
        return awaitEnd(deadline);
    }

    /** Sends SIGKILL and waits for the end. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd(Command.DEADLINE);
    }

    /** Sends the signal called {@code name}, as kill(1) knows it. */
    public void signal(String name) {
        Command.run("kill", "-" + name, Long.toString(pid()));
    }

    /** Ends it, if it runs. */
    @Override
    public void close() {
        kill();
    }

    @Override
    public String toString() {
        return String.join(" ", command);
    }
}

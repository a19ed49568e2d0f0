package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;

/** A TCP port that somebody serves, and how others use it. */
final class TcpServer implements AutoCloseable {
    private final BackgroundProcess socat;

    private TcpServer(BackgroundProcess socat) {
        this.socat = socat;
    }

    /** Says {@code words} to each who connects, until the namespace goes. */
    static void say(String words, TestNetns netns, int port) {
        listening(netns, port, "TCP-LISTEN:" + port + ",reuseaddr,fork", "SYSTEM:echo " + words);
    }

    /** Keeps what the first who connects says. */
    static TcpServer receiving(Path file, TestNetns netns, int port) {
        return listening(netns, port, "-u", "-b", "131072", "TCP-LISTEN:" + port + ",reuseaddr", "CREATE:" + file);
    }

    private static TcpServer listening(TestNetns netns, int port, String... arguments) {
        List<String> command = new ArrayList<>(List.of("socat"));
        command.addAll(List.of(arguments));
        TcpServer server = new TcpServer(netns.start(command));
        TestBed.await(
                "port " + port + " of " + netns.name() + " is served",
                Command.DEADLINE,
                () -> !netns.run("ss", "-Hltn", "sport = :" + port).isBlank());
        return server;
    }

    /** What the server there says; empty when there is no connection before TCP repeats its first SYN. */
    static String ask(TestNetns from, String address, int port) {
        return from.attempt("socat", "-u", "-T2", "TCP:" + address + ":" + port + ",connect-timeout=0.6", "STDOUT")
                .output()
                .lines()
                .filter(line -> !line.contains(" socat["))
                .findFirst()
                .orElse("");
    }

    /** Sends a file, whole, within {@code deadline}. */
    static void send(Path file, TestNetns from, String address, int port, Duration deadline) {
        Command.Result result = from.attempt(
                deadline,
                "socat",
                "-u",
                "-b",
                "131072",
                "OPEN:" + file,
                "TCP:" + address + ":" + port + ",connect-timeout=5");
        assertEquals(0, result.exitCode(), result::output);
    }

    /** A file of {@code mebibytes} that cannot be guessed, nor packed. */
    static Path randomFile(Path file, int mebibytes, RandomGenerator random) {
        byte[] bytes = new byte[mebibytes << 20];
        random.nextBytes(bytes);
        try {
            return Files.write(file, bytes);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Waits until everything was said. */
    void awaitEnd(Duration deadline) {
        assertEquals(0, socat.awaitEnd(deadline), socat::output);
    }

    @Override
    public void close() {
        socat.close();
    }
}

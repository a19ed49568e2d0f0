package net.vgate.system;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import net.vgate.http.Method;
import net.vgate.http.Response;
import net.vgate.http.UnixHttpClient;
import net.vgate.observe.Json;
import net.vgate.observe.StatusReport;
import net.vgate.packet.DropReason;
import net.vgate.testbed.BackgroundProcess;
import net.vgate.testbed.Command;
import net.vgate.testbed.TestBed;
import net.vgate.testbed.TestNetns;

/** A gateway process, started by the launcher as a person would, and what it tells on its admin socket. */
final class RunningGateway implements AutoCloseable {
    /** Two virtual machines start at once, and the machine may have other work. */
    static final Duration START = Duration.ofSeconds(60);

    private static final Duration ANSWER = Duration.ofSeconds(5);

    private final String name;
    private final Path socket;
    private final BackgroundProcess process;

    private RunningGateway(String name, Path socket, BackgroundProcess process) {
        this.name = name;
        this.socket = socket;
        this.process = process;
    }

    /**
     * Starts {@code vgate run}, and does not wait.
     *
     * @param socket the admin socket that the configuration names
     */
    static RunningGateway start(TestNetns netns, Path configuration, Path socket, String... arguments) {
        return startUnder(List.of(), netns, configuration, socket, arguments);
    }

    /** As {@link #start}, by a command that becomes the one that is put behind it. */
    static RunningGateway startUnder(
            List<String> wrapper, TestNetns netns, Path configuration, Path socket, String... arguments) {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(vgate("run", "-c", configuration.toString()));
        command.addAll(List.of(arguments));
        RunningGateway gateway = new RunningGateway(
                configuration.getFileName().toString(), socket, netns.start(Command.favoured(command)));
        GatewayLogs.add(gateway);
        return gateway;
    }

    /** A command line of the program, as a checkout has it for people. */
    static List<String> vgate(String... arguments) {
        Path launcher = Path.of(System.getProperty("vgate.root", ".."), "vgate");
        // What is tested is what Maven has just built; and nohup(1) before the suite is not to make it deaf to SIGHUP.
        List<String> command = new ArrayList<>(List.of(
                "env",
                "--default-signal=HUP",
                "VGATE_BUILD=never",
                launcher.toAbsolutePath().normalize().toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Waits until it serves its admin socket. */
    RunningGateway awaitStarted() {
        TestBed.await(this + " has started", START, () -> {
            assertTrue(process.isAlive(), () -> this + " has ended:\n" + log());
            return statusIfServed().isPresent();
        });
        return this;
    }

    /** What it tells of itself. */
    StatusReport status() {
        return statusIfServed()
                .orElseThrow(() -> new AssertionError(this + " does not serve its admin socket:\n" + log()));
    }

    /** What it tells of itself; empty while it does not listen. */
    Optional<StatusReport> statusIfServed() {
        try {
            String body = new UnixHttpClient(socket, ANSWER)
                    .send(Method.GET, "/status")
                    .bodyText();
            return Optional.of(Json.read(body, StatusReport.class));
        } catch (IOException notServed) {
            return Optional.empty();
        }
    }

    /** What it answers on its admin socket. */
    Response get(String path) {
        try {
            return new UnixHttpClient(socket, ANSWER).send(Method.GET, path);
        } catch (IOException notServed) {
            throw new AssertionError(this + " does not answer " + path + ":\n" + log(), notServed);
        }
    }

    /** Its tunnel to a site. */
    StatusReport.Tunnel tunnel(String site) {
        return status().tunnels().stream()
                .filter(tunnel -> tunnel.peer().equals(site))
                .findFirst()
                .orElseThrow(() -> new AssertionError(this + " has no tunnel to " + site));
    }

    /** Whether its tunnel to a site carries data at this moment. */
    boolean isUp(String site) {
        return statusIfServed()
                .map(report -> report.tunnels().stream()
                        .anyMatch(tunnel -> tunnel.peer().equals(site) && tunnel.up()))
                .orElse(false);
    }

    /** Waits until its tunnel to a site is as it should be. */
    void awaitTunnel(String site, String what, Duration deadline, Predicate<StatusReport.Tunnel> condition) {
        TestBed.await(this + ": the tunnel to " + site + " " + what, deadline, () -> condition.test(tunnel(site)));
    }

    /** How many packets it has dropped for {@code reason} so far. */
    long drops(DropReason reason) {
        return status().drops().stream()
                .filter(drop -> drop.reason().equals(reason.label()))
                .mapToLong(StatusReport.Drop::packets)
                .sum();
    }

    /** How many packets it has dropped so far, for whatever reason. */
    long drops() {
        return status().drops().stream().mapToLong(StatusReport.Drop::packets).sum();
    }

    /** What it has logged so far. */
    String log() {
        return process.output();
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until it has ended by itself; returns its exit code. */
    int awaitEnd(Duration deadline) {
        return process.awaitEnd(deadline);
    }

    /** Sends SIGTERM, and waits for the end; returns the exit code. */
    int terminate(Duration deadline) {
        return process.terminate(deadline);
    }

    /** Sends a signal, as kill(1) knows it. */
    void signal(String signal) {
        process.signal(signal);
    }

    /** Sends SIGKILL, and waits for the end. */
    void kill() {
        process.kill();
    }

    @Override
    public void close() {
        GatewayLogs.remove(this);
        if (process.isAlive()) {
            process.kill();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}

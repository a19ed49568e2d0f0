package net.vgate.testbed;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A network namespace of a {@link TestBed}. */
public final class TestNetns {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String name;
    private final Path folder;

    TestNetns(String name, Path folder) {
        this.name = name;
        this.folder = folder;
    }

    /** Its name for ip-netns(8). */
    public String name() {
        return name;
    }

    /** Whether it is there. */
    public boolean exists() {
        return Path.of("/run/netns", name).toFile().exists();
    }

    /** Runs ip(8) on it; the command must succeed. Returns what it said. */
    public String ip(String... arguments) {
        List<String> command = new ArrayList<>(List.of("ip", "-n", name));
        command.addAll(List.of(arguments));
        return Command.checked(command, Command.DEADLINE);
    }

    /** Gives {@code device} an address with its prefix length; one of IPv6 can be used at once. */
    public void address(String device, String address) {
        if (address.contains(":")) {
            ip("addr", "add", address, "dev", device, "nodad");
        } else {
            ip("addr", "add", address, "dev", device);
        }
    }

    /** Adds a route, in the words of ip-route(8). */
    public void route(String... words) {
        List<String> command = new ArrayList<>(List.of("route", "add"));
        command.addAll(List.of(words));
        ip(command.toArray(String[]::new));
    }

    /** Gives the kernel's setting {@code key}, as {@code net/ipv4/ip_forward}, a value. */
    public void setting(String key, String value) {
        run("sh", "-c", "echo " + value + " > /proc/sys/" + key);
    }

    /** Runs {@code command} inside; it must succeed. Returns what it said. */
    public String run(String... command) {
        return Command.checked(inside(List.of(command)), Command.DEADLINE);
    }

    /** Runs {@code command} inside, which may fail. */
    public Command.Result attempt(String... command) {
        return Command.attempt(inside(List.of(command)), Command.DEADLINE);
    }

    /** Runs {@code command} inside, which may fail, but must end within {@code deadline}. */
    public Command.Result attempt(Duration deadline, String... command) {
        return Command.attempt(inside(List.of(command)), deadline);
    }

    /**
     * Starts {@code command} inside, to run beside the test. Whoever starts it closes it; the bed kills it at the end.
     */
    public BackgroundProcess start(List<String> command) {
        Path log = folder.resolve("process-" + NUMBER.incrementAndGet() + ".log");
        return BackgroundProcess.start(inside(command), log);
    }

    /** Begins to capture on {@code device} what pcap-filter(7) says; empty is everything. */
    public Capture capture(String device, String filter) {
        return Capture.start(this, device, filter, folder.resolve("capture-" + NUMBER.incrementAndGet() + ".pcap"));
    }

    private List<String> inside(List<String> command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", name));
        whole.addAll(command);
        return whole;
    }

    /** Ends the processes inside, and removes the namespace with its devices. */
    void delete() {
        Command.run("ip", "netns", "pids", name)
                .lines()
                .forEach(pid -> ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly));
        Command.run("ip", "netns", "delete", name);
    }
}

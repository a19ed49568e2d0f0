package net.vgate.testbed;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one system test makes of the machine: network namespaces, links between them, programs and files. All of it is
 * gone after {@link #close}, or when the virtual machine ends; what a killed one left, the next bed removes.
 *
 * <pre>{@code
 * try (TestBed bed = TestBed.create()) {
 *     TestNetns east = bed.namespace("east");
 *     TestNetns west = bed.namespace("west");
 *     bed.link(east, "wan", "192.0.2.1/24", west, "wan", "192.0.2.2/24");
 *     east.run("ping", "-c1", "192.0.2.2");
 * }
 * }</pre>
 */
public final class TestBed implements AutoCloseable {
    /** The longest that a pause between two looks takes on a machine that is only busy. */
    private static final long LONG_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final String PREFIX = "vgt-";
    private static final Pattern OURS = Pattern.compile(PREFIX + "(\\d+)-\\d+-.*");
    private static final Path NAMED = Path.of("/run/netns");
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Deque<AutoCloseable> undo = new ArrayDeque<>();
    private final Thread atExit = new Thread(this::undoAll, "test bed at exit");
    private final Path folder;

    private TestBed(Path folder) {
        this.folder = folder;
    }

    /** An empty bed; without root, the test that asks for one is skipped. */
    public static TestBed create() {
        assumeTrue("root".equals(System.getProperty("user.name")), "network namespaces need root");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "there is no /dev/net/tun");
        removeLeftovers();
        try {
            TestBed bed = new TestBed(Files.createTempDirectory("vgate-testbed"));
            Runtime.getRuntime().addShutdownHook(bed.atExit);
            return bed;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void removeLeftovers() {
        if (!Files.isDirectory(NAMED)) {
            return;
        }
        try (Stream<Path> names = Files.list(NAMED)) {
            for (Path path : names.toList()) {
                String name = path.getFileName().toString();
                Matcher ours = OURS.matcher(name);
                if (ours.matches()
                        && ProcessHandle.of(Long.parseLong(ours.group(1))).isEmpty()) {
                    new TestNetns(name, Path.of("/nonexistent")).delete();
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A name that nothing else has, for a namespace that somebody else makes; the bed removes it all the same. */
    public String uniqueName(String hint) {
        String name = PREFIX + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet() + "-" + hint;
        TestNetns netns = new TestNetns(name, folder);
        onClose(() -> {
            if (Files.exists(NAMED.resolve(name))) {
                netns.delete();
            }
        });
        return name;
    }

    /** A new namespace, whose loopback is up. */
    public TestNetns namespace(String hint) {
        TestNetns netns = new TestNetns(uniqueName(hint), folder);
        Command.run("ip", "netns", "add", netns.name());
        netns.ip("link", "set", "lo", "up");
        return netns;
    }

    /** The namespace called {@code name}, which somebody else makes or has made. */
    public TestNetns existing(String name) {
        return new TestNetns(name, folder);
    }

    /** Links two namespaces by a veth pair; both ends are up. */
    public void link(TestNetns a, String deviceA, TestNetns b, String deviceB) {
        a.ip("link", "add", deviceA, "type", "veth", "peer", "name", deviceB, "netns", b.name());
        for (TestNetns end : List.of(a, b)) {
            // Without this, an IPv6 address cannot be used for a second or two.
            end.setting("net/ipv6/conf/" + (end == a ? deviceA : deviceB) + "/accept_dad", "0");
        }
        a.ip("link", "set", deviceA, "up");
        b.ip("link", "set", deviceB, "up");
    }

    /** Links two namespaces by a veth pair, with an address at each end. */
    public void link(TestNetns a, String deviceA, String addressA, TestNetns b, String deviceB, String addressB) {
        link(a, deviceA, b, deviceB);
        a.address(deviceA, addressA);
        b.address(deviceB, addressB);
    }

    /** Starts {@code command} outside of any namespace of the bed, to run beside the test; it is killed at the end. */
    public BackgroundProcess start(List<String> command) {
        BackgroundProcess process =
                BackgroundProcess.start(command, folder.resolve("outside-" + NUMBER.incrementAndGet() + ".log"));
        onClose(process);
        return process;
    }

    /** A folder for the test's files; it is removed with the bed. */
    public Path folder() {
        return folder;
    }

    /** Has {@code action} run at the end, before all that was asked for earlier. */
    public void onClose(AutoCloseable action) {
        synchronized (undo) {
            undo.push(action);
        }
    }

    /** Waits until {@code condition} holds. */
    public static void await(String what, Duration deadline, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            long paused = System.nanoTime();
            if (paused - start > deadline.toNanos()) {
                throw new AssertionError("not within " + deadline.toMillis() + " ms: " + what);
            }
            Command.pause();
            // While the machine stands still, nobody else gets anywhere either.
            start += Math.max(0, System.nanoTime() - paused - LONG_PAUSE_NANOS);
        }
    }

    /** The command line of {@code mainClass} on the virtual machine and the class path of the test. */
    public static List<String> java(Class<?> mainClass, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        undoAll();
    }

    private void undoAll() {
        AssertionError failure = null;
        for (AutoCloseable action = next(); action != null; action = next()) {
            try {
                action.close();
            } catch (Exception failed) {
                failure = failure == null ? new AssertionError("the bed could not be cleared") : failure;
                failure.addSuppressed(failed);
            }
        }
        removeFolder();
        if (failure != null) {
            throw failure;
        }
    }

    private @Nullable AutoCloseable next() {
        synchronized (undo) {
            return undo.poll();
        }
    }

    private void removeFolder() {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}

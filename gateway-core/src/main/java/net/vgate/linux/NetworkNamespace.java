package net.vgate.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.vgate.attachment.DeviceException;

/**
 * A network namespace: the process's own, or a named one as ip-netns(8) keeps it; and how to work inside it.
 *
 * @param name the name; empty for the process's own
 */
record NetworkNamespace(Optional<String> name) {
    private static final Path NAMED = Path.of("/run/netns");
    private static final Path OWN = Path.of("/proc/self/ns/net");
    private static final Path SYSCTL = Path.of("/proc/sys");
    private static final Pattern LINK = Pattern.compile("(?m)^\\d+: ([^:@]+)");
    private static final Pattern FAILED_LINE = Pattern.compile("Command failed -:(\\d+)");
    private static final int CLONE_NEWNET = 0x4000_0000;
    private static final int O_RDONLY = 0;
    private static final int O_CLOEXEC = 0x80000;

    /** How messages name it. */
    String label() {
        return name.map(n -> "network namespace " + n).orElse("the gateway's own network namespace");
    }

    /** Where ip-netns(8) keeps it; not for the process's own. */
    Path path() {
        return NAMED.resolve(name.orElseThrow());
    }

    /** Whether it is there and can be entered: a file that lost its mount is none. */
    boolean exists() {
        if (name.isEmpty()) {
            return true;
        }
        try {
            return Files.exists(path()) && call(() -> true);
        } catch (DeviceException notANamespace) {
            return false;
        }
    }

    /** Whether it is a name for the namespace that the process runs in. */
    boolean isOwnByName() {
        try {
            return name.isPresent() && Files.exists(path()) && Files.isSameFile(path(), OWN);
        } catch (IOException unknown) {
            throw new DeviceException(label() + ": " + unknown, unknown);
        }
    }

    /**
     * Runs {@code work} inside and waits for it. A namespace belongs to a thread, setns(2): so the work has a thread of
     * its own, which enters, never comes back, and ends with it. A thread or process that the work started would be
     * born inside and keep the namespace alive: so it starts none.
     *
     * @throws DeviceException when there is no such namespace, the process may not enter it, or the work throws
     */
    <T> T call(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(() -> {
            if (name.isPresent()) {
                enter();
            }
            return work.call();
        });
        Thread thread = new Thread(null, task, "netns " + name.orElse("own"), 0, false);
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get();
        } catch (ExecutionException failed) {
            throw failure(failed.getCause() == null ? failed : failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new DeviceException(label() + ": interrupted", interrupted);
        }
    }

    private DeviceException failure(Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof DeviceException device ? device : new DeviceException(label() + ": " + cause, cause);
    }

    private void enter() {
        int fd = VariadicLibC.INSTANCE.open(path().toString(), O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            throw Errno.failure(label() + ": open " + path(), Errno.last());
        }
        try {
            if (LibC.setns(fd, CLONE_NEWNET) != 0) {
                throw Errno.failure(label() + ": setns", Errno.last());
            }
        } finally {
            LibC.close(fd);
        }
    }

    /**
     * Runs commands of ip(8), in order, until one fails.
     *
     * @throws DeviceException that says which one failed and why
     */
    void ip(List<String> commands) {
        if (commands.isEmpty()) {
            return;
        }
        HostCommand.Result result = ipCommand(String.join("\n", commands) + "\n", List.of("-batch", "-"));
        if (!result.isSuccess()) {
            Matcher failed = FAILED_LINE.matcher(result.output());
            String command = failed.find() ? commands.get(Integer.parseInt(failed.group(1)) - 1) : commands.get(0);
            throw ipFailure(
                    command,
                    new HostCommand.Result(
                            result.exitCode(), failed.replaceAll("").strip()));
        }
    }

    /** Runs one command of ip(8) that asks for something; returns what it printed. */
    String ipOutput(String... command) {
        HostCommand.Result result = ipCommand("", List.of(command));
        if (!result.isSuccess()) {
            throw ipFailure(String.join(" ", command), result);
        }
        return result.output();
    }

    /** Runs commands of ip(8), each one whether or not another failed: for taking away what may be gone already. */
    void ipEach(List<String> commands) {
        if (!commands.isEmpty()) {
            ipCommand(String.join("\n", commands) + "\n", List.of("-force", "-batch", "-"));
        }
    }

    private HostCommand.Result ipCommand(String input, List<String> command) {
        List<String> arguments = new ArrayList<>();
        name.ifPresent(n -> arguments.addAll(List.of("-n", n)));
        arguments.addAll(command);
        return HostCommand.run("iproute2", input, "ip", arguments);
    }

    private static DeviceException ipFailure(String command, HostCommand.Result result) {
        return new DeviceException("ip " + command + ": " + result.line());
    }

    /** Runs commands of nft(8) as one transaction. */
    HostCommand.Result nft(String script) {
        List<String> nft = List.of("-f", "-");
        if (name.isEmpty()) {
            return HostCommand.run("nftables", script, "nft", nft);
        }
        List<String> arguments = new ArrayList<>(List.of("netns", "exec", name.get(), "nft"));
        arguments.addAll(nft);
        return HostCommand.run("iproute2", script, "ip", arguments);
    }

    /** The names of the devices inside. */
    List<String> devices() {
        return LINK.matcher(ipOutput("-o", "link", "show"))
                .results()
                .map(link -> link.group(1))
                .toList();
    }

    /** The value of the setting {@code key}, as {@code net/ipv4/ip_forward}; empty when the kernel has none such. */
    Optional<String> setting(String key) {
        return call(() -> {
            Path file = SYSCTL.resolve(key);
            return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
        });
    }

    /** Gives the setting {@code key} a value, unless it has it. */
    void set(String key, String value) {
        call(() -> {
            Path file = SYSCTL.resolve(key);
            try {
                if (!Files.readString(file).strip().equals(value)) {
                    Files.writeString(file, value);
                }
                return file;
            } catch (IOException failed) {
                throw new DeviceException(
                        label() + ": " + file + " cannot be set to " + value + ": " + failed
                                + "; the gateway needs a writable /proc/sys/net",
                        failed);
            }
        });
    }
}

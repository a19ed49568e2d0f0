package net.vgate.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import net.vgate.attachment.DeviceException;

/**
 * A named network namespace as ip-netns(8) keeps it. A namespace belongs to a thread, setns(2): so whatever is done
 * inside one runs on a thread of its own, which never comes back and ends with it.
 */
final class NetworkNamespace {
    private static final Path NAMED = Path.of("/run/netns");
    private static final int CLONE_NEWNET = 0x4000_0000;
    private static final int O_RDONLY = 0;
    private static final int O_CLOEXEC = 0x80000;

    private NetworkNamespace() {}

    /** Where ip-netns(8) has the namespace {@code name}. */
    static Path path(String name) {
        return NAMED.resolve(name);
    }

    /** Whether there is a namespace {@code name}. */
    static boolean exists(String name) {
        return Files.exists(path(name));
    }

    /**
     * Runs {@code work} inside {@code name} and waits for it. A thread that the work starts would be born inside, and
     * keep the namespace alive: so it starts none, and no process either.
     *
     * @throws DeviceException when there is no such namespace, the process may not enter it, or the work throws
     */
    static <T> T call(String name, Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(() -> {
            enter(name);
            return work.call();
        });
        Thread thread = new Thread(null, task, "netns-" + name, 0, false);
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get();
        } catch (ExecutionException failed) {
            throw failure(name, failed.getCause() == null ? failed : failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new DeviceException("network namespace " + name + ": interrupted", interrupted);
        }
    }

    private static DeviceException failure(String name, Throwable cause) {
        if (cause instanceof DeviceException device) {
            return device;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        String what = cause instanceof IOException ? cause.toString() : "failed: " + cause;
        return new DeviceException("network namespace " + name + ": " + what, cause);
    }

    private static void enter(String name) {
        int fd = VariadicLibC.INSTANCE.open(path(name).toString(), O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            throw Errno.failure("network namespace " + name + ": open " + path(name), Errno.last());
        }
        try {
            if (LibC.setns(fd, CLONE_NEWNET) != 0) {
                int errno = Errno.last();
                String remedy = errno == Errno.EPERM ? "; run as root" : "";
                throw new DeviceException("network namespace " + name + ": setns: " + Errno.text(errno) + remedy);
            }
        } finally {
            LibC.close(fd);
        }
    }
}

package net.vgate.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.vgate.attachment.DeviceException;

/**
 * Runs ip(8) where everybody sees what it mounts. A named network namespace is a mount; a service, or a program under
 * {@code ip netns exec}, often has a mount namespace of its own, into which mounts come but out of which they do not
 * go: so what names a namespace is done in that of the machine's first process.
 */
final class VisibleMounts {
    private static final Path HERE = Path.of("/proc/self/ns/mnt");
    private static final Path FIRST = Path.of("/proc/1/ns/mnt");

    private VisibleMounts() {}

    /** Runs {@code ip} with {@code arguments}, which must succeed. */
    static void ip(String... arguments) {
        List<String> command = new ArrayList<>(List.of(arguments));
        HostCommand.Result result;
        if (isSeenByAll()) {
            result = HostCommand.run("iproute2", "", "ip", command);
        } else {
            command.addAll(0, List.of("--mount=" + FIRST, "--", "ip"));
            result = HostCommand.run("util-linux", "", "nsenter", command);
        }
        if (!result.isSuccess()) {
            throw new DeviceException("ip " + String.join(" ", arguments) + ": " + result.line());
        }
    }

    /** Also where it cannot be told, as in some containers: then there is no other place to do it. */
    private static boolean isSeenByAll() {
        try {
            return Files.readSymbolicLink(HERE).equals(Files.readSymbolicLink(FIRST));
        } catch (IOException notToBeTold) {
            return true;
        }
    }
}

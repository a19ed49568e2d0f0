package net.vgate.linux;

import java.nio.file.Files;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.vgate.attachment.DeviceException;

/**
 * The named namespaces that this host, or an earlier one with the same runtime folder, has made, and may therefore
 * remove. Each has a marker file with a random name, and the same name is inside it, as the alias of its loopback
 * device: one that somebody removed and made anew does not have it. A host that is killed between making a namespace
 * and marking it leaves one that counts as somebody else's.
 */
final class OwnNamespaces {
    private static final String MARKER = "netns-";
    private static final String ALIAS = "vgate:";
    private static final Pattern LOOPBACK_ALIAS = Pattern.compile("\\balias (\\S+)");

    private final RuntimeFolder folder;

    OwnNamespaces(RuntimeFolder folder) {
        this.folder = folder;
    }

    /** Makes {@code namespace} unless it is there. Returns whether it was made. */
    boolean ensure(NetworkNamespace namespace) {
        if (namespace.exists()) {
            return false;
        }
        String name = namespace.name().orElseThrow();
        String mark = ALIAS + UUID.randomUUID();
        if (Files.exists(namespace.path())) {
            removeEmptyFile(namespace, name);
        }
        folder.write(MARKER + name, List.of(mark));
        VisibleMounts.ip("netns", "add", name);
        if (!namespace.exists()) {
            VisibleMounts.ip("netns", "delete", name);
            throw new DeviceException(namespace.label() + ": made, but not to be seen here; make it beforehand");
        }
        try {
            namespace.ip(List.of("link set lo alias " + mark + " up"));
            // What the kernel puts into each new namespace, such as the fallback devices of tunnel drivers.
            folder.write(MARKER + name, List.of(mark, String.join(" ", namespace.devices())));
            return true;
        } catch (RuntimeException failed) {
            VisibleMounts.ip("netns", "delete", name);
            throw failed;
        }
    }

    /** A host that was killed in a mount namespace of its own leaves the name without what it stood for. */
    private void removeEmptyFile(NetworkNamespace namespace, String name) {
        if (folder.read(MARKER + name).isEmpty()) {
            throw new DeviceException(namespace.label() + ": " + namespace.path()
                    + " is there but is no namespace; remove it with: ip netns delete " + name);
        }
        VisibleMounts.ip("netns", "delete", name);
    }

    /** Whether {@code namespace} is there and was made by such a host. */
    boolean isOwn(NetworkNamespace namespace) {
        List<String> marker =
                namespace.name().map(name -> folder.read(MARKER + name)).orElse(List.of());
        if (marker.isEmpty() || !namespace.exists()) {
            return false;
        }
        Matcher alias = LOOPBACK_ALIAS.matcher(namespace.ipOutput("-o", "link", "show", "lo"));
        return alias.find() && marker.get(0).equals(alias.group(1));
    }

    /** All for which there is a marker, whether or not it still holds. */
    List<NetworkNamespace> marked() {
        return folder.list(MARKER).stream()
                .map(name -> new NetworkNamespace(Optional.of(name)))
                .toList();
    }

    /**
     * Removes {@code namespace} if it is an own one and holds no device but those that it was born with. Returns
     * whether it is gone.
     */
    boolean removeIfEmpty(NetworkNamespace namespace) {
        String name = namespace.name().orElseThrow();
        if (!isOwn(namespace)) {
            folder.write(MARKER + name, List.of());
            return !namespace.exists();
        }
        List<String> marker = folder.read(MARKER + name);
        Set<String> devices = new HashSet<>(namespace.devices());
        devices.removeAll(marker.size() > 1 ? List.of(marker.get(1).split(" ")) : List.of("lo"));
        if (!devices.isEmpty()) {
            return false;
        }
        VisibleMounts.ip("netns", "delete", name);
        folder.write(MARKER + name, List.of());
        return true;
    }
}

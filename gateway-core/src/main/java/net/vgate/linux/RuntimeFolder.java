package net.vgate.linux;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.vgate.attachment.DeviceException;

/**
 * The folder in which a device host remembers what outlives a killed process: only its owner may read or write it, and
 * one process has it at a time. It is meant to be on a file system that a reboot empties, as namespaces are.
 */
final class RuntimeFolder implements AutoCloseable {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private final Path folder;
    private final FileChannel lock;

    private RuntimeFolder(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /** Takes {@code folder}, which is made when it is missing. */
    static RuntimeFolder take(Path folder) {
        try {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            requireOwnerOnly(folder);
            FileChannel lock =
                    FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!tryLock(lock)) {
                lock.close();
                throw new DeviceException(
                        "runtime folder " + folder
                                + ": another process uses it; stop that gateway, or put this one's control.socket into another folder");
            }
            return new RuntimeFolder(folder, lock);
        } catch (IOException failed) {
            throw failure(folder, failed);
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException inThisProcess) {
            return false;
        }
    }

    private static void requireOwnerOnly(Path folder) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(folder, PosixFileAttributes.class);
        if (!attributes.permissions().equals(OWNER_ONLY) || !isOurs(folder)) {
            throw new DeviceException("runtime folder " + folder + " belongs to " + attributes.owner() + " with "
                    + PosixFilePermissions.toString(attributes.permissions())
                    + "; it must belong to this user with rwx------, so that nobody else decides what is removed");
        }
    }

    private static boolean isOurs(Path folder) throws IOException {
        return Files.getAttribute(folder, "unix:uid") instanceof Integer owner && owner == LibC.geteuid();
    }

    /** The lines of file {@code name}; none when it is missing. */
    List<String> read(String name) {
        try {
            Path file = folder.resolve(name);
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException failed) {
            throw failure(folder, failed);
        }
    }

    /** Replaces file {@code name} at once; no lines remove it. */
    void write(String name, List<String> lines) {
        try {
            Path file = folder.resolve(name);
            if (lines.isEmpty()) {
                Files.deleteIfExists(file);
                return;
            }
            Path next = Files.write(folder.resolve("next"), lines);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            throw failure(folder, failed);
        }
    }

    /** The names of the files that begin with {@code prefix}, without it. */
    List<String> list(String prefix) {
        List<String> names = new ArrayList<>();
        try (var files = Files.newDirectoryStream(folder, prefix + "*")) {
            files.forEach(file -> names.add(file.getFileName().toString().substring(prefix.length())));
        } catch (IOException failed) {
            throw failure(folder, failed);
        }
        return names;
    }

    private static DeviceException failure(Path folder, IOException cause) {
        return new DeviceException("runtime folder " + folder + ": " + FileFault.line(cause), cause);
    }

    /** Lets another process take the folder. */
    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException failed) {
            throw failure(folder, failed);
        }
    }
}

package net.vgate.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file of a Unix socket: never open to others, not for a moment, and never shared by two processes.
 *
 * <p>bind(2) creates a socket with the permissions that the umask leaves. So it is bound within a private folder,
 * narrowed there, and renamed to where clients look for it. A lock beside it, which the kernel drops with its process,
 * tells what a dead process left from what a live one uses.
 */
final class SocketFile implements AutoCloseable {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(OWNER_ONLY);

    /** sun_path of unix(7) holds 108 bytes, one of them the closing zero. */
    private static final int PATH_BYTES = 107;

    private final Path path;
    private final Path bindFolder;
    private final FileChannel lockFile;
    private @Nullable Object publishedKey;

    private SocketFile(Path path, Path bindFolder, FileChannel lockFile) {
        this.path = path;
        this.bindFolder = bindFolder;
        this.lockFile = lockFile;
    }

    /**
     * Takes the path for this process; its folder is made when it is not there.
     *
     * @throws IOException in one line that says what to do
     */
    static SocketFile claim(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        Path folder = absolute.getParent();
        if (folder == null || Files.isDirectory(absolute)) {
            throw new IOException("the admin socket needs the path of a file: " + path);
        }
        // Before the lock's file is made: beside some files it would mean something to other programs.
        if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS) && !isSocket(absolute)) {
            throw new IOException(absolute + " exists and is no socket: move it away, or name another admin socket");
        }
        prepareFolder(folder);
        FileChannel lockFile = lock(absolute);
        try {
            Path bindFolder = Files.createTempDirectory(folder, ".", PRIVATE_FOLDER);
            SocketFile file = new SocketFile(absolute, bindFolder, lockFile);
            if (file.bindPath().toString().getBytes(StandardCharsets.UTF_8).length > PATH_BYTES) {
                file.close();
                throw new IOException("the admin socket's path is too long for the system: " + absolute);
            }
            return file;
        } catch (IOException | RuntimeException e) {
            lockFile.close();
            throw e;
        }
    }

    /** Where to bind. */
    Path bindPath() {
        return bindFolder.resolve("s");
    }

    /** After binding: narrows the socket and moves it to its place. */
    void publish() throws IOException {
        Files.setPosixFilePermissions(bindPath(), OWNER_ONLY);
        Object key = key(bindPath());
        Files.move(bindPath(), path, StandardCopyOption.ATOMIC_MOVE);
        publishedKey = key;
        Files.deleteIfExists(bindFolder);
    }

    /** Removes the socket, unless somebody put another in its place. */
    @Override
    public void close() {
        try {
            if (publishedKey != null && publishedKey.equals(key(path))) {
                Files.deleteIfExists(path);
            }
            Files.deleteIfExists(bindPath());
            Files.deleteIfExists(bindFolder);
        } catch (IOException e) {
            // The next start finds it stale, and replaces it.
        } finally {
            closeLock();
        }
    }

    private void closeLock() {
        try {
            lockFile.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void prepareFolder(Path folder) throws IOException {
        try {
            Path parent = folder.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.createDirectory(folder, PRIVATE_FOLDER);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) {
                throw new IOException("the admin socket's folder is no folder: " + folder, e);
            }
            int mode = (int) Files.getAttribute(folder, "unix:mode");
            boolean othersMayWrite = (mode & 0022) != 0;
            boolean sticky = (mode & 01000) != 0;
            if (othersMayWrite && !sticky) {
                throw new IOException(
                        "others may write to " + folder + ": chmod go-w it, or name another admin socket", e);
            }
        }
    }

    private static FileChannel lock(Path path) throws IOException {
        Path lockPath = path.resolveSibling(path.getFileName() + ".lock");
        FileChannel channel = FileChannel.open(
                lockPath,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PRIVATE_FILE);
        @Nullable FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new IOException("another gateway runs with the admin socket " + path
                    + ": stop it, or give this one a socket of its own");
        }
        return channel;
    }

    private static boolean isSocket(Path path) throws IOException {
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return (mode & 0170000) == 0140000;
    }

    private static @Nullable Object key(Path path) throws IOException {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                ? Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS)
                : null;
    }
}

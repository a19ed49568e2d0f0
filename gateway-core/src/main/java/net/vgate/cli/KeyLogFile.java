package net.vgate.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import net.vgate.handshake.KeyLog;

/** The file of {@code --key-log}: readable by its owner alone from its first byte, appended to. */
final class KeyLogFile implements KeyLog, AutoCloseable {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final BufferedWriter writer;

    private KeyLogFile(BufferedWriter writer) {
        this.writer = writer;
    }

    /** Opens or makes {@code file}; one that others may read is refused, and so is a symbolic link. */
    static KeyLogFile open(Path file) throws IOException {
        var channel = Files.newByteChannel(
                file,
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.APPEND,
                        LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS))) {
            channel.close();
            throw new IOException(file + " is readable by others; chmod 600 it, or name another file");
        }
        return new KeyLogFile(new BufferedWriter(Channels.newWriter(channel, StandardCharsets.US_ASCII)));
    }

    @Override
    public synchronized void log(String line) {
        try {
            writer.write(line);
            writer.newLine();
            writer.flush();
        } catch (IOException full) {
            throw new UncheckedIOException("key log", full);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        writer.close();
    }
}

package net.vgate.pki;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

/** Files of keys and certificates as they lie on disk: who may read them, and how they come to be. */
public final class KeyFile {
    private static final Set<PosixFilePermission> SECRET = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> PUBLIC = PosixFilePermissions.fromString("rw-r--r--");

    private KeyFile() {}

    /**
     * Who besides the owner and root may read or write the file, as in "everybody (mode rw-r--r--)"; empty is nobody.
     */
    public static Optional<String> exposure(Path file) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
        Set<PosixFilePermission> mode = attributes.permissions();
        String shown = " (mode " + PosixFilePermissions.toString(mode) + ")";
        if (mode.contains(PosixFilePermission.OTHERS_READ) || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
            return Optional.of("everybody" + shown);
        }
        boolean isForGroup =
                mode.contains(PosixFilePermission.GROUP_READ) || mode.contains(PosixFilePermission.GROUP_WRITE);
        String group = attributes.group().getName();
        return isForGroup && !group.equals("root") ? Optional.of("the group " + group + shown) : Optional.empty();
    }

    /**
     * Writes a file that nobody but its owner may read, at any moment. Replaces another one only with {@code force}.
     */
    static void writeSecret(Path file, String label, byte[] der, boolean force) throws IOException {
        write(file, pem(label, der), SECRET, force);
    }

    /** Writes a file that everybody may read. */
    static void writePublic(Path file, String text, boolean force) throws IOException {
        write(file, text, PUBLIC, force);
    }

    /** RFC 7468 section 3: lines of 64. */
    static String pem(String label, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, base64, label);
    }

    private static void write(Path file, String text, Set<PosixFilePermission> mode, boolean force) throws IOException {
        FileAttribute<Set<PosixFilePermission>> permissions = PosixFilePermissions.asFileAttribute(mode);
        Path target = force ? file.resolveSibling("." + file.getFileName() + ".new") : file;
        if (force) {
            Files.deleteIfExists(target);
        }
        // CREATE_NEW takes no file, and follows no link, that somebody else has put there.
        Files.createFile(target, permissions);
        try (OutputStream out = Files.newOutputStream(target, StandardOpenOption.WRITE, StandardOpenOption.SYNC)) {
            out.write(text.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException full) {
            // Part of it would be in the way of the next try.
            Files.deleteIfExists(target);
            throw full;
        }
        if (force) {
            Files.move(target, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}

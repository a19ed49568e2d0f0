package net.vgate.pki;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
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
     * Writes a key, which nobody but its owner may read at any moment, and its certificate, which everybody may. Both
     * are there in the end, or neither: on a full disk a pair that is to be replaced stays as it was.
     *
     * @param force whether other files in their places may be replaced
     */
    static void writePair(Path keyFile, byte[] key, Path certificateFile, byte[] certificate, boolean force)
            throws IOException {
        Path nextKey = beside(keyFile);
        Path nextCertificate = beside(certificateFile);
        try {
            write(nextKey, pem("PRIVATE KEY", key), SECRET);
            write(nextCertificate, pem("CERTIFICATE", certificate), PUBLIC);
            move(nextKey, keyFile, force);
            move(nextCertificate, certificateFile, force);
        } finally {
            Files.deleteIfExists(nextKey);
            Files.deleteIfExists(nextCertificate);
        }
    }

    /** Writes what nobody but its owner may read at any moment. */
    static void writeSecret(Path file, String text, boolean force) throws IOException {
        Path next = beside(file);
        try {
            write(next, text, SECRET);
            move(next, file, force);
        } finally {
            Files.deleteIfExists(next);
        }
    }

    /** Writes what everybody may read, in PEM, in the place of what is there. */
    static void writePublic(Path file, String label, byte[] der) throws IOException {
        Path next = beside(file);
        try {
            write(next, pem(label, der), PUBLIC);
            move(next, file, true);
        } finally {
            Files.deleteIfExists(next);
        }
    }

    private static Path beside(Path file) throws IOException {
        Path beside = file.resolveSibling("." + file.getFileName() + ".new");
        Files.deleteIfExists(beside);
        return beside;
    }

    /** RFC 7468 section 3: lines of 64. */
    private static String pem(String label, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, base64, label);
    }

    private static void write(Path file, String text, Set<PosixFilePermission> mode) throws IOException {
        // Takes no file, and follows no link, that somebody else has put there.
        Files.createFile(file, PosixFilePermissions.asFileAttribute(mode));
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.WRITE, StandardOpenOption.SYNC)) {
            out.write(text.getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static void move(Path from, Path to, boolean force) throws IOException {
        if (force) {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } else {
            Files.move(from, to);
        }
    }
}

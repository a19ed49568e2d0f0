package net.vgate.pki;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A key that two gateways share, RFC 4279. Its file has it in hexadecimal digits. Nothing here ever shows it. */
public final class PresharedKey {
    /** As much as the strongest of the ciphers takes, in bytes. */
    public static final int MIN_BYTES = 32;

    /** RFC 4279 section 5.3 wants implementations to take 64 bytes; nobody needs more. */
    private static final int MAX_BYTES = 64;

    private static final Predicate<String> DIGITS =
            Pattern.compile("([0-9a-fA-F]{2})*+").asMatchPredicate();

    private final byte[] bytes;

    private PresharedKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * The key in {@code file}, which nobody but its owner and root may read. Messages name the file and never quote it.
     */
    public static PresharedKey read(Path file) throws PkiException {
        try (InputStream in = Files.newInputStream(file)) {
            Optional<String> exposure = KeyFile.exposure(file);
            if (exposure.isPresent()) {
                throw new PkiException(file + " is open to " + exposure.get() + "; chmod 600 " + file
                        + ", and make a new key if somebody may have read it");
            }
            byte[] text = in.readNBytes(2 * MAX_BYTES + 3);
            return of(file, new String(text, StandardCharsets.ISO_8859_1).strip());
        } catch (NoSuchFileException missing) {
            throw new PkiException(file + " does not exist", missing);
        } catch (AccessDeniedException denied) {
            throw new PkiException(file + " may not be read: permission denied", denied);
        } catch (IOException unreadable) {
            throw new PkiException(file + " cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }

    private static PresharedKey of(Path file, String digits) throws PkiException {
        if (!DIGITS.test(digits)) {
            throw new PkiException(file + " holds no key of hexadecimal digits; make one with: vgate pki psk");
        }
        byte[] bytes = HexFormat.of().parseHex(digits);
        if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES) {
            throw new PkiException(file + " holds a key of " + bytes.length + " bytes; " + MIN_BYTES + " to "
                    + MAX_BYTES + " are allowed");
        }
        return new PresharedKey(bytes);
    }

    /** Writes a new key into {@code file}, for its owner only. */
    public static void create(Path file, SecureRandom random, boolean force) throws PkiException {
        byte[] bytes = new byte[MIN_BYTES];
        random.nextBytes(bytes);
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            KeyFile.writeSecret(file, HexFormat.of().formatHex(bytes) + "\n", force);
        } catch (FileAlreadyExistsException there) {
            throw new PkiException(file + " exists already; --force replaces it", there);
        } catch (IOException failed) {
            throw new PkiException("cannot write " + file + ": " + failed.getMessage(), failed);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /** A copy, which whoever takes it wipes. */
    public byte[] copy() {
        return bytes.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PresharedKey key && MessageDigest.isEqual(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return bytes.length;
    }

    @Override
    public String toString() {
        return "PresharedKey";
    }
}

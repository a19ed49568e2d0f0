package net.vgate.pki;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads PEM files (RFC 7468). Messages name the file, and never quote it. */
public final class PemFile {
    /** Several thousand certificates. */
    private static final int MAX_BYTES = 4 << 20;

    /** How anything in DER begins that is a structure: X.690 section 8.9. */
    private static final byte DER_SEQUENCE = 0x30;

    // Possessive, since the text is anybody's.
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40}+)-----([A-Za-z0-9+/=\\s]*+)-----END \\1-----");

    private static final Pattern LABEL = Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40}+)-----");

    private PemFile() {}

    /** The certificates in {@code file}, at least one, in its order. */
    public static List<X509Certificate> certificates(Path file) throws PkiException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (byte[] der : blocks(file, "CERTIFICATE")) {
            try {
                certificates.add((X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)));
            } catch (CertificateException malformed) {
                throw new PkiException(file + " holds a certificate that cannot be read", malformed);
            }
        }
        return certificates;
    }

    /** The private key in {@code file}: PKCS #8, not encrypted, of {@code algorithm}, as a public key calls it. */
    public static PrivateKey privateKey(Path file, String algorithm) throws PkiException {
        List<byte[]> blocks = blocks(file, "PRIVATE KEY");
        if (blocks.size() > 1) {
            throw new PkiException(file + " holds more than one private key");
        }
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(blocks.get(0)));
        } catch (GeneralSecurityException wrong) {
            throw new PkiException(file + " holds no " + algorithm + " key, as the certificate has it", wrong);
        }
    }

    /**
     * The revocation lists in {@code file}, PEM or one of DER.
     *
     * @throws PkiException also when one is a part or a difference only: to go by it alone would let in who is revoked
     */
    public static List<X509CRL> revocationLists(Path file) throws PkiException {
        byte[] content = text(file).getBytes(StandardCharsets.ISO_8859_1);
        boolean isDer = content.length > 0 && content[0] == DER_SEQUENCE;
        List<X509CRL> lists = new ArrayList<>();
        for (byte[] der : isDer ? List.of(content) : blocks(file, "X509 CRL")) {
            try {
                X509CRL list =
                        (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
                Set<String> critical = list.getCriticalExtensionOIDs();
                if (critical != null && !critical.isEmpty()) {
                    throw new PkiException(file + " holds a list that is not whole: it has critical extensions "
                            + String.join(", ", critical));
                }
                lists.add(list);
            } catch (GeneralSecurityException malformed) {
                throw new PkiException(file + " holds a revocation list that cannot be read", malformed);
            }
        }
        return lists;
    }

    private static List<byte[]> blocks(Path file, String label) throws PkiException {
        String text = text(file);
        List<byte[]> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            if (matcher.group(1).equals(label)) {
                blocks.add(decode(file, matcher.group(2)));
            }
        }
        if (blocks.isEmpty()) {
            throw new PkiException(file + " " + without(label, text));
        }
        return blocks;
    }

    private static byte[] decode(Path file, String base64) throws PkiException {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException malformed) {
            throw new PkiException(file + " holds PEM that cannot be decoded", malformed);
        }
    }

    private static String without(String label, String text) {
        Matcher other = LABEL.matcher(text);
        String what = switch (label) {
            case "CERTIFICATE" -> "certificate";
            case "X509 CRL" -> "revocation list";
            default -> "private key";
        };
        if (!other.find()) {
            return "holds no PEM " + what;
        }
        return switch (other.group(1)) {
            case "ENCRYPTED PRIVATE KEY" ->
                "holds an encrypted key: nobody is there to type its password;" + " decrypt it with `openssl pkcs8`";
            case "EC PRIVATE KEY", "RSA PRIVATE KEY", "EC PARAMETERS" ->
                "holds a key in the traditional form;" + " convert it with `openssl pkcs8 -topk8 -nocrypt`";
            default -> "holds no " + what + " but: " + other.group(1).toLowerCase(Locale.ROOT);
        };
    }

    private static String text(Path file) throws PkiException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new PkiException(file + " is too large for a file of keys or certificates");
            }
            return new String(bytes, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException missing) {
            throw new PkiException(file + " does not exist", missing);
        } catch (AccessDeniedException denied) {
            throw new PkiException(file + " may not be read: permission denied", denied);
        } catch (IOException unreadable) {
            throw new PkiException(
                    file + (Files.isDirectory(file) ? " is a folder" : " cannot be read: " + unreadable.getMessage()),
                    unreadable);
        }
    }
}

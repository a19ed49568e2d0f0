package net.vgate.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Issues gateways' certificates. Keys are ECDSA P-256 or Ed25519; an authority is the files ca.crt and ca.key of a
 * folder.
 */
public final class CertificateAuthority {
    /** As long as one may hope to keep a key. */
    public static final Duration AUTHORITY_VALIDITY = Duration.ofDays(3_652);

    /** The longest that public authorities were ever allowed to issue for, and long past any forgotten renewal. */
    public static final Duration GATEWAY_VALIDITY = Duration.ofDays(825);

    private static final String CERTIFICATE_FILE = "ca.crt";
    private static final String KEY_FILE = "ca.key";
    private static final String REVOCATION_FILE = "ca.crl";

    /** RFC 5280 section 5.3.1: why, which nobody here asks. */
    private static final int UNSPECIFIED = 0;

    /** How long a revocation list may go without being dated anew. */
    public static final Duration REVOCATION_VALIDITY = Duration.ofDays(365);

    /** Other machines' clocks are not ours. */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    /** RFC 5280 section 4.1.2.2 allows 20 octets, positive. */
    private static final int SERIAL_BITS = 127;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final X509Certificate certificate;
    private final PrivateKey key;

    private CertificateAuthority(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    /**
     * Makes an authority in {@code folder}, which is made too if need be.
     *
     * @param name the authority's common name
     * @param type of its key
     * @param force whether files that are there already may be replaced
     * @return the files written
     */
    public static List<Path> create(
            Path folder, String name, KeyType type, Duration validity, Instant now, boolean force) throws PkiException {
        KeyPair keys = type.newKeys();
        X500Principal subject = name(name);
        X509v3CertificateBuilder builder = builder(subject, subject, keys.getPublic(), now, now.plus(validity));
        try {
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            extensions.createSubjectKeyIdentifier(keys.getPublic()));
            X509Certificate certificate = sign(builder, keys.getPrivate());
            Path certificateFile = folder.resolve(CERTIFICATE_FILE);
            return write(certificateFile, certificate, folder.resolve(KEY_FILE), keys.getPrivate(), force);
        } catch (CertIOException | GeneralSecurityException impossible) {
            throw new IllegalStateException("cannot make a certificate", impossible);
        }
    }

    /** The same, with a key of ECDSA. */
    public static List<Path> create(Path folder, String name, Duration validity, Instant now, boolean force)
            throws PkiException {
        return create(folder, name, KeyType.ECDSA, validity, now, force);
    }

    /** The authority whose files are in {@code folder}. */
    public static CertificateAuthority load(Path folder) throws PkiException {
        Path certificateFile = folder.resolve(CERTIFICATE_FILE);
        X509Certificate certificate = PemFile.certificates(certificateFile).get(0);
        if (certificate.getBasicConstraints() < 0) {
            throw new PkiException(certificateFile + " is no authority's certificate");
        }
        Path keyFile = folder.resolve(KEY_FILE);
        PrivateKey key = PemFile.privateKey(keyFile, certificate.getPublicKey().getAlgorithm());
        if (!KeyPairs.match(key, certificate.getPublicKey())) {
            throw new PkiException(keyFile + " is not the key of " + certificateFile);
        }
        refuseExposed(keyFile);
        return new CertificateAuthority(certificate, key);
    }

    /** Whoever may read it can be any gateway, and whoever may write it has what is issued next. */
    private static void refuseExposed(Path keyFile) throws PkiException {
        try {
            Optional<String> exposure = KeyFile.exposure(keyFile);
            if (exposure.isPresent()) {
                throw new PkiException(keyFile + " is open to " + exposure.get() + "; chmod 600 " + keyFile
                        + ", and make a new authority if somebody may have read it");
            }
        } catch (IOException unreadable) {
            throw new PkiException(keyFile + " cannot be looked at: " + unreadable.getMessage(), unreadable);
        }
    }

    /**
     * Issues a certificate for the gateway of a site and writes {@code GATEWAY.crt} and {@code GATEWAY.key} into
     * {@code folder}. Valid for {@code validity}, but not longer than the authority.
     *
     * @param type of the gateway's key
     * @param force whether files that are there already may be replaced
     * @return the files written
     */
    public List<Path> issue(
            Path folder, String site, String gateway, KeyType type, Duration validity, Instant now, boolean force)
            throws PkiException {
        for (String name : List.of(site, gateway)) {
            if (!GatewayIdentity.isName(name)) {
                throw new PkiException(name + " is no name; allowed: 1 to 63 of a-z, 0-9 and -, not - at an end");
            }
        }
        Instant end = certificate.getNotAfter().toInstant();
        if (!end.isAfter(now)) {
            throw new PkiException("the authority's certificate has expired; make a new one");
        }
        Instant asked = now.plus(validity);
        Instant until = asked.isAfter(end) ? end : asked;
        KeyPair keys = type.newKeys();
        X509v3CertificateBuilder builder =
                builder(certificate.getSubjectX500Principal(), name(gateway, site), keys.getPublic(), now, until);
        try {
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            GeneralName identity =
                    new GeneralName(GeneralName.uniformResourceIdentifier, GatewayIdentity.uri(site, gateway));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                        KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth
                    }))
                    .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(identity))
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            extensions.createSubjectKeyIdentifier(keys.getPublic()))
                    .addExtension(
                            Extension.authorityKeyIdentifier,
                            false,
                            extensions.createAuthorityKeyIdentifier(certificate.getPublicKey()));
            Path certificateFile = folder.resolve(gateway + ".crt");
            Path keyFile = folder.resolve(gateway + ".key");
            return write(certificateFile, sign(builder, key), keyFile, keys.getPrivate(), force);
        } catch (CertIOException | GeneralSecurityException impossible) {
            throw new IllegalStateException("cannot make a certificate", impossible);
        }
    }

    /** The same, with a key of the authority's own kind; of ECDSA if that is RSA. */
    public List<Path> issue(Path folder, String site, String gateway, Duration validity, Instant now, boolean force)
            throws PkiException {
        KeyType type = KeyType.of(key).filter(KeyType.ED25519::equals).orElse(KeyType.ECDSA);
        return issue(folder, site, gateway, type, validity, now, force);
    }

    /**
     * Adds certificates to the authority's revocation list, {@code ca.crl} in {@code folder}, which is made if there is
     * none. Those on it stay on it, and it is dated anew: without certificates that is all.
     *
     * @param validity after which the list should be replaced by a newer one
     * @return the file written
     */
    public Path revoke(Path folder, List<X509Certificate> certificates, Duration validity, Instant now)
            throws PkiException {
        Path file = folder.resolve(REVOCATION_FILE);
        Date at = Date.from(now);
        X509v2CRLBuilder builder = new JcaX509v2CRLBuilder(certificate, at);
        builder.setNextUpdate(Date.from(now.plus(validity)));
        Set<BigInteger> listed = new HashSet<>();
        BigInteger number = BigInteger.ZERO;
        if (Files.exists(file)) {
            for (X509CRL before : PemFile.revocationLists(file)) {
                if (!RevocationLists.isSignedBy(before, certificate.getPublicKey())) {
                    throw new PkiException(file + " is not this authority's list; move it away");
                }
                number = number.max(numberOf(before));
                for (X509CRLEntry entry : entries(before)) {
                    listed.add(entry.getSerialNumber());
                    builder.addCRLEntry(entry.getSerialNumber(), entry.getRevocationDate(), UNSPECIFIED);
                }
            }
        }
        for (X509Certificate one : certificates) {
            if (!issued(one)) {
                throw new PkiException("this authority did not issue "
                        + one.getSubjectX500Principal().getName());
            }
            if (listed.add(one.getSerialNumber())) {
                builder.addCRLEntry(one.getSerialNumber(), at, UNSPECIFIED);
            }
        }
        try {
            builder.addExtension(
                            Extension.authorityKeyIdentifier,
                            false,
                            new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate.getPublicKey()))
                    .addExtension(Extension.cRLNumber, false, new CRLNumber(number.add(BigInteger.ONE)));
            byte[] list = builder.build(new JcaContentSignerBuilder(signatureOf(key)).build(key))
                    .getEncoded();
            KeyFile.writePublic(file, "X509 CRL", list);
        } catch (IOException failed) {
            throw new PkiException("cannot write " + file + ": " + failed.getMessage(), failed);
        } catch (GeneralSecurityException | OperatorCreationException impossible) {
            throw new IllegalStateException("cannot make a revocation list", impossible);
        }
        return file;
    }

    private boolean issued(X509Certificate one) {
        try {
            one.verify(certificate.getPublicKey());
            return true;
        } catch (GeneralSecurityException another) {
            return false;
        }
    }

    private static Set<? extends X509CRLEntry> entries(X509CRL list) {
        Set<? extends X509CRLEntry> entries = list.getRevokedCertificates();
        return entries == null ? Set.of() : entries;
    }

    private static BigInteger numberOf(X509CRL list) {
        byte[] encoded = list.getExtensionValue(Extension.cRLNumber.getId());
        return encoded == null
                ? BigInteger.ZERO
                : ASN1Integer.getInstance(ASN1OctetString.getInstance(encoded).getOctets())
                        .getValue();
    }

    static X509v3CertificateBuilder builder(
            X500Principal issuer, X500Principal subject, PublicKey key, Instant now, Instant until) {
        BigInteger serial = new BigInteger(SERIAL_BITS, RANDOM).add(BigInteger.ONE);
        Date begin = Date.from(now.minus(CLOCK_SKEW));
        return new JcaX509v3CertificateBuilder(issuer, serial, begin, Date.from(until), subject, key);
    }

    static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key) throws GeneralSecurityException {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(signatureOf(key)).build(key)));
        } catch (OperatorCreationException unknown) {
            throw new GeneralSecurityException(unknown);
        }
    }

    private static String signatureOf(PrivateKey key) {
        return KeyType.of(key)
                .orElseThrow(() -> new IllegalArgumentException("a key of type " + key.getAlgorithm()))
                .signature();
    }

    private static X500Principal name(String commonName) throws PkiException {
        return principal("CN=\"" + escaped(commonName) + "\"");
    }

    private static X500Principal name(String commonName, String organization) throws PkiException {
        return principal("CN=\"" + escaped(commonName) + "\",O=\"" + escaped(organization) + "\"");
    }

    private static X500Principal principal(String text) throws PkiException {
        try {
            return new X500Principal(text);
        } catch (IllegalArgumentException invalid) {
            throw new PkiException("no certificate can have this name: " + text, invalid);
        }
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    /** Neither file or both, as far as a file system can have it. */
    private static List<Path> write(
            Path certificateFile, X509Certificate certificate, Path keyFile, PrivateKey key, boolean force)
            throws PkiException, GeneralSecurityException {
        for (Path file : List.of(certificateFile, keyFile)) {
            if (!force && Files.exists(file)) {
                throw new PkiException(file + " exists already; --force replaces it");
            }
        }
        try {
            if (certificateFile.getParent() != null) {
                Files.createDirectories(certificateFile.getParent());
            }
            KeyFile.writePair(keyFile, key.getEncoded(), certificateFile, certificate.getEncoded(), force);
        } catch (FileAlreadyExistsException raced) {
            throw new PkiException(raced.getFile() + " exists already; --force replaces it", raced);
        } catch (IOException failed) {
            String why = failed instanceof AccessDeniedException ? ": permission denied" : "";
            String what = failed instanceof FileSystemException ? "" : certificateFile + " and its key: ";
            throw new PkiException("cannot write " + what + failed.getMessage() + why, failed);
        }
        return List.of(certificateFile, keyFile);
    }
}

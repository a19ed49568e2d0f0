package net.vgate.handshake;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.vgate.record.PeerIdentity;

/**
 * Who this gateway is and whom it trusts to say who others are: certificate chain, private key, certification
 * authorities. Immutable; a reload makes a new one.
 */
public final class Credentials {
    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA");

    private final PeerIdentity identity;
    private final List<X509Certificate> chain;
    private final PrivateKey key;
    private final Set<TrustAnchor> trust;

    private Credentials(PeerIdentity identity, List<X509Certificate> chain, PrivateKey key, Set<TrustAnchor> trust) {
        this.identity = identity;
        this.chain = chain;
        this.key = key;
        this.trust = trust;
    }

    /**
     * Reads PEM files.
     *
     * @param certificate the gateway's certificate, then the intermediate ones, if any
     * @param key PKCS #8, not encrypted; ECDSA or RSA
     * @param trust certificates of authorities, any number in each file
     */
    public static Credentials load(Path certificate, Path key, List<Path> trust) throws CredentialsException {
        PeerIdentity identity = CertificateIdentity.of(certificates(certificate).get(0))
                .orElseThrow(
                        () -> new CredentialsException(certificate + ": needs exactly one subject alternative name "
                                + "URI " + PeerIdentity.PREFIX + "SITE/GATEWAY; issue it with: vgate pki"));
        return loadAs(identity, certificate, key, trust);
    }

    /** The same, for whatever the certificate says of its holder. */
    static Credentials loadAs(PeerIdentity identity, Path certificate, Path key, List<Path> trust)
            throws CredentialsException {
        List<X509Certificate> chain = certificates(certificate);
        PrivateKey privateKey = privateKey(key);
        if (!belongTogether(chain.get(0), privateKey)) {
            throw new CredentialsException(key + ": is not the key of the certificate in " + certificate);
        }
        Set<TrustAnchor> anchors = new LinkedHashSet<>();
        for (Path file : trust) {
            for (X509Certificate authority : certificates(file)) {
                anchors.add(new TrustAnchor(authority, null));
            }
        }
        if (anchors.isEmpty()) {
            throw new CredentialsException("no certification authority to trust is given");
        }
        return new Credentials(identity, List.copyOf(chain), privateKey, Set.copyOf(anchors));
    }

    private static List<X509Certificate> certificates(Path file) throws CredentialsException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Pem block : Pem.read(file)) {
            if (block.label().equals("CERTIFICATE")) {
                try {
                    certificates.add(parse(block.content()));
                } catch (CertificateException e) {
                    throw new CredentialsException(file + ": holds a certificate that is damaged", e);
                }
            }
        }
        if (certificates.isEmpty()) {
            throw new CredentialsException(file + ": holds no certificate in PEM form");
        }
        return certificates;
    }

    static X509Certificate parse(byte[] encoded) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
    }

    private static PrivateKey privateKey(Path file) throws CredentialsException {
        List<Pem> keys = Pem.read(file).stream()
                .filter(block -> block.label().endsWith("PRIVATE KEY"))
                .toList();
        if (keys.size() != 1) {
            throw new CredentialsException(file + ": holds " + keys.size() + " private keys in PEM form, 1 is needed");
        }
        Pem block = keys.get(0);
        if (!block.label().equals("PRIVATE KEY")) {
            throw new CredentialsException(file + ": holds " + block.label()
                    + ", PRIVATE KEY (PKCS #8) is needed; convert it with: openssl pkcs8 -topk8 -nocrypt");
        }
        return KEY_ALGORITHMS.stream()
                .flatMap(algorithm -> key(algorithm, block.content()).stream())
                .findFirst()
                .orElseThrow(() -> new CredentialsException(file + ": the key is damaged or neither ECDSA nor RSA"));
    }

    private static Optional<PrivateKey> key(String algorithm, byte[] pkcs8) {
        try {
            return Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
        } catch (InvalidKeySpecException anotherAlgorithm) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + algorithm + " keys", e);
        }
    }

    private static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
        String publicAlgorithm = certificate.getPublicKey().getAlgorithm();
        if (!publicAlgorithm.equals(key.getAlgorithm())) {
            return false;
        }
        try {
            Signature signature =
                    Signature.getInstance(publicAlgorithm.equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
            signature.initSign(key);
            signature.update(PeerIdentity.PREFIX.getBytes(StandardCharsets.US_ASCII));
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(PeerIdentity.PREFIX.getBytes(StandardCharsets.US_ASCII));
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Who this gateway is, as its certificate says. */
    public PeerIdentity identity() {
        return identity;
    }

    /** The gateway's certificate first. */
    public List<X509Certificate> chain() {
        return chain;
    }

    PrivateKey key() {
        return key;
    }

    Set<TrustAnchor> trust() {
        return trust;
    }

    @Override
    public String toString() {
        return "Credentials of " + identity;
    }
}

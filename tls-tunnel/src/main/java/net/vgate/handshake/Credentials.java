package net.vgate.handshake;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import net.vgate.pki.KeyPairs;
import net.vgate.pki.KeyType;
import net.vgate.pki.PemFile;
import net.vgate.pki.PkiException;
import net.vgate.pki.RevocationLists;
import net.vgate.record.PeerIdentity;

/**
 * Who this gateway is and whom it trusts to say who others are: certificate chain, private key, certification
 * authorities. Immutable; a reload makes a new one.
 */
public final class Credentials {
    private final PeerIdentity identity;
    private final List<X509Certificate> chain;
    private final PrivateKey key;
    private final Set<TrustAnchor> trust;
    private final RevocationLists revoked;

    private Credentials(
            PeerIdentity identity,
            List<X509Certificate> chain,
            PrivateKey key,
            Set<TrustAnchor> trust,
            RevocationLists revoked) {
        this.identity = identity;
        this.chain = chain;
        this.key = key;
        this.trust = trust;
        this.revoked = revoked;
    }

    /**
     * Reads PEM files.
     *
     * @param certificate the gateway's certificate, then the intermediate ones, if any
     * @param key PKCS #8, not encrypted; ECDSA, Ed25519 or RSA
     * @param trust certificates of authorities, any number in each file
     * @param revoked revocation lists of authorities, PEM or DER
     */
    public static Credentials load(Path certificate, Path key, List<Path> trust, List<Path> revoked)
            throws CredentialsException {
        try {
            PeerIdentity identity = CertificateIdentity.of(
                            PemFile.certificates(certificate).get(0))
                    .orElseThrow(() ->
                            new CredentialsException(certificate + " needs exactly one subject alternative name URI "
                                    + PeerIdentity.PREFIX + "SITE/GATEWAY; issue it with: vgate pki"));
            return read(identity, certificate, key, trust, revoked);
        } catch (PkiException wrong) {
            throw new CredentialsException(String.valueOf(wrong.getMessage()), wrong);
        }
    }

    /** What is in memory already. */
    static Credentials of(PeerIdentity identity, List<X509Certificate> chain, PrivateKey key, Set<TrustAnchor> trust) {
        return new Credentials(identity, List.copyOf(chain), key, Set.copyOf(trust), RevocationLists.NONE);
    }

    /** The same, for whatever the certificate says of its holder. */
    static Credentials loadAs(PeerIdentity identity, Path certificate, Path key, List<Path> trust)
            throws CredentialsException {
        try {
            return read(identity, certificate, key, trust, List.of());
        } catch (PkiException wrong) {
            throw new CredentialsException(String.valueOf(wrong.getMessage()), wrong);
        }
    }

    private static Credentials read(
            PeerIdentity identity, Path certificate, Path key, List<Path> trust, List<Path> revoked)
            throws CredentialsException, PkiException {
        List<X509Certificate> chain = PemFile.certificates(certificate);
        PublicKey own = chain.get(0).getPublicKey();
        if (KeyType.of(own).isEmpty()) {
            throw new CredentialsException(
                    certificate + " is of a key of type " + own.getAlgorithm() + "; ECDSA, Ed25519 or RSA is needed");
        }
        PrivateKey privateKey = PemFile.privateKey(key, own.getAlgorithm());
        if (!KeyPairs.match(privateKey, own)) {
            throw new CredentialsException(key + " is not the key of the certificate in " + certificate);
        }
        Set<TrustAnchor> anchors = new LinkedHashSet<>();
        for (Path file : trust) {
            for (X509Certificate authority : PemFile.certificates(file)) {
                anchors.add(new TrustAnchor(authority, null));
            }
        }
        if (anchors.isEmpty()) {
            throw new CredentialsException("no certification authority to trust is given");
        }
        List<X509CRL> lists = new ArrayList<>();
        for (Path file : revoked) {
            lists.addAll(PemFile.revocationLists(file));
        }
        return new Credentials(
                identity, List.copyOf(chain), privateKey, Set.copyOf(anchors), new RevocationLists(lists));
    }

    static X509Certificate parse(byte[] encoded) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
    }

    /** Who this gateway is, as its certificate says. */
    public PeerIdentity identity() {
        return identity;
    }

    /** When the gateway's own certificate expires. */
    public Instant expires() {
        return chain.get(0).getNotAfter().toInstant();
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

    /** Whom the authorities have revoked. */
    public RevocationLists revoked() {
        return revoked;
    }

    @Override
    public String toString() {
        return "Credentials of " + identity;
    }
}

package net.vgate.pki;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;

/** A certificate that its own holder issued, and the key, in memory only: for what a process has to do with itself. */
public final class SelfSigned {
    private static final Duration VALIDITY = Duration.ofHours(1);

    private final X509Certificate certificate;
    private final PrivateKey key;

    private SelfSigned(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    /** For the holder of {@code uri}, good for an hour from {@code now} on. */
    public static SelfSigned of(String uri, Instant now) {
        return of(uri, now, now.plus(VALIDITY));
    }

    /** For the holder of {@code uri}, good from {@code now} to {@code until}. The key is one of ECDSA. */
    public static SelfSigned of(String uri, Instant now, Instant until) {
        KeyPair keys = KeyType.ECDSA.newKeys();
        X500Principal name = new X500Principal("CN=self");
        try {
            X509Certificate certificate = CertificateAuthority.sign(
                    CertificateAuthority.builder(name, name, keys.getPublic(), now, until)
                            .addExtension(
                                    Extension.subjectAlternativeName,
                                    false,
                                    new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, uri))),
                    keys.getPrivate());
            return new SelfSigned(certificate, keys.getPrivate());
        } catch (CertIOException | GeneralSecurityException impossible) {
            throw new IllegalStateException("cannot make a certificate", impossible);
        }
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public PrivateKey key() {
        return key;
    }

    /** Not the key. */
    @Override
    public String toString() {
        return "SelfSigned " + certificate.getSerialNumber().toString(16);
    }
}

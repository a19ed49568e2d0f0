package net.vgate.pki;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/**
 * What a certificate says, for people and scripts.
 *
 * @param identities URIs of the subject alternative name
 * @param daysLeft whole days until it expires, negative once it has
 * @param keyType as in "EC P-256"
 * @param fingerprint SHA-256 of the certificate, in hexadecimal
 */
public record CertificateSummary(
        String file,
        String subject,
        List<String> identities,
        String issuer,
        Instant notBefore,
        Instant notAfter,
        long daysLeft,
        boolean authority,
        String keyType,
        String serial,
        String fingerprint) {
    public CertificateSummary {
        identities = List.copyOf(identities);
    }

    /** Of {@code certificate}, at {@code now}. */
    public static CertificateSummary of(Path file, X509Certificate certificate, Instant now) {
        Instant end = certificate.getNotAfter().toInstant();
        return new CertificateSummary(
                file.toString(),
                certificate.getSubjectX500Principal().getName(),
                GatewayIdentity.uris(certificate),
                certificate.getIssuerX500Principal().getName(),
                certificate.getNotBefore().toInstant(),
                end,
                Math.floorDiv(
                        Duration.between(now, end).toSeconds(),
                        Duration.ofDays(1).toSeconds()),
                certificate.getBasicConstraints() >= 0,
                keyType(certificate.getPublicKey()),
                certificate.getSerialNumber().toString(16),
                fingerprint(certificate));
    }

    private static String keyType(PublicKey key) {
        if (key instanceof ECPublicKey ec) {
            return "EC P-" + ec.getParams().getCurve().getField().getFieldSize();
        }
        if (key instanceof EdECKey edwards) {
            return edwards.getParams().getName();
        }
        return key instanceof RSAPublicKey rsa ? "RSA " + rsa.getModulus().bitLength() : key.getAlgorithm();
    }

    /** SHA-256 of {@code certificate}, in hexadecimal. */
    public static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("a parsed certificate has an encoding", impossible);
        }
    }
}

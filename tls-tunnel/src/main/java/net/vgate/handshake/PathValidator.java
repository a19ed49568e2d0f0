package net.vgate.handshake;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertPathValidatorException.Reason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXCertPathValidatorResult;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.vgate.pki.RevocationLists;
import org.jspecify.annotations.Nullable;

/**
 * Validates the certificates of a peer, RFC 5280 section 6: signatures, times, constraints and usages up to an
 * authority that is trusted here. Then the operator's revocation lists, of whatever age; none is ever fetched.
 */
final class PathValidator {
    private static final String ANY_USAGE = "2.5.29.37.0";
    private static final int DIGITAL_SIGNATURE = 0;

    private final Set<TrustAnchor> trust;
    private final RevocationLists revoked;

    /** What a certificate is presented for. */
    enum Purpose {
        SERVER("1.3.6.1.5.5.7.3.1"),
        CLIENT("1.3.6.1.5.5.7.3.2");

        private final String usage;

        Purpose(String usage) {
            this.usage = usage;
        }
    }

    PathValidator(Credentials credentials) {
        this.trust = credentials.trust();
        this.revoked = credentials.revoked();
    }

    /** Empty when {@code chain}, as the peer sent it, its own certificate first, is valid. */
    Optional<Refusal> validate(List<X509Certificate> chain, Purpose purpose, Instant now) {
        if (chain.isEmpty()) {
            return Optional.of(new Refusal(FailureReason.NO_CERTIFICATE, "the peer presented no certificate"));
        }
        try {
            List<X509Certificate> certificates = withoutAnchors(chain);
            CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(certificates);
            PKIXParameters parameters = new PKIXParameters(trust);
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            PKIXCertPathValidatorResult result = (PKIXCertPathValidatorResult)
                    CertPathValidator.getInstance("PKIX").validate(path, parameters);
            Optional<Refusal> found = revocation(certificates, result.getTrustAnchor());
            if (found.isPresent()) {
                return found;
            }
        } catch (CertPathValidatorException e) {
            return Optional.of(new Refusal(reasonOf(e.getReason()), detail(chain, e)));
        } catch (GeneralSecurityException e) {
            return Optional.of(new Refusal(FailureReason.BAD_CERTIFICATE, String.valueOf(e.getMessage())));
        }
        return usage(chain.get(0), purpose);
    }

    /** Peers may send the authority, too. A gateway's own certificate that is trusted as authority is none of that. */
    private List<X509Certificate> withoutAnchors(List<X509Certificate> chain) {
        List<X509Certificate> path = new ArrayList<>(chain.subList(0, 1));
        for (X509Certificate certificate : chain.subList(1, chain.size())) {
            if (trust.stream().anyMatch(anchor -> certificate.equals(anchor.getTrustedCert()))) {
                break;
            }
            path.add(certificate);
        }
        return path;
    }

    private Optional<Refusal> revocation(List<X509Certificate> path, TrustAnchor anchor) {
        PublicKey issuerKey = anchor.getTrustedCert().getPublicKey();
        for (int i = path.size() - 1; i >= 0; i--) {
            X509Certificate certificate = path.get(i);
            if (revoked.revokes(certificate, issuerKey)) {
                return Optional.of(new Refusal(
                        FailureReason.REVOKED,
                        "the certificate of "
                                + certificate.getSubjectX500Principal().getName() + ", serial number "
                                + certificate.getSerialNumber().toString(16) + ", is revoked"));
            }
            issuerKey = certificate.getPublicKey();
        }
        return Optional.empty();
    }

    private static Optional<Refusal> usage(X509Certificate certificate, Purpose purpose) {
        boolean[] keyUsage = certificate.getKeyUsage();
        if (keyUsage != null && !keyUsage[DIGITAL_SIGNATURE]) {
            return Optional.of(new Refusal(FailureReason.WRONG_USAGE, "the certificate is not for digital signatures"));
        }
        List<String> extended;
        try {
            extended = certificate.getExtendedKeyUsage();
        } catch (CertificateParsingException e) {
            return Optional.of(new Refusal(FailureReason.BAD_CERTIFICATE, "the extended key usage is damaged"));
        }
        if (extended == null || extended.contains(purpose.usage) || extended.contains(ANY_USAGE)) {
            return Optional.empty();
        }
        return Optional.of(new Refusal(
                FailureReason.WRONG_USAGE,
                "the certificate is not for use as " + (purpose == Purpose.CLIENT ? "client" : "server")));
    }

    private static FailureReason reasonOf(@Nullable Reason reason) {
        if (reason == BasicReason.EXPIRED) {
            return FailureReason.EXPIRED;
        }
        if (reason == BasicReason.NOT_YET_VALID) {
            return FailureReason.NOT_YET_VALID;
        }
        if (reason == PKIXReason.NO_TRUST_ANCHOR) {
            return FailureReason.UNKNOWN_AUTHORITY;
        }
        if (reason == PKIXReason.INVALID_KEY_USAGE
                || reason == PKIXReason.NOT_CA_CERT
                || reason == PKIXReason.PATH_TOO_LONG
                || reason == PKIXReason.INVALID_NAME) {
            return FailureReason.WRONG_USAGE;
        }
        return FailureReason.BAD_CERTIFICATE;
    }

    private static String detail(List<X509Certificate> chain, CertPathValidatorException e) {
        X509Certificate which = chain.get(Math.min(Math.max(0, e.getIndex()), chain.size() - 1));
        return e.getMessage() + " (" + which.getSubjectX500Principal().getName() + ", valid "
                + which.getNotBefore().toInstant() + " to "
                + which.getNotAfter().toInstant() + ")";
    }

    /** The certificates of a chain as a peer sent it. */
    static List<X509Certificate> parse(List<byte[]> encoded) throws CertificateException {
        List<X509Certificate> chain = new ArrayList<>();
        for (byte[] one : encoded) {
            chain.add(Credentials.parse(one));
        }
        return chain;
    }
}

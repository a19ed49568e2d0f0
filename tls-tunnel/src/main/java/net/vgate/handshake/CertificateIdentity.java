package net.vgate.handshake;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import net.vgate.record.PeerIdentity;

/** Reads the identity out of a certificate. */
final class CertificateIdentity {
    /** uniformResourceIdentifier, RFC 5280 section 4.2.1.6. */
    private static final int URI = 6;

    private CertificateIdentity() {}

    /** The identity that the certificate gives; empty unless it gives exactly one. */
    static Optional<PeerIdentity> of(X509Certificate certificate) {
        Collection<List<?>> names;
        try {
            names = certificate.getSubjectAlternativeNames();
        } catch (CertificateParsingException e) {
            return Optional.empty();
        }
        if (names == null) {
            return Optional.empty();
        }
        List<String> uris = names.stream()
                .filter(name -> name.get(0).equals(URI) && name.get(1) instanceof String)
                .map(name -> (String) name.get(1))
                .filter(uri -> uri.startsWith(PeerIdentity.PREFIX))
                .toList();
        return uris.size() == 1 ? PeerIdentity.parse(uris.get(0)) : Optional.empty();
    }
}

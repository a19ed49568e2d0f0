package net.vgate.handshake;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import net.vgate.pki.GatewayIdentity;
import net.vgate.record.PeerIdentity;

/** Reads the identity out of a certificate. */
final class CertificateIdentity {
    private CertificateIdentity() {}

    /** The identity that the certificate gives; empty unless it gives exactly one. */
    static Optional<PeerIdentity> of(X509Certificate certificate) {
        List<String> uris = GatewayIdentity.uris(certificate).stream()
                .filter(uri -> uri.startsWith(PeerIdentity.PREFIX))
                .toList();
        return uris.size() == 1 ? PeerIdentity.parse(uris.get(0)) : Optional.empty();
    }
}

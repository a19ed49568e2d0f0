package net.vgate.handshake;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.vgate.pki.GatewayIdentity;
import net.vgate.pki.KeyType;
import net.vgate.pki.SelfSigned;
import net.vgate.record.PeerIdentity;
import net.vgate.stream.ServerCertificate;

/**
 * Looks at the certificate that ends the TLS around a stream. Whoever ends it sees nothing but sealed records, so a
 * proxy with any certificate may; but one that says it is a gateway's has to be that gateway's, and valid: another one
 * is reached by mistake, and its refusal would be harder to understand.
 */
public final class OuterCertificate {
    private static final String NOBODY = "urn:vgate";

    private OuterCertificate() {}

    /**
     * The gateway's own certificate, as it is shown to those who call by TCP. BoringSSL, and many a proxy, takes none
     * of Ed25519: in the place of such a one is one that says nothing of its holder.
     */
    public static ServerCertificate of(Credentials own, Instant now) {
        if (KeyType.of(own.key()).filter(KeyType.ED25519::equals).isEmpty()) {
            return new ServerCertificate(own.key(), own.chain());
        }
        Instant until = own.expires().isAfter(now) ? own.expires() : now;
        SelfSigned nobody = SelfSigned.of(NOBODY, now, until);
        return new ServerCertificate(nobody.key(), List.of(nobody.certificate()));
    }

    /**
     * Why a connection to {@code meant} is not to be used, in words; empty if it may be.
     *
     * @param chain its own certificate first
     */
    public static Optional<String> refuse(
            Credentials own, PeerIdentity meant, List<X509Certificate> chain, Instant now) {
        boolean isGateways =
                GatewayIdentity.uris(chain.get(0)).stream().anyMatch(uri -> uri.startsWith(PeerIdentity.PREFIX));
        if (!isGateways) {
            return Optional.empty();
        }
        Optional<PeerIdentity> named = CertificateIdentity.of(chain.get(0));
        if (named.isEmpty() || !named.get().equals(meant)) {
            return Optional.of("this is " + named.map(PeerIdentity::toString).orElse("a gateway of several names")
                    + ", not " + meant);
        }
        return new PathValidator(own)
                .validate(chain, PathValidator.Purpose.SERVER, now)
                .map(Refusal::detail);
    }
}

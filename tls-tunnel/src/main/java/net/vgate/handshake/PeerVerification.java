package net.vgate.handshake;

import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.vgate.pki.PresharedKey;
import net.vgate.record.PeerIdentity;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.jspecify.annotations.Nullable;

/** Decides in one handshake whether the peer is who it should be, before anything of the association exists. */
final class PeerVerification {
    private final HandshakePolicy policy;
    private final @Nullable PeerIdentity meant;
    private @Nullable PeerIdentity identity;
    private @Nullable Instant expires;
    private @Nullable Refusal refusal;
    private @Nullable PeerProof proof;

    /**
     * For one handshake.
     *
     * @param meant the peer that we want; null in server role, where any configured one is welcome
     */
    PeerVerification(HandshakePolicy policy, @Nullable PeerIdentity meant) {
        this.policy = policy;
        this.meant = meant;
    }

    /** Who the peer is; null unless it was accepted, or at least named itself. */
    @Nullable
    PeerIdentity identity() {
        return identity;
    }

    /** When its own certificate expires; null unless it has one that was valid. */
    @Nullable
    Instant expires() {
        return expires;
    }

    /** Why it was not accepted; null if it was, or has not come to that. */
    @Nullable
    Refusal refusal() {
        return refusal;
    }

    /** What it was accepted for; null unless it was. */
    @Nullable
    PeerProof proof() {
        return proof;
    }

    /** Ends the handshake with an alert unless the peer is accepted. */
    void verify(@Nullable Certificate presented, PathValidator.Purpose purpose, Instant now) throws IOException {
        Optional<Refusal> found = check(presented, purpose, now);
        if (found.isPresent()) {
            refusal = found.get();
            throw new TlsFatalAlert(found.get().reason().alert());
        }
    }

    /**
     * Notes whom a pre-shared key belongs to: its holder has proved that when the handshake is done. Null, and a
     * reason, when nobody configured has one by that name.
     */
    @Nullable
    PresharedKey keyOf(String name) {
        Optional<PeerIdentity> named = PeerIdentity.parse(name);
        PresharedKey key = policy.presharedKey(named.orElse(null));
        if (named.isEmpty() || key == null || !policy.peers().identities().contains(named.get())) {
            refusal = new Refusal(FailureReason.UNKNOWN_PEER, "no peer here has a pre-shared key by the name " + name);
            return null;
        }
        identity = named.get();
        proof = other -> key.equals(other.presharedKey(named.get()))
                ? Optional.empty()
                : Optional.of(new Refusal(FailureReason.UNKNOWN_PEER, "the pre-shared key was replaced or removed"));
        return key;
    }

    private Optional<Refusal> check(@Nullable Certificate presented, PathValidator.Purpose purpose, Instant now)
            throws IOException {
        if (presented == null || presented.isEmpty()) {
            return Optional.of(new Refusal(FailureReason.NO_CERTIFICATE, "the peer presented no certificate"));
        }
        List<byte[]> encoded = new ArrayList<>();
        for (TlsCertificate certificate : presented.getCertificateList()) {
            encoded.add(certificate.getEncoded());
        }
        List<X509Certificate> chain;
        try {
            chain = PathValidator.parse(encoded);
        } catch (CertificateException e) {
            return Optional.of(new Refusal(FailureReason.BAD_CERTIFICATE, "the certificate is damaged"));
        }
        proof = other -> new PathValidator(other.credentials()).validate(chain, purpose, now);
        Optional<Refusal> invalid = proof.against(policy);
        Optional<Refusal> refused = invalid.isPresent() ? invalid : checkIdentity(chain.get(0));
        PeerIdentity named = identity;
        if (refused.isEmpty() && named != null) {
            PeerProof byChain = proof;
            proof = other -> hasPresharedKey(named, other).or(() -> byChain.against(other));
        }
        return refused;
    }

    private static Optional<Refusal> hasPresharedKey(PeerIdentity named, HandshakePolicy policy) {
        return policy.presharedKey(named) == null
                ? Optional.empty()
                : Optional.of(new Refusal(
                        FailureReason.WRONG_METHOD, named + " has a pre-shared key here, and came with a certificate"));
    }

    private Optional<Refusal> checkIdentity(X509Certificate certificate) {
        Optional<PeerIdentity> named = CertificateIdentity.of(certificate);
        if (named.isEmpty()) {
            return Optional.of(new Refusal(
                    FailureReason.NO_IDENTITY,
                    "the certificate of "
                            + certificate.getSubjectX500Principal().getName()
                            + " does not have exactly one name of the form " + PeerIdentity.PREFIX + "SITE/GATEWAY"));
        }
        identity = named.get();
        expires = certificate.getNotAfter().toInstant();
        if (meant != null && !meant.equals(identity)) {
            return Optional.of(new Refusal(FailureReason.WRONG_PEER, "this is " + identity + ", not " + meant));
        }
        if (!policy.peers().identities().contains(identity)) {
            return Optional.of(new Refusal(FailureReason.UNKNOWN_PEER, identity + " is not configured as a peer here"));
        }
        return hasPresharedKey(identity, policy);
    }
}

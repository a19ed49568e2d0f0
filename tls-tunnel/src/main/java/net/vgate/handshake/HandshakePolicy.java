package net.vgate.handshake;

import java.util.List;
import java.util.Map;
import net.vgate.pki.PresharedKey;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.PeerIdentity;
import org.jspecify.annotations.Nullable;

/**
 * What a handshake is decided by; a reload puts a new one in its place, and handshakes under way end by the old one.
 *
 * @param credentials who we are and whom we trust
 * @param peers with whom we have to do
 * @param algorithms the record protection that we accept, the preferred one first
 * @param presharedKeys of the peers that prove who they are by one, and by nothing else
 */
public record HandshakePolicy(
        Credentials credentials,
        KnownPeers peers,
        List<AeadAlgorithm> algorithms,
        Map<PeerIdentity, PresharedKey> presharedKeys) {
    public HandshakePolicy {
        algorithms = List.copyOf(algorithms);
        presharedKeys = Map.copyOf(presharedKeys);
        if (algorithms.isEmpty()) {
            throw new IllegalArgumentException("no record protection");
        }
    }

    /** Of peers with certificates. */
    public HandshakePolicy(Credentials credentials, KnownPeers peers, List<AeadAlgorithm> algorithms) {
        this(credentials, peers, algorithms, Map.of());
    }

    /** The same, but for the peers. */
    public HandshakePolicy withPeers(KnownPeers others) {
        return new HandshakePolicy(credentials, others, algorithms, presharedKeys);
    }

    /** The key of {@code peer}; null when it proves who it is by a certificate. */
    @Nullable
    PresharedKey presharedKey(@Nullable PeerIdentity peer) {
        return peer == null ? null : presharedKeys.get(peer);
    }

    /** With every algorithm that there is, the faster one first. */
    public HandshakePolicy(Credentials credentials, KnownPeers peers) {
        this(credentials, peers, List.of(AeadAlgorithm.values()));
    }
}

package net.vgate.handshake;

import java.util.List;
import net.vgate.record.AeadAlgorithm;

/**
 * What a handshake is decided by; a reload puts a new one in its place, and handshakes under way end by the old one.
 *
 * @param credentials who we are and whom we trust
 * @param peers with whom we have to do
 * @param algorithms the record protection that we accept, the preferred one first
 */
public record HandshakePolicy(Credentials credentials, KnownPeers peers, List<AeadAlgorithm> algorithms) {
    public HandshakePolicy {
        algorithms = List.copyOf(algorithms);
        if (algorithms.isEmpty()) {
            throw new IllegalArgumentException("no record protection");
        }
    }

    /** With every algorithm that there is, the faster one first. */
    public HandshakePolicy(Credentials credentials, KnownPeers peers) {
        this(credentials, peers, List.of(AeadAlgorithm.values()));
    }
}

package net.vgate.handshake;

import java.net.InetAddress;
import java.util.Set;
import net.vgate.record.PeerIdentity;

/**
 * The peers of the configuration.
 *
 * @param identities who may become a peer
 * @param addresses from where configured peers come, as far as it is known; sources that half of the pool is kept for
 */
public record KnownPeers(Set<PeerIdentity> identities, Set<InetAddress> addresses) {
    public KnownPeers {
        identities = Set.copyOf(identities);
        addresses = Set.copyOf(addresses);
    }
}

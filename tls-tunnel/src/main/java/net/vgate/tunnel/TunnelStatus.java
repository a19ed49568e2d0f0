package net.vgate.tunnel;

import java.util.List;

/**
 * A tunnel's life at one moment, for people.
 *
 * @param association our connection ID of the association in use, 0 without one
 * @param client whether we are the DTLS client of that association
 * @param generation of that association, 0 without one
 * @param version of the control protocol that both ends speak on it; the own one without an association
 * @param capabilities that both ends offered on it
 * @param peerIncarnation random number of the peer's process, 0 while unknown
 * @param associations how many there are, retired ones included
 * @param rttNanos smoothed round-trip time, 0 while unknown
 * @param pathMtu largest outer IP packet that the path carries, in bytes, as far as is known
 * @param peerDrains whether the peer wants flows to take another gateway of its site
 * @param knowsDraining whether the peer has acknowledged that we want the like, or do not any more
 * @param paths the one in use first; empty without an association
 * @param sinceNanos since when it carries packets, or does not
 */
public record TunnelStatus(
        TunnelState state,
        long association,
        boolean client,
        int generation,
        ProtocolVersion version,
        long capabilities,
        long peerIncarnation,
        int associations,
        long rttNanos,
        int pathMtu,
        boolean peerDrains,
        boolean knowsDraining,
        List<PathStatus> paths,
        long sinceNanos) {
    public TunnelStatus {
        paths = List.copyOf(paths);
    }

    static final TunnelStatus NEW = new TunnelStatus(
            TunnelState.IDLE, 0, false, 0, ProtocolVersion.CURRENT, 0, 0, 0, 0, 0, false, false, List.of(), 0);
}

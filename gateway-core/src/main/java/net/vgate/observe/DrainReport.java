package net.vgate.observe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a gateway is with sending its flows away.
 *
 * @param draining whether it wants to be without them
 * @param packetsIn that have come from other sites so far; flows are away when it does not rise any more
 */
public record DrainReport(boolean draining, List<Peer> peers, long packetsIn) {
    public DrainReport {
        peers = List.copyOf(peers);
    }

    /**
     * One gateway of another site.
     *
     * @param told whether it has acknowledged; null when its version does not understand, or there is no tunnel
     */
    public record Peer(
            String peer, String gateway, @Nullable Boolean told) {}
}

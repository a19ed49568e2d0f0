package net.vgate.stream;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * How many connections there are, and how many of each source have no proven peer.
 *
 * <p><b>Threading.</b> The event loop only.
 */
final class ConnectionCount {
    private final StreamLimits limits;
    private final Map<InetAddress, Integer> unproven = new HashMap<>();
    private int connections;

    ConnectionCount(StreamLimits limits) {
        this.limits = limits;
    }

    /** One more of {@code source}; false, and it does not count, if that is too many. */
    boolean enter(InetAddress source) {
        int before = unproven.getOrDefault(source, 0);
        if (connections >= limits.connections() || before >= limits.unprovenPerSource()) {
            return false;
        }
        connections++;
        unproven.put(source, before + 1);
        return true;
    }

    /** A peer on a connection of {@code source} has proved itself. */
    void prove(InetAddress source) {
        unproven.computeIfPresent(source, (same, count) -> count > 1 ? count - 1 : null);
    }

    /** A connection ended, on which no peer had proved itself. */
    void leaveUnproven(InetAddress source) {
        prove(source);
        connections--;
    }

    /** A connection ended, on which a peer had proved itself. */
    void leaveProven() {
        connections--;
    }
}

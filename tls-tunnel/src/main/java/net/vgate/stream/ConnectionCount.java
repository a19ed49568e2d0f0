package net.vgate.stream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
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
    private int strangers;

    ConnectionCount(StreamLimits limits) {
        this.limits = limits;
    }

    /**
     * One more of {@code source}; false, and it does not count, if that is too many. Those without a proven peer have
     * half of all: the other half is for connections that have one.
     */
    boolean enter(InetAddress source) {
        InetAddress network = network(source);
        int before = unproven.getOrDefault(network, 0);
        if (connections >= limits.connections()
                || strangers >= (limits.connections() + 1) / 2
                || before >= limits.unprovenPerSource()) {
            return false;
        }
        connections++;
        strangers++;
        unproven.put(network, before + 1);
        return true;
    }

    /** Whoever has an IPv6 address has its /64. */
    private static InetAddress network(InetAddress source) {
        byte[] bytes = source.getAddress();
        if (bytes.length == 4) {
            return source;
        }
        Arrays.fill(bytes, 8, 16, (byte) 0);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("an address of 16 bytes was refused", impossible);
        }
    }

    /** A peer on a connection of {@code source} has proved itself. */
    void prove(InetAddress source) {
        strangers--;
        unproven.computeIfPresent(network(source), (same, count) -> count > 1 ? count - 1 : null);
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

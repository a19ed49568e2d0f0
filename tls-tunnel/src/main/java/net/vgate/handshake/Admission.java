package net.vgate.handshake;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** Decides which handshakes may take a place in the pool. Any thread. */
final class Admission {
    private final HandshakeLimits limits;
    private final Map<InetAddress, Integer> perSource = new HashMap<>();
    private int all;
    private int strangers;

    Admission(HandshakeLimits limits) {
        this.limits = limits;
    }

    /** A place for a handshake that we begin. */
    synchronized boolean enterOurs() {
        if (all == limits.concurrent()) {
            return false;
        }
        all++;
        return true;
    }

    synchronized void leaveOurs() {
        all--;
    }

    /** A place for a handshake that somebody at {@code source} begins. */
    synchronized boolean enter(InetAddress source, boolean configured) {
        int here = perSource.getOrDefault(source, 0);
        if (all == limits.concurrent()
                || here == limits.perSource()
                || (!configured && strangers == limits.concurrent() / 2)) {
            return false;
        }
        perSource.put(source, here + 1);
        strangers += configured ? 0 : 1;
        all++;
        return true;
    }

    synchronized void leave(InetAddress source, boolean configured) {
        perSource.computeIfPresent(source, (address, count) -> count == 1 ? null : count - 1);
        strangers -= configured ? 0 : 1;
        all--;
    }

    /** How many handshakes are under way. */
    synchronized int underWay() {
        return all;
    }
}

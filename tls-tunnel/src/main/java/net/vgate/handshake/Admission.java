package net.vgate.handshake;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import net.vgate.packet.DropReason;
import org.jspecify.annotations.Nullable;

/** Decides which handshakes may take a place in the pool. Any thread. */
final class Admission {
    private final HandshakeLimits limits;
    private final LongSupplier nanoClock;
    private final TokenBucket strangersToBegin;
    private final Map<InetAddress, Integer> perSource = new HashMap<>();
    private int all;
    private int strangers;

    Admission(HandshakeLimits limits, LongSupplier nanoClock) {
        this.limits = limits;
        this.nanoClock = nanoClock;
        this.strangersToBegin = new TokenBucket(limits.strangersPerSecond(), nanoClock.getAsLong());
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

    /** A place for a handshake that somebody at {@code source} begins. Returns null, or why there is none. */
    synchronized @Nullable DropReason enter(InetAddress source, boolean configured) {
        int here = perSource.getOrDefault(source, 0);
        if (all == limits.concurrent()
                || here == limits.perSource()
                || (!configured && strangers == limits.concurrent() / 2)) {
            return DropReason.HANDSHAKE_LIMIT;
        }
        if (!configured && !strangersToBegin.take(nanoClock.getAsLong())) {
            return DropReason.RATE_LIMITED;
        }
        perSource.put(source, here + 1);
        strangers += configured ? 0 : 1;
        all++;
        return null;
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

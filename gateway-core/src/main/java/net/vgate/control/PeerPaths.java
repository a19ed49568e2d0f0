package net.vgate.control;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.vgate.record.Association.Path;
import net.vgate.tunnel.DatagramPort;
import net.vgate.tunnel.Ladder.Rung;
import org.jspecify.annotations.Nullable;

/**
 * By which paths one lane reaches its peer: those on which it calls, one after the other, and those to which packets
 * may move beside the one that they take.
 *
 * <p>Who has called knows its own addresses and the peer's. Who was called does not know where the peer's other paths
 * come from behind a NAT, or which of its ports gets through; but the peer asks on each of them, and is answered the
 * way that it asked, so they are where it was seen of late.
 *
 * <p><b>Threading.</b> The conductor's thread only.
 */
final class PeerPaths {
    /** The peer asks once a second on a path that stands by. */
    private static final long REMEMBERED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final OwnSockets own;
    private final int lane;
    private final Map<Path, Long> seen = new LinkedHashMap<>();
    private PeerWays ways;
    private boolean roams;

    /** Which path is called next, counted on and on. */
    private int candidate;

    /** Calls by UDP in a row that came to nothing. */
    private int fruitless;

    /** The same of all calls but those by relays, since the last one of these. */
    private int directFailures;

    /** Calls by relays in a row that came to nothing. */
    private int relayFailures;

    /** Which relay is asked next, counted on and on. */
    private int relayTurns;

    PeerPaths(OwnSockets own, int lane, PeerWays ways, boolean roams) {
        this.own = own;
        this.lane = lane;
        this.ways = ways;
        this.roams = roams;
    }

    void adopt(PeerWays next, boolean mayRoam) {
        // A name that is now this address and now that one is no new peer.
        if (Collections.disjoint(next.udp(), ways.udp())) {
            fruitless = 0;
        }
        ways = next;
        roams = mayRoam;
    }

    /**
     * Where the next call goes. A peer that has moved is called where it is, and one that has several addresses where
     * it was found; when it is gone, where it should be: by one path after the other.
     *
     * @param inUse what packets take now, or null
     */
    Optional<Path> next(@Nullable Path inUse) {
        if (inUse != null && isKept(inUse)) {
            return Optional.of(new Path(own.connectingAt(inUse.local(), lane), inUse.remote()));
        }
        List<Path> calls = own.calls(lane, ways.udp());
        return calls.isEmpty() ? Optional.empty() : Optional.of(calls.get(Math.floorMod(candidate, calls.size())));
    }

    private boolean isKept(Path inUse) {
        return inUse.local() < DatagramPort.STREAM && (roams || ways.udp().contains(inUse.remote()));
    }

    /** Whether the peer was not yet called by every way since it was there, so that another one may be the better. */
    boolean areOthersUntried() {
        int all = directWays() + ways.relayed().size();
        return all > 1 && fruitless + relayFailures < all;
    }

    /** How many ways there are to call it without a relay. */
    int directWays() {
        return own.calls(lane, ways.udp()).size() + (ways.tcp().isPresent() ? 1 : 0);
    }

    /** Whether the next call goes by a relay: what carries does, or nothing else has led to the peer. */
    boolean isRelayDue(@Nullable Path inUse) {
        if (ways.relayed().isEmpty() || (inUse != null && inUse.local() == DatagramPort.RELAY)) {
            return !ways.relayed().isEmpty();
        }
        boolean isFound = inUse != null && isFoundByRelay(inUse);
        return directFailures >= (isFound ? Math.max(1, directWays()) : directWays());
    }

    /** Whether a relay has told that the peer can be reached by {@code path}. */
    boolean isFoundByRelay(Path path) {
        return ways.relayed().stream().anyMatch(way -> way.direct().equals(Optional.of(path)));
    }

    /** Where the next call by a relay goes: as packets do, else by one relay after the other; there is one. */
    Path byRelay(@Nullable Path inUse) {
        RelayedWay way = Optional.ofNullable(inUse)
                .flatMap(ways::wayOf)
                .orElseGet(() -> ways.relayed()
                        .get(Math.floorMod(relayTurns++, ways.relayed().size())));
        return new Path(DatagramPort.RELAY, way.calling());
    }

    /** A call by {@code rung} has come to nothing. Returns whether it was the last path of that rung to be tried. */
    boolean failed(Rung rung, @Nullable Path inUse) {
        directFailures = rung == Rung.RELAY ? 0 : directFailures + 1;
        relayFailures += rung == Rung.RELAY ? 1 : 0;
        return rung != Rung.UDP || failed(inUse);
    }

    private boolean failed(@Nullable Path inUse) {
        candidate++;
        fruitless++;
        int calls = own.calls(lane, ways.udp()).size();
        return (inUse != null && isKept(inUse)) || calls == 0 || fruitless % calls == 0;
    }

    /** The peer was heard. */
    void found() {
        fruitless = 0;
        relayFailures = 0;
        directFailures = 0;
    }

    /** The peer has asked by {@code path}. Returns whether that is news. */
    boolean seen(Path path, long now) {
        if (!DatagramPort.isListening(path.local())) {
            return false;
        }
        boolean isNew = seen.remove(path) == null;
        seen.put(path, now);
        if (seen.size() > OwnSockets.MOST_PATHS) {
            seen.remove(seen.keySet().iterator().next());
        }
        return isNew;
    }

    /** Forgets where the peer has not been seen for long. Returns whether there was such a path. */
    boolean forget(long now) {
        return seen.values().removeIf(at -> now - at >= REMEMBERED_NANOS);
    }

    /** What packets may move to that take {@code inUse}, which is no stream. */
    List<Path> others(Path inUse) {
        if (inUse.local() == DatagramPort.RELAY) {
            // Whoever called by it: what we would call, and where the peer was seen since.
            return Stream.concat(
                            own.calls(lane, ways.udp()).stream(),
                            seen.keySet().stream().filter(path -> isKnown(path.remote(), inUse)))
                    .limit(OwnSockets.MOST_PATHS)
                    .toList();
        }
        if (!DatagramPort.isListening(inUse.local())) {
            return own.calls(lane, ways.udp()).stream()
                    .filter(path -> !path.equals(inUse))
                    .toList();
        }
        List<Path> others = new ArrayList<>();
        seen.keySet().stream()
                .filter(path -> !path.equals(inUse) && isKnown(path.remote(), inUse))
                .forEach(others::add);
        // Between two addresses, one way is enough: that which is known to get through.
        own.answers(inUse.local(), ways.udp()).stream()
                .filter(path -> !own.isBetweenSame(path, inUse) && isNew(path, others))
                .forEach(others::add);
        return others.stream().limit(OwnSockets.MOST_PATHS).toList();
    }

    /**
     * The same, but only when the peer does not answer by the path in use: it was seen where nobody has said that it
     * could be, and whoever copies records can be seen anywhere (RFC 9853).
     */
    List<Path> refuges(Path inUse) {
        return seen.keySet().stream()
                .filter(path -> roams && !path.equals(inUse) && !isKnown(path.remote(), inUse))
                .toList();
    }

    private boolean isNew(Path path, Collection<Path> others) {
        return others.stream().noneMatch(other -> own.isBetweenSame(path, other));
    }

    private boolean isKnown(InetSocketAddress remote, Path inUse) {
        return (!roams && remote.getAddress().equals(inUse.remote().getAddress()))
                || ways.udp().stream().anyMatch(address -> address.getAddress().equals(remote.getAddress()))
                || ways.relayed().stream()
                        .flatMap(way -> way.direct().stream())
                        .anyMatch(path -> path.remote().getAddress().equals(remote.getAddress()));
    }
}

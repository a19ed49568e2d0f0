package net.vgate.dataplane;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import net.vgate.record.PeerIdentity;
import net.vgate.tunnel.Tunnel;
import org.jspecify.annotations.Nullable;

/**
 * What the data path knows of relaying, at one moment: the ways that relays have opened for this gateway, and those
 * that it has opened for others. A label means something only together with the peer that it is agreed on with.
 * Immutable.
 */
public final class RelayTable {
    /** No ways at all. */
    public static final RelayTable EMPTY = new RelayTable(List.of(), List.of());

    private final Labels<Way> byNumber;
    private final Map<PeerIdentity, Labels<Way>> ways;
    private final Map<PeerIdentity, Labels<Route>> routes;

    /**
     * A way to a far gateway.
     *
     * @param number by which {@link RelayAddress} names it, 1 and up
     * @param relay who passes on, and {@code tunnel} the one to it
     * @param label that relay and we have agreed on
     */
    public record Way(int number, PeerIdentity relay, Tunnel tunnel, int label) {}

    /**
     * What this gateway passes on.
     *
     * @param from who sends, by {@code label}
     * @param to the tunnel toward whom it is for
     * @param onward the label that it gets; 0 while the far gateway has not asked for the way back
     */
    public record Route(PeerIdentity from, int label, Tunnel to, int onward, RelayTraffic traffic) {}

    public RelayTable(List<Way> ways, List<Route> routes) {
        this.byNumber = new Labels<>(ways, Way::number);
        this.ways = byPeer(ways, Way::relay, Way::label);
        this.routes = byPeer(routes, Route::from, Route::label);
    }

    private static <T> Map<PeerIdentity, Labels<T>> byPeer(
            List<T> all, Function<T, PeerIdentity> peer, ToIntFunction<T> label) {
        Map<PeerIdentity, List<T>> lists = new HashMap<>();
        for (T one : all) {
            lists.computeIfAbsent(peer.apply(one), none -> new ArrayList<>()).add(one);
        }
        Map<PeerIdentity, Labels<T>> byPeer = new HashMap<>();
        lists.forEach((one, list) -> byPeer.put(one, new Labels<>(list, label)));
        return byPeer;
    }

    /** The way with that number; null when it is closed. */
    @Nullable
    Way way(int number) {
        return byNumber.find(number);
    }

    /** The way that {@code relay} calls {@code label}, or null. */
    @Nullable
    Way way(PeerIdentity relay, int label) {
        Labels<Way> ofRelay = ways.get(relay);
        return ofRelay == null ? null : ofRelay.find(label);
    }

    /** What {@code from} means by {@code label} when it wants something passed on; null when it may not. */
    @Nullable
    Route route(PeerIdentity from, int label) {
        Labels<Route> ofPeer = routes.get(from);
        return ofPeer == null ? null : ofPeer.find(label);
    }

    /** Things by number, for a look-up without allocation; a peer chooses the numbers. */
    private static final class Labels<T> {
        private final int[] labels;
        private final List<T> things;

        Labels(List<T> all, ToIntFunction<T> label) {
            things = new ArrayList<>(all);
            things.sort(Comparator.comparingInt(label));
            labels = new int[things.size()];
            Arrays.setAll(labels, i -> label.applyAsInt(things.get(i)));
        }

        @Nullable
        T find(int label) {
            int at = Arrays.binarySearch(labels, label);
            return at < 0 ? null : things.get(at);
        }
    }
}

package net.vgate.tunnel;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import net.vgate.record.PeerIdentity;
import net.vgate.tunnel.ControlMessage.RelayAnswer;
import net.vgate.tunnel.ControlMessage.RelayRefusal;
import net.vgate.tunnel.ControlMessage.RelayRequest;
import org.jspecify.annotations.Nullable;

/**
 * The ways that this gateway, as a relay, has opened for its peers. A way is one direction, asked for by the gateway at
 * its beginning; datagrams pass when the other end has asked for the way back, so both ends and the relay's operator
 * want it. Nobody has more ways than there are gateways in the pairs that are granted.
 *
 * <p><b>Threading.</b> One thread, the Conductor's; every moment is an argument.
 */
public final class RelayDesk {
    private final PeerIdentity own;
    private final Predicate<PeerIdentity> isConfigured;
    private final Function<PeerIdentity, @Nullable Leg> legs;
    private Set<Set<String>> granted = Set.of();
    private final Map<Ends, Open> ways = new LinkedHashMap<>();

    /** Labels of one gateway's ways, from 1 on; never given to another way, since datagrams may be under way. */
    private final Map<PeerIdentity, Map<PeerIdentity, Integer>> labels = new HashMap<>();

    private boolean hasChanged;

    /**
     * What is known of the tunnel to a gateway, if it carries anything.
     *
     * @param isRelayed whether it goes by another relay
     * @param bytes of the largest datagram that can be passed on by it
     * @param seenAt where it comes from; null when that is no address of UDP
     */
    public record Leg(
            boolean isRelayed, int bytes, @Nullable InetSocketAddress seenAt) {}

    /** Which gateway may send to which. */
    public record Ends(PeerIdentity from, PeerIdentity to) {}

    /**
     * A way that is open.
     *
     * @param label that it has toward the gateway which asked for it
     * @param onward that datagrams get when they are passed on; 0 while the other end has not opened the way back
     */
    public record Way(Ends ends, int label, int onward) {}

    /** What a gateway is to be told without having asked. */
    public record Notice(PeerIdentity to, PeerIdentity far, RelayAnswer answer) {}

    private static final class Open {
        private final int label;
        private int number;
        private long lapsesAt;
        private @Nullable RelayAnswer said;

        Open(int label) {
            this.label = label;
        }
    }

    /**
     * @param isConfigured whether there is a tunnel to a gateway, up or not: to others nobody has a way, so that nobody
     *     makes more of them than the configuration has gateways
     * @param legs what there is of the tunnel to a configured gateway; null when it carries nothing
     */
    public RelayDesk(
            PeerIdentity own, Predicate<PeerIdentity> isConfigured, Function<PeerIdentity, @Nullable Leg> legs) {
        this.own = own;
        this.isConfigured = isConfigured;
        this.legs = legs;
    }

    /** From now on gateways of these pairs of sites may be joined. */
    public void adopt(Set<Set<String>> pairs) {
        granted = Set.copyOf(pairs);
    }

    /** The answer to a request of {@code from}, which opens the way or keeps it open. */
    public RelayAnswer asked(PeerIdentity from, RelayRequest request, long now) {
        Ends ends = new Ends(from, request.far());
        RelayRefusal refusal = refusal(ends);
        if (refusal != RelayRefusal.NONE) {
            hasChanged |= ways.remove(ends) != null;
            return refused(request.number(), refusal);
        }
        Open way = ways.get(ends);
        if (way == null) {
            Map<PeerIdentity, Integer> ofPeer = labels.computeIfAbsent(from, none -> new HashMap<>());
            way = new Open(ofPeer.computeIfAbsent(request.far(), none -> ofPeer.size() + 1));
            ways.put(ends, way);
            hasChanged = true;
        }
        way.number = request.number();
        way.lapsesAt = now + WayRequests.LAPSE_NANOS;
        way.said = answer(ends, way);
        return way.said;
    }

    private RelayRefusal refusal(Ends ends) {
        if (ends.to().equals(ends.from()) || ends.to().equals(own)) {
            return RelayRefusal.LOOP;
        }
        boolean isPair = !ends.from().site().equals(ends.to().site()) && isConfigured.test(ends.to());
        if (!isPair || !granted.contains(Set.of(ends.from().site(), ends.to().site()))) {
            return RelayRefusal.NOT_GRANTED;
        }
        Leg here = legs.apply(ends.from());
        Leg there = legs.apply(ends.to());
        boolean isRelayed = (here != null && here.isRelayed()) || (there != null && there.isRelayed());
        return isRelayed ? RelayRefusal.RELAYED : RelayRefusal.NONE;
    }

    private static RelayAnswer refused(int number, RelayRefusal refusal) {
        return new RelayAnswer(number, refusal, 0, 0, null);
    }

    private RelayAnswer answer(Ends ends, Open way) {
        Leg there = ways.containsKey(back(ends)) ? legs.apply(ends.to()) : null;
        return there == null
                ? new RelayAnswer(way.number, RelayRefusal.NONE, way.label, 0, null)
                : new RelayAnswer(way.number, RelayRefusal.NONE, way.label, there.bytes(), there.seenAt());
    }

    private static Ends back(Ends ends) {
        return new Ends(ends.to(), ends.from());
    }

    /** Closes what nobody asks for or nobody grants any more. Returns what has changed for those who asked before. */
    public List<Notice> tick(long now) {
        List<Notice> notices = new ArrayList<>();
        hasChanged |= ways.values().removeIf(way -> Deadline.isDue(way.lapsesAt, now));
        for (Ends ends : List.copyOf(ways.keySet())) {
            RelayRefusal refusal = refusal(ends);
            Open way = ways.get(ends);
            if (refusal != RelayRefusal.NONE && way != null) {
                ways.remove(ends);
                hasChanged = true;
                notices.add(new Notice(ends.from(), ends.to(), refused(way.number, refusal)));
            }
        }
        ways.forEach((ends, way) -> {
            RelayAnswer answer = answer(ends, way);
            if (!answer.equals(way.said)) {
                way.said = answer;
                notices.add(new Notice(ends.from(), ends.to(), answer));
            }
        });
        return notices;
    }

    /** All that are open. */
    public List<Way> ways() {
        List<Way> open = new ArrayList<>();
        ways.forEach((ends, way) -> {
            Open back = ways.get(back(ends));
            open.add(new Way(ends, way.label, back == null ? 0 : back.label));
        });
        return open;
    }

    /** Whether {@link #ways} has changed since this was asked last. */
    public boolean takeChanged() {
        boolean taken = hasChanged;
        hasChanged = false;
        return taken;
    }
}

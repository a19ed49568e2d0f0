package net.vgate.tunnel;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import net.vgate.record.Association.Path;
import org.jspecify.annotations.Nullable;

/**
 * By which path the peer is sent to. The peer answers a challenge the way that it came (RFC 9853), so each path is
 * measured without being used: those that stand by once a second, the one in use more often, so that another takes its
 * place before anybody misses it.
 *
 * <p>One that is silent is left at once for the best that answers: when it begins to be, the others are asked at once,
 * so that a peer that is gone from all of them is not looked for on one after the other. One that answers is left for
 * another whose round trip and loss are better by a quarter and for some seconds; a path that has only just been left,
 * or come, is not trusted before it was measured for as long.
 *
 * <p>Without another path it asks nothing.
 */
final class PathChoice {
    static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(150);
    static final long OTHERS_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Two requests without answer, and some patience. */
    private static final long SILENT_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

    /** A path that stands by has missed not more than one request. */
    private static final long LIVE_NANOS = TimeUnit.MILLISECONDS.toNanos(2_200);

    private static final double BETTER = 1.25;
    private static final double NOTICEABLE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** Requests by which the path in use is known; one that stands by is known by as many as there are counted. */
    private static final int KNOWN = 16;

    /** A way by a third gateway costs that one's network as well: it has to be so much better than a direct one. */
    private static final double DETOUR = 1.5;

    /** Answers in a row on a direct path, after which a relay is left for it. */
    private static final int DIRECT_ANSWERS = 3;

    private static final long STEADY_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final RandomGenerator random;
    private final Map<Path, MeasuredPath> others = new LinkedHashMap<>();

    /** Those of {@link #others} that are taken only when the one in use is silent. */
    private Set<Path> refuges = Set.of();

    private MeasuredPath inUse;
    private boolean isActive;
    private long betterSince = Deadline.NEVER;
    private boolean isRelayed;

    /** Whether a relay has taken the place of a direct path, which then has to be known well to be trusted again. */
    private boolean hasLeftDirect;

    PathChoice(RandomGenerator random) {
        this.random = random;
        this.inUse = new MeasuredPath(random);
    }

    /** The other paths to the peer, beside the one in use; and those that are taken only when that one is silent. */
    void offer(Collection<Path> paths, Collection<Path> onlyRefuges, long now) {
        boolean wasAlone = others.isEmpty();
        refuges = Set.copyOf(onlyRefuges);
        Set<Path> offered = new LinkedHashSet<>(paths);
        offered.addAll(refuges);
        others.keySet().retainAll(offered);
        for (Path path : offered) {
            others.computeIfAbsent(path, unknown -> {
                MeasuredPath measured = new MeasuredPath(random);
                measured.restart(isActive ? now : Deadline.NEVER);
                return measured;
            });
        }
        if (others.isEmpty()) {
            inUse.rest();
        } else if (wasAlone && isActive) {
            inUse.restart(now);
        }
    }

    /** Another association is in use, and the peer answers challenges on it. */
    void begin(long now) {
        isActive = true;
        betterSince = Deadline.NEVER;
        others.values().forEach(path -> path.restart(now));
        inUse.restart(others.isEmpty() ? Deadline.NEVER : now);
    }

    /** Whether the path in use goes by a relay. */
    void goesByRelay(boolean is) {
        isRelayed = is;
    }

    void end() {
        isActive = false;
        hasLeftDirect = false;
        others.values().forEach(MeasuredPath::rest);
        inUse.rest();
    }

    /** The challenges that are due at {@code now}. */
    List<PathCheck.Challenge> due(long now) {
        List<PathCheck.Challenge> due = new ArrayList<>();
        boolean isDoubtful = isDoubtful(now);
        if (isDoubtful) {
            // Only those that answer: none else could be taken, and who is not there is not to be sent more.
            others.values().stream()
                    .filter(path -> path.hasAnswered(LIVE_NANOS, now))
                    .forEach(path -> path.hurry(EVERY_NANOS, now));
        }
        if (inUse.isDue(now)) {
            due.add(new PathCheck.Challenge(inUse.challenge(EVERY_NANOS, now), null));
        }
        others.forEach((path, measured) -> {
            if (measured.isDue(now)) {
                boolean isHurried = isDoubtful && measured.hasAnswered(LIVE_NANOS, now);
                long every = isHurried ? EVERY_NANOS : OTHERS_EVERY_NANOS;
                due.add(new PathCheck.Challenge(measured.challenge(every, now), path));
            }
        });
        return due;
    }

    /** Whether the response is to a challenge of these. */
    boolean answered(long cookie, long now) {
        return inUse.answered(cookie, now) || others.values().stream().anyMatch(path -> path.answered(cookie, now));
    }

    /** Where to go now; null is to stay. */
    @Nullable
    Path better(long now) {
        if (!isActive || others.isEmpty()) {
            return null;
        }
        if (inUse.isSilent(SILENT_NANOS, now)) {
            return best(0, now);
        }
        Path direct = isRelayed ? direct(now) : null;
        if (direct != null) {
            return direct;
        }
        Path best = inUse.known(now) >= KNOWN ? best(LossWindow.SIZE, now) : null;
        MeasuredPath measured = best == null ? null : others.get(best);
        if (best == null
                || measured == null
                || BETTER * cost(best, measured, now) + NOTICEABLE_NANOS >= inUse.cost(now)) {
            betterSince = Deadline.NEVER;
            return null;
        }
        betterSince = betterSince == Deadline.NEVER ? now : betterSince;
        return now - betterSince >= STEADY_NANOS ? best : null;
    }

    private boolean isDoubtful(long now) {
        return isActive && inUse.isDoubtful(EVERY_NANOS, now);
    }

    /** The best of those that stand by, answer, and are known by so many requests; null when there is none. */
    @Nullable
    Path best(int known, long now) {
        Path best = null;
        double least = Double.MAX_VALUE;
        // Who flees takes what answers now, or may be about to; a lost request is no reason to flee.
        boolean isFlight = known == 0 && isDoubtful(now);
        for (Map.Entry<Path, MeasuredPath> entry : others.entrySet()) {
            MeasuredPath measured = entry.getValue();
            boolean isOffered = known == 0 || !refuges.contains(entry.getKey());
            double cost = cost(entry.getKey(), measured, now);
            if (isOffered
                    && measured.hasAnswered(LIVE_NANOS, now)
                    && (!isFlight
                            || measured.hasAnsweredSinceSilenceOf(inUse)
                            || measured.mayAnswerSinceSilenceOf(inUse, EVERY_NANOS, now))
                    && measured.known(now) >= known
                    && cost < least) {
                least = cost;
                best = entry.getKey();
            }
        }
        return best;
    }

    private static double cost(Path path, MeasuredPath measured, long now) {
        return path.local() == DatagramPort.RELAY ? DETOUR * measured.cost(now) + NOTICEABLE_NANOS : measured.cost(now);
    }

    /**
     * A direct path that is about as good as the relay in use, or better. Requests that were lost before the first
     * answer do not count: until both ends have sent by it, no translator on the way lets anything through.
     */
    private @Nullable Path direct(long now) {
        for (Map.Entry<Path, MeasuredPath> entry : others.entrySet()) {
            MeasuredPath measured = entry.getValue();
            boolean isKnown = hasLeftDirect
                    ? measured.known(now) >= LossWindow.SIZE
                    : measured.hasAnsweredInARow(DIRECT_ANSWERS, now);
            double cost = hasLeftDirect ? measured.cost(now) : measured.rttNanos();
            if (entry.getKey().local() != DatagramPort.RELAY
                    && isKnown
                    && measured.hasAnswered(LIVE_NANOS, now)
                    && cost <= DETOUR * inUse.cost(now) + NOTICEABLE_NANOS) {
                return entry.getKey();
            }
        }
        return null;
    }

    /** {@code path} is in use from now on; the one before is offered again by whoever knows it. */
    void moved(Path path, long now) {
        MeasuredPath measured = others.remove(path);
        hasLeftDirect |= !isRelayed && path.local() == DatagramPort.RELAY;
        isRelayed = path.local() == DatagramPort.RELAY;
        inUse = measured == null ? new MeasuredPath(random) : measured;
        betterSince = Deadline.NEVER;
        inUse.restart(others.isEmpty() ? Deadline.NEVER : now);
    }

    long rttNanos() {
        return inUse.rttNanos();
    }

    /** Loss of the path in use, as {@link PathStatus} has it. */
    double loss(long now) {
        return others.isEmpty() ? PathStatus.UNKNOWN_LOSS : inUse.loss(now);
    }

    /** Those that stand by. */
    List<PathStatus> status(long now) {
        List<PathStatus> status = new ArrayList<>();
        others.forEach((path, measured) -> status.add(new PathStatus(
                path, isActive && measured.hasAnswered(LIVE_NANOS, now), measured.rttNanos(), measured.loss(now))));
        return status;
    }

    long wakeAt() {
        if (!isActive || others.isEmpty()) {
            return Deadline.NEVER;
        }
        long at = inUse.wakeAt();
        for (MeasuredPath path : others.values()) {
            at = Deadline.earlier(at, path.wakeAt());
        }
        return at;
    }
}

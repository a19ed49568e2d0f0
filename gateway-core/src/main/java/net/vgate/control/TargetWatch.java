package net.vgate.control;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import net.vgate.packet.IpAddress;

/**
 * Whether anything behind a remote gateway answers: the tunnel may be up and lead nowhere. Each target is asked some
 * times a second by a ping that goes the way of packets; while none answers, flows had better take another gateway.
 * Decides and does nothing; time is an argument.
 *
 * <p><b>Threading.</b> The conductor's thread only.
 */
final class TargetWatch {
    private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

    /** So many in a row without an answer, and the target is silent; 1.2 s and the time to notice. */
    private static final int LOST = 3;

    /** So many answered in a row, and it is there again: one that comes and goes is not. */
    private static final int BACK = 3;

    private final RandomGenerator random;
    private final Map<Target, Standing> standings = new HashMap<>();
    private List<Target> targets = List.of();
    private long nextAt = Long.MAX_VALUE;

    /** A member of the V-net with number {@code vni}, as this site sees it. */
    record Target(int vni, IpAddress address) {}

    /** A ping to be sent; its answer brings back the number, which nobody can guess. */
    record Probe(Target target, long number) {}

    /** What is known of one target. */
    private static final class Standing {
        private long asked;
        private boolean isOpen;
        private int unanswered;
        private int answered;
        private boolean silent;
    }

    TargetWatch(RandomGenerator random) {
        this.random = random;
    }

    void adopt(List<Target> next, long now) {
        if (!targets.equals(next)) {
            targets = List.copyOf(next);
            standings.keySet().retainAll(targets);
            begin(now);
        }
    }

    /** The tunnel carries, after it did not: what was known before does not count any more. */
    void begin(long now) {
        standings.clear();
        nextAt = targets.isEmpty() ? Long.MAX_VALUE : now;
    }

    /** When {@link #due} has something to say. */
    long wakeAt() {
        return nextAt;
    }

    /** What is to be sent now. */
    List<Probe> due(long now) {
        if (nextAt == Long.MAX_VALUE || now - nextAt < 0) {
            return List.of();
        }
        nextAt = now + EVERY_NANOS;
        List<Probe> probes = new ArrayList<>();
        for (Target target : targets) {
            Standing standing = standings.computeIfAbsent(target, unknown -> new Standing());
            if (standing.isOpen) {
                standing.answered = 0;
                standing.unanswered++;
                standing.silent |= standing.unanswered >= LOST;
            }
            standing.asked = random.nextLong();
            standing.isOpen = true;
            probes.add(new Probe(target, standing.asked));
        }
        return probes;
    }

    /** Returns whether the answer was to be expected. */
    boolean answered(long number) {
        for (Standing standing : standings.values()) {
            if (standing.isOpen && standing.asked == number) {
                standing.isOpen = false;
                standing.unanswered = 0;
                standing.answered++;
                standing.silent &= standing.answered < BACK;
                return true;
            }
        }
        return false;
    }

    /** Whether there are targets, and all of them are silent. */
    boolean isSilent() {
        return !targets.isEmpty()
                && targets.stream().allMatch(target -> standings.containsKey(target) && standings.get(target).silent);
    }
}

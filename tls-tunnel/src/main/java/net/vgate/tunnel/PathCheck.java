package net.vgate.tunnel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import net.vgate.record.Association.Path;
import net.vgate.tunnel.ControlMessage.PathChallenge;
import org.jspecify.annotations.Nullable;

/**
 * Whether the peer has moved to the address that its newest record came from: return routability (RFC 9853). Whoever
 * copies records can make them come from anywhere, and even pass challenges and responses on; so the address in use is
 * challenged as well, and while the peer answers there, it has not moved.
 *
 * <p>The other address is challenged only when a record has come from there, one for one, and a challenge is not longer
 * than a record: nobody is sent more than was sent in his name.
 */
final class PathCheck {
    /** Challenges to the address in use. */
    private static final int TRIES = 3;

    private static final int RTTS = 4;
    private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long UNKNOWN_RTT_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How long the other address may take to answer: its challenges wait for records from there. */
    private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);

    /** Until the next check, when one came to nothing. */
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The same for one address, when the peer was where it is thought to be: somebody else is there. */
    private static final long REJECTED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final RandomGenerator random;

    private @Nullable Path candidate;
    private long cookieThere;
    private long cookieHere;
    private boolean isThere;
    private int tries;
    private long tryEvery;
    private long nextTryAt = Deadline.NEVER;
    private long movesAt = Deadline.NEVER;
    private long endsAt = Deadline.NEVER;
    private long pausedUntil = Deadline.NEVER;
    private @Nullable Path rejected;
    private long rejectedUntil;

    /**
     * A challenge that is due.
     *
     * @param to by which path; null is the one in use
     */
    record Challenge(PathChallenge message, @Nullable Path to) {}

    PathCheck(RandomGenerator random) {
        this.random = random;
    }

    boolean isUnderWay() {
        return candidate != null;
    }

    /** The peer's newest record has come by {@code path}. Returns whether a check begins with it. */
    boolean seen(Path path, long rttNanos, long now) {
        boolean isRejected = path.equals(rejected) && now - rejectedUntil < 0;
        if (candidate != null || isRejected || (pausedUntil != Deadline.NEVER && now - pausedUntil < 0)) {
            return false;
        }
        candidate = path;
        cookieThere = random.nextLong();
        cookieHere = random.nextLong();
        isThere = false;
        tries = 0;
        long takes = rttNanos == 0 ? UNKNOWN_RTT_NANOS : Math.max(LEAST_NANOS, RTTS * rttNanos);
        tryEvery = takes / TRIES;
        nextTryAt = now;
        movesAt = now + takes;
        endsAt = now + Math.max(takes, LONGEST_NANOS);
        return true;
    }

    /** The challenges that are due at {@code now}; {@code seenAt} is the path by which a record has just come. */
    List<Challenge> due(@Nullable Path seenAt, long now) {
        List<Challenge> challenges = new ArrayList<>();
        if (seenAt != null && seenAt.equals(candidate) && !isThere) {
            challenges.add(new Challenge(new PathChallenge(cookieThere), seenAt));
        }
        if (candidate != null && Deadline.isDue(nextTryAt, now)) {
            tries++;
            nextTryAt = tries < TRIES ? now + tryEvery : Deadline.NEVER;
            challenges.add(new Challenge(new PathChallenge(cookieHere), null));
        }
        return challenges;
    }

    /** A response has come, from wherever: who can give back the cookie has got it. */
    void answered(long cookie, long now) {
        if (candidate != null && cookie == cookieHere) {
            rejected = candidate;
            rejectedUntil = now + REJECTED_NANOS;
            end(now + PAUSE_NANOS);
        } else if (candidate != null && cookie == cookieThere) {
            isThere = true;
        }
    }

    /** To be asked at each event: the path that leads to where the peer has moved to, once; else null. */
    @Nullable
    Path moved(long now) {
        Path there = candidate;
        if (there == null || !Deadline.isDue(movesAt, now)) {
            return null;
        }
        boolean hasMoved = isThere;
        if (hasMoved || Deadline.isDue(endsAt, now)) {
            end(now + PAUSE_NANOS);
        }
        return hasMoved ? there : null;
    }

    /** Another association, or none: what was asked on the last one means nothing any more. */
    void end(long nextFrom) {
        candidate = null;
        nextTryAt = Deadline.NEVER;
        movesAt = Deadline.NEVER;
        endsAt = Deadline.NEVER;
        pausedUntil = nextFrom;
    }

    long wakeAt() {
        if (candidate == null) {
            return Deadline.NEVER;
        }
        return Deadline.earlier(nextTryAt, isThere ? movesAt : endsAt);
    }
}

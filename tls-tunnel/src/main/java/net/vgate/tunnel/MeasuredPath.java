package net.vgate.tunnel;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import net.vgate.tunnel.ControlMessage.PathChallenge;

/** One way to the peer, measured by challenges that are answered the way that they came. */
final class MeasuredPath {
    /** As in RFC 6298. */
    private static final int RTT_SHIFT = 3;

    private static final int REMEMBERED = 32;

    /** An answer that takes longer comes too late to count for anything. */
    private static final long LEAST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int RTTS = 4;

    /** What it costs that all requests are lost, in terms of delay. */
    private static final double LOSS_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** A path that loses one in a hundred loses so many of a window now and then, and is no worse than another. */
    private static final double CHANCE = 3.0 / LossWindow.SIZE;

    private final RandomGenerator random;
    private final LossWindow window = new LossWindow();
    private final long[] cookies = new long[REMEMBERED];
    private final long[] sentAt = new long[REMEMBERED];
    private int sent;

    /** Number of the newest request that has had an answer; -1 when none has. */
    private int newestAnswered = -1;

    private long rttNanos;
    private long answeredAt = Deadline.NEVER;

    /** When the first request was sent that has had no answer, nor any after it. */
    private long silentSince = Deadline.NEVER;

    private long nextAt = Deadline.NEVER;

    MeasuredPath(RandomGenerator random) {
        this.random = random;
    }

    /** Begins anew to count: what is under way is asked on another association. */
    void restart(long now) {
        window.reset();
        sent = 0;
        newestAnswered = -1;
        silentSince = Deadline.NEVER;
        nextAt = now;
    }

    /** Asks nothing any more. */
    void rest() {
        nextAt = Deadline.NEVER;
    }

    boolean isDue(long now) {
        return Deadline.isDue(nextAt, now);
    }

    /** Asks again as soon as {@code every} is over since the last request. */
    void hurry(long every, long now) {
        if (sent > 0 && nextAt != Deadline.NEVER) {
            long soon = sentAt[(sent - 1) % REMEMBERED] + every;
            nextAt = Deadline.earlier(nextAt, now - soon > 0 ? now : soon);
        }
    }

    PathChallenge challenge(long every, long now) {
        if (now - nextAt >= every) {
            // We were late, and answers may have waited as well.
            silentSince = Deadline.NEVER;
        }
        nextAt = now + every;
        int slot = sent++ % REMEMBERED;
        cookies[slot] = random.nextLong();
        sentAt[slot] = now;
        window.sent();
        silentSince = silentSince == Deadline.NEVER ? now : silentSince;
        return new PathChallenge(cookies[slot]);
    }

    /** Whether the cookie is one of this path's. */
    boolean answered(long cookie, long now) {
        for (int age = 0; age < Math.min(sent, REMEMBERED); age++) {
            int slot = (sent - 1 - age) % REMEMBERED;
            if (cookies[slot] == cookie) {
                long rtt = now - sentAt[slot];
                rttNanos = rttNanos == 0 ? rtt : rttNanos + ((rtt - rttNanos) >> RTT_SHIFT);
                window.answered(age);
                answeredAt = now;
                if (sent - 1 - age > newestAnswered) {
                    newestAnswered = sent - 1 - age;
                    silentSince = age == 0 ? Deadline.NEVER : sentAt[(slot + 1) % REMEMBERED];
                }
                return true;
            }
        }
        return false;
    }

    /** Whether it was answered within the last {@code nanos}. */
    boolean hasAnswered(long nanos, long now) {
        return answeredAt != Deadline.NEVER && now - answeredAt < nanos;
    }

    /** Whether the newest {@code count} requests, those that may still be answered left out, all were. */
    boolean hasAnsweredInARow(int count, long now) {
        return window.answeredInARow(waiting(now)) >= count;
    }

    /** Whether there was an answer since {@code other} has had none. */
    boolean hasAnsweredSinceSilenceOf(MeasuredPath other) {
        return answeredAt != Deadline.NEVER && answeredAt - other.silentSince > 0;
    }

    /** Whether the answer to what it was asked {@code nanos} after {@code other} fell silent may still be under way. */
    boolean mayAnswerSinceSilenceOf(MeasuredPath other, long nanos, long now) {
        return now - other.silentSince < nanos + RTTS / 2 * rttNanos;
    }

    /** Whether nothing was answered for {@code nanos} and two round trips, which is no proof. */
    boolean isDoubtful(long nanos, long now) {
        return silentSince != Deadline.NEVER && now - silentSince >= Math.max(nanos, RTTS / 2 * rttNanos);
    }

    /** Whether nothing was answered for {@code nanos} and four round trips. */
    boolean isSilent(long nanos, long now) {
        return silentSince != Deadline.NEVER && now - silentSince >= Math.max(nanos, RTTS * rttNanos);
    }

    long rttNanos() {
        return rttNanos;
    }

    double loss(long now) {
        return window.loss(waiting(now));
    }

    /** How many requests its loss is known by. */
    int known(long now) {
        return window.known(waiting(now));
    }

    /** The less, the better. */
    double cost(long now) {
        return rttNanos + Math.max(0, loss(now) - CHANCE) * LOSS_NANOS;
    }

    private int waiting(long now) {
        long wait = Math.max(LEAST_WAIT_NANOS, RTTS * rttNanos);
        int waiting = 0;
        while (waiting < Math.min(sent, REMEMBERED) && now - sentAt[(sent - 1 - waiting) % REMEMBERED] < wait) {
            waiting++;
        }
        return waiting;
    }

    long wakeAt() {
        return nextAt;
    }
}

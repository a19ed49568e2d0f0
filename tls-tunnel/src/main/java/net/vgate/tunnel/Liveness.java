package net.vgate.tunnel;

import java.util.concurrent.TimeUnit;
import net.vgate.tunnel.ControlMessage.EchoReply;
import net.vgate.tunnel.ControlMessage.EchoRequest;

/**
 * Whether the peer lives, and how far away it is. Echo requests go out always, since only an answer shows both
 * directions; but while anything else authenticates, lost echoes are congestion and not the peer's end.
 *
 * <p>A peer that is sent packets and is not heard of meanwhile is asked in a hurry, several times in half a second:
 * there is somebody whose packets should take another way. Who was late himself, for want of a processor, does not
 * count what he missed by that.
 *
 * <p>A peer that asks in a hurry does not hear us, though we hear it: then we ask in a hurry as well, until it answers,
 * so that packets take another way if there is one. It lives all the same.
 */
final class Liveness {
    /** The weight of a new sample is one eighth, as in RFC 6298; before so many have come, theirs is the mean. */
    private static final int RTT_SAMPLES = 8;

    /** Replies to older requests say nothing of now. */
    private static final int REMEMBERED = 32;

    /** Who answers at all, answers a packet within this time, if the path is a short one. */
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(150);

    /** So much silence after packets is looked at again as soon as it is long enough for a hurry. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    /** Time between requests in a hurry. */
    private static final long HURRY_NANOS = TimeUnit.MILLISECONDS.toNanos(75);

    /**
     * Until the first answer requests follow one another in twice the time each: the peer passes over what comes before
     * it knows of the association, and without a round trip nobody can be in a hurry.
     */
    private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** In a hurry they are many, for one burst of losses takes several of them. */
    private static final int HURRY_FACTOR = 2;

    private long everyNanos;
    private int lostAfter;
    private boolean roams;

    private long nextAt = Deadline.NEVER;
    private long lastSign;
    private int number;
    private int answered;
    private int unanswered;
    private long rttNanos;
    private int samples;
    private long firstWait = FIRST_NANOS;
    private boolean isHurried;

    /** When a silence that has begun is long enough for a hurry. */
    private long quietAt = Deadline.NEVER;

    private long askedAt = Deadline.NEVER;
    private long answeredAt;

    /** Whether the peer seems not to hear us. */
    private boolean isUnheard;

    private final LossWindow window = new LossWindow();

    /** Whether we were late since the peer was last heard of, and that was taken for a reason. */
    private boolean isExcused;

    Liveness(TunnelRules rules) {
        adopt(rules);
    }

    void adopt(TunnelRules rules) {
        everyNanos = rules.livenessEvery().toNanos();
        lostAfter = rules.livenessLost();
        roams = rules.roams();
    }

    /** Another association is in use: ask on it at once. */
    void begin(long now) {
        nextAt = now;
        lastSign = now;
        isHurried = false;
        quietAt = Deadline.NEVER;
        isUnheard = false;
        askedAt = Deadline.NEVER;
        answeredAt = now;
        firstWait = FIRST_NANOS;
        unanswered = 0;
        answered = number;
        window.reset();
    }

    /** Packets take another way, of which no more is known than how long an answer takes. */
    void moved(long rtt, long now) {
        begin(now);
        rttNanos = rtt;
        samples = rtt == 0 ? 0 : 1;
    }

    void end() {
        nextAt = Deadline.NEVER;
        quietAt = Deadline.NEVER;
        rttNanos = 0;
        samples = 0;
    }

    boolean isDue(long now) {
        return Deadline.isDue(nextAt, now);
    }

    /** Packets went to the peer since the last call, which is some time ago. */
    void sent(long now) {
        // How long an answer takes is not known before the first has come.
        if (rttNanos != 0 && now - lastSign >= PAUSE_NANOS) {
            quietAt = lastSign + Math.max(QUIET_NANOS, 2 * rttNanos);
        }
    }

    /** Time has passed. */
    void tick(long now) {
        if (Deadline.isDue(quietAt, now)) {
            quietAt = Deadline.NEVER;
            hurry(now);
        }
    }

    /** The peer asks. Oftener than it would by and by it does so only when it hears nothing. */
    void asked(long now) {
        boolean isInHurry = askedAt != Deadline.NEVER && now - askedAt < everyNanos / 2;
        askedAt = now;
        if (isInHurry && rttNanos != 0 && now - answeredAt >= Math.max(QUIET_NANOS, 2 * rttNanos)) {
            isUnheard = true;
            hurry(now);
        }
    }

    private void hurry(long now) {
        if (!isHurried && nextAt != Deadline.NEVER) {
            isHurried = true;
            unanswered = 0;
            answered = number;
            nextAt = now;
        }
    }

    /** To be asked when due, before the next request: whether the last one has no answer. Counts it. */
    boolean missed(long now) {
        if (now - nextAt >= HURRY_NANOS && !isExcused) {
            // The answer may have waited for as long as we did; but not every time.
            isExcused = true;
            return false;
        }
        if (answered == number) {
            return false;
        }
        unanswered++;
        return true;
    }

    boolean isLost(long now) {
        int after = isHurried ? HURRY_FACTOR * lostAfter : lostAfter;
        // One that has moved is heard of at its new address when it asks by itself, and not before.
        long least = isHurried && roams ? everyNanos + 2 * QUIET_NANOS : 0;
        return unanswered >= after && now - lastSign >= Math.max(least, after * interval());
    }

    private long interval() {
        long hurry = Math.max(HURRY_NANOS, rttNanos + rttNanos / 2);
        return isHurried ? Math.min(hurry, everyNanos) : everyNanos;
    }

    EchoRequest request(long now) {
        nextAt = now + (rttNanos == 0 ? Math.min(firstWait, everyNanos) : interval());
        firstWait = Math.min(2 * firstWait, everyNanos);
        window.sent();
        return new EchoRequest(++number, now);
    }

    void answer(EchoReply reply, long now) {
        int age = number - reply.number();
        long rtt = now - reply.stamp();
        if (age < 0 || age >= REMEMBERED || rtt < 0 || rtt > (age + 1) * everyNanos) {
            return;
        }
        if (reply.number() - answered > 0) {
            answered = reply.number();
        }
        unanswered = 0;
        answeredAt = now;
        isUnheard = false;
        window.answered(age);
        // The first answers of a process that has just started are slow, and say little of the path.
        samples = Math.min(samples + 1, RTT_SAMPLES);
        rttNanos += (rtt - rttNanos) / samples;
        sign(now);
    }

    /** Something authenticated at {@code at} on an association with the process that we have to do with. */
    void sign(long at) {
        isExcused = false;
        if (at - lastSign > 0) {
            lastSign = at;
            quietAt = Deadline.NEVER;
        }
        isHurried = isHurried && isUnheard;
    }

    /** How many requests in a row have no answer, as of the last one that was due. */
    int unanswered() {
        return unanswered;
    }

    long rttNanos() {
        return rttNanos;
    }

    /** Share of the requests without answer, as {@link PathStatus} has it. */
    double loss() {
        return window.loss(1 + (int) Math.min(REMEMBERED, rttNanos / interval()));
    }

    long wakeAt() {
        return Deadline.earlier(nextAt, quietAt);
    }
}

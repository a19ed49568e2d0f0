package net.vgate.tunnel;

import net.vgate.tunnel.ControlMessage.EchoReply;
import net.vgate.tunnel.ControlMessage.EchoRequest;

/**
 * Whether the peer lives, and how far away it is. Echo requests go out always, since only an answer shows both
 * directions; but while anything else authenticates, lost echoes are congestion and not the peer's end.
 */
final class Liveness {
    /** The weight of a new sample is one eighth, as in RFC 6298. */
    private static final int RTT_SHIFT = 3;

    /** Replies to older requests say nothing of now. */
    private static final int REMEMBERED = 16;

    private long everyNanos;
    private int lostAfter;

    private long nextAt = Deadline.NEVER;
    private long lastSign;
    private int number;
    private int answered;
    private int unanswered;
    private long rttNanos;

    Liveness(TunnelRules rules) {
        adopt(rules);
    }

    void adopt(TunnelRules rules) {
        everyNanos = rules.livenessEvery().toNanos();
        lostAfter = rules.livenessLost();
    }

    /** Another association is in use: ask on it at once. */
    void begin(long now) {
        nextAt = now;
        lastSign = now;
        unanswered = 0;
        answered = number;
    }

    void end() {
        nextAt = Deadline.NEVER;
        rttNanos = 0;
    }

    boolean isDue(long now) {
        return Deadline.isDue(nextAt, now);
    }

    /** To be asked when due, before the next request: whether the last one has no answer. Counts it. */
    boolean missed() {
        if (answered == number) {
            return false;
        }
        unanswered++;
        return true;
    }

    boolean isLost(long now) {
        return unanswered >= lostAfter && now - lastSign >= lostAfter * everyNanos;
    }

    EchoRequest request(long now) {
        nextAt = now + everyNanos;
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
        rttNanos = rttNanos == 0 ? rtt : rttNanos + ((rtt - rttNanos) >> RTT_SHIFT);
        sign(now);
    }

    /** Something authenticated on an association with the process that we have to do with. */
    void sign(long now) {
        lastSign = now;
    }

    long rttNanos() {
        return rttNanos;
    }

    long wakeAt() {
        return nextAt;
    }
}

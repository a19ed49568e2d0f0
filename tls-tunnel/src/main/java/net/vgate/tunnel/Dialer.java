package net.vgate.tunnel;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import net.vgate.tunnel.TunnelAction.StartHandshake;

/** The handshakes that we start: one at a time, the next after a backoff. */
final class Dialer {
    private static final long FIRST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Short, since a handshake that gives up has waited long: a peer that listens again is found within 2 s. */
    private static final long AWAY_CAP_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

    /** Whoever is there and refuses, or is refused by us, will not soon change. */
    private static final long REFUSED_CAP_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** A handshake that fails sooner than this has not failed for want of an answer. */
    private static final long REFUSED_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A tunnel that was up for less has come to nothing: two ends that disagree must not try as fast as they can. */
    private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** There is a good association meanwhile. */
    private static final long REKEY_CAP_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Longer than any handshake is allowed to take: its outcome got lost. */
    private static final long OVERDUE_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final TunnelCounters counters;
    private final Outbox out;
    private final Backoff awayBackoff;
    private final Backoff refusedBackoff;
    private final Backoff rekeyBackoff;

    private int attempt;
    private boolean underWay;
    private boolean refused;
    private long begunAt;
    private long upAt;
    private long nextAt = Deadline.NEVER;

    Dialer(TunnelCounters counters, Outbox out, RandomGenerator random) {
        this.counters = counters;
        this.out = out;
        this.awayBackoff = new Backoff(random, FIRST_WAIT_NANOS, AWAY_CAP_NANOS);
        this.refusedBackoff = new Backoff(random, FIRST_WAIT_NANOS, REFUSED_CAP_NANOS);
        this.rekeyBackoff = new Backoff(random, FIRST_WAIT_NANOS, REKEY_CAP_NANOS);
    }

    /** Whether a handshake goes on, or is to be started. */
    boolean isActive() {
        return underWay || nextAt != Deadline.NEVER;
    }

    /** Whether a handshake goes on. */
    boolean isUnderWay() {
        return underWay;
    }

    boolean isUnderWay(int number) {
        return underWay && number == attempt;
    }

    boolean isDue(long now) {
        return !underWay && Deadline.isDue(nextAt, now);
    }

    boolean isOverdue(long now) {
        return underWay && Deadline.isDue(begunAt + OVERDUE_NANOS, now);
    }

    /** Begins the next attempt. */
    void begin(long now) {
        underWay = true;
        begunAt = now;
        nextAt = Deadline.NEVER;
        attempt++;
        counters.add(TunnelCounter.HANDSHAKES_STARTED);
        out.add(new StartHandshake(attempt));
    }

    /** The attempt has led to an association; whether that can be used is to be seen. */
    void end() {
        underWay = false;
        refused = true;
    }

    /** The attempt has failed. */
    void fail(String reason, long now) {
        counters.add(TunnelCounter.HANDSHAKES_FAILED);
        out.report(TunnelEvent.HANDSHAKE_FAILED, reason);
        underWay = false;
        refused = now - begunAt < REFUSED_WITHIN_NANOS;
        if (!refused) {
            refusedBackoff.reset();
        }
    }

    void startAt(long at) {
        nextAt = at;
    }

    void startAfterContactBackoff(long now) {
        nextAt = now + (refused ? refusedBackoff : awayBackoff).next();
    }

    void startAfterRekeyBackoff(long now) {
        nextAt = now + rekeyBackoff.next();
    }

    /** A new association is in use: nothing more to start. */
    void succeed() {
        nextAt = Deadline.NEVER;
        refused = false;
        rekeyBackoff.reset();
    }

    /** The tunnel carries packets. */
    void up(long now) {
        upAt = now;
    }

    /** The tunnel carries packets no more; after a good while, the waits begin short again. */
    void down(long now) {
        if (now - upAt >= STABLE_NANOS) {
            awayBackoff.reset();
            refusedBackoff.reset();
        }
    }

    void cancel() {
        nextAt = Deadline.NEVER;
    }

    long wakeAt() {
        return underWay ? begunAt + OVERDUE_NANOS : nextAt;
    }
}

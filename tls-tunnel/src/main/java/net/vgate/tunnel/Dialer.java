package net.vgate.tunnel;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** The handshakes that we start: one at a time, the next after a backoff. */
final class Dialer {
    private static final long FIRST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** With a handshake's own resends, a peer that listens again is found within 2 s. */
    private static final long CONTACT_CAP_NANOS = TimeUnit.MILLISECONDS.toNanos(750);

    /** There is a good association meanwhile. */
    private static final long REKEY_CAP_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Longer than any handshake is allowed to take: its outcome got lost. */
    private static final long OVERDUE_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final Backoff contactBackoff;
    private final Backoff rekeyBackoff;

    private int attempt;
    private boolean underWay;
    private long overdueAt;
    private long nextAt = Deadline.NEVER;

    Dialer(RandomGenerator random) {
        this.contactBackoff = new Backoff(random, FIRST_WAIT_NANOS, CONTACT_CAP_NANOS);
        this.rekeyBackoff = new Backoff(random, FIRST_WAIT_NANOS, REKEY_CAP_NANOS);
    }

    /** Whether a handshake goes on, or is to be started. */
    boolean isActive() {
        return underWay || nextAt != Deadline.NEVER;
    }

    boolean isUnderWay(int number) {
        return underWay && number == attempt;
    }

    boolean isDue(long now) {
        return !underWay && Deadline.isDue(nextAt, now);
    }

    boolean isOverdue(long now) {
        return underWay && Deadline.isDue(overdueAt, now);
    }

    /** Begins the next attempt and returns its number. */
    int begin(long now) {
        underWay = true;
        overdueAt = now + OVERDUE_NANOS;
        nextAt = Deadline.NEVER;
        return ++attempt;
    }

    /** The attempt has come to its end, and no other is planned. */
    void end() {
        underWay = false;
    }

    void startAt(long at) {
        nextAt = at;
    }

    void startAfterContactBackoff(long now) {
        nextAt = now + contactBackoff.next();
    }

    void startAfterRekeyBackoff(long now) {
        nextAt = now + rekeyBackoff.next();
    }

    /** A new association is in use: nothing more to start, and next time the waits begin short again. */
    void succeed() {
        nextAt = Deadline.NEVER;
        contactBackoff.reset();
        rekeyBackoff.reset();
    }

    void cancel() {
        nextAt = Deadline.NEVER;
    }

    long wakeAt() {
        return underWay ? overdueAt : nextAt;
    }
}

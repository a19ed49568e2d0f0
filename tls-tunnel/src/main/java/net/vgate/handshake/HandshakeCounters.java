package net.vgate.handshake;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import net.vgate.record.Role;

/** What became of handshakes since the start. Any thread. */
public final class HandshakeCounters {
    private final Map<Role, PerRole> roles = new EnumMap<>(Role.class);
    private final LongAdder challenged = new LongAdder();
    private final LongAdder taken = new LongAdder();
    private final LongAdder refusedRecords = new LongAdder();

    private static final class PerRole {
        private final LongAdder started = new LongAdder();
        private final LongAdder established = new LongAdder();
        private final Map<FailureReason, LongAdder> failed = new EnumMap<>(FailureReason.class);

        PerRole() {
            for (FailureReason reason : FailureReason.values()) {
                failed.put(reason, new LongAdder());
            }
        }

        LongAdder failed(FailureReason reason) {
            return Objects.requireNonNull(failed.get(reason));
        }
    }

    HandshakeCounters() {
        for (Role role : Role.values()) {
            roles.put(role, new PerRole());
        }
    }

    private PerRole of(Role role) {
        return Objects.requireNonNull(roles.get(role));
    }

    void countStarted(Role role) {
        of(role).started.increment();
    }

    void countEstablished(Role role) {
        of(role).established.increment();
    }

    void countFailed(Role role, FailureReason reason) {
        of(role).failed(reason).increment();
    }

    void countChallenged() {
        challenged.increment();
    }

    void countTaken() {
        taken.increment();
    }

    void countRefusedRecords(long count) {
        refusedRecords.add(count);
    }

    /** Handshakes that took a place in the pool. */
    public long started(Role role) {
        return of(role).started.sum();
    }

    /** Handshakes that led to an association. */
    public long established(Role role) {
        return of(role).established.sum();
    }

    /** Handshakes that came to nothing. */
    public long failed(Role role, FailureReason reason) {
        return of(role).failed(reason).sum();
    }

    /** ClientHellos that were answered with a cookie. */
    public long challenged() {
        return challenged.sum();
    }

    /** Datagrams that began a handshake or were of use to one, under way or just done. */
    public long taken() {
        return taken.sum();
    }

    /** Records and fragments that the filter kept from handshakes under way. */
    public long refusedRecords() {
        return refusedRecords.sum();
    }
}

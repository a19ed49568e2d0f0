package net.vgate.control;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.vgate.observe.Event;
import net.vgate.observe.EventLog;

/**
 * Tells of certificates that are about to expire, once at each threshold.
 *
 * <p><b>Threading.</b> One thread.
 */
final class CertificateWatch {
    /** How much time is left when a word is said: enough to plan for, then to hurry, then it is too late. */
    private static final List<Duration> THRESHOLDS = List.of(
            Duration.ofDays(30),
            Duration.ofDays(14),
            Duration.ofDays(7),
            Duration.ofDays(3),
            Duration.ofDays(1),
            Duration.ZERO);

    private final EventLog log;
    private final Map<String, Told> told = new HashMap<>();

    private record Told(Instant expires, Duration threshold) {}

    CertificateWatch(EventLog log) {
        this.log = log;
    }

    /**
     * Looks at a certificate.
     *
     * @param whose who proves to be somebody by it
     */
    void look(String whose, Instant expires, Instant now) {
        Duration left = Duration.between(now, expires);
        Optional<Duration> passed = THRESHOLDS.stream()
                .filter(threshold -> left.compareTo(threshold) <= 0)
                .min(Duration::compareTo);
        if (passed.isEmpty()) {
            return;
        }
        Told before = told.get(whose);
        if (before == null || !before.expires().equals(expires) || passed.get().compareTo(before.threshold()) < 0) {
            told.put(whose, new Told(expires, passed.get()));
            log.report(new Event.CertificateExpiring(whose, expires));
        }
    }
}

package net.vgate.control;

import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import net.vgate.handshake.Credentials;
import net.vgate.handshake.Handshakes;
import net.vgate.observe.Event;
import net.vgate.observe.EventLog;

/**
 * What is looked after now and then: log lines that were left out and not followed by another, and certificates that
 * are about to expire, and revocation lists that are overdue.
 *
 * <p><b>Threading.</b> The conductor's thread only.
 */
public final class Housekeeping {
    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final EventLog log;
    private final CertificateWatch watch;
    private final Supplier<Map<String, Instant>> certificates;
    private final Supplier<Map<String, Instant>> revocationLists;
    private final Map<String, Instant> toldOverdue = new HashMap<>();
    private final InstantSource clock;
    private long dueNanos;
    private boolean isDue = true;

    /**
     * @param certificates that are in use, ours and the peers': who proves to be somebody by it, and when it expires
     * @param revocationLists by the authority's name, when the next one is due
     */
    Housekeeping(
            EventLog log,
            Supplier<Map<String, Instant>> certificates,
            Supplier<Map<String, Instant>> revocationLists,
            InstantSource clock) {
        this.log = log;
        this.watch = new CertificateWatch(log);
        this.certificates = certificates;
        this.revocationLists = revocationLists;
        this.clock = clock;
    }

    /** Of a gateway. */
    public static Housekeeping of(EventLog log, Handshakes handshakes, TunnelSet tunnels, InstantSource clock) {
        return new Housekeeping(
                log,
                () -> {
                    Map<String, Instant> inUse = new LinkedHashMap<>();
                    Credentials own = handshakes.policy().credentials();
                    inUse.put(own.identity().uri(), own.expires());
                    tunnels.peerCertificates().forEach((peer, expires) -> inUse.put(peer.uri(), expires));
                    return inUse;
                },
                () -> handshakes.policy().credentials().revoked().nextUpdates(),
                clock);
    }

    /** What is due at {@code nowNanos}; the first call is due. */
    void tick(long nowNanos) {
        if (!isDue && nowNanos - dueNanos < 0) {
            return;
        }
        isDue = false;
        dueNanos = nowNanos + EVERY_NANOS;
        log.reportSuppressed();
        Instant now = clock.instant();
        certificates.get().forEach((whose, expires) -> watch.look(whose, expires, now));
        revocationLists.get().forEach((authority, due) -> tellIfOverdue(authority, due, now));
    }

    private void tellIfOverdue(String authority, Instant due, Instant now) {
        if (due.isBefore(now) && !due.equals(toldOverdue.put(authority, due))) {
            log.report(new Event.RevocationListOverdue(authority, due));
        }
    }
}

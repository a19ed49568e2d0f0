package net.vgate.tunnel;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import net.vgate.tunnel.ControlMessage.RekeyReason;
import net.vgate.tunnel.ControlMessage.RekeyRequest;
import net.vgate.tunnel.TunnelAction.SendControl;
import org.jspecify.annotations.Nullable;

/**
 * Whether the association in use is to be replaced. Its DTLS client does so a little before the limit of age, its
 * server asks for it a little after, each by a random part, so that the tunnels of a gateway do not rekey all at once.
 */
final class Rekeying {
    private static final double SPREAD = 0.1;

    /** A peer may ask for rekeys as often as this. */
    private static final long SPACING_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * How long it may take in any case: low limits and high rates pass a limit twice before a handshake can be done,
     * and that is no reason to give up a tunnel.
     */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final RandomGenerator random;
    private double ageFactor = 1;
    private @Nullable RekeyReason wanted;
    private long wantedAt;
    private @Nullable Retransmission request;

    Rekeying(RandomGenerator random) {
        this.random = random;
    }

    /** Another association is in use: all that was wanted is fulfilled. */
    void begin(AssociationState inUse) {
        double spread = SPREAD * random.nextDouble();
        ageFactor = inUse.client ? 1 - spread : 1 + spread;
        end();
    }

    void end() {
        wanted = null;
        request = null;
    }

    boolean isWanted() {
        return wanted != null;
    }

    /** Whether it is wanted for so long that it will hardly come about. */
    boolean isOverdue(long now) {
        return wanted != null && now - wantedAt >= PATIENCE_NANOS;
    }

    /** Why, in a word for the log. */
    RekeyReason reason() {
        return wanted == null ? RekeyReason.UNSPECIFIED : wanted;
    }

    /** Notes that the association is to be replaced; the server's request for it is due at once. */
    void want(RekeyReason reason, AssociationState inUse, long now) {
        if (wanted == null) {
            wanted = reason;
            wantedAt = now;
            request = inUse.client ? null : new Retransmission(new RekeyRequest(inUse.generation, reason), now);
        }
    }

    /** Asks the client for it, when that is due. */
    void ask(AssociationState inUse, Outbox out, long now) {
        if (request != null && Deadline.isDue(request.at(), now)) {
            out.add(new SendControl(inUse.id, request.next(now)));
        }
    }

    /** Whether the peer may ask for it now. */
    static boolean mayBeAsked(AssociationState inUse, long now) {
        return now - inUse.bornNanos >= SPACING_NANOS;
    }

    /** The limit that the association has passed {@code times} times over, or null. */
    @Nullable
    RekeyReason passed(AssociationState inUse, RekeyLimits limits, int times, long now) {
        Usage usage = inUse.usage;
        if (now - ageLimitAt(inUse, limits, times) >= 0) {
            return RekeyReason.AGE;
        }
        if (usage.records() / times >= limits.records()) {
            return RekeyReason.RECORDS;
        }
        if (usage.bytes() / times >= limits.bytes()) {
            return RekeyReason.BYTES;
        }
        return usage.failedOpenings() / times >= limits.failedOpenings() ? RekeyReason.FAILED_OPENINGS : null;
    }

    long wakeAt(AssociationState inUse, RekeyLimits limits) {
        if (request != null) {
            return request.at();
        }
        if (wanted == null) {
            return ageLimitAt(inUse, limits, 1);
        }
        long hard = ageLimitAt(inUse, limits, RekeyLimits.HARD);
        return Math.max(hard - wantedAt, PATIENCE_NANOS) + wantedAt;
    }

    long ageLimitAt(AssociationState inUse, RekeyLimits limits, int times) {
        return inUse.bornNanos + (long) (limits.age().toNanos() * ageFactor * times);
    }
}

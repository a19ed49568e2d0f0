package net.vgate.tunnel;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import net.vgate.record.PeerIdentity;
import net.vgate.tunnel.ControlMessage.RelayAnswer;
import net.vgate.tunnel.ControlMessage.RelayRequest;

/**
 * Asks the peer, a relay, for ways to other gateways, and keeps them: each request is repeated until it is answered,
 * and then now and again, so that neither end needs to be told that the other has forgotten.
 */
final class WayRequests {
    static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** A way that was not heard of for so long is none: three requests without an answer. */
    static final long LAPSE_NANOS = 3 * REFRESH_NANOS + TimeUnit.SECONDS.toNanos(1);

    private final Map<PeerIdentity, Asked> wanted = new LinkedHashMap<>();

    /** They stay, so that a late answer to one is none to another. */
    private final Map<PeerIdentity, Integer> numbers = new HashMap<>();

    private final Map<PeerIdentity, RelayAnswer> answers = new LinkedHashMap<>();
    private boolean isOpen;
    private long peerIncarnation;
    private boolean hasChanged;

    private static final class Asked {
        private final RelayRequest request;
        private long nextAt;
        private long interval = Retransmission.FIRST_NANOS;
        private long lapsesAt = Deadline.NEVER;

        Asked(RelayRequest request, long now) {
            this.request = request;
            this.nextAt = now;
        }
    }

    /** Ways to these gateways are wanted, and to no others. */
    void adopt(Collection<PeerIdentity> far, long now) {
        wanted.keySet().retainAll(far);
        hasChanged |= answers.keySet().retainAll(far);
        for (PeerIdentity one : far) {
            int number = numbers.computeIfAbsent(one, none -> numbers.size() + 1);
            wanted.computeIfAbsent(one, none -> new Asked(new RelayRequest(number, one), now));
        }
    }

    /**
     * Another association is in use.
     *
     * @param offered whether both ends have offered {@link Capability#RELAY} on it
     */
    void begin(boolean offered, long incarnation, long now) {
        if (!offered || incarnation != peerIncarnation) {
            forget();
        }
        isOpen = offered;
        peerIncarnation = incarnation;
        wanted.values().forEach(asked -> {
            asked.nextAt = now;
            asked.interval = Retransmission.FIRST_NANOS;
        });
    }

    /** No association is in use. */
    void end() {
        isOpen = false;
        forget();
    }

    private void forget() {
        hasChanged |= !answers.isEmpty();
        answers.clear();
    }

    /** What is to be sent at {@code now}. */
    List<RelayRequest> due(long now) {
        List<RelayRequest> due = new ArrayList<>();
        if (!isOpen) {
            return due;
        }
        for (Asked asked : wanted.values()) {
            if (Deadline.isDue(asked.lapsesAt, now)) {
                asked.lapsesAt = Deadline.NEVER;
                hasChanged |= answers.remove(asked.request.far()) != null;
            }
            if (Deadline.isDue(asked.nextAt, now)) {
                due.add(asked.request);
                asked.nextAt = now + asked.interval;
                asked.interval = Math.min(2 * asked.interval, Retransmission.CAP_NANOS);
            }
        }
        return due;
    }

    long wakeAt() {
        long at = Deadline.NEVER;
        if (isOpen) {
            for (Asked asked : wanted.values()) {
                at = Deadline.earlier(at, Deadline.earlier(asked.nextAt, asked.lapsesAt));
            }
        }
        return at;
    }

    /** Returns whether the answer was to be expected. */
    boolean received(RelayAnswer answer, long now) {
        Asked asked = wanted.values().stream()
                .filter(one -> one.request.number() == answer.number())
                .findFirst()
                .orElse(null);
        if (!isOpen || asked == null) {
            return false;
        }
        asked.interval = Retransmission.FIRST_NANOS;
        asked.nextAt = now + REFRESH_NANOS;
        asked.lapsesAt = now + LAPSE_NANOS;
        hasChanged |= !answer.equals(answers.put(asked.request.far(), answer));
        return true;
    }

    /** What the relay has said last of each way; nothing of those that it has not answered, or no more. */
    Map<PeerIdentity, RelayAnswer> answers() {
        return Map.copyOf(answers);
    }

    /** Whether {@link #answers} has changed since this was asked last. */
    boolean takeChanged() {
        boolean taken = hasChanged;
        hasChanged = false;
        return taken;
    }
}

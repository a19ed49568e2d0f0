package net.vgate.tunnel;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import net.vgate.tunnel.ControlMessage.PathProbe;
import org.jspecify.annotations.Nullable;

/**
 * How large a packet the path carries: datagram packetization layer path MTU discovery (RFC 8899) by probes that the
 * peer acknowledges. What routers say of it is not listened to, so nobody on the path can make it small.
 *
 * <p>A round sends probes of several sizes at once, and among them one of the least size and one of the size in use. A
 * size counts as too large only when it was tried {@value #TRIES} times, and the least one was answered meanwhile: a
 * path that carries nothing, or loses a lot, is not taken for a narrow one.
 *
 * <p>The size in use is confirmed every second while there is traffic, twice a minute without. RFC 8899 section 5.1.1
 * has 15 s for a probe's time-out and 600 s for the search of a wider path; here the round-trip time is known, and a
 * flow that a path swallows should not wait for minutes.
 */
final class PathMtu {
    /** Sizes are multiples of this one above the least. */
    private static final int STEP = 4;

    private static final int TRIES = 3;

    /** How many sizes a round of the search tries. */
    private static final int SIZES = 4;

    private static final int NEAR = 48;

    private static final int RTTS = 4;
    private static final long LEAST_TIMEOUT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long UNKNOWN_RTT_TIMEOUT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long CONFIRM_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long IDLE_CONFIRM_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long WIDEN_NANOS = TimeUnit.SECONDS.toNanos(60);

    /**
     * What may go over an idle path besides the tunnel's own messages: less than one packet that might be too large.
     */
    private static final long IDLE_BYTES = 500;

    private PathMtuBounds bounds;
    private int bytes;

    /** The smallest size that did not pass. */
    private int tooLarge;

    /** Whether the peer takes probes. */
    private boolean isActive;

    private boolean isSearching;
    private @Nullable Round round;
    private int lastNumber;
    private long nextAt = Deadline.NEVER;
    private long widenAt = Deadline.NEVER;
    private long roundAt;

    /** Bytes for others since the last round began. */
    private long data;

    private long lastTotal;
    private long lastOwn;

    PathMtu(PathMtuBounds bounds) {
        this.bounds = bounds;
        this.bytes = bounds.most();
        this.tooLarge = bounds.most() + STEP;
    }

    void adopt(PathMtuBounds next, long now) {
        if (!next.equals(bounds)) {
            bounds = next;
            if (isActive) {
                restart(now);
            } else {
                bytes = next.most();
                tooLarge = next.most() + STEP;
            }
        }
    }

    /** The largest size that is known to pass, or taken to. */
    int bytes() {
        return bytes;
    }

    /** Whether the size is one that will stay, as far as is known. */
    boolean isSettled() {
        return !isSearching;
    }

    /** Whether the size is not much less than the path carries: worth to be told to senders, who remember it. */
    boolean isNarrowedDown() {
        return !isSearching || tooLarge - bytes <= NEAR;
    }

    /** The peer takes probes from now on: what is known of the path is confirmed at once. */
    void begin(long now) {
        round = null;
        lastTotal = 0;
        isActive = true;
        nextAt = bounds.isOpen() ? now : Deadline.NEVER;
        widenAt = now + WIDEN_NANOS;
    }

    /** The path is gone, or the peer takes no probes on it. */
    void end() {
        round = null;
        isActive = false;
        isSearching = false;
        nextAt = Deadline.NEVER;
    }

    /** The path is another one: nothing is known of it. */
    void restart(long now) {
        tooLarge = bounds.most() + STEP;
        bytes = bounds.most();
        isSearching = false;
        begin(now);
    }

    /**
     * How many bytes have gone over the path.
     *
     * @param total of one direction
     * @param own at least as many of them as were not for anybody but the two gateways
     */
    void used(long total, long own) {
        data = Math.max(0, data + total - lastTotal - (own - lastOwn));
        lastTotal = total;
        lastOwn = own;
        if (round == null && data > IDLE_BYTES && nextAt != Deadline.NEVER) {
            nextAt = Deadline.earlier(nextAt, roundAt + CONFIRM_NANOS);
        }
    }

    /** The probes that are due at {@code now}. */
    List<PathProbe> due(long rttNanos, long now) {
        Round current = round;
        if (current != null && Deadline.isDue(current.timeoutAt, now)) {
            if (current.tries < TRIES) {
                return current.send(rttNanos, now);
            }
            conclude(current, now);
        }
        if (round == null && Deadline.isDue(nextAt, now)) {
            round = nextRound(now);
            return round.send(rttNanos, now);
        }
        return List.of();
    }

    /** The peer has got a probe. */
    void answered(int number, long now) {
        Round current = round;
        if (current == null || !current.answer(number)) {
            return;
        }
        bytes = Math.max(bytes, current.largestAnswered());
        if (current.isDone()) {
            conclude(current, now);
        }
    }

    long wakeAt() {
        return round == null ? nextAt : round.timeoutAt;
    }

    private Round nextRound(long now) {
        roundAt = now;
        data = 0;
        TreeSet<Integer> sizes = new TreeSet<>(List.of(bounds.least(), bytes));
        if (!isSearching && bytes < bounds.most() && Deadline.isDue(widenAt, now)) {
            widenAt = now + WIDEN_NANOS;
            tooLarge = bounds.most() + STEP;
            sizes.add(bounds.most());
            sizes.add(Math.min(bytes + STEP, bounds.most()));
        } else if (isSearching) {
            addBetween(sizes);
        }
        Round next = new Round(lastNumber + 1, List.copyOf(sizes), bytes);
        lastNumber += sizes.size();
        return next;
    }

    /** Sizes between the one in use and what is too large, in even distances. */
    private void addBetween(Set<Integer> sizes) {
        for (int i = 1; i <= SIZES; i++) {
            int size = bytes + i * (tooLarge - bytes) / (SIZES + 1);
            int aligned = bounds.least() + (size - bounds.least()) / STEP * STEP;
            if (aligned > bytes && aligned <= bounds.most()) {
                sizes.add(aligned);
            }
        }
    }

    private void conclude(Round done, long now) {
        round = null;
        if (!done.isAnswered()) {
            nextAt = now + CONFIRM_NANOS;
            return;
        }
        bytes = done.largestAnswered();
        tooLarge = bytes == bounds.most() ? bytes + STEP : Math.min(tooLarge, done.smallestLost());
        isSearching = tooLarge - bytes > STEP && (isSearching || bytes != done.inUse);
        nextAt = isSearching ? now : now + IDLE_CONFIRM_NANOS;
    }

    /** Probes of several sizes, sent at once and again until they are answered or were tried often enough. */
    private static final class Round {
        private final int firstNumber;
        private final List<Integer> sizes;

        /** The size that was in use when the round began. */
        private final int inUse;

        private int answered;
        private int tries;
        private long timeoutAt;

        /** @param sizes from the least on */
        Round(int firstNumber, List<Integer> sizes, int inUse) {
            this.firstNumber = firstNumber;
            this.sizes = sizes;
            this.inUse = inUse;
        }

        /** Those that are larger than all that were answered. */
        List<PathProbe> send(long rttNanos, long now) {
            tries++;
            timeoutAt =
                    now + (rttNanos == 0 ? UNKNOWN_RTT_TIMEOUT_NANOS : Math.max(LEAST_TIMEOUT_NANOS, RTTS * rttNanos));
            List<PathProbe> probes = new ArrayList<>();
            for (int i = answered; i < sizes.size(); i++) {
                probes.add(new PathProbe(firstNumber + i, sizes.get(i)));
            }
            return probes;
        }

        /** Whether the number is one of this round, and says something new. */
        boolean answer(int number) {
            int index = number - firstNumber;
            if (index < answered || index >= sizes.size()) {
                return false;
            }
            // What carries a packet carries a smaller one.
            answered = index + 1;
            return true;
        }

        boolean isAnswered() {
            return answered > 0;
        }

        boolean isDone() {
            return answered == sizes.size();
        }

        int largestAnswered() {
            return sizes.get(answered - 1);
        }

        int smallestLost() {
            return isDone() ? Integer.MAX_VALUE : sizes.get(answered);
        }
    }
}

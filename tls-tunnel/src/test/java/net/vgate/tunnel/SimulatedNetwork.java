package net.vgate.tunnel;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import net.vgate.record.PeerIdentity;
import net.vgate.tunnel.SimulatedGateway.Pair;
import org.jspecify.annotations.Nullable;

/**
 * Two sites and what is between them: loss, duplicates, delay and thereby reordering, all by a seed. Handshakes are
 * events that take a few round trips, with resends, and fail as a whole or at the client only.
 */
final class SimulatedNetwork {
    static final PeerIdentity EAST = new PeerIdentity("east", "east-1");
    static final PeerIdentity WEST = new PeerIdentity("west", "west-1");
    static final Duration LIVENESS = Duration.ofMillis(500);
    static final int LOST_AFTER = 3;
    static final Duration DRAIN = Duration.ofSeconds(5);

    private static final long MILLI = 1_000_000;
    private static final long[] RESENDS = {0, 400 * MILLI, 1_200 * MILLI};
    private static final long GIVE_UP = 2_500 * MILLI;

    final SplittableRandom random;
    final SimulatedClock clock = new SimulatedClock(TimeUnit.DAYS.toNanos(300));
    final Transcript transcript = new Transcript(clock);

    double loss;
    double duplicates;
    long minDelayNanos = 5 * MILLI;
    long maxDelayNanos = 5 * MILLI;
    long dataEveryNanos = 2 * MILLI;
    long failedOpenings;

    /** Largest packet that passes. */
    int pathMtu = 1_500;

    boolean eastCalls = true;
    boolean westCalls = true;
    boolean handshakesFail;
    boolean roams = true;
    boolean onlyEastSends;

    /** Whether the gateways know each other's second address as well; there, loss and delay are others. */
    boolean twoPaths;

    /** The second path is nothing but a refuge. */
    boolean onlyRefuges;

    double secondLoss;
    long secondDelayNanos = 20 * MILLI;
    long westCapabilities = Capability.ALL;
    RekeyLimits limits = new RekeyLimits(Duration.ofHours(1), Long.MAX_VALUE / 4, Long.MAX_VALUE / 4, 1_000);

    /**
     * Somebody on the way who copies what west sends to east, makes the copies come first and from here, and passes on
     * to west what is sent here; null when there is nobody.
     */
    @Nullable
    InetSocketAddress relay;

    /** Data that came to the relay. */
    int relayed;

    SimulatedGateway east;
    SimulatedGateway west;

    private long nextId = 1;

    SimulatedNetwork(long seed) {
        random = new SplittableRandom(seed);
        east = process(EAST);
        west = process(WEST);
    }

    /** Processes by the settings as they are now; not started. */
    SimulatedNetwork renew() {
        east = process(EAST);
        west = process(WEST);
        return this;
    }

    void startBoth() {
        renew();
        east.start();
        west.start();
    }

    void restartEast() {
        east.kill();
        east = process(EAST);
        east.start();
    }

    void restartWest() {
        west.kill();
        west = process(WEST);
        west.start();
    }

    void run(Duration time) {
        clock.run(time.toNanos());
    }

    void runMillis(long millis) {
        clock.run(millis * MILLI);
    }

    void after(Duration time, Runnable event) {
        clock.after(time.toNanos(), event);
    }

    private SimulatedGateway process(PeerIdentity own) {
        return new SimulatedGateway(own.site(), rules(own), this);
    }

    /** The rules of a new process. */
    TunnelRules rules(PeerIdentity own) {
        boolean isEast = own.equals(EAST);
        return new TunnelRules(
                own,
                isEast ? WEST : EAST,
                isEast ? eastCalls : westCalls,
                random.nextLong(1, Long.MAX_VALUE),
                LIVENESS,
                LOST_AFTER,
                limits,
                roams,
                new PathMtuBounds(PathMtuBounds.LEAST_IPV4, 1_500),
                DRAIN,
                isEast ? Capability.ALL : westCapabilities,
                0,
                1);
    }

    /** Whether both send on the two ends of one association. */
    boolean isPaired() {
        return east.sending() != null && east.sending() == west.sending();
    }

    /**
     * Takes a datagram from one process to an address, where another is, or was. A null text is not written down.
     *
     * @param arrival is told where the datagram comes from
     */
    void carry(
            SimulatedGateway from,
            SimulatedGateway to,
            InetSocketAddress address,
            @Nullable String text,
            Consumer<InetSocketAddress> arrival) {
        InetSocketAddress middle = relay;
        if (middle != null && from == west) {
            clock.after(minDelayNanos / 2, () -> arrival.accept(middle));
        }
        if (address.equals(middle)) {
            relayed++;
            clock.after(2 * minDelayNanos, () -> arrival.accept(middle));
        } else if (address.equals(to.address)) {
            InetSocketAddress source = from.address;
            carry(from, to, text, () -> arrival.accept(source));
        } else if (address.equals(to.second) && random.nextDouble() >= secondLoss) {
            clock.after(secondDelayNanos, () -> arrival.accept(from.second));
            if (text != null) {
                transcript.message(from.name, to.name, text + " by the second path", true);
            }
        } else if (text != null) {
            transcript.message(from.name, to.name, text, false);
        }
    }

    private void carry(SimulatedGateway from, SimulatedGateway to, @Nullable String text, Runnable arrival) {
        int copies = random.nextDouble() < loss ? 0 : random.nextDouble() < duplicates ? 2 : 1;
        if (text != null) {
            transcript.message(from.name, to.name, text, copies > 0);
        }
        for (int i = 0; i < copies; i++) {
            clock.after(delay(), arrival);
        }
    }

    void handshake(SimulatedGateway client, int attempt) {
        boolean[] done = new boolean[1];
        for (long resend : RESENDS) {
            clock.after(resend, () -> tryHandshake(client, attempt, done));
        }
        clock.after(GIVE_UP, () -> {
            if (!done[0] && !client.isDead()) {
                done[0] = true;
                client.failed(attempt, "no answer");
            }
        });
    }

    private void tryHandshake(SimulatedGateway client, int attempt, boolean[] done) {
        if (done[0] || client.isDead() || handshakesFail || loses(3)) {
            return;
        }
        clock.after(3 * delay(), () -> {
            SimulatedGateway server = client.name.equals(east.name) ? west : east;
            if (done[0] || client.isDead() || !server.isListening()) {
                return;
            }
            Pair pair = new Pair(client, server, nextId++, nextId++);
            server.accepted(pair);
            // The last flight may get lost for good: then only the server believes in the association.
            if (!loses(2)) {
                clock.after(delay(), () -> {
                    if (!done[0] && !client.isDead()) {
                        done[0] = true;
                        client.connected(attempt, pair);
                    }
                });
            }
        });
    }

    private boolean loses(int datagrams) {
        for (int i = 0; i < datagrams; i++) {
            if (random.nextDouble() < loss) {
                return true;
            }
        }
        return false;
    }

    private long delay() {
        return minDelayNanos == maxDelayNanos ? minDelayNanos : random.nextLong(minDelayNanos, maxDelayNanos);
    }
}

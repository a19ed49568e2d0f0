package net.vgate.control;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import net.vgate.attachment.DeviceException;
import net.vgate.config.GatewayConfig;
import net.vgate.control.Command.Accepted;
import net.vgate.control.Command.ClosedByPeer;
import net.vgate.control.Command.ConnectFailed;
import net.vgate.control.Command.Connected;
import net.vgate.control.Command.ControlArrived;
import net.vgate.control.Command.DeviceFailed;
import net.vgate.control.Command.Reload;
import net.vgate.control.Command.Run;
import net.vgate.control.Command.SeenElsewhere;
import net.vgate.control.Command.Stop;
import net.vgate.control.Command.StreamEnded;
import net.vgate.control.Command.TargetAnswered;
import net.vgate.dataplane.Heartbeat;
import net.vgate.handshake.CredentialsException;
import net.vgate.handshake.HandshakePolicy;
import net.vgate.handshake.Handshakes;
import net.vgate.observe.StatusReport;
import net.vgate.record.Association;
import net.vgate.record.Quiescence;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that owns all control state: tunnels, V-nets and what is published of them. Others ask by commands.
 */
public final class Conductor implements Runnable {
    /**
     * Time between two looks at the use of associations and at what can be destroyed. Each takes a processor's cold
     * caches from the packets that come meanwhile, so not more often than that.
     */
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final long PATIENCE_SECONDS = 10;

    private static final int COMMANDS_PER_TURN = 256;

    private final Inbox<Command> inbox;
    private final TunnelSet tunnels;
    private final Attachments attachments;
    private final Handshakes handshakes;
    private final Quiescence quiescence;
    private final Housekeeping housekeeping;
    private final Heartbeat heartbeat;
    private final LongSupplier nanoClock;

    private GatewayConfig config;
    private Instant loaded = Instant.now();
    private StatusReport.@Nullable Reload lastReload;
    private boolean stopping;

    public Conductor(
            Inbox<Command> inbox,
            GatewayConfig config,
            TunnelSet tunnels,
            Attachments attachments,
            Handshakes handshakes,
            Quiescence quiescence,
            Housekeeping housekeeping,
            Heartbeat heartbeat,
            LongSupplier nanoClock) {
        this.inbox = inbox;
        this.config = config;
        this.tunnels = tunnels;
        this.attachments = attachments;
        this.handshakes = handshakes;
        this.quiescence = quiescence;
        this.housekeeping = housekeeping;
        this.heartbeat = heartbeat;
        this.nanoClock = nanoClock;
    }

    /** The configuration that is in force. The conductor's thread only. */
    GatewayConfig config() {
        return config;
    }

    /** The tunnels. The conductor's thread only. */
    TunnelSet tunnels() {
        return tunnels;
    }

    /** The V-nets' devices and tables. The conductor's thread only. */
    Attachments attachments() {
        return attachments;
    }

    /** Opens devices and publishes the first plan; before the thread starts. */
    public void open() {
        long now = nanoClock.getAsLong();
        tunnels.apply(config, now);
        attachments.apply(config, tunnels);
    }

    /** What is in force and since when. The conductor's thread only. */
    StatusReport.Configuration configurationStatus() {
        return new StatusReport.Configuration(config.file().toString(), attachments.generation(), loaded, lastReload);
    }

    /** How the last reload went. The conductor's thread only. */
    void reloaded(StatusReport.Reload reload) {
        lastReload = reload;
        if (reload.applied()) {
            loaded = reload.at();
        }
    }

    /** Peers are to send flows to other gateways of this site, or not any more. The conductor's thread only. */
    void drain(boolean isDraining) {
        tunnels.drain(isDraining, nanoClock.getAsLong());
    }

    /** Has {@code command} obeyed in its turn. Any thread. */
    void obeyLater(Command command) {
        inbox.put(command);
    }

    /** Has {@code action} run by the conductor's thread, in its turn. Any thread. */
    void tell(Runnable action) {
        inbox.put(new Run(action));
    }

    /**
     * The answer to {@code question}, found by the conductor's thread. Any other thread; waits.
     *
     * @throws IllegalStateException when the conductor does not answer in time, or has ended
     */
    public <T> T ask(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        tell(() -> answer.completeAsync(question, Runnable::run));
        try {
            return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw new IllegalStateException("the conductor does not answer", late);
        } catch (ExecutionException failed) {
            throw new IllegalStateException("the conductor cannot answer", failed.getCause());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking the conductor", stopped);
        }
    }

    /** Lets the thread end all tunnels, and then itself. Any thread. */
    public void stop() {
        inbox.put(new Stop());
    }

    @Override
    public void run() {
        while (!stopping || !tunnels.areClosed()) {
            long now = nanoClock.getAsLong();
            heartbeat.beat(now);
            // Not all of them, however fast they come: the time of all tunnels goes on meanwhile.
            for (int i = 0; i < COMMANDS_PER_TURN; i++) {
                Command command = inbox.poll();
                if (command == null) {
                    break;
                }
                obey(command, nanoClock.getAsLong());
            }
            now = nanoClock.getAsLong();
            tunnels.tick(now);
            attachments.tick(config, tunnels, now);
            quiescence.reclaim();
            housekeeping.tick(now);
            long untilDue = tunnels.wakeAt() - nanoClock.getAsLong();
            inbox.await(Math.min(TICK_NANOS, untilDue));
        }
    }

    private void obey(Command command, long now) {
        if (command instanceof ControlArrived arrived) {
            TunnelControl tunnel = tunnelOf(arrived.association());
            if (tunnel != null) {
                tunnel.received(arrived.association(), arrived.body().array(), arrived.from(), now);
            }
        } else if (command instanceof Connected connected) {
            connected(connected, now);
        } else if (command instanceof Accepted accepted) {
            accepted(accepted.association(), now);
        } else if (command instanceof ConnectFailed failed) {
            TunnelControl tunnel = tunnels.find(failed.peer());
            if (tunnel != null) {
                tunnel.failed(failed.attempt(), failed.failure(), now);
            }
        } else if (command instanceof ClosedByPeer closed) {
            TunnelControl tunnel = tunnelOf(closed.association());
            if (tunnel != null) {
                tunnel.closedByPeer(closed.association(), now);
            }
        } else if (command instanceof SeenElsewhere seen) {
            TunnelControl tunnel = tunnelOf(seen.association());
            if (tunnel != null) {
                tunnel.seenElsewhere(seen.association(), now);
            }
        } else if (command instanceof TargetAnswered answered) {
            tunnels.targetAnswered(answered.association().peer().site(), answered.number());
        } else if (command instanceof StreamEnded ended) {
            tunnels.streamEnded(ended.stream(), now);
        } else if (command instanceof DeviceFailed failed) {
            attachments.failed(failed.device(), failed.cause(), config, tunnels);
        } else if (command instanceof Reload reload) {
            reload(reload, now);
        } else if (command instanceof Run run) {
            run.action().run();
        } else if (command instanceof Stop) {
            stopping = true;
            tunnels.stop(now);
        }
    }

    private void connected(Connected connected, long now) {
        TunnelControl tunnel = tunnelOf(connected.association());
        if (tunnel == null) {
            refuse(connected.association());
        } else {
            tunnel.connected(connected.attempt(), connected.association(), now);
            // A reload may have come while it shook hands, which ends by what was in force when it began.
            tunnel.recheckPeer(now);
        }
    }

    private void accepted(Association association, long now) {
        TunnelControl tunnel = tunnelOf(association);
        if (tunnel == null) {
            // The peer left the configuration while it shook hands.
            refuse(association);
        } else {
            tunnel.accepted(association, now);
            tunnel.recheckPeer(now);
        }
    }

    private void refuse(Association association) {
        handshakes.close(association, true);
        quiescence.retire(association);
        tunnels.closeStream(association);
    }

    private @Nullable TunnelControl tunnelOf(Association association) {
        return tunnels.find(association.peer());
    }

    private void reload(Reload reload, long now) {
        GatewayConfig next = reload.config();
        HandshakePolicy before = handshakes.policy();
        try {
            handshakes.adopt(HandshakePolicies.of(next));
            tunnels.apply(next, now);
            attachments.apply(next, tunnels);
            tunnels.recheckPeers(now);
            config = next;
            reload.done().complete(attachments.generation());
        } catch (CredentialsException refused) {
            reload.done().completeExceptionally(refused);
        } catch (DeviceException refused) {
            handshakes.adopt(before);
            tunnels.apply(config, nanoClock.getAsLong());
            attachments.republish(config, tunnels);
            reload.done().completeExceptionally(refused);
        }
    }
}

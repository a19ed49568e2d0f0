package net.vgate.control;

import java.util.List;
import java.util.Optional;
import net.vgate.dataplane.TrafficDirection;
import net.vgate.dataplane.Worker;
import net.vgate.observe.DrainReport;
import net.vgate.observe.Event;
import net.vgate.observe.EventLog;
import net.vgate.tunnel.Capability;
import net.vgate.tunnel.TunnelStatus;

/**
 * Sends flows to the other gateways of this site before maintenance: peers are told, and readiness says no, by which
 * the site's own routing may go.
 *
 * <p><b>Threading.</b> Any thread but the conductor's.
 */
public final class Draining {
    private final Conductor conductor;
    private final List<Worker> workers;
    private final EventLog log;
    private volatile boolean draining;

    public Draining(Conductor conductor, List<Worker> workers, EventLog log) {
        this.conductor = conductor;
        this.workers = List.copyOf(workers);
        this.log = log;
    }

    /** Wants to be without flows, or not any more. */
    public DrainReport drain(boolean isDraining) {
        return conductor.ask(() -> {
            conductor.drain(isDraining);
            if (draining != isDraining) {
                draining = isDraining;
                log.report(new Event.GatewayDraining(isDraining));
            }
            return now();
        });
    }

    /** How far it is. */
    public DrainReport report() {
        return conductor.ask(this::now);
    }

    private DrainReport now() {
        return new DrainReport(
                conductor.tunnels().isDraining(),
                conductor.tunnels().all().stream().map(Draining::peer).toList(),
                workers.stream()
                        .mapToLong(worker -> worker.traffic().packets(TrafficDirection.IN))
                        .sum());
    }

    private static DrainReport.Peer peer(TunnelControl tunnel) {
        TunnelStatus status = tunnel.status();
        boolean understands = (status.capabilities() & Capability.DRAINING) != 0;
        return new DrainReport.Peer(
                tunnel.rules().peer().site(),
                tunnel.rules().peer().gateway(),
                understands ? status.knowsDraining() : null);
    }

    /** Why the gateway is not ready, for the health check. */
    public Optional<String> problem() {
        return draining
                ? Optional.of("draining, as vgate drain told it to; vgate drain --undo ends it")
                : Optional.empty();
    }
}

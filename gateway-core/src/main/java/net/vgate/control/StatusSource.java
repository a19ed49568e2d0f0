package net.vgate.control;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import net.vgate.control.Attachments.Attached;
import net.vgate.dataplane.DropCounters;
import net.vgate.dataplane.Stage;
import net.vgate.dataplane.Worker;
import net.vgate.observe.StatusReport;
import net.vgate.packet.DropReason;
import net.vgate.record.Association;
import net.vgate.record.SocketText;
import net.vgate.tunnel.PathStatus;
import net.vgate.tunnel.TunnelCounter;
import net.vgate.tunnel.TunnelCounters;
import net.vgate.tunnel.TunnelStatus;

/**
 * Describes the gateway.
 *
 * <p><b>Threading.</b> The conductor's thread only.
 */
public final class StatusSource {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final StatusReport.Gateway fixed;
    private final Instant started;
    private final OffloadStatus offloads;
    private final List<Worker> workers;
    private final ControlQueues queues;
    private final LongSupplier handshakesRefused;
    private final LongSupplier kernelDrops;
    private final Supplier<Instant> ownCertificateExpires;
    private final LongSupplier nanoClock;

    /**
     * @param fixed what does not change; its times and counts are not looked at
     * @param kernelDrops datagrams that the workers did not fetch in time
     * @param ownCertificateExpires of the certificate that a reload took over last
     */
    public StatusSource(
            StatusReport.Gateway fixed,
            OffloadStatus offloads,
            List<Worker> workers,
            ControlQueues queues,
            LongSupplier handshakesRefused,
            LongSupplier kernelDrops,
            Supplier<Instant> ownCertificateExpires,
            LongSupplier nanoClock) {
        this.fixed = fixed;
        this.started = fixed.started();
        this.offloads = offloads;
        this.workers = workers;
        this.queues = queues;
        this.handshakesRefused = handshakesRefused;
        this.kernelDrops = kernelDrops;
        this.ownCertificateExpires = ownCertificateExpires;
        this.nanoClock = nanoClock;
    }

    /** How things are at {@code now}. */
    public StatusReport report(Conductor conductor, Instant now) {
        return new StatusReport(
                gateway(now, conductor.tunnels().isDraining()),
                conductor.configurationStatus(),
                offloads.status(conductor.attachments()),
                conductor.tunnels().carriers().status(),
                conductor.tunnels().all().stream()
                        .map(tunnel -> tunnel(tunnel, conductor.tunnels().carriers()))
                        .toList(),
                vnets(conductor.attachments()),
                drops(conductor.tunnels()),
                conductor.tunnels().names().status());
    }

    private StatusReport.Gateway gateway(Instant now, boolean draining) {
        return new StatusReport.Gateway(
                fixed.site(),
                fixed.name(),
                fixed.version(),
                started,
                (now.toEpochMilli() - started.toEpochMilli()) / 1_000.0,
                fixed.udp(),
                ownCertificateExpires.get(),
                fixed.aead(),
                fixed.keyLog(),
                draining,
                handshakesRefused.getAsLong(),
                new StatusReport.HandshakeDatagrams(
                        queues.handshakes().challenged(), queues.handshakes().taken()));
    }

    private StatusReport.Tunnel tunnel(TunnelControl control, Carriers carriers) {
        long now = nanoClock.getAsLong();
        TunnelStatus status = control.status();
        TunnelCounters counters = control.tunnel().counters();
        Association association = control.inUse();
        return new StatusReport.Tunnel(
                control.rules().peer().site(),
                control.rules().peer().gateway(),
                status.state().name().toLowerCase(Locale.ROOT),
                association != null,
                carriers.carries(control),
                control.whyAvoided(),
                control.tunnel().lanes(),
                association == null ? null : association.role().name().toLowerCase(Locale.ROOT),
                association == null ? null : association.cipherSuite(),
                association == null ? null : association.aeadName(),
                association == null ? null : fixed.udp(),
                control.remoteText(),
                association == null ? null : seconds(now - association.establishedNanos()),
                association == null ? null : seconds(now - association.lastAuthenticatedNanos()),
                status.rttNanos() == 0 ? null : seconds(status.rttNanos()),
                association == null ? null : status.pathMtu(),
                control.sealed(),
                control.opened(),
                counters.get(TunnelCounter.REKEYS),
                handshakes(control, counters),
                association == null ? null : association.peerCertificateExpires(),
                paths(control, status),
                control.refusedVnets());
    }

    private static List<StatusReport.Path> paths(TunnelControl control, TunnelStatus status) {
        String inUse = control.remoteText();
        return status.paths().stream()
                .map(path -> new StatusReport.Path(
                        path.remote() == null ? String.valueOf(inUse) : SocketText.of(path.remote()),
                        path.remote() == null,
                        path.live(),
                        path.rttNanos() == 0 ? null : seconds(path.rttNanos()),
                        path.loss() == PathStatus.UNKNOWN_LOSS ? null : path.loss()))
                .toList();
    }

    private static StatusReport.Handshakes handshakes(TunnelControl control, TunnelCounters counters) {
        return new StatusReport.Handshakes(
                control.completedHandshakes(), counters.get(TunnelCounter.HANDSHAKES_FAILED), control.lastFailure());
    }

    private List<StatusReport.Vnet> vnets(Attachments attachments) {
        List<StatusReport.Vnet> vnets = new ArrayList<>();
        for (Attached one : attachments.attached().values()) {
            vnets.add(VnetStatus.of(one, workers));
        }
        return vnets;
    }

    private List<StatusReport.Drop> drops(TunnelSet tunnels) {
        Map<Integer, String> names = new HashMap<>();
        tunnels.siteNumbers().forEach((name, number) -> names.put(number, name));
        List<StatusReport.Drop> drops = new ArrayList<>();
        long unfetched = kernelDrops.getAsLong();
        if (unfetched > 0) {
            drops.add(new StatusReport.Drop(Stage.RECEIVE.label(), DropReason.QUEUE_FULL.label(), null, unfetched));
        }
        int sites = workers.stream()
                .mapToInt(worker -> worker.drops().siteCount())
                .min()
                .orElse(0);
        for (int stage = 0; stage < Stage.count(); stage++) {
            for (int reason = 0; reason < DropReason.count(); reason++) {
                for (int site = DropCounters.NO_SITE; site < sites; site++) {
                    long packets = packets(Stage.of(stage), DropReason.of(reason), site);
                    if (packets > 0) {
                        drops.add(new StatusReport.Drop(
                                Stage.of(stage).label(), DropReason.of(reason).label(), names.get(site), packets));
                    }
                }
            }
        }
        return drops;
    }

    private long packets(Stage stage, DropReason reason, int site) {
        return queues.drops().packets(stage, reason, site)
                + workers.stream()
                        .mapToLong(worker -> worker.drops().packets(stage, reason, site))
                        .sum();
    }

    private static double seconds(long nanos) {
        return nanos / NANOS_PER_SECOND;
    }
}

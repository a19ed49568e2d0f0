package net.vgate.control;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import net.vgate.control.Attachments.Attached;
import net.vgate.dataplane.DropCounters;
import net.vgate.dataplane.Stage;
import net.vgate.dataplane.Worker;
import net.vgate.handshake.FailureReason;
import net.vgate.handshake.Handshakes;
import net.vgate.observe.StatusReport;
import net.vgate.packet.DropReason;
import net.vgate.record.Association;
import net.vgate.record.Role;
import net.vgate.stream.StreamServerCounters;
import net.vgate.tunnel.PathStatus;
import net.vgate.tunnel.TunnelCounter;
import net.vgate.tunnel.TunnelCounters;
import net.vgate.tunnel.TunnelStatus;
import org.jspecify.annotations.Nullable;

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
    private final LongSupplier streamDrops;
    private final Handshakes shaking;
    private final StreamCalls streams;
    private final OwnSockets sockets;
    private final LongSupplier nanoClock;

    /**
     * @param fixed what does not change; its times and counts are not looked at
     * @param kernelDrops datagrams that the workers did not fetch in time, from sockets, devices and streams
     * @param streamDrops datagrams that TCP did not take in time
     */
    public StatusSource(
            StatusReport.Gateway fixed,
            OffloadStatus offloads,
            List<Worker> workers,
            ControlQueues queues,
            LongSupplier handshakesRefused,
            LongSupplier kernelDrops,
            LongSupplier streamDrops,
            Handshakes shaking,
            StreamCalls streams,
            OwnSockets sockets,
            LongSupplier nanoClock) {
        this.fixed = fixed;
        this.started = fixed.started();
        this.offloads = offloads;
        this.workers = workers;
        this.queues = queues;
        this.handshakesRefused = handshakesRefused;
        this.kernelDrops = kernelDrops;
        this.streamDrops = streamDrops;
        this.shaking = shaking;
        this.streams = streams;
        this.sockets = sockets;
        this.nanoClock = nanoClock;
    }

    /** How things are at {@code now}. */
    public StatusReport report(Conductor conductor, Instant now) {
        return new StatusReport(
                gateway(now, conductor.tunnels().isDraining()),
                conductor.configurationStatus(),
                offloads.status(conductor.attachments()),
                conductor
                        .tunnels()
                        .carriers()
                        .status(
                                site -> marks(conductor.tunnels().siteNumber(site)),
                                site -> fragments(conductor.tunnels().siteNumber(site))),
                tunnels(conductor),
                vnets(conductor.attachments(), conductor.tunnels()),
                drops(conductor.tunnels()),
                conductor.tunnels().names().status(),
                conductor.tunnels().relays().status());
    }

    /** How the tunnels are now. */
    List<StatusReport.Tunnel> tunnels(Conductor conductor) {
        return conductor.tunnels().all().stream()
                .map(tunnel -> tunnel(tunnel, conductor.tunnels().carriers()))
                .toList();
    }

    /** What a V-net does now. */
    StatusReport.Vnet vnet(Conductor conductor, Attached one) {
        return VnetStatus.of(one, workers, conductor.tunnels()::siteNumber, nanoClock.getAsLong());
    }

    private long marks(int site) {
        return workers.stream()
                .mapToLong(worker -> worker.marks().packets(site))
                .sum();
    }

    private StatusReport.Fragments fragments(int site) {
        long sent = 0;
        long received = 0;
        long reassembled = 0;
        for (Worker worker : workers) {
            sent += worker.fragments().sent(site);
            received += worker.fragments().received(site);
            reassembled += worker.fragments().reassembled(site);
        }
        return new StatusReport.Fragments(sent, received, reassembled);
    }

    private StatusReport.Gateway gateway(Instant now, boolean draining) {
        return new StatusReport.Gateway(
                fixed.site(),
                fixed.name(),
                fixed.version(),
                started,
                (now.toEpochMilli() - started.toEpochMilli()) / 1_000.0,
                fixed.udp(),
                shaking.policy().credentials().expires(),
                fixed.aead(),
                fixed.keyLog(),
                draining,
                handshakesRefused.getAsLong(),
                new StatusReport.HandshakeDatagrams(
                        queues.handshakes().challenged(), queues.handshakes().taken()),
                handshakeFailures(),
                streams.counters().map(StatusSource::streams).orElse(null),
                shaking.policy().credentials().revoked().nextUpdates().entrySet().stream()
                        .map(list -> new StatusReport.RevocationList(list.getKey(), list.getValue()))
                        .toList());
    }

    private List<StatusReport.HandshakeFailures> handshakeFailures() {
        List<StatusReport.HandshakeFailures> failures = new ArrayList<>();
        for (Role role : Role.values()) {
            for (FailureReason reason : FailureReason.values()) {
                long count = shaking.counters().failed(role, reason);
                if (count > 0) {
                    failures.add(new StatusReport.HandshakeFailures(
                            role.name().toLowerCase(Locale.ROOT), reason.label(), count));
                }
            }
        }
        return failures;
    }

    private static StatusReport.Streams streams(StreamServerCounters counters) {
        return new StatusReport.Streams(
                counters.accepted(), counters.refused(), counters.failed(), counters.tooSlow(), counters.overLimit());
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
                localText(association),
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
                control.refusedVnets(),
                association == null ? null : control.ladder().carrying().name().toLowerCase(Locale.ROOT),
                control.rungReason().isEmpty() ? null : control.rungReason(),
                control.rekeysAt() == Long.MAX_VALUE ? null : seconds(Math.max(0, control.rekeysAt() - now)));
    }

    private @Nullable String localText(@Nullable Association association) {
        return association == null ? null : sockets.text(association.local());
    }

    private List<StatusReport.Path> paths(TunnelControl control, TunnelStatus status) {
        String inUse = control.remoteText();
        return status.paths().stream()
                .map(path -> new StatusReport.Path(
                        path.path() == null
                                ? localText(control.inUse())
                                : sockets.text(path.path().local()),
                        path.path() == null ? String.valueOf(inUse) : control.text(path.path()),
                        path.path() == null,
                        path.live(),
                        path.rttNanos() == 0 ? null : seconds(path.rttNanos()),
                        path.loss() == PathStatus.UNKNOWN_LOSS ? null : path.loss()))
                .toList();
    }

    private static StatusReport.Handshakes handshakes(TunnelControl control, TunnelCounters counters) {
        return new StatusReport.Handshakes(
                control.completedHandshakes(), counters.get(TunnelCounter.HANDSHAKES_FAILED), control.lastFailure());
    }

    private List<StatusReport.Vnet> vnets(Attachments attachments, TunnelSet tunnels) {
        long now = nanoClock.getAsLong();
        List<StatusReport.Vnet> vnets = new ArrayList<>();
        for (Attached one : attachments.attached().values()) {
            vnets.add(VnetStatus.of(one, workers, tunnels::siteNumber, now));
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
        boolean isStreams = stage == Stage.SEND && reason == DropReason.QUEUE_FULL && site == DropCounters.NO_SITE;
        return (isStreams ? streamDrops.getAsLong() : 0)
                + queues.drops().packets(stage, reason, site)
                + workers.stream()
                        .mapToLong(worker -> worker.drops().packets(stage, reason, site))
                        .sum();
    }

    private static double seconds(long nanos) {
        return nanos / NANOS_PER_SECOND;
    }
}

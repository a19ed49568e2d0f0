package net.vgate.observe;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.function.Supplier;
import net.vgate.dataplane.TrafficDirection;
import net.vgate.observe.StatusReport.Configuration;
import net.vgate.observe.StatusReport.Drop;
import net.vgate.observe.StatusReport.Gateway;
import net.vgate.observe.StatusReport.Limit;
import net.vgate.observe.StatusReport.Reload;
import net.vgate.observe.StatusReport.Traffic;
import net.vgate.observe.StatusReport.Tunnel;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's metrics in Prometheus' text format. They are read from a {@link StatusReport} at each scrape, so that
 * nothing else of ours knows that there are metrics, and what is gone from the report is gone from the metrics.
 */
public final class Metrics implements AutoCloseable {
    /** How many V-nets have series of their own. */
    public static final int DEFAULT_VNET_LIMIT = 1_000;

    /** How many V-nets that a tunnel does not carry have series of their own. */
    private static final int REFUSED_VNET_LIMIT = 100;

    /** What {@link #scrape} returns. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Supplier<StatusReport> status;
    private final VnetTotals vnetTotals;

    /**
     * @param status asked once a scrape, by any thread
     * @param vnetLimit how many V-nets have series of their own; the rest is summed up as {@code other}
     */
    public Metrics(Supplier<StatusReport> status, int vnetLimit) {
        this.status = status;
        vnetTotals = new VnetTotals(vnetLimit);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        collections.bindTo(registry);
        registry.getPrometheusRegistry().register(this::collect);
    }

    /** All metrics, in the form of {@link #CONTENT_TYPE}. */
    public String scrape() {
        return registry.scrape(CONTENT_TYPE);
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }

    private MetricSnapshots collect() {
        StatusReport report = status.get();
        Samples samples = new Samples();
        addGateway(samples, report.gateway());
        addConfiguration(samples, report.configuration());
        report.offloads().forEach(one -> samples.add(GatewayMetric.OFFLOAD_ACTIVE, one.on() ? 1 : 0, one.name()));
        vnetTotals.of(report.vnets()).forEach(line -> addVnet(samples, line));
        report.sites().forEach(site -> {
            samples.add(GatewayMetric.FLOW_MOVES, site.flowMoves(), site.name());
            samples.add(GatewayMetric.FLOW_MOVE_LAST_SECONDS, site.lastFlowMoveSeconds(), site.name());
            samples.add(GatewayMetric.CONGESTION_MARKS, site.congestionMarks(), site.name());
            samples.add(
                    GatewayMetric.TUNNEL_FRAGMENTS, site.fragments().sent(), site.name(), TrafficDirection.OUT.label());
            samples.add(
                    GatewayMetric.TUNNEL_FRAGMENTS,
                    site.fragments().received(),
                    site.name(),
                    TrafficDirection.IN.label());
            samples.add(GatewayMetric.TUNNEL_REASSEMBLED, site.fragments().reassembled(), site.name());
        });
        report.tunnels().forEach(tunnel -> addTunnel(samples, tunnel));
        for (StatusReport.Name name : report.names()) {
            samples.add(GatewayMetric.NAME_LOOKUPS, name.lookups(), name.name());
            samples.add(GatewayMetric.NAME_LOOKUP_FAILURES, name.failures(), name.name());
        }
        for (StatusReport.Relay relay : report.relays()) {
            samples.add(GatewayMetric.RELAY_OPEN, relay.open() ? 1 : 0, relay.from(), relay.to());
            samples.add(GatewayMetric.RELAY_PACKETS, relay.packets(), relay.from(), relay.to());
            samples.add(GatewayMetric.RELAY_BYTES, relay.bytes(), relay.from(), relay.to());
            samples.add(GatewayMetric.RELAY_DROPS, relay.drops(), relay.from(), relay.to());
        }
        for (Drop drop : report.drops()) {
            samples.add(GatewayMetric.DROPS, drop.packets(), drop.stage(), drop.reason(), orNone(drop.peer()));
        }
        return samples.snapshots();
    }

    private static void addGateway(Samples samples, Gateway gateway) {
        samples.add(GatewayMetric.BUILD_INFO, 1, gateway.version(), System.getProperty("java.version", "unknown"));
        samples.add(
                GatewayMetric.AEAD_INFO,
                1,
                gateway.aead().provider(),
                gateway.aead().version());
        samples.addTime(GatewayMetric.CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS, gateway.certificateExpires());
        samples.add(GatewayMetric.DRAINING, gateway.draining() ? 1 : 0);
        samples.add(GatewayMetric.KEY_LOG_ACTIVE, gateway.keyLog() == null ? 0 : 1);
        samples.add(GatewayMetric.HANDSHAKES, gateway.handshakesRefused(), "", "", "refused");
        samples.add(
                GatewayMetric.HANDSHAKE_DATAGRAMS, gateway.handshakeDatagrams().challenged(), "challenged");
        samples.add(
                GatewayMetric.HANDSHAKE_DATAGRAMS, gateway.handshakeDatagrams().taken(), "taken");
        gateway.handshakeFailures()
                .forEach(one -> samples.add(GatewayMetric.HANDSHAKE_FAILURES, one.count(), one.role(), one.reason()));
        gateway.revocationLists()
                .forEach(list -> samples.addTime(
                        GatewayMetric.REVOCATION_LIST_NEXT_UPDATE_TIMESTAMP_SECONDS,
                        list.nextUpdate(),
                        list.authority()));
        StatusReport.Streams streams = gateway.streams();
        if (streams != null) {
            samples.add(GatewayMetric.STREAM_CONNECTIONS, streams.accepted(), "accepted");
            samples.add(GatewayMetric.STREAM_CONNECTIONS, streams.refused(), "refused");
            samples.add(GatewayMetric.STREAM_CONNECTIONS, streams.failed(), "failed");
            samples.add(GatewayMetric.STREAM_CONNECTIONS, streams.tooSlow(), "too_slow");
            samples.add(GatewayMetric.STREAM_CONNECTIONS, streams.overLimit(), "over_limit");
        }
    }

    private static void addConfiguration(Samples samples, Configuration configuration) {
        Reload last = configuration.lastReload();
        samples.add(GatewayMetric.CONFIGURATION_GENERATION, configuration.generation());
        samples.addTime(GatewayMetric.CONFIGURATION_LOADED_TIMESTAMP_SECONDS, configuration.loaded());
        samples.add(GatewayMetric.CONFIGURATION_LAST_RELOAD_SUCCESS, last == null || last.applied() ? 1 : 0);
        samples.addTime(GatewayMetric.CONFIGURATION_LAST_RELOAD_TIMESTAMP_SECONDS, last == null ? null : last.at());
    }

    private static void addVnet(Samples samples, VnetTotals.Line line) {
        addTraffic(samples, line.vnet(), TrafficDirection.OUT, line.out());
        addTraffic(samples, line.vnet(), TrafficDirection.IN, line.in());
        addTraffic(samples, line.vnet(), TrafficDirection.LOCAL, line.local());
        samples.add(GatewayMetric.FLOWS, line.flows(), line.vnet());
        samples.add(GatewayMetric.FLOWS_LIMIT, line.maxFlows(), line.vnet());
        for (Limit limit : line.limits()) {
            samples.add(GatewayMetric.LIMIT_BYTES_PER_SECOND, limit.bitsPerSecond() / 8, line.vnet(), limit.peer());
            samples.add(GatewayMetric.LIMIT_WAITING_PACKETS, limit.waitingPackets(), line.vnet(), limit.peer());
            samples.add(GatewayMetric.LIMIT_DELAY_SECONDS, limit.delaySeconds(), line.vnet(), limit.peer());
            samples.add(GatewayMetric.LIMIT_DROPS, limit.droppedPackets(), line.vnet(), limit.peer());
            samples.add(GatewayMetric.LIMIT_MARKS, limit.markedPackets(), line.vnet(), limit.peer());
        }
    }

    private static void addTraffic(Samples samples, String vnet, TrafficDirection direction, Traffic traffic) {
        samples.add(GatewayMetric.PACKETS, traffic.packets(), vnet, direction.label());
        samples.add(GatewayMetric.BYTES, traffic.bytes(), vnet, direction.label());
    }

    private static void addTunnel(Samples samples, Tunnel tunnel) {
        String peer = tunnel.peer();
        String gateway = tunnel.gateway();
        samples.add(GatewayMetric.TUNNEL_UP, tunnel.up() ? 1 : 0, peer, gateway);
        samples.add(GatewayMetric.TUNNEL_CARRIES, tunnel.carries() ? 1 : 0, peer, gateway);
        samples.add(GatewayMetric.TUNNEL_AVOIDED, tunnel.avoided() == null ? 0 : 1, peer, gateway);
        samples.add(GatewayMetric.TUNNEL_AGE_SECONDS, tunnel.ageSeconds(), peer, gateway);
        samples.add(GatewayMetric.TUNNEL_LAST_RECEIVED_SECONDS, tunnel.lastReceivedSeconds(), peer, gateway);
        samples.add(GatewayMetric.TUNNEL_RTT_SECONDS, tunnel.rttSeconds(), peer, gateway);
        samples.add(GatewayMetric.TUNNEL_PATH_MTU_BYTES, tunnel.pathMtu(), peer, gateway);
        for (StatusReport.Path path : tunnel.paths()) {
            String local = path.local() == null ? "" : path.local();
            String remote = path.remote();
            samples.add(GatewayMetric.PATH_UP, path.live() ? 1 : 0, peer, gateway, local, remote);
            samples.add(GatewayMetric.PATH_IN_USE, path.inUse() ? 1 : 0, peer, gateway, local, remote);
            samples.add(GatewayMetric.PATH_RTT_SECONDS, path.rttSeconds(), peer, gateway, local, remote);
            samples.add(GatewayMetric.PATH_LOSS_RATIO, path.lossRatio(), peer, gateway, local, remote);
        }
        if (tunnel.rung() != null) {
            samples.add(GatewayMetric.TUNNEL_RUNG, 1, peer, gateway, tunnel.rung());
        }
        samples.add(GatewayMetric.TUNNEL_NEXT_REKEY_SECONDS, tunnel.nextRekeySeconds(), peer, gateway);
        samples.add(GatewayMetric.TUNNEL_REKEYS, tunnel.rekeys(), peer, gateway);
        samples.add(GatewayMetric.TUNNEL_RECORDS, tunnel.out().records(), peer, gateway, "out");
        samples.add(GatewayMetric.TUNNEL_RECORDS, tunnel.in().records(), peer, gateway, "in");
        samples.add(GatewayMetric.TUNNEL_BYTES, tunnel.out().bytes(), peer, gateway, "out");
        samples.add(GatewayMetric.TUNNEL_BYTES, tunnel.in().bytes(), peer, gateway, "in");
        samples.addTime(
                GatewayMetric.PEER_CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS,
                tunnel.peerCertificateExpires(),
                peer,
                gateway);
        samples.add(GatewayMetric.TUNNEL_REFUSED_VNETS, tunnel.refusedVnets().size(), peer, gateway);
        tunnel.refusedVnets().stream()
                .limit(REFUSED_VNET_LIMIT)
                .forEach(one -> samples.add(GatewayMetric.VNET_REFUSED, 1, one.vnet(), peer, gateway, one.reason()));
        samples.add(GatewayMetric.HANDSHAKES, tunnel.handshakes().completed(), peer, gateway, "completed");
        samples.add(GatewayMetric.HANDSHAKES, tunnel.handshakes().failed(), peer, gateway, "failed");
    }

    /** Prometheus takes an empty label for one that is not there. */
    private static String orNone(@Nullable String peer) {
        return peer == null ? "" : peer;
    }
}

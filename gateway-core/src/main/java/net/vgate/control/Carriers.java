package net.vgate.control;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import net.vgate.observe.Event;
import net.vgate.observe.EventLog;
import net.vgate.observe.StatusReport;
import net.vgate.record.Association;
import org.jspecify.annotations.Nullable;

/**
 * Which gateway of each remote site flows go to: the first in the configuration's order whose tunnel carries anything.
 * The data path finds it by itself; here is noted when it becomes another one.
 *
 * <p><b>Threading.</b> The conductor's thread only.
 */
final class Carriers {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final EventLog log;
    private final Map<String, Site> sites = new HashMap<>();

    /** What is known of one site. */
    private static final class Site {
        /** The last one that carried, even if it does not now. */
        private @Nullable TunnelControl carrier;

        private long heardNanos;
        private long moves;
        private @Nullable Double lastSeconds;
    }

    Carriers(EventLog log) {
        this.log = log;
    }

    /** @param tunnels in the configuration's order */
    void look(Collection<TunnelControl> tunnels, long now) {
        Map<String, TunnelControl> carrying = new HashMap<>();
        for (TunnelControl tunnel : tunnels) {
            if (tunnel.inUse() != null) {
                carrying.putIfAbsent(tunnel.rules().peer().site(), tunnel);
            }
        }
        carrying.forEach((name, tunnel) -> look(name, tunnel, now));
    }

    private void look(String name, TunnelControl tunnel, long now) {
        Site site = sites.computeIfAbsent(name, unknown -> new Site());
        TunnelControl before = site.carrier;
        if (before != null && before != tunnel) {
            // Flows that go back to a gateway which is there again lose nothing on the way.
            double seconds = before.inUse() == null ? (now - site.heardNanos) / NANOS_PER_SECOND : 0;
            site.moves++;
            site.lastSeconds = seconds;
            log.report(new Event.FlowsMoved(name, gateway(before), gateway(tunnel), seconds));
        }
        site.carrier = tunnel;
        Association association = tunnel.inUse();
        if (association != null) {
            site.heardNanos = association.lastAuthenticatedNanos();
        }
    }

    private static String gateway(TunnelControl tunnel) {
        return tunnel.rules().peer().gateway();
    }

    /** Whether flows to its site go by {@code tunnel}. */
    boolean carries(TunnelControl tunnel) {
        Site site = sites.get(tunnel.rules().peer().site());
        return site != null && site.carrier == tunnel && tunnel.inUse() != null;
    }

    /** Of the sites of {@code tunnels}, in their order. */
    List<StatusReport.Site> status(Collection<TunnelControl> tunnels) {
        Map<String, StatusReport.Site> status = new LinkedHashMap<>();
        for (TunnelControl tunnel : tunnels) {
            status.computeIfAbsent(tunnel.rules().peer().site(), this::status);
        }
        return List.copyOf(status.values());
    }

    private StatusReport.Site status(String name) {
        Site site = sites.getOrDefault(name, new Site());
        TunnelControl carrier = site.carrier;
        String reached = carrier == null || carrier.inUse() == null ? null : gateway(carrier);
        return new StatusReport.Site(name, reached, site.moves, site.lastSeconds);
    }
}

package net.vgate.control;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import net.vgate.forwarding.SiteTunnels;
import net.vgate.observe.Event;
import net.vgate.observe.EventLog;
import net.vgate.observe.StatusReport;
import net.vgate.record.Association;
import org.jspecify.annotations.Nullable;

/**
 * Which gateways of each remote site flows go to. The data path finds them by itself; here is noted when they become
 * others.
 *
 * <p><b>Threading.</b> The conductor's thread only.
 */
final class Carriers {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final EventLog log;
    private Map<String, Site> sites = new LinkedHashMap<>();

    /** One site and its gateways. */
    private static final class Site {
        private final List<TunnelControl> tunnels = new ArrayList<>();
        private SiteTunnels choices = SiteTunnels.NONE;

        /** The last ones that carried, even if they do not now, and by what. */
        private Map<TunnelControl, @Nullable Association> carriers = Map.of();

        private long moves;
        private @Nullable Double lastSeconds;

        /** Those that share the flows now. */
        private List<TunnelControl> carrying() {
            long set = choices.carriers(0, null);
            List<TunnelControl> carrying = new ArrayList<>();
            for (int i = 0; i < tunnels.size(); i++) {
                if ((set >>> i & 1) != 0) {
                    carrying.add(tunnels.get(i));
                }
            }
            return carrying;
        }
    }

    Carriers(EventLog log) {
        this.log = log;
    }

    /** @param tunnels all that there are from now on, in the configuration's order */
    void adopt(Collection<TunnelControl> tunnels) {
        Map<String, Site> before = sites;
        sites = new LinkedHashMap<>();
        for (TunnelControl tunnel : tunnels) {
            sites.computeIfAbsent(tunnel.rules().peer().site(), name -> {
                        Site site = before.getOrDefault(name, new Site());
                        site.tunnels.clear();
                        return site;
                    })
                    .tunnels
                    .add(tunnel);
        }
        sites.values().forEach(site -> {
            site.choices = new SiteTunnels(
                    site.tunnels.stream().map(TunnelControl::choice).toList());
            Map<TunnelControl, @Nullable Association> left = new LinkedHashMap<>(site.carriers);
            left.keySet().retainAll(site.tunnels);
            site.carriers = left;
        });
    }

    /** What has changed since the last look? */
    void look(long now) {
        sites.forEach((name, site) -> {
            List<TunnelControl> carrying = site.carrying();
            if (carrying.isEmpty()) {
                return;
            }
            if (!site.carriers.isEmpty() && !site.carriers.keySet().equals(Set.copyOf(carrying))) {
                note(name, site, carrying, now);
            }
            Map<TunnelControl, @Nullable Association> carriers = new LinkedHashMap<>();
            for (TunnelControl tunnel : carrying) {
                carriers.put(tunnel, tunnel.inUse());
            }
            site.carriers = carriers;
        });
    }

    private void note(String name, Site site, List<TunnelControl> carrying, long now) {
        // Flows that go over to a gateway while the one before can be reached lose nothing on the way.
        double seconds = 0;
        for (Map.Entry<TunnelControl, @Nullable Association> before : site.carriers.entrySet()) {
            Association last = before.getValue();
            if (last != null && before.getKey().inUse() == null) {
                seconds = Math.max(seconds, (now - last.lastAuthenticatedNanos()) / NANOS_PER_SECOND);
            }
        }
        site.moves++;
        site.lastSeconds = seconds;
        log.report(new Event.FlowsMoved(name, names(site.carriers.keySet()), names(carrying), seconds));
    }

    private static String names(Collection<TunnelControl> tunnels) {
        return String.join(
                ", ",
                tunnels.stream().map(tunnel -> tunnel.rules().peer().gateway()).toList());
    }

    /** Whether flows to its site go by {@code tunnel}. */
    boolean carries(TunnelControl tunnel) {
        Site site = sites.get(tunnel.rules().peer().site());
        return site != null && site.carrying().contains(tunnel);
    }

    /**
     * Of all sites, in the configuration's order.
     *
     * @param marks how many packets of a site came marked
     * @param fragments what crossed to and from a site in fragments
     */
    List<StatusReport.Site> status(ToLongFunction<String> marks, Function<String, StatusReport.Fragments> fragments) {
        List<StatusReport.Site> status = new ArrayList<>();
        sites.forEach((name, site) -> status.add(new StatusReport.Site(
                name,
                site.carrying().stream()
                        .map(tunnel -> tunnel.rules().peer().gateway())
                        .toList(),
                site.moves,
                site.lastSeconds,
                marks.applyAsLong(name),
                fragments.apply(name))));
        return status;
    }
}

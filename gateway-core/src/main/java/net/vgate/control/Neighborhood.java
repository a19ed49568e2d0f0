package net.vgate.control;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import net.vgate.attachment.Neighbor;
import net.vgate.config.GatewayConfig.Tun;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.config.Suggestion;
import net.vgate.control.Attachments.Attached;
import net.vgate.observe.NeighborsReport;
import net.vgate.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Shows who is on the V-nets' links of Ethernet. The conductor only says which devices there are; what is on their
 * links the asker reads.
 *
 * <p><b>Threading.</b> Any thread but the conductor's.
 */
public final class Neighborhood {
    /** Neighbors of one answer. */
    static final int MOST = 10_000;

    private static final int SHOWN_CHARACTERS = 60;

    private final Supplier<List<Link>> links;

    /**
     * What a V-net's device leads to.
     *
     * @param neighbors shows all that are there; null when the V-net is without its device
     */
    record Link(Vnet vnet, @Nullable Consumer<Consumer<Neighbor>> neighbors) {}

    Neighborhood(Supplier<List<Link>> links) {
        this.links = links;
    }

    /** Of the V-nets that are in force. */
    public static Neighborhood of(Conductor conductor) {
        return new Neighborhood(() -> conductor.ask(() -> {
            Map<String, Attached> inForce = conductor.attachments().attached();
            return conductor.config().vnets().stream()
                    .map(vnet -> link(vnet, inForce.get(vnet.name())))
                    .toList();
        }));
    }

    private static Link link(Vnet vnet, @Nullable Attached attached) {
        return new Link(vnet, attached == null ? null : attached.device()::forEachNeighbor);
    }

    /**
     * Who is there.
     *
     * @param name of the V-net; empty is of all
     */
    public NeighborsReport report(String name) {
        List<Link> all = links.get();
        if (!name.isEmpty()) {
            String problem = problem(name, all);
            if (problem != null) {
                return NeighborsReport.refused(problem);
            }
        }
        List<NeighborsReport.Neighbor> shown = new ArrayList<>();
        long leftOut = 0;
        for (Link one : all) {
            if (one.neighbors() != null
                    && (name.isEmpty() || name.equals(one.vnet().name()))) {
                First first = new First(MOST - shown.size());
                one.neighbors().accept(first::add);
                first.inOrder().forEach(neighbor -> shown.add(line(one.vnet().name(), neighbor)));
                leftOut += first.leftOut;
            }
        }
        return new NeighborsReport(shown, leftOut, null);
    }

    private static @Nullable String problem(String name, List<Link> all) {
        Map<String, Link> byName = new LinkedHashMap<>();
        all.forEach(one -> byName.put(one.vnet().name(), one));
        Link asked = byName.get(name);
        if (asked == null) {
            Set<String> names = byName.keySet();
            return "there is no V-net " + quoted(name) + "; " + Suggestion.forName(name, names, "none is configured");
        }
        if (asked.vnet().attachment() instanceof Tun tun) {
            return "V-net " + name + " has TUN device " + tun.device()
                    + ", behind which the kernel finds the neighbors; ask it by ip neighbor"
                    + tun.netns().map(netns -> ", in namespace " + netns).orElse("");
        }
        return asked.neighbors() == null
                ? "V-net " + name + " is without its device; device_failed in the log says why"
                : null;
    }

    /** What an asker wrote, so that it cannot write a line of its own. */
    private static String quoted(String text) {
        String shown = text.length() > SHOWN_CHARACTERS ? text.substring(0, SHOWN_CHARACTERS) + "..." : text;
        return '"' + shown.replaceAll("\\p{Cntrl}", "?") + '"';
    }

    private static NeighborsReport.Neighbor line(String vnet, Neighbor neighbor) {
        return new NeighborsReport.Neighbor(
                vnet,
                neighbor.address().toString(),
                Objects.toString(neighbor.mac(), null),
                Objects.toString(neighbor.locator(), null),
                neighbor.state().label(),
                TimeUnit.NANOSECONDS.toSeconds(neighbor.ageNanos()));
    }

    /** The neighbors of the lowest addresses, as many as there is room for. */
    private static final class First {
        private final int room;
        private final TreeMap<IpAddress, Neighbor> kept = new TreeMap<>(Comparator.naturalOrder());
        private long leftOut;

        First(int room) {
            this.room = room;
        }

        void add(Neighbor neighbor) {
            if (kept.put(neighbor.address(), neighbor) == null && kept.size() > room) {
                kept.pollLastEntry();
                leftOut++;
            }
        }

        Iterable<Neighbor> inOrder() {
            return kept.values();
        }
    }
}

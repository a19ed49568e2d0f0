package net.vgate.observe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.vgate.observe.StatusReport.Limit;
import net.vgate.observe.StatusReport.Traffic;
import net.vgate.observe.StatusReport.Vnet;

/**
 * The V-nets' totals for the metrics: one line for each of the first so many, and {@code other} for the rest, so that
 * ten thousand tenants do not drown whoever scrapes.
 *
 * <p>A V-net that once had a line of its own keeps it as long as it lives; what counted as {@code other} goes on
 * counting there when its V-net is gone: a counter that fell would read as one that started anew.
 */
final class VnetTotals {
    /** The line of those beyond the limit. */
    static final String OTHER = "other";

    private final int limit;
    private final Set<String> ownLine = new LinkedHashSet<>();
    private final Map<String, Traffic[]> lastOfOthers = new HashMap<>();
    private final Traffic[] ofGoneOthers = none();

    VnetTotals(int limit) {
        this.limit = limit;
    }

    synchronized List<Line> of(List<Vnet> vnets) {
        chooseLines(vnets);
        List<Line> lines = new ArrayList<>();
        Map<String, Traffic[]> others = new LinkedHashMap<>();
        Traffic[] sum = ofGoneOthers.clone();
        long flows = 0;
        long maxFlows = 0;
        for (Vnet vnet : vnets) {
            Traffic[] traffic = {vnet.out(), vnet.in(), vnet.local()};
            if (ownLine.contains(vnet.name())) {
                lines.add(new Line(
                        vnet.name(), traffic[0], traffic[1], traffic[2], vnet.flows(), vnet.maxFlows(), vnet.limits()));
            } else {
                others.put(vnet.name(), traffic);
                addTo(sum, traffic);
                flows += vnet.flows();
                maxFlows += vnet.maxFlows();
            }
        }
        keepWhatWentWithItsVnet(others, sum);
        if (!others.isEmpty() || sum[0].packets() + sum[1].packets() + sum[2].packets() > 0) {
            lines.add(new Line(OTHER, sum[0], sum[1], sum[2], flows, maxFlows, List.of()));
        }
        return lines;
    }

    private void chooseLines(List<Vnet> vnets) {
        Set<String> present = new HashSet<>();
        vnets.forEach(vnet -> present.add(vnet.name()));
        ownLine.retainAll(present);
        for (Vnet vnet : vnets) {
            // One that was counted as other stays there, or its counts would leave it.
            if (ownLine.size() < limit && !lastOfOthers.containsKey(vnet.name())) {
                ownLine.add(vnet.name());
            }
        }
    }

    private void keepWhatWentWithItsVnet(Map<String, Traffic[]> others, Traffic[] sum) {
        lastOfOthers.forEach((name, last) -> {
            if (!others.containsKey(name)) {
                addTo(ofGoneOthers, last);
                addTo(sum, last);
            }
        });
        lastOfOthers.clear();
        lastOfOthers.putAll(others);
    }

    private static void addTo(Traffic[] sum, Traffic[] more) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] = new Traffic(sum[i].packets() + more[i].packets(), sum[i].bytes() + more[i].bytes());
        }
    }

    private static Traffic[] none() {
        Traffic none = new Traffic(0, 0);
        return new Traffic[] {none, none, none};
    }

    /** The totals of one V-net, or of all others, of whose limits nothing is said. */
    record Line(String vnet, Traffic out, Traffic in, Traffic local, long flows, long maxFlows, List<Limit> limits) {}
}

package net.vgate.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.control.Attachments.Attached;
import net.vgate.dataplane.TrafficDirection;
import net.vgate.dataplane.Worker;
import net.vgate.forwarding.PolicyCounters;
import net.vgate.forwarding.RateLimit;
import net.vgate.forwarding.RateLimit.Figure;
import net.vgate.forwarding.VnetTable;
import net.vgate.observe.StatusReport;

/** Describes one V-net. */
final class VnetStatus {
    private VnetStatus() {}

    static StatusReport.Vnet of(Attached one, List<Worker> workers, ToIntFunction<String> siteNumber, long nowNanos) {
        int number = one.number();
        Vnet vnet = one.vnet();
        return new StatusReport.Vnet(
                vnet.name(),
                vnet.vni(),
                vnet.kind().name().toLowerCase(Locale.ROOT),
                vnet.tunnelClass().name(),
                vnet.attachment().device(),
                vnet.attachment().netns().orElse(null),
                one.request().mtuBytes(),
                traffic(workers, number, TrafficDirection.OUT),
                traffic(workers, number, TrafficDirection.IN),
                traffic(workers, number, TrafficDirection.LOCAL),
                one.table().flows().flows(),
                vnet.maxFlows(),
                vnet.translate().stream()
                        .map(rule -> new StatusReport.Translation(
                                rule.peer(), rule.local().toString(), rule.as().toString()))
                        .toList(),
                vnet.remote().stream()
                        .map(remote -> new StatusReport.Remote(
                                remote.peer(),
                                remote.prefixes().stream().map(Object::toString).toList()))
                        .toList(),
                rules(vnet, one.table().policyCounters(), nowNanos),
                denied(one.table().policyCounters().denied(true), nowNanos),
                denied(one.table().policyCounters().denied(false), nowNanos),
                limits(vnet, one.table(), siteNumber));
    }

    private static StatusReport.Traffic traffic(List<Worker> workers, int number, TrafficDirection direction) {
        return new StatusReport.Traffic(
                workers.stream()
                        .mapToLong(worker -> worker.traffic().packets(number, direction))
                        .sum(),
                workers.stream()
                        .mapToLong(worker -> worker.traffic().bytes(number, direction))
                        .sum());
    }

    private static List<StatusReport.Limit> limits(Vnet vnet, VnetTable table, ToIntFunction<String> siteNumber) {
        List<StatusReport.Limit> limits = new ArrayList<>();
        for (GatewayConfig.Limit configured : vnet.limits()) {
            RateLimit limit = table.limit(siteNumber.applyAsInt(configured.peer()));
            if (limit != null) {
                limits.add(new StatusReport.Limit(
                        configured.peer(),
                        limit.bitsPerSecond(),
                        limit.figure(Figure.WAITING),
                        limit.figure(Figure.DELAY_NANOS) / 1e9,
                        limit.figure(Figure.DROPPED),
                        limit.figure(Figure.MARKED)));
            }
        }
        return limits;
    }

    private static List<StatusReport.Rule> rules(Vnet vnet, PolicyCounters counters, long nowNanos) {
        List<StatusReport.Rule> rules = new ArrayList<>();
        for (int rule = 0; rule < vnet.policy().size(); rule++) {
            PolicyCounters.Tally permitted = counters.permitted(rule);
            rules.add(new StatusReport.Rule(
                    vnet.policy().get(rule).toString(),
                    vnet.policyLines().get(rule),
                    permitted.count(),
                    permitted.secondsSince(nowNanos)));
        }
        return rules;
    }

    private static StatusReport.Denied denied(PolicyCounters.Tally denied, long nowNanos) {
        return new StatusReport.Denied(denied.count(), denied.secondsSince(nowNanos));
    }
}

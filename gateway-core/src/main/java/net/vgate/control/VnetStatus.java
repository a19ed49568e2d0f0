package net.vgate.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.control.Attachments.Attached;
import net.vgate.dataplane.TrafficDirection;
import net.vgate.dataplane.Worker;
import net.vgate.forwarding.CompiledPolicy;
import net.vgate.observe.StatusReport;

/** Describes one V-net. */
final class VnetStatus {
    private VnetStatus() {}

    static StatusReport.Vnet of(Attached one, List<Worker> workers) {
        int number = one.number();
        Vnet vnet = one.vnet();
        return new StatusReport.Vnet(
                vnet.name(),
                vnet.vni(),
                vnet.kind().name().toLowerCase(Locale.ROOT),
                vnet.tunnelClass().name(),
                vnet.tun().device(),
                vnet.tun().netns().orElse(null),
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
                rules(one.table().policy()));
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

    private static List<StatusReport.Rule> rules(CompiledPolicy policy) {
        List<StatusReport.Rule> rules = new ArrayList<>();
        for (int rule = 0; rule < policy.rules().size(); rule++) {
            rules.add(new StatusReport.Rule(policy.rules().get(rule).toString(), policy.hits(rule)));
        }
        return rules;
    }
}

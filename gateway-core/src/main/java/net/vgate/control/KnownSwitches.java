package net.vgate.control;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.vgate.attachment.VtepEndpoint;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Peer;
import net.vgate.config.GatewayConfig.PeerGateway;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.config.GatewayConfig.Vtep;
import net.vgate.observe.StatusReport;
import net.vgate.observe.SwitchesReport;
import net.vgate.observe.SwitchesReport.Switch;
import net.vgate.packet.IpAddress;
import net.vgate.record.SocketText;
import org.jspecify.annotations.Nullable;

/** Who hosts members, as the configuration names them. */
final class KnownSwitches {
    private KnownSwitches() {}

    /** This gateway first, then those of the peers, then VM switches, each in the order of the configuration. */
    static List<Switch> of(GatewayConfig config, List<StatusReport.Tunnel> tunnels) {
        Map<String, Integer> vnis = new LinkedHashMap<>();
        config.vnets().forEach(vnet -> vnis.put(vnet.name(), vnet.vni()));
        List<Switch> switches = new ArrayList<>();
        switches.add(new Switch(
                config.site() + "/" + config.gateway(),
                "gateway",
                config.listen().udp().stream().map(SocketText::of).toList(),
                "self",
                null,
                carried(vnis.keySet(), vnis)));
        Map<String, StatusReport.Tunnel> byName =
                tunnels.stream().collect(Collectors.toMap(KnownSwitches::name, tunnel -> tunnel, (one, other) -> one));
        for (Peer peer : config.peers()) {
            for (PeerGateway gateway : peer.gateways()) {
                String name = peer.site() + "/" + gateway.name();
                StatusReport.Tunnel tunnel = byName.get(name);
                switches.add(new Switch(
                        name,
                        "gateway",
                        locators(gateway, tunnel),
                        tunnel == null ? null : tunnel.standing(),
                        null,
                        carried(peer.vnets(), vnis)));
            }
        }
        switches.addAll(vtepSwitches(config));
        return switches;
    }

    /** What the switch at the other end is called. */
    static String name(StatusReport.Tunnel tunnel) {
        return tunnel.peer() + "/" + tunnel.gateway();
    }

    /** Where it may be, and of one that is not told of, where it is. */
    private static List<String> locators(PeerGateway gateway, StatusReport.@Nullable Tunnel tunnel) {
        if (gateway.udp().isEmpty() && tunnel != null && tunnel.remote() != null) {
            return List.of(tunnel.remote());
        }
        return gateway.udp().stream().map(Object::toString).toList();
    }

    private static List<SwitchesReport.Vnet> carried(Collection<String> names, Map<String, Integer> vnis) {
        return names.stream()
                .map(name -> new SwitchesReport.Vnet(name, Objects.requireNonNull(vnis.get(name))))
                .toList();
    }

    private static Collection<Switch> vtepSwitches(GatewayConfig config) {
        Map<String, Switch> switches = new LinkedHashMap<>();
        for (Vnet vnet : config.vnets()) {
            if (vnet.attachment() instanceof Vtep vtep) {
                List<SwitchesReport.Vnet> carried = List.of(new SwitchesReport.Vnet(vnet.name(), vtep.vni()));
                for (IpAddress locator : vtep.locators()) {
                    Switch one = vtepSwitch(vtep.port(), locator, carried);
                    switches.merge(one.name(), one, KnownSwitches::join);
                }
            }
        }
        return switches.values();
    }

    private static Switch vtepSwitch(VtepEndpoint port, IpAddress locator, List<SwitchesReport.Vnet> carried) {
        return new Switch(
                port.name() + "/" + locator,
                "vtep",
                List.of(locator.toString()),
                null,
                new SwitchesReport.Port(
                        port.name(),
                        port.encapsulation().name().toLowerCase(Locale.ROOT),
                        port.device(),
                        SocketText.of(port.locator())),
                carried);
    }

    private static Switch join(Switch one, Switch same) {
        return new Switch(
                one.name(),
                one.kind(),
                one.locators(),
                one.state(),
                one.port(),
                Stream.concat(one.vnets().stream(), same.vnets().stream()).toList());
    }
}

package net.vgate.control;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Peer;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.config.Suggestion;
import net.vgate.control.Attachments.Attached;
import net.vgate.dataplane.PlanReference;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.observe.AddressReport;
import net.vgate.observe.StatusReport;
import net.vgate.packet.DropReason;
import net.vgate.packet.IpAddress;

/**
 * Answers what the gateway makes of an address. The conductor only says what is in force; the look-ups, which are many
 * where there are many members, are the asker's.
 *
 * <p><b>Threading.</b> Any thread but the conductor's.
 */
public final class Explaining {
    private static final int SHOWN_CHARACTERS = 60;

    private static final String NO_ADDRESS = " is no IP address; write it as 10.0.0.7 or fd00::7, without a length";

    private final Conductor conductor;
    private final StatusSource status;
    private final PlanReference plans;
    private final int workers;

    public Explaining(Conductor conductor, StatusSource status, PlanReference plans, int workers) {
        this.conductor = conductor;
        this.status = status;
        this.plans = plans;
        this.workers = workers;
    }

    /** What the conductor says. */
    private record InForce(
            GatewayConfig config,
            Optional<Attached> attached,
            ForwardingSnapshot snapshot,
            Map<String, Integer> siteNumbers,
            List<StatusReport.Tunnel> tunnels) {}

    /**
     * What an address is. A question that has no answer is answered with why not.
     *
     * @param vnet by name
     * @param text the address
     * @param at the site where it is written so; empty is this gateway's own
     */
    public AddressReport explain(String vnet, String text, String at) {
        Optional<IpAddress> address = IpAddress.parse(text);
        if (address.isEmpty()) {
            return AddressReport.refused(vnet, text, at, quoted(text) + NO_ADDRESS);
        }
        InForce inForce = conductor.ask(() -> inForce(vnet));
        GatewayConfig config = inForce.config();
        Set<String> vnets = config.vnets().stream().map(Vnet::name).collect(Collectors.toSet());
        if (!vnets.contains(vnet)) {
            String problem =
                    "there is no V-net " + quoted(vnet) + "; " + Suggestion.forName(vnet, vnets, "none is configured");
            return AddressReport.refused(vnet, text, at, problem);
        }
        boolean isHere = at.isEmpty() || at.equals(config.site());
        Set<String> sites = inForce.siteNumbers().keySet();
        if (!isHere && !sites.contains(at)) {
            String problem = "there is no site " + quoted(at) + " among the peers; "
                    + Suggestion.forName(at, sites, "none is configured");
            return AddressReport.refused(vnet, text, at, problem);
        }
        if (inForce.attached().isEmpty()) {
            String problem = "V-net " + vnet + " is without its device, so its packets are dropped as "
                    + DropReason.UNKNOWN_VNET.label() + "; device_failed in the log says why";
            return AddressReport.unavailable(vnet, text, at, inForce.snapshot().generation(), problem);
        }
        VnetFacts facts = facts(inForce, inForce.attached().get());
        return isHere ? AddressExplanation.here(facts, address.get()) : AddressExplanation.at(facts, at, address.get());
    }

    /** The conductor's thread only. */
    private InForce inForce(String vnet) {
        GatewayConfig config = conductor.config();
        Map<String, Integer> numbers = new TreeMap<>();
        for (Peer peer : config.peers()) {
            numbers.put(peer.site(), conductor.tunnels().siteNumber(peer.site()));
        }
        return new InForce(
                config,
                Optional.ofNullable(conductor.attachments().attached().get(vnet)),
                plans.current().forwarding(),
                numbers,
                status.tunnels(conductor));
    }

    private VnetFacts facts(InForce inForce, Attached attached) {
        GatewayConfig config = inForce.config();
        return new VnetFacts(
                config.site(),
                config.gateway(),
                config.file().toString(),
                inForce.snapshot().generation(),
                config.peers(),
                attached.vnet(),
                inForce.snapshot(),
                attached.table().index(),
                inForce.siteNumbers(),
                workers,
                inForce.tunnels(),
                attached.device()::neighbor);
    }

    /** What an asker wrote, so that it cannot write a line of its own. */
    private static String quoted(String text) {
        String shown = text.length() > SHOWN_CHARACTERS ? text.substring(0, SHOWN_CHARACTERS) + "..." : text;
        return '"' + shown.replaceAll("\\p{Cntrl}", "?") + '"';
    }
}

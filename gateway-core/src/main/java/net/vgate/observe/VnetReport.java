package net.vgate.observe;

import java.util.List;
import net.vgate.observe.StatusReport.Vnet;
import org.jspecify.annotations.Nullable;

/**
 * One V-net of a gateway: what {@code vgate vnet show --json} prints.
 *
 * @param kind {@code l3} or {@code l2}
 * @param state {@code up}, or {@code no_device} while it is without its device and nothing of it passes
 * @param peers that may carry it, or whose members it reaches
 * @param fallback what becomes of packets that no rule permits: {@code deny}
 * @param status what it does, as {@code vgate status} has it; null while it is without its device
 */
public record VnetReport(
        String name,
        int vni,
        String kind,
        String tunnelClass,
        String state,
        Attachment attachment,
        Members members,
        List<Peer> peers,
        String fallback,
        @Nullable Vnet status) {
    public VnetReport {
        peers = List.copyOf(peers);
    }

    /**
     * By what members are reached.
     *
     * @param kind {@code tun}, {@code tap} or {@code vtep}
     * @param device interface, or the VTEP port
     * @param netns network namespace of the device; null is the gateway's own
     * @param bridge that the device is a port of; null when the gateway did not put it in one
     * @param vni by which the data center's switches call the V-net; null without a VTEP port
     * @param locators of the switches that may speak for it; none without a VTEP port
     * @param addresses the gateway's own
     */
    public record Attachment(
            String kind,
            String device,
            @Nullable String netns,
            @Nullable String bridge,
            @Nullable Integer vni,
            List<String> locators,
            List<String> addresses) {
        public Attachment {
            locators = List.copyOf(locators);
            addresses = List.copyOf(addresses);
        }

        /** What it is and where, for people. */
        public String text() {
            String where = netns == null ? "" : " in namespace " + netns;
            return switch (kind) {
                case "vtep" -> "VTEP port " + device + ", VNI " + vni + ", at " + String.join(", ", locators);
                case "tap" -> "TAP device " + device + where + (bridge == null ? "" : ", a port of bridge " + bridge);
                default -> "TUN device " + device + where;
            };
        }
    }

    /**
     * Who is a member here.
     *
     * @param membership {@code prefixes}: every address of them; {@code directory}: those that it lists within them
     * @param prefixes the first thousand
     * @param prefixCount how many there are
     * @param joined members that the directory has as such; null without it
     * @param expected members that the directory has as such; null without it
     */
    public record Members(
            String membership,
            List<String> prefixes,
            int prefixCount,
            @Nullable Integer joined,
            @Nullable Integer expected) {
        public Members {
            prefixes = List.copyOf(prefixes);
        }
    }

    /**
     * Another site, as far as the V-net is concerned.
     *
     * @param granted whether it may carry the V-net
     * @param carriedBy its gateways that carry the V-net now
     */
    public record Peer(String site, boolean granted, List<String> carriedBy) {
        public Peer {
            carriedBy = List.copyOf(carriedBy);
        }
    }
}

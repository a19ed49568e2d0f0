package net.vgate.observe;

import java.util.List;
import java.util.Locale;

/**
 * Every metric of ours. Names and labels are what dashboards and alerts are built on: they do not change, and counters
 * never fall while the process lives.
 */
enum GatewayMetric {
    BUILD_INFO(Kind.GAUGE, "Always 1; the labels say what runs.", "version", "java"),
    AEAD_INFO(Kind.GAUGE, "Always 1; the labels say who computes AES-GCM.", "provider", "version"),
    OFFLOAD_ACTIVE(Kind.GAUGE, "1 while the off-load is in use.", "offload"),
    CONFIGURATION_GENERATION(Kind.GAUGE, "Number of the configuration in use."),
    CONFIGURATION_LOADED_TIMESTAMP_SECONDS(Kind.GAUGE, "When the configuration in use was put to use."),
    CONFIGURATION_LAST_RELOAD_SUCCESS(Kind.GAUGE, "Whether the last reload was applied; 1 before the first."),
    CONFIGURATION_LAST_RELOAD_TIMESTAMP_SECONDS(Kind.GAUGE, "When the last reload was tried; absent before the first."),
    CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS(Kind.GAUGE, "When this gateway's own certificate expires."),
    DRAINING(Kind.GAUGE, "1 while peers are asked to send flows to other gateways of this site."),
    REVOCATION_LIST_NEXT_UPDATE_TIMESTAMP_SECONDS(Kind.GAUGE, "When the authority's next list is due.", "authority"),
    KEY_LOG_ACTIVE(Kind.GAUGE, "1 while session keys are written to a file; 0 is as it should be."),

    PACKETS(Kind.COUNTER, "Inner packets passed.", "vnet", "direction"),
    BYTES(Kind.COUNTER, "Bytes of inner packets passed, headers included.", "vnet", "direction"),
    FLOWS(Kind.GAUGE, "Flows in the flow tables.", "vnet"),
    FLOWS_LIMIT(Kind.GAUGE, "Flows that the flow tables hold.", "vnet"),
    LIMIT_BYTES_PER_SECOND(Kind.GAUGE, "Rate at which the V-net may send to the site.", "vnet", "peer"),
    LIMIT_WAITING_PACKETS(Kind.GAUGE, "Packets that wait for this rate.", "vnet", "peer"),
    LIMIT_DELAY_SECONDS(Kind.GAUGE, "How long the last packet waited of those that did.", "vnet", "peer"),
    LIMIT_DROPS(Kind.COUNTER, "Packets that waited in vain, or had no room to.", "vnet", "peer"),
    LIMIT_MARKS(Kind.COUNTER, "Packets marked (ECN CE) for waiting long.", "vnet", "peer"),
    DROPS(Kind.COUNTER, "Packets dropped; without peer when it is not known.", "stage", "reason", "peer"),

    TUNNEL_UP(Kind.GAUGE, "1 while the tunnel carries data.", "peer", "gateway"),
    TUNNEL_CARRIES(Kind.GAUGE, "1 while flows to the site take the tunnel; else it stands by.", "peer", "gateway"),
    TUNNEL_AVOIDED(
            Kind.GAUGE,
            "1 while flows take another gateway of the site if there is one: the peer is draining, or no target answers.",
            "peer",
            "gateway"),
    FLOW_MOVES(Kind.COUNTER, "Times that flows took another gateway of the site than before.", "peer"),
    FLOW_MOVE_LAST_SECONDS(Kind.GAUGE, "How long nothing was heard before the last of these.", "peer"),
    CONGESTION_MARKS(Kind.COUNTER, "Packets from the site that the network in between had marked (ECN CE).", "peer"),
    TUNNEL_FRAGMENTS(Kind.COUNTER, "Fragments of packets that a path does not carry whole.", "peer", "direction"),
    TUNNEL_REASSEMBLED(Kind.COUNTER, "Packets that came in fragments and are whole again.", "peer"),
    TUNNEL_AGE_SECONDS(Kind.GAUGE, "Age of the association in use.", "peer", "gateway"),
    TUNNEL_LAST_RECEIVED_SECONDS(Kind.GAUGE, "How long ago the last authentic record came.", "peer", "gateway"),
    TUNNEL_RTT_SECONDS(Kind.GAUGE, "Round-trip time of the last liveness echo.", "peer", "gateway"),
    TUNNEL_PATH_MTU_BYTES(Kind.GAUGE, "Largest outer IP packet that the path carries.", "peer", "gateway"),
    PATH_UP(Kind.GAUGE, "1 while the peer answers on a path.", "peer", "gateway", "local", "path"),
    PATH_IN_USE(Kind.GAUGE, "1 for the path that packets take; others stand by.", "peer", "gateway", "local", "path"),
    PATH_RTT_SECONDS(Kind.GAUGE, "Smoothed round-trip time of a path.", "peer", "gateway", "local", "path"),
    PATH_LOSS_RATIO(
            Kind.GAUGE, "Share of a path's last 32 requests without answer.", "peer", "gateway", "local", "path"),
    TUNNEL_RUNG(Kind.GAUGE, "1 for the rung that carries the tunnel, udp or tcp.", "peer", "gateway", "rung"),
    TUNNEL_NEXT_REKEY_SECONDS(Kind.GAUGE, "Until age has the keys replaced; use may do so before.", "peer", "gateway"),
    TUNNEL_REKEYS(Kind.COUNTER, "Associations that replaced another.", "peer", "gateway"),
    TUNNEL_RECORDS(Kind.COUNTER, "DTLS records sealed and opened.", "peer", "gateway", "direction"),
    TUNNEL_BYTES(Kind.COUNTER, "Bytes of payload sealed and opened.", "peer", "gateway", "direction"),
    PEER_CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS(Kind.GAUGE, "When the peer's certificate expires.", "peer", "gateway"),
    TUNNEL_REFUSED_VNETS(Kind.GAUGE, "V-nets that it does not carry since their class is not met.", "peer", "gateway"),
    VNET_REFUSED(
            Kind.GAUGE,
            "1 for a V-net that the tunnel does not carry; up to 100 a tunnel.",
            "vnet",
            "peer",
            "gateway",
            "reason"),
    HANDSHAKES(Kind.COUNTER, "Handshakes ended; without peer when it is none of ours.", "peer", "gateway", "result"),
    RELAY_OPEN(Kind.GAUGE, "1 while this gateway passes on from one gateway to another.", "from", "to"),
    RELAY_PACKETS(Kind.COUNTER, "Datagrams passed on from one gateway to another.", "from", "to"),
    RELAY_BYTES(Kind.COUNTER, "Bytes of datagrams passed on from one gateway to another.", "from", "to"),
    RELAY_DROPS(Kind.COUNTER, "Datagrams that were granted to be passed on, and dropped.", "from", "to"),
    NAME_LOOKUPS(Kind.COUNTER, "Look-ups of a name that a peer is reached by.", "name"),
    NAME_LOOKUP_FAILURES(Kind.COUNTER, "Look-ups of it that failed.", "name"),
    HANDSHAKE_FAILURES(Kind.COUNTER, "Handshakes that came to nothing; as server, refusals.", "role", "reason"),
    STREAM_CONNECTIONS(Kind.COUNTER, "Connections to listen.tcp that were decided on.", "result"),
    HANDSHAKE_DATAGRAMS(Kind.COUNTER, "Datagrams of handshakes that were not dropped.", "use");

    private final Kind kind;
    private final String help;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> labels;

    GatewayMetric(Kind kind, String help, String... labels) {
        this.kind = kind;
        this.help = help;
        this.labels = List.of(labels);
    }

    /** Without the {@code _total} that the text format gives to counters. */
    String baseName() {
        return "vgate_" + name().toLowerCase(Locale.ROOT);
    }

    /** As scraped. */
    String fullName() {
        return kind == Kind.COUNTER ? baseName() + "_total" : baseName();
    }

    Kind kind() {
        return kind;
    }

    String help() {
        return help;
    }

    List<String> labels() {
        return labels;
    }

    /** A gauge goes up and down, a counter only up. */
    enum Kind {
        GAUGE,
        COUNTER
    }
}

package net.vgate.packet;

import java.util.Locale;

/**
 * Why a packet left the path. A closed set: the lower-case name is the metric's label and the command line's column.
 * The first reason that a stage gives stands.
 */
public enum DropReason {
    /** Shorter than its headers say, or headers that contradict each other. */
    MALFORMED,
    /** An ethertype, an IP version or a form of packet that this attachment does not carry. */
    UNSUPPORTED,
    /** More IPv6 extension headers than the parser walks (8, or 256 bytes): unknown means deny. */
    EXTENSION_HEADERS,
    /** At a VTEP port: the VNI and the locator that it came from are not configured together. */
    UNKNOWN_VTEP,
    /** A frame on a link of Ethernet that is for another station. */
    NOT_FOR_GATEWAY,
    /**
     * On a link of Ethernet: said in a member's name from another locator, or by another Ethernet address, than the
     * directory has for it.
     */
    MEMBER_ELSEWHERE,
    /** The hop limit ended here. */
    TTL_EXPIRED,
    /** Link-local, multicast, broadcast, loopback or unspecified: never crosses an L3 V-net. */
    SCOPE,
    /** The source is no member of the V-net at this site. */
    SPOOFED_SOURCE,
    /** One of our own records: the route to a peer leads into a V-net, and it would be sealed again without end. */
    TUNNEL_LOOP,
    /** No member, prefix or peer of the V-net has this destination. */
    NO_ROUTE,
    /** The destination's policy, or the absence of a permitting rule, denies the flow. */
    POLICY,
    /** The V-net's flow table is full. */
    FLOW_TABLE_FULL,
    /** The source or destination has no translation toward this peer. */
    UNTRANSLATABLE,
    /** An ICMP error whose embedded packet matches no live flow. */
    UNRELATED_ICMP_ERROR,
    /** A later fragment whose first fragment was not seen or not permitted. */
    FRAGMENT_WITHOUT_FIRST,
    /** A tiny, overlapping or header-less fragment (RFC 1858, RFC 3128, RFC 5722, RFC 7112). */
    FRAGMENT_FORBIDDEN,
    /** The V-net's fragment table is full. */
    FRAGMENT_TABLE_FULL,
    /** Larger than the path carries; the sender was told, within the rate limit. */
    TOO_BIG,
    /** No association with the peer at this moment: nothing is ever sent in clear. */
    NO_TUNNEL,
    /**
     * No association with the peer is as protected as the V-net's class demands, or the one that it came by was not.
     */
    BELOW_CLASS,
    /** The peer demands something else for the V-net than this gateway, or has not said what. */
    CLASS_MISMATCH,
    /** The association reached its limit of records or bytes before a new one was there. */
    KEY_EXHAUSTED,
    /** The datagram is no DTLS record. */
    NOT_A_RECORD,
    /** The record's connection ID, or its address where the peer has none, belongs to no association. */
    UNKNOWN_ASSOCIATION,
    /** The record's epoch is not the association's. */
    WRONG_EPOCH,
    /** The record did not authenticate. */
    AUTH_FAILED,
    /** Sequence number already seen, or older than the window (RFC 6347 section 4.1.2.6). */
    REPLAY,
    /** The queue toward control is full. */
    CONTROL_QUEUE_FULL,
    /** A handshake record that the record filter refuses. */
    HANDSHAKE_FILTERED,
    /** More handshakes under way than the pool allows, in all or for this source. */
    HANDSHAKE_LIMIT,
    /** The record's payload is no Geneve packet that we carry, or has a critical option unknown here. */
    ENCAPSULATION,
    /** A fragment of the tunnel that contradicts itself, or others of its packet; the packet is given up. */
    REASSEMBLY_INVALID,
    /** A packet of which not all fragments of the tunnel came in time. */
    REASSEMBLY_TIMEOUT,
    /** A packet of which not all fragments of the tunnel had come when newer packets took its place. */
    REASSEMBLY_FULL,
    /** To be passed on by a label under which this gateway has no open way, or has none any more. */
    RELAY_NOT_GRANTED,
    /** To be passed on by more relays than it may be, or by a tunnel that is relayed itself. */
    RELAY_HOP_LIMIT,
    /** Marked on the way as having met congestion, and its sender takes no marks: RFC 6040 section 4.2. */
    CONGESTION,
    /** The V-net number is not configured here. */
    UNKNOWN_VNET,
    /** The peer may not carry this V-net. */
    NOT_GRANTED,
    /** The inner source is outside what is configured for the peer's site. */
    WRONG_SITE_SOURCE,
    /** The inner destination is no member here. */
    NOT_HERE,
    /** The member has not answered on its link, under which Ethernet address it is. */
    NEIGHBOR_UNKNOWN,
    /** The destination locator names another switch. */
    WRONG_SWITCH,
    /** A burst limit on generated or control packets was reached. */
    RATE_LIMITED,
    /** The V-net's rate toward the site is used up: no room to wait, or waited too long. */
    SHAPED,
    /** The queue of the device or socket is full, or that of records which wait for a stream. */
    QUEUE_FULL,
    /** The kernel refused the packet. */
    DEVICE_ERROR,
    /** The packet was consumed here on purpose, and answered or handed to control; not a loss. */
    CONSUMED;

    private static final DropReason[] VALUES = values();

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name as metrics, JSON and tables show it. */
    public String label() {
        return label;
    }

    /** How many reasons there are. */
    public static int count() {
        return VALUES.length;
    }

    /** The reason with ordinal {@code ordinal}, without the copy that {@code values()} makes. */
    public static DropReason of(int ordinal) {
        return VALUES[ordinal];
    }
}

package net.vgate.policy;

import net.vgate.packet.IcmpHeader;
import net.vgate.packet.InnerHeader;

/** What a packet is to policy, as far as ICMP of either family goes. */
enum IcmpKind {
    NOT_ICMP(true),
    ECHO_REQUEST(true),
    ECHO_REPLY(true),
    /** About another packet, which it quotes. */
    ERROR(false),
    /** Has a meaning on one link only: router and neighbour discovery, redirects, multicast listeners. */
    OF_LINK(false),
    /** A source quench, which nobody may send (RFC 6633). */
    OBSOLETE(false),
    /** Timestamps and the like: a flow without ports. */
    OTHER(true);

    private final boolean hasFlow;

    IcmpKind(boolean hasFlow) {
        this.hasFlow = hasFlow;
    }

    /** Whether packets of this kind make up flows. */
    boolean hasFlow() {
        return hasFlow;
    }

    static IcmpKind of(InnerHeader header, int slot) {
        return switch (header.protocol(slot)) {
            // The parser lets neither pass in the other family.
            case InnerHeader.ICMP -> ofIpv4(header.icmpType(slot));
            case InnerHeader.ICMPV6 -> ofIpv6(header.icmpType(slot));
            default -> NOT_ICMP;
        };
    }

    private static IcmpKind ofIpv4(int type) {
        return switch (type) {
            case IcmpHeader.ECHO_REPLY -> ECHO_REPLY;
            case IcmpHeader.UNREACHABLE, IcmpHeader.TIME_EXCEEDED, IcmpHeader.PARAMETER_PROBLEM -> ERROR;
            case IcmpHeader.SOURCE_QUENCH -> OBSOLETE;
            // Router advertisement and solicitation, RFC 1256.
            case IcmpHeader.REDIRECT, 9, 10 -> OF_LINK;
            case IcmpHeader.ECHO -> ECHO_REQUEST;
            default -> OTHER;
        };
    }

    private static IcmpKind ofIpv6(int type) {
        return switch (type) {
            case IcmpHeader.V6_ECHO -> ECHO_REQUEST;
            case IcmpHeader.V6_ECHO_REPLY -> ECHO_REPLY;
            // RFC 4861, 2710, 3810, 2894, 3122, 3971, 4286, and RPL (RFC 6550), whose scope is the link.
            case 130, 131, 132, 133, 134, 135, 136, 137, 138, 141, 142, 143, 148, 149, 151, 152, 153, 155 -> OF_LINK;
            default -> type < IcmpHeader.V6_ECHO ? ERROR : OTHER;
        };
    }
}

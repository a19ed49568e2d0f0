package net.vgate.packet;

import java.nio.ByteBuffer;
import net.vgate.packet.InnerHeader.Fragment;
import org.jspecify.annotations.Nullable;

/**
 * Reads one packet's headers into the columns of an {@link InnerHeader}. Nothing is read that was not first found to be
 * inside the packet; whatever could be read in two ways is refused.
 *
 * <p>A quoted packet, of an ICMP error, is read in the same way, but may end before its own length says, and before its
 * transport header's ninth byte.
 */
final class HeaderParser {
    private static final int MAX_EXTENSION_HEADERS = 8;
    private static final int MAX_EXTENSION_BYTES = 256;

    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int NO_NEXT_HEADER = 59;
    private static final int DESTINATION_OPTIONS = 60;
    private static final int MOBILITY = 135;
    private static final int HIP = 139;
    private static final int SHIM6 = 140;

    /** Extension headers are counted in these; the fragment header is one long. RFC 8200 sections 4.2 to 4.6. */
    private static final int EXTENSION_UNIT = 8;

    /** What routers must send on of a quoted packet's transport header, RFC 792. */
    private static final int QUOTED_TRANSPORT_BYTES = 8;

    /** RFC 1858 section 3.2: a later fragment below this offset can rewrite the TCP flags of the first. */
    private static final int TCP_FLAGS_END = 16;

    private final InnerHeader into;
    private final ByteBuffer slab;

    HeaderParser(InnerHeader into, ByteBuffer slab) {
        this.into = into;
        this.slab = slab;
    }

    @Nullable
    DropReason parse(int slot, int at, int limit, boolean quoted) {
        into.version[slot] = 0;
        if (limit - at < 1) {
            return DropReason.MALFORMED;
        }
        int version = slab.get(at) >>> 4 & 0xf;
        into.l3Offset[slot] = at;
        DropReason reason = switch (version) {
            case 4 -> parseIpv4(slot, limit, quoted);
            case 6 -> parseIpv6(slot, limit, quoted);
            default -> DropReason.UNSUPPORTED;
        };
        if (reason == null) {
            reason = parseTransport(slot, version, quoted);
        }
        if (reason == null) {
            into.version[slot] = (byte) version;
        }
        return reason;
    }

    private @Nullable DropReason parseIpv4(int slot, int limit, boolean quoted) {
        int at = into.l3Offset[slot];
        int headerBytes = Ipv4Header.headerBytes(slab, at);
        if (headerBytes < Ipv4Header.BYTES || limit - at < headerBytes) {
            return DropReason.MALFORMED;
        }
        int total = Ipv4Header.totalLength(slab, at);
        if (total < headerBytes || (total > limit - at && !quoted)) {
            return DropReason.MALFORMED;
        }
        into.end[slot] = Math.min(limit, at + total);
        into.l4Offset[slot] = at + headerBytes;
        into.protocol[slot] = slab.get(at + Ipv4Header.PROTOCOL_OFFSET) & 0xff;
        into.sourceHi[slot] = InnerHeader.MAPPED_HI;
        into.sourceLo[slot] = mapped(slab.getInt(at + Ipv4Header.SOURCE_OFFSET));
        into.destinationHi[slot] = InnerHeader.MAPPED_HI;
        into.destinationLo[slot] = mapped(slab.getInt(at + Ipv4Header.DESTINATION_OFFSET));
        into.fragmentId[slot] = slab.getShort(at + Ipv4Header.ID_OFFSET) & 0xffff;
        int field = slab.getShort(at + Ipv4Header.FRAGMENT_OFFSET) & 0xffff;
        setFragment(slot, (field & 0x1fff) << 3, (field & Ipv4Header.MORE_FRAGMENTS) != 0, at + headerBytes);
        DropReason reason = checkFragment(slot, headerBytes, total - headerBytes);
        return reason != null ? reason : checkIpv4Options(at + Ipv4Header.BYTES, at + headerBytes);
    }

    private static long mapped(int address) {
        return InnerHeader.MAPPED_LO | (address & 0xffff_ffffL);
    }

    private @Nullable DropReason checkIpv4Options(int start, int end) {
        int cursor = start;
        while (cursor < end) {
            int type = slab.get(cursor) & 0xff;
            if (type == Ipv4Header.OPTION_END) {
                break;
            }
            int bytes = 1;
            if (type != Ipv4Header.OPTION_NO_OPERATION) {
                bytes = cursor + 1 < end ? slab.get(cursor + 1) & 0xff : 0;
                if (bytes < 2 || bytes > end - cursor) {
                    return DropReason.MALFORMED;
                }
            }
            if (type == Ipv4Header.OPTION_LOOSE_SOURCE_ROUTE || type == Ipv4Header.OPTION_STRICT_SOURCE_ROUTE) {
                // RFC 7126 sections 4.3 and 4.4: the destination is not the one that the header names.
                return DropReason.UNSUPPORTED;
            }
            cursor += bytes;
        }
        return null;
    }

    private @Nullable DropReason parseIpv6(int slot, int limit, boolean quoted) {
        int at = into.l3Offset[slot];
        if (limit - at < Ipv6Header.BYTES) {
            return DropReason.MALFORMED;
        }
        int payload = Ipv6Header.payloadLength(slab, at);
        if (payload > limit - at - Ipv6Header.BYTES && !quoted) {
            return DropReason.MALFORMED;
        }
        into.end[slot] = Math.min(limit, at + Ipv6Header.BYTES + payload);
        into.sourceHi[slot] = slab.getLong(at + Ipv6Header.SOURCE_OFFSET);
        into.sourceLo[slot] = slab.getLong(at + Ipv6Header.SOURCE_OFFSET + 8);
        into.destinationHi[slot] = slab.getLong(at + Ipv6Header.DESTINATION_OFFSET);
        into.destinationLo[slot] = slab.getLong(at + Ipv6Header.DESTINATION_OFFSET + 8);
        if (InnerHeader.isIpv4(into.sourceHi[slot], into.sourceLo[slot])
                || InnerHeader.isIpv4(into.destinationHi[slot], into.destinationLo[slot])) {
            // RFC 4942 section 2.2: a mapped address is never on the wire; here it would pass for IPv4.
            return DropReason.SCOPE;
        }
        setFragment(slot, 0, false, at);
        into.fragmentId[slot] = 0;
        return walkExtensionHeaders(slot);
    }

    private @Nullable DropReason walkExtensionHeaders(int slot) {
        int start = into.l3Offset[slot] + Ipv6Header.BYTES;
        int end = into.end[slot];
        int cursor = start;
        int header = slab.get(into.l3Offset[slot] + Ipv6Header.NEXT_HEADER_OFFSET) & 0xff;
        int walked = 0;
        while (isExtension(header) && into.fragment[slot] != Fragment.LATER) {
            if (++walked > MAX_EXTENSION_HEADERS) {
                return DropReason.EXTENSION_HEADERS;
            }
            if (end - cursor < EXTENSION_UNIT) {
                return ranOut(slot);
            }
            int bytes = extensionBytes(header, cursor);
            if (cursor + bytes - start > MAX_EXTENSION_BYTES) {
                return DropReason.EXTENSION_HEADERS;
            }
            if (bytes > end - cursor) {
                return ranOut(slot);
            }
            DropReason reason = checkExtension(slot, header, cursor, cursor == start);
            if (reason != null) {
                return reason;
            }
            header = slab.get(cursor) & 0xff;
            cursor += bytes;
        }
        into.l4Offset[slot] = cursor;
        into.protocol[slot] = header;
        return null;
    }

    /** RFC 7112 section 5: a first fragment has the whole chain of headers. */
    private DropReason ranOut(int slot) {
        return into.fragment[slot] == Fragment.FIRST ? DropReason.FRAGMENT_FORBIDDEN : DropReason.MALFORMED;
    }

    private int extensionBytes(int header, int at) {
        int length = slab.get(at + 1) & 0xff;
        return switch (header) {
            case FRAGMENT -> EXTENSION_UNIT;
            // RFC 4302 section 2.2: in 4-byte words, less 2.
            case InnerHeader.AH -> (length + 2) * 4;
            default -> (length + 1) * EXTENSION_UNIT;
        };
    }

    private @Nullable DropReason checkExtension(int slot, int header, int at, boolean isFirst) {
        return switch (header) {
            case FRAGMENT -> readFragmentHeader(slot, at);
            // RFC 8200 section 4.1: right after the IPv6 header, or nowhere.
            case HOP_BY_HOP -> isFirst ? null : DropReason.MALFORMED;
            // RFC 5095 section 3 for type 0; with segments left, the destination is not the one that the header names.
            case ROUTING -> slab.get(at + 2) == 0 || slab.get(at + 3) != 0 ? DropReason.UNSUPPORTED : null;
            default -> null;
        };
    }

    private @Nullable DropReason readFragmentHeader(int slot, int at) {
        int ipv6At = into.l3Offset[slot];
        if (into.fragmentStart[slot] != ipv6At) {
            // RFC 8200 section 4.1: at most once; a second one would speak of another datagram.
            return DropReason.FRAGMENT_FORBIDDEN;
        }
        int field = slab.getShort(at + 2) & 0xffff;
        setFragment(slot, field & 0xfff8, (field & 1) != 0, at + EXTENSION_UNIT);
        into.fragmentId[slot] = slab.getInt(at + 4);
        int before = at - ipv6At - Ipv6Header.BYTES;
        return checkFragment(slot, before, Ipv6Header.payloadLength(slab, ipv6At) - before - EXTENSION_UNIT);
    }

    private static boolean isExtension(int header) {
        return switch (header) {
            case HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION_OPTIONS, InnerHeader.AH, MOBILITY, HIP, SHIM6 -> true;
            default -> false;
        };
    }

    private void setFragment(int slot, int offsetBytes, boolean more, int start) {
        into.fragmentOffset[slot] = offsetBytes;
        into.fragmentStart[slot] = start;
        into.moreFragments[slot] = more;
        into.fragment[slot] = offsetBytes != 0 ? Fragment.LATER : more ? Fragment.FIRST : Fragment.WHOLE;
    }

    /**
     * RFC 791 section 3.2, RFC 8200 section 4.5: fragments are not empty, all but the last carry a multiple of 8, and
     * none ends beyond the largest packet.
     *
     * @param before bytes that come before the fragmentable part and count in the datagram's length
     * @param carried bytes of the fragmentable part, as the packet's own length has it
     */
    private @Nullable DropReason checkFragment(int slot, int before, int carried) {
        if (into.fragment[slot] == Fragment.WHOLE) {
            return null;
        }
        boolean fits = before + into.fragmentOffset[slot] + carried <= PacketBatch.MAX_PACKET_BYTES;
        boolean even = !into.moreFragments[slot] || (carried & 7) == 0;
        return carried > 0 && fits && even ? null : DropReason.FRAGMENT_FORBIDDEN;
    }

    private @Nullable DropReason parseTransport(int slot, int version, boolean quoted) {
        into.sourcePort[slot] = 0;
        into.destinationPort[slot] = 0;
        into.l4Detail[slot] = 0;
        int protocol = into.protocol[slot];
        if (into.fragment[slot] == Fragment.LATER) {
            boolean rewritesFlags = protocol == InnerHeader.TCP && into.fragmentOffset[slot] < TCP_FLAGS_END;
            return rewritesFlags ? DropReason.FRAGMENT_FORBIDDEN : null;
        }
        return switch (protocol) {
            case InnerHeader.TCP -> quoted ? parseQuotedPorts(slot) : parseTcp(slot);
            case InnerHeader.UDP -> quoted ? parseQuotedPorts(slot) : parseUdp(slot);
            case InnerHeader.ICMP -> version == 4 ? parseIcmp(slot) : DropReason.UNSUPPORTED;
            case InnerHeader.ICMPV6 -> version == 6 ? parseIcmp(slot) : DropReason.UNSUPPORTED;
            case NO_NEXT_HEADER -> DropReason.UNSUPPORTED;
            default -> null;
        };
    }

    /** What to say of a transport header that is not all there; a fragment like that is made to get past filters. */
    private DropReason tooShort(int slot) {
        return into.fragment[slot] == Fragment.FIRST ? DropReason.FRAGMENT_FORBIDDEN : DropReason.MALFORMED;
    }

    private int bytesThere(int slot) {
        return into.end[slot] - into.l4Offset[slot];
    }

    private @Nullable DropReason parseTcp(int slot) {
        int there = bytesThere(slot);
        if (there < TcpHeader.BYTES) {
            return tooShort(slot);
        }
        int at = into.l4Offset[slot];
        int headerBytes = TcpHeader.headerBytes(slab, at);
        if (headerBytes < TcpHeader.BYTES) {
            return DropReason.MALFORMED;
        }
        if (headerBytes > there) {
            return tooShort(slot);
        }
        into.l4Detail[slot] = slab.get(at + TcpHeader.FLAGS_OFFSET) & 0xff;
        readPorts(slot);
        return null;
    }

    private @Nullable DropReason parseUdp(int slot) {
        int there = bytesThere(slot);
        if (there < UdpHeader.BYTES) {
            return tooShort(slot);
        }
        int datagram = slab.getShort(into.l4Offset[slot] + UdpHeader.LENGTH_OFFSET) & 0xffff;
        // A length of 0 is that of a jumbogram (RFC 2675 section 4), which cannot be here.
        if (datagram < UdpHeader.BYTES || (datagram > there && into.fragment[slot] == Fragment.WHOLE)) {
            return DropReason.MALFORMED;
        }
        readPorts(slot);
        return null;
    }

    private @Nullable DropReason parseQuotedPorts(int slot) {
        if (bytesThere(slot) < QUOTED_TRANSPORT_BYTES) {
            return tooShort(slot);
        }
        readPorts(slot);
        return null;
    }

    private void readPorts(int slot) {
        int ports = slab.getInt(into.l4Offset[slot]);
        into.sourcePort[slot] = ports >>> 16;
        into.destinationPort[slot] = ports & 0xffff;
    }

    private @Nullable DropReason parseIcmp(int slot) {
        if (bytesThere(slot) < IcmpHeader.BYTES) {
            return tooShort(slot);
        }
        int at = into.l4Offset[slot];
        int type = slab.get(at) & 0xff;
        into.l4Detail[slot] = type << 8 | (slab.get(at + IcmpHeader.CODE_OFFSET) & 0xff);
        if (isEcho(into.protocol[slot], type)) {
            int identifier = slab.getShort(at + IcmpHeader.IDENTIFIER_OFFSET) & 0xffff;
            into.sourcePort[slot] = identifier;
            into.destinationPort[slot] = identifier;
        }
        return null;
    }

    private static boolean isEcho(int protocol, int type) {
        return protocol == InnerHeader.ICMP
                ? type == IcmpHeader.ECHO || type == IcmpHeader.ECHO_REPLY
                : type == IcmpHeader.V6_ECHO || type == IcmpHeader.V6_ECHO_REPLY;
    }
}

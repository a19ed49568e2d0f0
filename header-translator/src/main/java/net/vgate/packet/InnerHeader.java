package net.vgate.packet;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The one parser of tenants' headers. Every stage works from what it found, so that no two stages can read one packet
 * in two ways. It fills columns per slot of the batch that it belongs to; nothing is allocated.
 *
 * <p>Addresses of both families are 128 bits in two longs, IPv4 in its mapped form {@code ::ffff:a.b.c.d} (RFC 4291
 * section 2.5.5.2), so that tables and flows know one form. Ports are those of TCP and UDP; an ICMP echo has its
 * identifier in both; other protocols have 0.
 *
 * <p>Accessors of a slot have meaning only after {@link #parse} or {@link #parseQuoted} has returned null for it.
 */
public final class InnerHeader {
    /** IANA protocol numbers. */
    public static final int ICMP = 1;

    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int AH = 51;
    public static final int ESP = 50;
    public static final int ICMPV6 = 58;

    /** Bits of {@link #tcpFlags}, RFC 9293 section 3.1. */
    public static final int TCP_FIN = 0x01;

    public static final int TCP_SYN = 0x02;
    public static final int TCP_RST = 0x04;
    public static final int TCP_ACK = 0x10;

    /** Upper half of an IPv4 address in its mapped form; the lower half is {@code 0xffff_0000_0000 | address}. */
    public static final long MAPPED_HI = 0;

    public static final long MAPPED_LO = 0xffff_0000_0000L;

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

    private final PacketBatch batch;
    private final byte[] version;
    private final int[] l3Offset;
    private final int[] l4Offset;
    private final int[] end;
    private final int[] protocol;
    private final Fragment[] fragment;
    private final int[] fragmentOffset;
    private final int[] fragmentStart;
    private final boolean[] moreFragments;
    private final int[] fragmentId;
    private final long[] sourceHi;
    private final long[] sourceLo;
    private final long[] destinationHi;
    private final long[] destinationLo;
    private final int[] sourcePort;
    private final int[] destinationPort;
    private final int[] l4Detail;

    /** Which part of a datagram a packet is. */
    public enum Fragment {
        /** All of it (an atomic fragment, RFC 6946, counts as that). */
        WHOLE,
        /** The part with the transport header. */
        FIRST,
        /** A part without; it has no ports. */
        LATER
    }

    InnerHeader(PacketBatch batch, int capacity) {
        this.batch = batch;
        this.version = new byte[capacity];
        this.l3Offset = new int[capacity];
        this.l4Offset = new int[capacity];
        this.end = new int[capacity];
        this.protocol = new int[capacity];
        this.fragment = new Fragment[capacity];
        this.fragmentOffset = new int[capacity];
        this.fragmentStart = new int[capacity];
        this.moreFragments = new boolean[capacity];
        this.fragmentId = new int[capacity];
        this.sourceHi = new long[capacity];
        this.sourceLo = new long[capacity];
        this.destinationHi = new long[capacity];
        this.destinationLo = new long[capacity];
        this.sourcePort = new int[capacity];
        this.destinationPort = new int[capacity];
        this.l4Detail = new int[capacity];
    }

    void forget(int slot) {
        version[slot] = 0;
    }

    /**
     * Parses the IP packet in {@code slot}, from its offset to its end. Bytes after the packet's own length are cut
     * off.
     *
     * @return null when every field read here is inside the packet, or why the packet must be dropped
     */
    public @Nullable DropReason parse(int slot) {
        int at = batch.offset(slot);
        DropReason reason = parse(slot, at, at + batch.length(slot), false);
        if (reason == null) {
            batch.setLength(slot, end[slot] - at);
        }
        return reason;
    }

    /**
     * Parses the packet that the ICMP error in {@code slot} quotes, between {@code at} and {@code limit}: it may be cut
     * off after the first 8 bytes of its transport header (RFC 792), and its length fields may exceed what is there.
     *
     * @return null, or why it cannot be understood
     */
    public @Nullable DropReason parseQuoted(int slot, int at, int limit) {
        return parse(slot, at, limit, true);
    }

    /**
     * Parses the packet that the parsed ICMP error in {@code slot} quotes, into {@link PacketBatch#quoted()}.
     *
     * @return null, or why it cannot be understood
     */
    public @Nullable DropReason parseQuoted(int slot) {
        InnerHeader quoted = batch.quoted();
        DropReason reason = quoted.parseQuoted(slot, l4Offset[slot] + IcmpHeader.BYTES, quoteEnd(slot));
        if (reason != null) {
            return reason;
        }
        // RFC 1122 section 3.2.2, RFC 4443 section 2.4 (e): there are no errors about errors.
        return quoted.version(slot) != version[slot] || quoted.isIcmpError(slot) ? DropReason.MALFORMED : null;
    }

    /** Where the quote of an ICMP error ends: at the packet's end, or where RFC 4884 section 4 puts extensions. */
    private int quoteEnd(int slot) {
        int at = l4Offset[slot];
        int type = icmpType(slot);
        int bytes = 0;
        if (version[slot] == 6) {
            if (type == IcmpHeader.V6_UNREACHABLE || type == IcmpHeader.V6_TIME_EXCEEDED) {
                bytes = (batch.slab().get(at + IcmpHeader.IPV6_QUOTE_WORDS_OFFSET) & 0xff) * 8;
            }
        } else if (type == IcmpHeader.UNREACHABLE
                || type == IcmpHeader.TIME_EXCEEDED
                || type == IcmpHeader.PARAMETER_PROBLEM) {
            bytes = (batch.slab().get(at + IcmpHeader.IPV4_QUOTE_WORDS_OFFSET) & 0xff) * 4;
        }
        return bytes == 0 ? end[slot] : Math.min(end[slot], at + IcmpHeader.BYTES + bytes);
    }

    private @Nullable DropReason parse(int slot, int at, int limit, boolean quoted) {
        version[slot] = 0;
        if (limit - at < 1) {
            return DropReason.MALFORMED;
        }
        int first = batch.slab().get(at) & 0xff;
        l3Offset[slot] = at;
        DropReason reason = switch (first >>> 4) {
            case 4 -> parseIpv4(slot, at, limit, first & 0xf, quoted);
            case 6 -> parseIpv6(slot, at, limit, quoted);
            default -> DropReason.UNSUPPORTED;
        };
        if (reason == null) {
            reason = parseTransport(slot, quoted);
        }
        if (reason == null) {
            version[slot] = (byte) (first >>> 4);
        }
        return reason;
    }

    private @Nullable DropReason parseIpv4(int slot, int at, int limit, int words, boolean quoted) {
        ByteBuffer slab = batch.slab();
        int headerBytes = words * 4;
        if (headerBytes < Ipv4Header.BYTES || limit - at < headerBytes) {
            return DropReason.MALFORMED;
        }
        int total = Ipv4Header.totalLength(slab, at);
        if (total < headerBytes || (total > limit - at && !quoted)) {
            return DropReason.MALFORMED;
        }
        end[slot] = Math.min(limit, at + total);
        l4Offset[slot] = at + headerBytes;
        protocol[slot] = slab.get(at + Ipv4Header.PROTOCOL_OFFSET) & 0xff;
        int fragmentField = slab.getShort(at + Ipv4Header.FRAGMENT_OFFSET) & 0xffff;
        boolean more = (fragmentField & Ipv4Header.MORE_FRAGMENTS) != 0;
        setFragment(slot, (fragmentField & 0x1fff) << 3, more, at + headerBytes);
        fragmentId[slot] = slab.getShort(at + Ipv4Header.ID_OFFSET) & 0xffff;
        if (fragment[slot] != Fragment.WHOLE) {
            int payload = total - headerBytes;
            // RFC 791: fragments end within 65,535 bytes, and all but the last carry a multiple of 8.
            if (headerBytes + fragmentOffset[slot] + payload > PacketBatch.MAX_PACKET_BYTES
                    || payload == 0
                    || (more && (payload & 7) != 0)) {
                return DropReason.FRAGMENT_FORBIDDEN;
            }
        }
        sourceHi[slot] = MAPPED_HI;
        sourceLo[slot] = MAPPED_LO | (slab.getInt(at + Ipv4Header.SOURCE_OFFSET) & 0xffff_ffffL);
        destinationHi[slot] = MAPPED_HI;
        destinationLo[slot] = MAPPED_LO | (slab.getInt(at + Ipv4Header.DESTINATION_OFFSET) & 0xffff_ffffL);
        return null;
    }

    private @Nullable DropReason parseIpv6(int slot, int at, int limit, boolean quoted) {
        ByteBuffer slab = batch.slab();
        if (limit - at < Ipv6Header.BYTES) {
            return DropReason.MALFORMED;
        }
        int payload = Ipv6Header.payloadLength(slab, at);
        if (payload > limit - at - Ipv6Header.BYTES && !quoted) {
            return DropReason.MALFORMED;
        }
        end[slot] = Math.min(limit, at + Ipv6Header.BYTES + payload);
        sourceHi[slot] = slab.getLong(at + Ipv6Header.SOURCE_OFFSET);
        sourceLo[slot] = slab.getLong(at + Ipv6Header.SOURCE_OFFSET + 8);
        destinationHi[slot] = slab.getLong(at + Ipv6Header.DESTINATION_OFFSET);
        destinationLo[slot] = slab.getLong(at + Ipv6Header.DESTINATION_OFFSET + 8);
        if (isIpv4(sourceHi[slot], sourceLo[slot]) || isIpv4(destinationHi[slot], destinationLo[slot])) {
            // RFC 4291 section 2.5.5.2 and RFC 4942 section 2.2: never on the wire; here it would pass for IPv4.
            return DropReason.SCOPE;
        }
        setFragment(slot, 0, false, at);
        fragmentId[slot] = 0;
        return walkExtensionHeaders(slot, at + Ipv6Header.BYTES, slab.get(at + Ipv6Header.NEXT_HEADER_OFFSET) & 0xff);
    }

    private @Nullable DropReason walkExtensionHeaders(int slot, int start, int firstHeader) {
        ByteBuffer slab = batch.slab();
        int cursor = start;
        int next = firstHeader;
        for (int walked = 0; isExtension(next); walked++) {
            if (walked == MAX_EXTENSION_HEADERS) {
                return DropReason.EXTENSION_HEADERS;
            }
            if (end[slot] - cursor < 8) {
                return DropReason.MALFORMED;
            }
            int bytes = 8;
            if (next == FRAGMENT) {
                if (fragmentStart[slot] != l3Offset[slot]) {
                    // RFC 8200 section 4.1: at most once; a second one would speak of another datagram.
                    return DropReason.FRAGMENT_FORBIDDEN;
                }
                int field = slab.getShort(cursor + 2) & 0xffff;
                setFragment(slot, field & 0xfff8, (field & 1) != 0, cursor + bytes);
                fragmentId[slot] = slab.getInt(cursor + 4);
            } else if (next == AH) {
                bytes = ((slab.get(cursor + 1) & 0xff) + 2) * 4;
            } else {
                bytes = ((slab.get(cursor + 1) & 0xff) + 1) * 8;
                if (next == ROUTING && slab.get(cursor + 2) == 0) {
                    // RFC 5095 section 3: routing type 0 is not processed.
                    return DropReason.UNSUPPORTED;
                }
                if (next == HOP_BY_HOP && cursor != start) {
                    return DropReason.MALFORMED;
                }
            }
            if (cursor + bytes - start > MAX_EXTENSION_BYTES) {
                return DropReason.EXTENSION_HEADERS;
            }
            if (cursor + bytes > end[slot]) {
                return DropReason.MALFORMED;
            }
            boolean wasFragment = next == FRAGMENT;
            next = slab.get(cursor) & 0xff;
            cursor += bytes;
            if (wasFragment && fragment[slot] == Fragment.LATER) {
                break;
            }
            if (wasFragment && fragment[slot] == Fragment.FIRST && ((end[slot] - cursor) & 7) != 0) {
                return DropReason.FRAGMENT_FORBIDDEN;
            }
        }
        l4Offset[slot] = cursor;
        protocol[slot] = next;
        return null;
    }

    private static boolean isExtension(int header) {
        return switch (header) {
            case HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION_OPTIONS, AH, MOBILITY, HIP, SHIM6 -> true;
            default -> false;
        };
    }

    private void setFragment(int slot, int offsetBytes, boolean more, int start) {
        fragmentOffset[slot] = offsetBytes;
        fragmentStart[slot] = start;
        moreFragments[slot] = more;
        fragment[slot] = offsetBytes != 0 ? Fragment.LATER : more ? Fragment.FIRST : Fragment.WHOLE;
    }

    private @Nullable DropReason parseTransport(int slot, boolean quoted) {
        sourcePort[slot] = 0;
        destinationPort[slot] = 0;
        l4Detail[slot] = 0;
        if (fragment[slot] == Fragment.LATER) {
            // RFC 1858 section 3.2: a second fragment that could rewrite the TCP flags of the first.
            return protocol[slot] == TCP && fragmentOffset[slot] < 16 ? DropReason.FRAGMENT_FORBIDDEN : null;
        }
        ByteBuffer slab = batch.slab();
        int at = l4Offset[slot];
        int there = end[slot] - at;
        boolean first = fragment[slot] == Fragment.FIRST;
        DropReason tooShort = first ? DropReason.FRAGMENT_FORBIDDEN : DropReason.MALFORMED;
        switch (protocol[slot]) {
            case TCP -> {
                if (there < (quoted ? 8 : 20)) {
                    return tooShort;
                }
                if (!quoted) {
                    int headerBytes = (slab.get(at + 12) >>> 4 & 0xf) * 4;
                    if (headerBytes < 20 || headerBytes > there) {
                        return headerBytes < 20 ? DropReason.MALFORMED : tooShort;
                    }
                    l4Detail[slot] = slab.get(at + 13) & 0xff;
                }
                readPorts(slot, at);
            }
            case UDP -> {
                if (there < 8) {
                    return tooShort;
                }
                int datagram = slab.getShort(at + 4) & 0xffff;
                if (!quoted && !first && (datagram < 8 || datagram > there)) {
                    return DropReason.MALFORMED;
                }
                readPorts(slot, at);
            }
            case ICMP, ICMPV6 -> {
                if (there < 8) {
                    return tooShort;
                }
                int type = slab.get(at) & 0xff;
                l4Detail[slot] = type << 8 | (slab.get(at + 1) & 0xff);
                if (isEcho(protocol[slot], type)) {
                    int identifier = slab.getShort(at + 4) & 0xffff;
                    sourcePort[slot] = identifier;
                    destinationPort[slot] = identifier;
                }
            }
            case NO_NEXT_HEADER -> {
                return DropReason.UNSUPPORTED;
            }
            default -> {}
        }
        return null;
    }

    private void readPorts(int slot, int at) {
        int ports = batch.slab().getInt(at);
        sourcePort[slot] = ports >>> 16;
        destinationPort[slot] = ports & 0xffff;
    }

    private static boolean isEcho(int protocol, int type) {
        return protocol == ICMP ? type == 8 || type == 0 : type == 128 || type == 129;
    }

    /** Whether an address is an IPv4 one, in its mapped form. */
    public static boolean isIpv4(long hi, long lo) {
        return hi == MAPPED_HI && lo >>> 32 == 0xffffL;
    }

    /** 4 or 6; 0 when the slot is not parsed. */
    public int version(int slot) {
        return version[slot];
    }

    /** Where the IP header starts, in the slab. */
    public int l3Offset(int slot) {
        return l3Offset[slot];
    }

    /** Where the transport header, or a later fragment's payload, starts, in the slab. */
    public int l4Offset(int slot) {
        return l4Offset[slot];
    }

    /** Where the packet ends, in the slab. */
    public int end(int slot) {
        return end[slot];
    }

    /** The upper-layer protocol, an IANA number; of a later IPv6 fragment, the next header that the fragment names. */
    public int protocol(int slot) {
        return protocol[slot];
    }

    public Fragment fragment(int slot) {
        return fragment[slot];
    }

    /** Where the fragment's payload belongs, in bytes. */
    public int fragmentOffset(int slot) {
        return fragmentOffset[slot];
    }

    /**
     * How many bytes of the datagram's fragmentable part a fragment carries, headers after the fragment header
     * included.
     */
    public int fragmentBytes(int slot) {
        return end[slot] - fragmentStart[slot];
    }

    /** Whether a fragment is not the datagram's last. */
    public boolean moreFragments(int slot) {
        return moreFragments[slot];
    }

    /** The identification field: 16 bits in IPv4, 32 in IPv6 (0 without a fragment header). */
    public int fragmentId(int slot) {
        return fragmentId[slot];
    }

    public long sourceHi(int slot) {
        return sourceHi[slot];
    }

    public long sourceLo(int slot) {
        return sourceLo[slot];
    }

    public long destinationHi(int slot) {
        return destinationHi[slot];
    }

    public long destinationLo(int slot) {
        return destinationLo[slot];
    }

    /** Whoever rewrites the source in the packet tells so here. */
    public void setSource(int slot, long hi, long lo) {
        sourceHi[slot] = hi;
        sourceLo[slot] = lo;
    }

    /** Whoever rewrites the destination in the packet tells so here. */
    public void setDestination(int slot, long hi, long lo) {
        destinationHi[slot] = hi;
        destinationLo[slot] = lo;
    }

    public int sourcePort(int slot) {
        return sourcePort[slot];
    }

    public int destinationPort(int slot) {
        return destinationPort[slot];
    }

    /** TCP: the flags; 0 in a quoted packet, which may lack them. */
    public int tcpFlags(int slot) {
        return protocol[slot] == TCP ? l4Detail[slot] : 0;
    }

    /** ICMP of either family: the type. */
    public int icmpType(int slot) {
        return l4Detail[slot] >>> 8;
    }

    /** ICMP of either family: the code. */
    public int icmpCode(int slot) {
        return l4Detail[slot] & 0xff;
    }

    /**
     * Whether the packet is an ICMP error, which quotes another packet (RFC 1122 section 3.2.2, RFC 4443 section 2.1).
     */
    public boolean isIcmpError(int slot) {
        if (fragment[slot] == Fragment.LATER) {
            return false;
        }
        int type = icmpType(slot);
        return switch (protocol[slot]) {
            case ICMP -> version[slot] == 4 && (type == 3 || type == 4 || type == 5 || type == 11 || type == 12);
            case ICMPV6 -> version[slot] == 6 && type < 128;
            default -> false;
        };
    }
}

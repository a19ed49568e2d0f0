package net.vgate.packet;

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
    public static final int TCP_PSH = 0x08;
    public static final int TCP_ACK = 0x10;
    public static final int TCP_ECE = 0x40;
    public static final int TCP_CWR = 0x80;

    /** Upper half of an IPv4 address in its mapped form; the lower half is {@code 0xffff_0000_0000 | address}. */
    public static final long MAPPED_HI = 0;

    public static final long MAPPED_LO = 0xffff_0000_0000L;

    private final PacketBatch batch;
    private final HeaderParser parser;

    // The columns; HeaderParser fills them.
    final byte[] version;
    final int[] l3Offset;
    final int[] l4Offset;
    final int[] end;
    final int[] protocol;
    final Fragment[] fragment;
    final int[] fragmentOffset;
    final int[] fragmentStart;
    final boolean[] moreFragments;
    final int[] fragmentId;
    final long[] sourceHi;
    final long[] sourceLo;
    final long[] destinationHi;
    final long[] destinationLo;
    final int[] sourcePort;
    final int[] destinationPort;
    final int[] l4Detail;

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
        this.parser = new HeaderParser(this, batch.slab());
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
        if (batch.layer(slot) != PacketBatch.Layer.L3) {
            return DropReason.UNSUPPORTED;
        }
        int at = batch.offset(slot);
        DropReason reason = parser.parse(slot, at, at + batch.length(slot), false);
        if (reason == null) {
            batch.setLength(slot, end[slot] - at);
        }
        return reason;
    }

    /** The version that a packet which is not parsed yet says it is of; -1 of an empty one. */
    public int peekVersion(int slot) {
        return batch.length(slot) == 0 ? -1 : batch.slab().get(batch.offset(slot)) >>> 4 & 0xf;
    }

    /**
     * The {@link TrafficClass} of a packet that is not parsed yet, whose header begins at its offset; -1 of one that is
     * too short for a header, or of neither version.
     */
    public int peekTrafficClass(int slot) {
        int peeked = peekVersion(slot);
        int headerBytes = peeked == 4 ? Ipv4Header.BYTES : Ipv6Header.BYTES;
        boolean isThere = (peeked == 4 || peeked == 6) && batch.length(slot) >= headerBytes;
        return isThere ? TrafficClass.of(batch.slab(), batch.offset(slot), peeked) : -1;
    }

    /**
     * Parses the packet that the ICMP error in {@code slot} quotes, between {@code at} and {@code limit}: it may be cut
     * off after the first 8 bytes of its transport header (RFC 792), and its length fields may exceed what is there.
     *
     * @return null, or why it cannot be understood
     */
    public @Nullable DropReason parseQuoted(int slot, int at, int limit) {
        return parser.parse(slot, at, limit, true);
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
        if (quoted.version(slot) != version[slot] || quoted.isIcmpError(slot)) {
            quoted.forget(slot);
            return DropReason.MALFORMED;
        }
        return null;
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

    /** Whether an address is an IPv4 one, in its mapped form. */
    public static boolean isIpv4(long hi, long lo) {
        return hi == MAPPED_HI && lo >>> 32 == 0xffffL;
    }

    /** 4 or 6; 0 when the slot is not parsed. */
    public int version(int slot) {
        return version[slot];
    }

    /** DSCP and ECN, as {@link TrafficClass} has them. */
    public int trafficClass(int slot) {
        return TrafficClass.of(batch.slab(), l3Offset[slot], version[slot]);
    }

    /** Where the IP header starts, in the slab. */
    public int l3Offset(int slot) {
        return l3Offset[slot];
    }

    /** Where the transport header, or a later fragment's payload, starts, in the slab. */
    public int l4Offset(int slot) {
        return l4Offset[slot];
    }

    /** Where the payload of a TCP segment or UDP datagram in one piece starts, in the slab. */
    public int payloadOffset(int slot) {
        int at = l4Offset[slot];
        return at + (protocol[slot] == TCP ? TcpHeader.headerBytes(batch.slab(), at) : UdpHeader.BYTES);
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
            case ICMP ->
                type == IcmpHeader.UNREACHABLE
                        || type == IcmpHeader.SOURCE_QUENCH
                        || type == IcmpHeader.REDIRECT
                        || type == IcmpHeader.TIME_EXCEEDED
                        || type == IcmpHeader.PARAMETER_PROBLEM;
            case ICMPV6 -> type < IcmpHeader.V6_ECHO;
            default -> false;
        };
    }
}

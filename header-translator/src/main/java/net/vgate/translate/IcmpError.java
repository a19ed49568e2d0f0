package net.vgate.translate;

import java.nio.ByteBuffer;
import net.vgate.packet.Checksum;
import net.vgate.packet.IcmpHeader;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.InnerHeader.Fragment;
import net.vgate.packet.Ipv4Header;
import net.vgate.packet.Ipv6Header;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;

/**
 * ICMP errors that the gateway sends to members, from its own address in their V-net. None is ever made that RFC 1812
 * section 4.3.2.7 or RFC 4443 section 2.4 (e) forbids; how often they are sent is the caller's to bound (RFC 1812
 * section 4.3.2.8, RFC 4443 section 2.4 (f), {@link TokenBucket}).
 */
public final class IcmpError {
    /** None was made. */
    public static final int NONE = -1;

    /** RFC 1812 section 4.3.2.3: as much as possible without the error exceeding 576 bytes. */
    private static final int MAX_IPV4_BYTES = 576;

    /** RFC 791 section 3.2: what every network carries. */
    private static final int MIN_IPV4_MTU = 68;

    private static final int FRAGMENTATION_NEEDED = 4;
    private static final int PROHIBITED_IPV4 = 13;
    private static final int PROHIBITED_IPV6 = 1;
    private static final int TTL = 64;

    /** Precedence 6, internetwork control: RFC 1812 section 4.3.2.5. */
    private static final int INTERNETWORK_CONTROL = 0xc0;

    private IcmpError() {}

    /**
     * Makes the message that the parsed packet {@code about} exceeds {@code mtu} bytes: RFC 1191 section 4, which is
     * only for packets that may not be fragmented, or RFC 4443 section 3.2, where less than 1,280 is never asked for.
     *
     * @param into where the new packet goes; parsed there already
     * @return its slot in {@code into}; or {@link #NONE} when there must be none, the gateway has no address of the
     *     family or {@code into} is full
     */
    public static int packetTooBig(
            PacketBatch about, int slot, PacketBatch into, long gatewayHi, long gatewayLo, int mtu) {
        if (about.inner().version(slot) == 6) {
            long message = message(IcmpHeader.V6_PACKET_TOO_BIG, 0, Math.max(mtu, Ipv6Header.MIN_MTU));
            return make(about, slot, into, gatewayHi, gatewayLo, message);
        }
        if (!Ipv4Header.dontFragment(about.slab(), about.inner().l3Offset(slot))) {
            return NONE;
        }
        int nextHopMtu = Math.min(Math.max(mtu, MIN_IPV4_MTU), 0xffff);
        long message = message(IcmpHeader.UNREACHABLE, FRAGMENTATION_NEEDED, nextHopMtu);
        return make(about, slot, into, gatewayHi, gatewayLo, message);
    }

    /** Makes the message that policy forbids the packet: RFC 1812 section 5.2.7.1, RFC 4443 section 3.1. */
    public static int prohibited(PacketBatch about, int slot, PacketBatch into, long gatewayHi, long gatewayLo) {
        long message = about.inner().version(slot) == 6
                ? message(IcmpHeader.V6_UNREACHABLE, PROHIBITED_IPV6, 0)
                : message(IcmpHeader.UNREACHABLE, PROHIBITED_IPV4, 0);
        return make(about, slot, into, gatewayHi, gatewayLo, message);
    }

    /** Makes the message that the packet's hops are used up: RFC 1812 section 5.2.7.3, RFC 4443 section 3.3. */
    public static int timeExceeded(PacketBatch about, int slot, PacketBatch into, long gatewayHi, long gatewayLo) {
        int type = about.inner().version(slot) == 6 ? IcmpHeader.V6_TIME_EXCEEDED : IcmpHeader.TIME_EXCEEDED;
        return make(about, slot, into, gatewayHi, gatewayLo, message(type, 0, 0));
    }

    /**
     * Gives a parsed ICMP error the gateway's address as its source, for a router among the members whose own address
     * must not or cannot be seen outside (RFC 5508 section 4.3, REQ-5; RFC 7600 section 4.8).
     */
    public static void replaceSource(PacketBatch batch, int slot, long gatewayHi, long gatewayLo) {
        AddressRewrite.source(batch, slot, gatewayHi, gatewayLo);
    }

    /** The 8 bytes of an ICMP header, checksum 0. */
    private static long message(int type, int code, int rest) {
        return (long) type << 56 | (long) code << 48 | rest;
    }

    private static int make(
            PacketBatch about, int slot, PacketBatch into, long gatewayHi, long gatewayLo, long message) {
        InnerHeader inner = about.inner();
        boolean ipv4 = inner.version(slot) == 4;
        if (!mayAnswer(inner, slot) || InnerHeader.isIpv4(gatewayHi, gatewayLo) != ipv4 || into.remaining() == 0) {
            return NONE;
        }
        int headerBytes = (ipv4 ? Ipv4Header.BYTES : Ipv6Header.BYTES) + IcmpHeader.BYTES;
        int there = inner.end(slot) - inner.l3Offset(slot);
        // RFC 4443 section 2.4 (c).
        int quoteBytes = Math.min(there, (ipv4 ? MAX_IPV4_BYTES : Ipv6Header.MIN_MTU) - headerBytes);
        int made = into.add(headerBytes + quoteBytes);
        ByteBuffer slab = into.slab();
        int at = into.offset(made);
        int icmpAt = at + headerBytes - IcmpHeader.BYTES;
        slab.putLong(icmpAt, message);
        slab.put(at + headerBytes, about.slab(), inner.l3Offset(slot), quoteBytes);
        if (ipv4) {
            writeIpv4(slab, at, headerBytes + quoteBytes, (int) gatewayLo, (int) inner.sourceLo(slot));
        } else {
            writeIpv6(slab, at, IcmpHeader.BYTES + quoteBytes);
            putAddress(slab, at + Ipv6Header.SOURCE_OFFSET, gatewayHi, gatewayLo);
            putAddress(slab, at + Ipv6Header.DESTINATION_OFFSET, inner.sourceHi(slot), inner.sourceLo(slot));
        }
        return finish(into, made, icmpAt, IcmpHeader.BYTES + quoteBytes);
    }

    private static int finish(PacketBatch into, int made, int icmpAt, int icmpBytes) {
        if (into.inner().parse(made) != null) {
            // What we wrote is not what we meant; nothing is better than a wrong answer.
            into.removeLast();
            return NONE;
        }
        int sum = Checksum.sum(into.slab(), icmpAt, icmpBytes);
        if (into.inner().version(made) == 6) {
            sum = Checksum.add(sum, Checksum.pseudoHeader(into.inner(), made, icmpBytes));
        }
        into.slab().putShort(icmpAt + IcmpHeader.CHECKSUM_OFFSET, (short) Checksum.complement(sum));
        into.setChecksumState(made, ChecksumState.COMPLETE);
        return made;
    }

    private static void writeIpv4(ByteBuffer slab, int at, int totalBytes, int source, int destination) {
        slab.putInt(at, 0x4500_0000 | INTERNETWORK_CONTROL << 16 | totalBytes);
        // RFC 6864 section 4.1: an atomic datagram's identification means nothing.
        slab.putInt(at + Ipv4Header.ID_OFFSET, Ipv4Header.DONT_FRAGMENT);
        slab.putInt(at + Ipv4Header.TTL_OFFSET, TTL << 24 | InnerHeader.ICMP << 16);
        slab.putInt(at + Ipv4Header.SOURCE_OFFSET, source);
        slab.putInt(at + Ipv4Header.DESTINATION_OFFSET, destination);
        int checksum = Checksum.complement(Checksum.sum(slab, at, Ipv4Header.BYTES));
        slab.putShort(at + Ipv4Header.CHECKSUM_OFFSET, (short) checksum);
    }

    private static void writeIpv6(ByteBuffer slab, int at, int payloadBytes) {
        slab.putInt(at, 0x6000_0000);
        slab.putInt(at + Ipv6Header.PAYLOAD_LENGTH_OFFSET, payloadBytes << 16 | InnerHeader.ICMPV6 << 8 | TTL);
    }

    private static void putAddress(ByteBuffer slab, int at, long hi, long lo) {
        slab.putLong(at, hi);
        slab.putLong(at + 8, lo);
    }

    private static boolean mayAnswer(InnerHeader inner, int slot) {
        boolean redirect = inner.version(slot) == 6
                && inner.protocol(slot) == InnerHeader.ICMPV6
                && inner.icmpType(slot) == IcmpHeader.V6_REDIRECT;
        // RFC 1812: only about a datagram's first fragment. RFC 4443 has no such rule, and the path's MTU may be found
        // by a later one.
        boolean laterFragment = inner.version(slot) == 4 && inner.fragment(slot) == Fragment.LATER;
        return !inner.isIcmpError(slot)
                && !redirect
                && !laterFragment
                && isOneHost(inner.sourceHi(slot), inner.sourceLo(slot))
                && isOneHost(inner.destinationHi(slot), inner.destinationLo(slot));
    }

    /**
     * Not unspecified, loopback, multicast, broadcast or of class E: RFC 1812 section 4.3.2.7, RFC 4443 section 2.4
     * (e).
     */
    private static boolean isOneHost(long hi, long lo) {
        if (InnerHeader.isIpv4(hi, lo)) {
            int firstOctet = (int) (lo >>> 24) & 0xff;
            return firstOctet != 0 && firstOctet != 127 && firstOctet < 224;
        }
        boolean loopbackOrUnspecified = hi == 0 && (lo == 0 || lo == 1);
        return !loopbackOrUnspecified && hi >>> 56 != 0xff;
    }
}

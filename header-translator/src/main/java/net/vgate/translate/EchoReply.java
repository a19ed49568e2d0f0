package net.vgate.translate;

import java.nio.ByteBuffer;
import net.vgate.packet.Checksum;
import net.vgate.packet.IcmpHeader;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.InnerHeader.Fragment;
import net.vgate.packet.Ipv4Header;
import net.vgate.packet.Ipv6Header;
import net.vgate.packet.PacketBatch;

/** Answers pings to the gateway's own address: RFC 1812 section 4.3.3.6, RFC 4443 section 4.2. */
public final class EchoReply {
    private static final int TTL = 64;

    private EchoReply() {}

    /** Whether the parsed packet is an echo request in one piece. */
    public static boolean isRequest(InnerHeader inner, int slot) {
        return inner.fragment(slot) == Fragment.WHOLE
                && switch (inner.protocol(slot)) {
                    case InnerHeader.ICMP -> inner.icmpType(slot) == IcmpHeader.ECHO;
                    case InnerHeader.ICMPV6 -> inner.icmpType(slot) == IcmpHeader.V6_ECHO;
                    default -> false;
                };
    }

    /** Makes the answer of a request, in its place, and parses it. */
    public static void make(PacketBatch batch, int slot) {
        InnerHeader inner = batch.inner();
        ByteBuffer slab = batch.slab();
        boolean isIpv4 = inner.version(slot) == 4;
        int at = inner.l3Offset(slot) + (isIpv4 ? Ipv4Header.SOURCE_OFFSET : Ipv6Header.SOURCE_OFFSET);
        // Who sends and who receives may change places: sums stay as they are.
        if (isIpv4) {
            int source = slab.getInt(at);
            slab.putInt(at, slab.getInt(at + 4));
            slab.putInt(at + 4, source);
        } else {
            swap(slab, at, at + 16);
            swap(slab, at + 8, at + 24);
        }
        HopLimit.set(batch, slot, TTL);
        int icmp = inner.l4Offset(slot);
        int before = slab.getShort(icmp) & 0xffff;
        int after = (isIpv4 ? IcmpHeader.ECHO_REPLY : IcmpHeader.V6_ECHO_REPLY) << 8;
        slab.putShort(icmp, (short) after);
        int checksum = slab.getShort(icmp + IcmpHeader.CHECKSUM_OFFSET) & 0xffff;
        int updated = Checksum.update(checksum, Checksum.delta16(before, after));
        slab.putShort(icmp + IcmpHeader.CHECKSUM_OFFSET, (short) updated);
        inner.parse(slot);
    }

    private static void swap(ByteBuffer slab, int one, int other) {
        long bits = slab.getLong(one);
        slab.putLong(one, slab.getLong(other));
        slab.putLong(other, bits);
    }
}

package net.vgate.translate;

import java.nio.ByteBuffer;
import net.vgate.packet.Checksum;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.Ipv4Header;
import net.vgate.packet.Ipv6Header;
import net.vgate.packet.PacketBatch;

/**
 * What a router does to the time to live or hop limit of a parsed packet: RFC 1812 section 5.3.1, RFC 8200 section 3.
 */
public final class HopLimit {
    private HopLimit() {}

    /** Lowers it by one, if one is left after that. Returns whether it is, and the packet may go on. */
    public static boolean lower(PacketBatch batch, int slot) {
        InnerHeader inner = batch.inner();
        boolean isIpv4 = inner.version(slot) == 4;
        ByteBuffer slab = batch.slab();
        int at = inner.l3Offset(slot) + (isIpv4 ? Ipv4Header.TTL_OFFSET : Ipv6Header.HOP_LIMIT_OFFSET);
        int hops = slab.get(at) & 0xff;
        if (hops <= 1) {
            return false;
        }
        set(batch, slot, hops - 1);
        return true;
    }

    /** Sets it; an IPv4 header's checksum follows. */
    static void set(PacketBatch batch, int slot, int hops) {
        InnerHeader inner = batch.inner();
        ByteBuffer slab = batch.slab();
        int header = inner.l3Offset(slot);
        if (inner.version(slot) == 6) {
            slab.put(header + Ipv6Header.HOP_LIMIT_OFFSET, (byte) hops);
            return;
        }
        int before = slab.getShort(header + Ipv4Header.TTL_OFFSET) & 0xffff;
        int after = hops << 8 | (before & 0xff);
        slab.putShort(header + Ipv4Header.TTL_OFFSET, (short) after);
        int checksum = slab.getShort(header + Ipv4Header.CHECKSUM_OFFSET) & 0xffff;
        int updated = Checksum.update(checksum, Checksum.delta16(before, after));
        slab.putShort(header + Ipv4Header.CHECKSUM_OFFSET, (short) updated);
    }
}

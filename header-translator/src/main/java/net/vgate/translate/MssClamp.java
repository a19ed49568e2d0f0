package net.vgate.translate;

import java.nio.ByteBuffer;
import net.vgate.packet.Checksum;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.Ipv4Header;
import net.vgate.packet.Ipv6Header;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.TcpHeader;

/**
 * Lowers the maximum segment size that a TCP handshake announces (RFC 9293 section 3.7.1), so that segments fit the
 * path where nobody hears of packets too big. It is never raised, and never added: without the option a sender keeps to
 * 536 or 1,220 bytes, which fit. Options that are broken are left to the receiver.
 */
public final class MssClamp {
    private static final int OPTION_BYTES = 4;

    private MssClamp() {}

    /** The segment size for an inner MTU: less the headers without options (RFC 6691 section 2). */
    public static int segmentBytes(int mtu, int ipVersion) {
        return mtu - (ipVersion == 4 ? Ipv4Header.BYTES : Ipv6Header.BYTES) - TcpHeader.BYTES;
    }

    /**
     * Lowers what a parsed SYN or SYN-ACK announces to {@code mss} bytes; any other packet is left alone.
     *
     * @return whether the packet was changed
     */
    public static boolean clamp(PacketBatch batch, int slot, int mss) {
        InnerHeader inner = batch.inner();
        if ((inner.tcpFlags(slot) & InnerHeader.TCP_SYN) == 0) {
            return false;
        }
        ByteBuffer slab = batch.slab();
        int start = inner.l4Offset(slot);
        // The parser has seen to it that the header is inside the packet.
        int end = start + TcpHeader.headerBytes(slab, start);
        boolean changed = false;
        for (int cursor = start + TcpHeader.BYTES; cursor < end; ) {
            int kind = slab.get(cursor);
            if (kind == TcpHeader.OPTION_END) {
                break;
            }
            if (kind == TcpHeader.OPTION_NO_OPERATION) {
                cursor++;
                continue;
            }
            int bytes = cursor + 1 < end ? slab.get(cursor + 1) & 0xff : 0;
            if (bytes < 2 || bytes > end - cursor) {
                break;
            }
            if (kind == TcpHeader.OPTION_MAX_SEGMENT_SIZE && bytes == OPTION_BYTES) {
                changed |= lower(batch, slot, cursor + 2, mss);
            }
            cursor += bytes;
        }
        return changed;
    }

    private static boolean lower(PacketBatch batch, int slot, int at, int mss) {
        ByteBuffer slab = batch.slab();
        int before = slab.getShort(at) & 0xffff;
        if (before <= mss) {
            return false;
        }
        slab.putShort(at, (short) mss);
        if (batch.checksumState(slot) != ChecksumState.PARTIAL) {
            int delta = Checksum.delta16(before, mss);
            int start = batch.inner().l4Offset(slot);
            if ((at - start & 1) != 0) {
                // RFC 1071 section 2 (B): at an odd distance the bytes count in the other order.
                delta = delta >>> 8 | (delta & 0xff) << 8;
            }
            int field = start + TcpHeader.CHECKSUM_OFFSET;
            slab.putShort(field, (short) Checksum.update(slab.getShort(field) & 0xffff, delta));
        }
        return true;
    }
}

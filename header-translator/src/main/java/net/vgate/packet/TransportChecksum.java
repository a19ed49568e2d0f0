package net.vgate.packet;

import java.nio.ByteBuffer;

/**
 * The checksum of a parsed packet's transport header: where it is, and how it follows a change of the packet. Which
 * protocols cover addresses by theirs (RFC 9293, RFC 768, RFC 3828, RFC 4340, RFC 4443) is known here and nowhere else.
 */
public final class TransportChecksum {
    private static final int DCCP = 33;
    private static final int UDP_LITE = 136;
    private static final int DCCP_AND_UDP_LITE_OFFSET = 6;

    /** No checksum here. */
    private static final int NONE = -1;

    private TransportChecksum() {}

    /**
     * Makes the checksum follow a change of an address, in the packet that {@code headers} tells of: the slot's own, or
     * the one that it quotes. {@code partial} says that the field holds the pseudo-header's sum instead.
     *
     * @return the delta of the checksum field itself, for sums that cover it; 0 when it did not change
     */
    public static int addressChanged(PacketBatch batch, InnerHeader headers, int slot, int delta, boolean partial) {
        int at = offset(headers, slot);
        if (at == NONE) {
            return 0;
        }
        ByteBuffer slab = batch.slab();
        int before = slab.getShort(at) & 0xffff;
        boolean udp = headers.protocol(slot) == InnerHeader.UDP;
        int after;
        if (partial) {
            after = Checksum.add(before, delta);
        } else if (udp && before == 0) {
            return 0;
        } else {
            after = Checksum.update(before, delta);
            if (udp && after == 0) {
                after = 0xffff;
            }
        }
        slab.putShort(at, (short) after);
        return Checksum.delta16(before, after);
    }

    /**
     * Makes a {@link PacketBatch.ChecksumState#PARTIAL} checksum a whole one. For TCP and UDP in one piece; others are
     * never partial.
     */
    public static void complete(PacketBatch batch, int slot) {
        InnerHeader inner = batch.inner();
        int at = offset(inner, slot);
        if (batch.checksumState(slot) != PacketBatch.ChecksumState.PARTIAL || at == NONE) {
            return;
        }
        int start = inner.l4Offset(slot);
        // The field is inside what is summed, and holds the pseudo-header's part already.
        int checksum = Checksum.complement(Checksum.sum(batch.slab(), start, inner.end(slot) - start));
        if (checksum == 0 && inner.protocol(slot) == InnerHeader.UDP) {
            checksum = 0xffff;
        }
        batch.slab().putShort(at, (short) checksum);
        batch.setChecksumState(slot, PacketBatch.ChecksumState.COMPLETE);
    }

    /**
     * Finds out whether the checksum of a parsed packet of TCP or UDP, of which nothing is known, is partial: its field
     * holds the pseudo-header's sum, and it is not right as it is. That is how packets come whose kernel meant an
     * interface to complete them, and that got here past all interfaces.
     */
    public static void recognizePartial(PacketBatch batch, int slot) {
        InnerHeader inner = batch.inner();
        boolean mayBe = batch.checksumState(slot) == PacketBatch.ChecksumState.UNKNOWN
                && (inner.protocol(slot) == InnerHeader.TCP || inner.protocol(slot) == InnerHeader.UDP)
                && inner.fragment(slot) == InnerHeader.Fragment.WHOLE;
        if (!mayBe) {
            return;
        }
        int start = inner.l4Offset(slot);
        int bytes = inner.end(slot) - start;
        int pseudo = Checksum.pseudoHeader(inner, slot, bytes);
        int field = batch.slab().getShort(offset(inner, slot)) & 0xffff;
        if (field == pseudo && Checksum.add(Checksum.sum(batch.slab(), start, bytes), pseudo) != 0xffff) {
            batch.setChecksumState(slot, PacketBatch.ChecksumState.PARTIAL);
        }
    }

    /** Where the checksum is that covers the addresses, in the slab; or {@link #NONE} when there is none in reach. */
    private static int offset(InnerHeader headers, int slot) {
        if (headers.fragment(slot) == InnerHeader.Fragment.LATER) {
            return NONE;
        }
        int inHeader = switch (headers.protocol(slot)) {
            case InnerHeader.TCP -> TcpHeader.CHECKSUM_OFFSET;
            case InnerHeader.UDP -> UdpHeader.CHECKSUM_OFFSET;
            case InnerHeader.ICMPV6 -> IcmpHeader.CHECKSUM_OFFSET;
            case DCCP, UDP_LITE -> DCCP_AND_UDP_LITE_OFFSET;
            default -> NONE;
        };
        int at = headers.l4Offset(slot) + inHeader;
        // A quote may be cut off in the middle of the field: half a checksum tells nobody anything.
        return inHeader == NONE || at + 2 > headers.end(slot) ? NONE : at;
    }
}

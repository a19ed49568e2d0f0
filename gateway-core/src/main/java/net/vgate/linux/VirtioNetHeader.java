package net.vgate.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;
import org.jspecify.annotations.Nullable;

/**
 * {@code struct virtio_net_hdr}, linux/virtio_net.h: stands before each packet of a TUN device, or frame of a TAP
 * device, that was opened with IFF_VNET_HDR. Its fields are in the machine's byte order.
 *
 * <pre>
 * | flags 1 | gso_type 1 | hdr_len 2 | gso_size 2 | csum_start 2 | csum_offset 2 |
 * </pre>
 */
final class VirtioNetHeader {
    /** Length of the header, in bytes. */
    static final int BYTES = 10;

    static final int FLAGS_OFFSET = 0;
    static final int GSO_TYPE_OFFSET = 1;
    static final int HDR_LEN_OFFSET = 2;
    static final int GSO_SIZE_OFFSET = 4;
    static final int CSUM_START_OFFSET = 6;
    static final int CSUM_OFFSET_OFFSET = 8;

    static final int F_NEEDS_CSUM = 1;
    static final int F_DATA_VALID = 2;

    static final int GSO_NONE = 0;
    static final int GSO_TCPV4 = 1;
    static final int GSO_TCPV6 = 4;
    static final int GSO_UDP_L4 = 5;
    static final int GSO_ECN = 0x80;

    private static final int TCP_CHECKSUM_OFFSET = 16;
    private static final int TCP_DATA_OFFSET = 12;
    private static final int UDP_CHECKSUM_OFFSET = 6;
    private static final int UDP_BYTES = 8;
    private static final int TCP_CWR = 0x80;
    private static final boolean SWAP = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private VirtioNetHeader() {}

    /**
     * Takes what the header at {@code at} says into the columns of {@code slot}.
     *
     * @return null, or why the packet must be dropped
     */
    static @Nullable DropReason read(PacketBatch batch, int slot, int at) {
        ByteBuffer slab = batch.slab();
        int flags = slab.get(at + FLAGS_OFFSET);
        if ((flags & F_NEEDS_CSUM) != 0) {
            batch.setChecksumState(slot, ChecksumState.PARTIAL);
        } else if ((flags & F_DATA_VALID) != 0) {
            batch.setChecksumState(slot, ChecksumState.COMPLETE);
        }
        int type = slab.get(at + GSO_TYPE_OFFSET) & 0xff & ~GSO_ECN;
        int size = getShort(slab, at + GSO_SIZE_OFFSET);
        switch (type) {
            case GSO_NONE -> {}
            case GSO_TCPV4 -> batch.setGso(slot, GsoType.TCP4, size);
            case GSO_TCPV6 -> batch.setGso(slot, GsoType.TCP6, size);
            case GSO_UDP_L4 -> batch.setGso(slot, GsoType.UDP, size);
            default -> {
                return DropReason.UNSUPPORTED;
            }
        }
        return type != GSO_NONE && size == 0 ? DropReason.MALFORMED : null;
    }

    /**
     * Writes the header that belongs to {@code slot}'s packet {@link #BYTES} before it and its link header; that room
     * is there. Where a checksum is to be completed or a super-packet cut, the places come from our own parse.
     *
     * @param linkBytes length of the link header right before the packet
     * @return null, or why no right header can be written
     */
    static @Nullable DropReason write(PacketBatch batch, int slot, int linkBytes) {
        ByteBuffer slab = batch.slab();
        int at = batch.offset(slot) - linkBytes - BYTES;
        slab.putLong(at, 0);
        slab.putShort(at + CSUM_OFFSET_OFFSET, (short) 0);
        boolean isPartial = batch.checksumState(slot) == ChecksumState.PARTIAL;
        GsoType gso = batch.gsoType(slot);
        if (!isPartial && gso == GsoType.NONE) {
            return null;
        }
        InnerHeader inner = batch.inner();
        if (inner.version(slot) == 0) {
            DropReason reason = inner.parse(slot);
            if (reason != null) {
                return reason;
            }
        }
        int protocol = inner.protocol(slot);
        boolean isTcp = protocol == InnerHeader.TCP;
        if ((!isTcp && protocol != InnerHeader.UDP) || inner.fragment(slot) != InnerHeader.Fragment.WHOLE) {
            return DropReason.UNSUPPORTED;
        }
        int transport = linkBytes + inner.l4Offset(slot) - batch.offset(slot);
        if (isPartial) {
            slab.put(at + FLAGS_OFFSET, (byte) F_NEEDS_CSUM);
            putShort(slab, at + CSUM_START_OFFSET, transport);
            putShort(slab, at + CSUM_OFFSET_OFFSET, isTcp ? TCP_CHECKSUM_OFFSET : UDP_CHECKSUM_OFFSET);
        }
        return gso == GsoType.NONE ? null : writeGso(batch, slot, at, transport);
    }

    private static @Nullable DropReason writeGso(PacketBatch batch, int slot, int at, int transport) {
        InnerHeader inner = batch.inner();
        ByteBuffer slab = batch.slab();
        boolean isTcp = inner.protocol(slot) == InnerHeader.TCP;
        int version = inner.version(slot);
        int type = switch (batch.gsoType(slot)) {
            case TCP4 -> isTcp && version == 4 ? GSO_TCPV4 : GSO_NONE;
            case TCP6 -> isTcp && version == 6 ? GSO_TCPV6 : GSO_NONE;
            case UDP -> isTcp ? GSO_NONE : GSO_UDP_L4;
            case NONE -> GSO_NONE;
        };
        if (type == GSO_NONE || batch.gsoSize(slot) <= 0) {
            return DropReason.MALFORMED;
        }
        int transportBytes = isTcp ? (slab.get(inner.l4Offset(slot) + TCP_DATA_OFFSET) >>> 4 & 0xf) * 4 : UDP_BYTES;
        boolean isCongested = isTcp && (inner.tcpFlags(slot) & TCP_CWR) != 0;
        slab.put(at + GSO_TYPE_OFFSET, (byte) (isCongested ? type | GSO_ECN : type));
        putShort(slab, at + HDR_LEN_OFFSET, transport + transportBytes);
        putShort(slab, at + GSO_SIZE_OFFSET, batch.gsoSize(slot));
        return null;
    }

    private static int getShort(ByteBuffer slab, int at) {
        short value = slab.getShort(at);
        return (SWAP ? Short.reverseBytes(value) : value) & 0xffff;
    }

    private static void putShort(ByteBuffer slab, int at, int value) {
        slab.putShort(at, SWAP ? Short.reverseBytes((short) value) : (short) value);
    }
}

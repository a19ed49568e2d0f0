package net.vgate.offload;

import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;
import org.jspecify.annotations.Nullable;

/**
 * What a slot of a batch stands for on the wire: a packet as it is, or a super-packet that the kernel handed in whole
 * and that will be cut into {@link PacketBatch#parts} packets, all with its headers and with
 * {@link PacketBatch#gsoSize} bytes of payload each, but the last.
 */
public final class SuperPacket {
    /**
     * Packets that one may be cut into. Linux makes no TCP segments below 48 bytes, so 1,366 of them at most, and of
     * UDP 128; a tenant that could have one read become tens of thousands of records would take the others' turn.
     */
    static final int MAX_PARTS = 2_048;

    private SuperPacket() {}

    /**
     * Finds out how many packets a parsed slot stands for, whether it can be cut as its GSO type says, and its checksum
     * be completed.
     *
     * @return null, or why it must be dropped
     */
    public static @Nullable DropReason count(PacketBatch batch, int slot) {
        GsoType type = batch.gsoType(slot);
        InnerHeader inner = batch.inner();
        boolean isTcp = inner.protocol(slot) == InnerHeader.TCP;
        if (type == GsoType.NONE) {
            boolean isWhole = inner.fragment(slot) == InnerHeader.Fragment.WHOLE;
            boolean isCompletable = isWhole && (isTcp || inner.protocol(slot) == InnerHeader.UDP);
            return batch.checksumState(slot) == ChecksumState.PARTIAL && !isCompletable ? DropReason.UNSUPPORTED : null;
        }
        boolean fits = switch (type) {
            case TCP4 -> isTcp && inner.version(slot) == 4;
            case TCP6 -> isTcp && inner.version(slot) == 6;
            default -> inner.protocol(slot) == InnerHeader.UDP;
        };
        int size = batch.gsoSize(slot);
        if (!fits || size <= 0 || inner.fragment(slot) != InnerHeader.Fragment.WHOLE) {
            return DropReason.MALFORMED;
        }
        int payload = inner.end(slot) - inner.payloadOffset(slot);
        int parts = (payload + size - 1) / size;
        if (parts > MAX_PARTS) {
            return DropReason.MALFORMED;
        }
        if (parts <= 1) {
            // It is one packet, which no kernel takes for a super-packet (UDP: EINVAL).
            batch.setGso(slot, GsoType.NONE, 0);
        } else {
            batch.setParts(slot, parts);
        }
        return null;
    }

    /**
     * Has a parsed packet of TCP, of which nobody says how it is to be cut, be cut into packets of up to
     * {@code packetBytes}, if it is larger and its checksum partial: a stream may be cut anywhere. It is
     * {@linkplain PacketBatch#isCutFreely cut freely} then.
     */
    public static void cutTo(PacketBatch batch, int slot, int packetBytes) {
        InnerHeader inner = batch.inner();
        if (packetBytes(batch, slot) <= packetBytes) {
            return;
        }
        int size = packetBytes - (inner.payloadOffset(slot) - inner.l3Offset(slot));
        boolean mayBeCut = inner.protocol(slot) == InnerHeader.TCP
                && inner.fragment(slot) == InnerHeader.Fragment.WHOLE
                && batch.checksumState(slot) == ChecksumState.PARTIAL
                && size > 0;
        int payload = inner.end(slot) - inner.payloadOffset(slot);
        if (mayBeCut && (payload + size - 1) / size <= MAX_PARTS) {
            batch.setGso(slot, inner.version(slot) == 4 ? GsoType.TCP4 : GsoType.TCP6, size);
            batch.setParts(slot, (payload + size - 1) / size);
            batch.setCutFreely(slot);
        }
    }

    /** Length of the largest packet that the parsed slot stands for, in bytes, headers included. */
    public static int packetBytes(PacketBatch batch, int slot) {
        if (batch.parts(slot) == 1) {
            return batch.length(slot);
        }
        InnerHeader inner = batch.inner();
        return inner.payloadOffset(slot) - inner.l3Offset(slot) + batch.gsoSize(slot);
    }

    /** Bytes of all packets that the parsed slot stands for, headers of each included. */
    public static long wireBytes(PacketBatch batch, int slot) {
        int parts = batch.parts(slot);
        if (parts == 1) {
            return batch.length(slot);
        }
        InnerHeader inner = batch.inner();
        int headers = inner.payloadOffset(slot) - inner.l3Offset(slot);
        long bytes = batch.length(slot) + (parts - 1L) * headers;
        for (int next = batch.next(slot); next != PacketBatch.NONE; next = batch.next(next)) {
            bytes += batch.length(next);
        }
        return bytes;
    }
}

package net.vgate.translate;

import java.nio.ByteBuffer;
import net.vgate.packet.Checksum;
import net.vgate.packet.IcmpHeader;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.Ipv4Header;
import net.vgate.packet.Ipv6Header;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.TransportChecksum;

/**
 * Puts another address into a parsed packet, or into the packet that an ICMP error quotes, and lets every checksum that
 * covers it follow. The new address is of the packet's own family, in the form that {@link InnerHeader} has it.
 */
final class AddressRewrite {
    private AddressRewrite() {}

    static void source(PacketBatch batch, int slot, long hi, long lo) {
        InnerHeader inner = batch.inner();
        int delta = Checksum.deltaOfAddress(inner.sourceHi(slot), inner.sourceLo(slot), hi, lo);
        int offset = inner.version(slot) == 4 ? Ipv4Header.SOURCE_OFFSET : Ipv6Header.SOURCE_OFFSET;
        write(batch, inner, slot, offset, hi, lo);
        headerChanged(batch, inner, slot, delta);
        transportChanged(batch, slot, delta);
        inner.setSource(slot, hi, lo);
    }

    static void destination(PacketBatch batch, int slot, long hi, long lo) {
        InnerHeader inner = batch.inner();
        int delta = Checksum.deltaOfAddress(inner.destinationHi(slot), inner.destinationLo(slot), hi, lo);
        int offset = inner.version(slot) == 4 ? Ipv4Header.DESTINATION_OFFSET : Ipv6Header.DESTINATION_OFFSET;
        write(batch, inner, slot, offset, hi, lo);
        headerChanged(batch, inner, slot, delta);
        transportChanged(batch, slot, delta);
        inner.setDestination(slot, hi, lo);
    }

    /** The source of the packet that the slot's ICMP error quotes, which is parsed in {@link PacketBatch#quoted()}. */
    static void quotedSource(PacketBatch batch, int slot, long hi, long lo) {
        InnerHeader quoted = batch.quoted();
        int delta = Checksum.deltaOfAddress(quoted.sourceHi(slot), quoted.sourceLo(slot), hi, lo);
        int offset = quoted.version(slot) == 4 ? Ipv4Header.SOURCE_OFFSET : Ipv6Header.SOURCE_OFFSET;
        write(batch, quoted, slot, offset, hi, lo);
        quoteChanged(batch, slot, delta);
        quoted.setSource(slot, hi, lo);
    }

    /** The destination of the packet that the slot's ICMP error quotes. */
    static void quotedDestination(PacketBatch batch, int slot, long hi, long lo) {
        InnerHeader quoted = batch.quoted();
        int delta = Checksum.deltaOfAddress(quoted.destinationHi(slot), quoted.destinationLo(slot), hi, lo);
        int offset = quoted.version(slot) == 4 ? Ipv4Header.DESTINATION_OFFSET : Ipv6Header.DESTINATION_OFFSET;
        write(batch, quoted, slot, offset, hi, lo);
        quoteChanged(batch, slot, delta);
        quoted.setDestination(slot, hi, lo);
    }

    private static void write(PacketBatch batch, InnerHeader headers, int slot, int offset, long hi, long lo) {
        ByteBuffer slab = batch.slab();
        int at = headers.l3Offset(slot) + offset;
        if (headers.version(slot) == 4) {
            slab.putInt(at, (int) lo);
        } else {
            slab.putLong(at, hi);
            slab.putLong(at + 8, lo);
        }
    }

    /** Returns the delta of the IPv4 header checksum itself; IPv6 has none. */
    private static int headerChanged(PacketBatch batch, InnerHeader headers, int slot, int delta) {
        if (headers.version(slot) != 4) {
            return 0;
        }
        int at = headers.l3Offset(slot) + Ipv4Header.CHECKSUM_OFFSET;
        int before = batch.slab().getShort(at) & 0xffff;
        int after = Checksum.update(before, delta);
        batch.slab().putShort(at, (short) after);
        return Checksum.delta16(before, after);
    }

    private static void transportChanged(PacketBatch batch, int slot, int delta) {
        boolean partial = batch.checksumState(slot) == ChecksumState.PARTIAL;
        TransportChecksum.addressChanged(batch, batch.inner(), slot, delta, partial);
    }

    /** The ICMP checksum covers the quoted address, and the quoted checksums that follow it. */
    private static void quoteChanged(PacketBatch batch, int slot, int addressDelta) {
        InnerHeader quoted = batch.quoted();
        int header = headerChanged(batch, quoted, slot, addressDelta);
        int transport = TransportChecksum.addressChanged(batch, quoted, slot, addressDelta, false);
        if (batch.checksumState(slot) == ChecksumState.PARTIAL) {
            // Whoever completes it sums up what is in the packet by then.
            return;
        }
        int delta = Checksum.add(addressDelta, Checksum.add(header, transport));
        int at = batch.inner().l4Offset(slot) + IcmpHeader.CHECKSUM_OFFSET;
        batch.slab().putShort(at, (short) Checksum.update(batch.slab().getShort(at) & 0xffff, delta));
    }
}

package net.vgate.packet;

import static org.junit.jupiter.api.Assertions.assertTrue;

import net.vgate.packet.InnerHeader.Fragment;
import org.jspecify.annotations.Nullable;

/** Everything that the parser found in one packet, offsets from its start; of a refused packet only the reason. */
record HeaderFindings(
        @Nullable DropReason reason,
        int bytes,
        int version,
        int l3Offset,
        int l4Offset,
        int end,
        int protocol,
        @Nullable Fragment fragment,
        int fragmentOffset,
        int fragmentBytes,
        int fragmentId,
        int sourcePort,
        int destinationPort,
        int tcpFlags,
        int icmpTypeAndCode,
        IpAddress source,
        IpAddress destination,
        @Nullable HeaderFindings quoted) {
    private static final IpAddress NOWHERE = new IpAddress(0, 0);

    /** Parses {@code packet} in the next slot of {@code batch}, and what it quotes if it is an ICMP error. */
    static HeaderFindings of(PacketBatch batch, byte[] packet) {
        int slot = batch.addCopy(packet);
        DropReason reason = batch.inner().parse(slot);
        if (reason != null) {
            return refused(reason, packet.length);
        }
        HeaderFindings quoted = null;
        if (batch.inner().isIcmpError(slot)) {
            DropReason unread = batch.inner().parseQuoted(slot);
            quoted = unread == null ? found(batch, batch.quoted(), slot, null) : refused(unread, packet.length);
        }
        return found(batch, batch.inner(), slot, quoted);
    }

    private static HeaderFindings refused(DropReason reason, int bytes) {
        return new HeaderFindings(reason, bytes, 0, 0, 0, 0, 0, null, 0, 0, 0, 0, 0, 0, 0, NOWHERE, NOWHERE, null);
    }

    private static HeaderFindings found(
            PacketBatch batch, InnerHeader headers, int slot, @Nullable HeaderFindings quoted) {
        int start = batch.offset(slot);
        return new HeaderFindings(
                null,
                batch.length(slot),
                headers.version(slot),
                headers.l3Offset(slot) - start,
                headers.l4Offset(slot) - start,
                headers.end(slot) - start,
                headers.protocol(slot),
                headers.fragment(slot),
                headers.fragmentOffset(slot),
                headers.fragmentBytes(slot),
                headers.fragmentId(slot),
                headers.sourcePort(slot),
                headers.destinationPort(slot),
                headers.tcpFlags(slot),
                headers.icmpType(slot) << 8 | headers.icmpCode(slot),
                new IpAddress(headers.sourceHi(slot), headers.sourceLo(slot)),
                new IpAddress(headers.destinationHi(slot), headers.destinationLo(slot)),
                quoted);
    }

    /** What later stages rely on without a look. */
    void assertInside() {
        if (reason != null) {
            return;
        }
        assertTrue(l3Offset >= 0 && l3Offset < l4Offset && l4Offset <= end && end <= bytes, this::toString);
        assertTrue(version == 4 || version == 6, this::toString);
        assertTrue(source.isIpv4() == (version == 4) && destination.isIpv4() == (version == 4), this::toString);
        boolean ported = protocol == InnerHeader.TCP || protocol == InnerHeader.UDP;
        if (fragment != Fragment.LATER && (ported || protocol == InnerHeader.ICMP || protocol == InnerHeader.ICMPV6)) {
            assertTrue(end - l4Offset >= 8, this::toString);
        }
        if (fragment != Fragment.WHOLE) {
            assertTrue(fragmentOffset + fragmentBytes <= PacketBatch.MAX_PACKET_BYTES, this::toString);
        }
        if (quoted != null) {
            quoted.assertInside();
        }
    }
}

package net.vgate.control;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Optional;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.EchoRequest;
import net.vgate.packet.IcmpHeader;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.record.Association;

/**
 * The pings that ask whether anything behind a remote gateway answers, and their answers. A ping is a packet of the
 * gateway's own address in the V-net, so at the other end it is admitted, translated, judged and delivered as any.
 */
final class TargetProbe {
    /** In front of the number, so that answers to others' pings are not taken for ours. */
    private static final long MARK = new SecureRandom().nextLong();

    private static final int PAYLOAD_BYTES = 2 * Long.BYTES;

    private TargetProbe() {}

    /**
     * The packet that asks; empty when the V-net is not there or may not go there, or the peer would not know our
     * address.
     */
    static Optional<byte[]> packet(
            TargetWatch.Probe probe, Association association, int site, ForwardingSnapshot table) {
        IpAddress target = probe.target().address();
        int index = table.indexOfVni(probe.target().vni());
        if (index < 0) {
            return Optional.empty();
        }
        VnetTable vnet = table.vnet(index);
        if (vnet.refusal(association) != null) {
            return Optional.empty();
        }
        IpAddress own = target.isIpv4() ? vnet.gatewayIpv4() : vnet.gatewayIpv6();
        Optional<IpAddress> source =
                own == null ? Optional.empty() : vnet.translation(site).aliasOf(own);
        return source.map(alias -> {
            byte[] payload = ByteBuffer.allocate(PAYLOAD_BYTES)
                    .putLong(MARK)
                    .putLong(probe.number())
                    .array();
            return EchoRequest.of(alias, target, 0, payload);
        });
    }

    /** Whether a parsed echo reply answers one of ours. */
    static boolean isAnswer(PacketBatch batch, int slot) {
        InnerHeader inner = batch.inner();
        int at = inner.l4Offset(slot) + IcmpHeader.BYTES;
        return inner.end(slot) - at == PAYLOAD_BYTES && batch.slab().getLong(at) == MARK;
    }

    /** The number that an answer brings back. */
    static long number(PacketBatch batch, int slot) {
        return batch.slab().getLong(batch.inner().l4Offset(slot) + IcmpHeader.BYTES + Long.BYTES);
    }
}

package net.vgate.dataplane;

import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.translate.EchoReply;
import net.vgate.translate.HopLimit;
import org.jspecify.annotations.Nullable;

/**
 * What makes the gateway a router where members' link ends at it ({@link VnetTable#isRouter}): one hop less each way,
 * and an answer to members' pings. Elsewhere the kernel behind the device does this.
 */
final class RouterHop {
    private final MemberErrors errors;

    RouterHop(MemberErrors errors) {
        this.errors = errors;
    }

    /** From members, whose sources are checked; an answer to a ping becomes a packet to the member that asked. */
    void outbound(PacketBatch batch, ForwardingSnapshot table, long nowNanos) {
        InnerHeader inner = batch.inner();
        for (int slot = 0; slot < batch.size(); slot++) {
            if (!batch.isLive(slot) || !table.vnet(batch.vnet(slot)).isRouter()) {
                continue;
            }
            VnetTable vnet = table.vnet(batch.vnet(slot));
            IpAddress gateway = vnet.gatewayAddress(inner.version(slot));
            // An ICMP error of who is no member has the gateway's address by now.
            if (is(gateway, inner.sourceHi(slot), inner.sourceLo(slot)) && !inner.isIcmpError(slot)) {
                batch.drop(slot, DropReason.SPOOFED_SOURCE);
            } else if (!is(gateway, inner.destinationHi(slot), inner.destinationLo(slot))) {
                if (!HopLimit.lower(batch, slot)) {
                    errors.timeExceeded(batch, slot, vnet, nowNanos);
                    batch.drop(slot, DropReason.TTL_EXPIRED);
                }
            } else if (EchoReply.isRequest(inner, slot)) {
                EchoReply.make(batch, slot);
            } else {
                batch.drop(slot, DropReason.NOT_HERE);
            }
        }
    }

    /** To members. Nobody at another site is told: that would have to go through the tunnel. */
    void inbound(PacketBatch batch, ForwardingSnapshot table) {
        InnerHeader inner = batch.inner();
        for (int slot = 0; slot < batch.size(); slot++) {
            if (!batch.isLive(slot) || !table.vnet(batch.vnet(slot)).isRouter()) {
                continue;
            }
            IpAddress gateway = table.vnet(batch.vnet(slot)).gatewayAddress(inner.version(slot));
            if (is(gateway, inner.destinationHi(slot), inner.destinationLo(slot))) {
                batch.drop(slot, DropReason.NOT_HERE);
            } else if (!HopLimit.lower(batch, slot)) {
                batch.drop(slot, DropReason.TTL_EXPIRED);
            }
        }
    }

    private static boolean is(@Nullable IpAddress gateway, long hi, long lo) {
        return gateway != null && gateway.hi() == hi && gateway.lo() == lo;
    }
}

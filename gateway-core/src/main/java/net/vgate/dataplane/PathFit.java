package net.vgate.dataplane;

import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.VnetTable;
import net.vgate.offload.Fragmenter;
import net.vgate.offload.SuperPacket;
import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.Ipv6Header;
import net.vgate.packet.PacketBatch;
import net.vgate.record.Association;
import net.vgate.translate.MssClamp;
import org.jspecify.annotations.Nullable;

/**
 * Keeps inner packets within the path's MTU: TCP is told in its handshake, both ways; other senders by a packet-too-big
 * ({@link MemberErrors}).
 */
final class PathFit {
    private final MemberErrors errors;
    private final int worker;

    PathFit(MemberErrors errors, int worker) {
        this.errors = errors;
        this.worker = worker;
    }

    /** What members are told, also by others. */
    MemberErrors errors() {
        return errors;
    }

    /** Drops what is too big and tells its sender; clamps the rest. */
    void outbound(PacketBatch batch, DataplanePlan plan, long nowNanos) {
        ForwardingSnapshot table = plan.forwarding();
        int site = PacketBatch.NONE;
        int carrier = PacketBatch.NONE;
        int index = PacketBatch.NONE;
        Association association = null;
        int fits = Integer.MAX_VALUE;
        for (int slot = 0; slot < batch.size(); slot++) {
            if (!batch.isLive(slot)) {
                continue;
            }
            if (batch.site(slot) != site || batch.carrier(slot) != carrier || batch.vnet(slot) != index) {
                site = batch.site(slot);
                carrier = batch.carrier(slot);
                index = batch.vnet(slot);
                association = table.tunnels(site).sending(carrier, worker);
                fits = table.vnet(index).innerMtu(association);
            }
            VnetTable vnet = table.vnet(index);
            if (batch.isCutFreely(slot)) {
                SuperPacket.cutTo(batch, slot, fits);
            }
            if (SuperPacket.packetBytes(batch, slot) > fits && !isFragmented(batch, slot, vnet, association)) {
                errors.tooBig(batch, slot, vnet, fits, nowNanos);
                batch.drop(slot, DropReason.TOO_BIG);
            } else {
                clamp(batch, slot, fits);
            }
        }
        errors.deliver(plan);
    }

    /**
     * What the V-net's MTU lets in, and the path does not, goes on in fragments where its sender lets it, or could not
     * be told: RFC 8200 section 5 has whatever carries less than 1,280 bytes fragment below IPv6.
     */
    private static boolean isFragmented(
            PacketBatch batch, int slot, VnetTable vnet, @Nullable Association association) {
        int bytes = SuperPacket.packetBytes(batch, slot);
        boolean isUntold = batch.inner().version(slot) == 6 && bytes <= Ipv6Header.MIN_MTU;
        return bytes <= vnet.innerMtu()
                && (Fragmenter.mayFragment(batch, slot)
                        || (isUntold && association != null && association.takesFragments()));
    }

    /** Clamps what comes from a peer that may not do so. */
    void inbound(PacketBatch batch, ForwardingSnapshot table) {
        InnerHeader inner = batch.inner();
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot) && isSyn(inner, slot)) {
                clamp(batch, slot, table.innerMtu(batch.site(slot), worker, batch.vnet(slot)));
            }
        }
    }

    private static boolean isSyn(InnerHeader inner, int slot) {
        return (inner.tcpFlags(slot) & InnerHeader.TCP_SYN) != 0;
    }

    private static void clamp(PacketBatch batch, int slot, int innerMtu) {
        InnerHeader inner = batch.inner();
        if (isSyn(inner, slot)) {
            MssClamp.clamp(batch, slot, MssClamp.segmentBytes(innerMtu, inner.version(slot)));
        }
    }
}

package net.vgate.dataplane;

import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.VnetTable;
import net.vgate.offload.Fragmenter;
import net.vgate.offload.SuperPacket;
import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Ipv6Header;
import net.vgate.packet.PacketBatch;
import net.vgate.record.Association;
import net.vgate.translate.IcmpError;
import net.vgate.translate.MssClamp;
import net.vgate.translate.TokenBucket;
import org.jspecify.annotations.Nullable;

/**
 * Keeps inner packets within the path's MTU: TCP is told in its handshake, both ways; other senders by a packet-too-big
 * from the gateway's address in the V-net, at a bounded rate for each V-net (RFC 1812 section 4.3.2.8, RFC 4443 section
 * 2.4 f).
 */
final class PathFit {
    /** As many errors as a burst may bring, and a second: RFC 4443 leaves the figures to us and gives 10 as example. */
    private static final int ERRORS_PER_SECOND = 100;

    private static final int MAX_ERROR_BYTES = 1_500;

    private final PacketBatch errors;
    private final Delivery delivery;
    private final int worker;
    private TokenBucket[] budgets = {};

    PathFit(int capacity, int worker) {
        this.errors = new PacketBatch(capacity, MAX_ERROR_BYTES);
        this.delivery = new Delivery(capacity, worker);
        this.worker = worker;
    }

    /** Makes room for the V-nets of a new plan. */
    void adopt(DataplanePlan plan, long nowNanos) {
        if (budgets.length != plan.deviceCount()) {
            budgets = new TokenBucket[plan.deviceCount()];
            for (int vnet = 0; vnet < budgets.length; vnet++) {
                budgets[vnet] = new TokenBucket(ERRORS_PER_SECOND, ERRORS_PER_SECOND, nowNanos);
            }
        }
    }

    /** Drops what is too big and tells its sender; clamps the rest. */
    void outbound(PacketBatch batch, DataplanePlan plan, long nowNanos) {
        ForwardingSnapshot table = plan.forwarding();
        errors.clear();
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
            if (SuperPacket.packetBytes(batch, slot) > fits && !isFragmented(batch, slot, vnet, association)) {
                tellSender(batch, slot, vnet, fits, nowNanos);
                batch.drop(slot, DropReason.TOO_BIG);
            } else {
                clamp(batch, slot, fits);
            }
        }
        delivery.deliver(errors, plan);
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

    private void tellSender(PacketBatch batch, int slot, VnetTable vnet, int innerMtu, long nowNanos) {
        IpAddress gateway = gatewayAddress(vnet, batch.inner().version(slot));
        int index = batch.vnet(slot);
        if (gateway == null || errors.remaining() == 0 || !budgets[index].take(nowNanos)) {
            return;
        }
        int error = IcmpError.packetTooBig(batch, slot, errors, gateway.hi(), gateway.lo(), innerMtu);
        if (error >= 0) {
            errors.setVnet(error, index);
        }
    }

    /** The gateway's own address in the V-net, of a packet's family; null when it has none. */
    static @Nullable IpAddress gatewayAddress(VnetTable vnet, int ipVersion) {
        return ipVersion == 4 ? vnet.gatewayIpv4() : vnet.gatewayIpv6();
    }
}

package net.vgate.dataplane;

import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.RendezvousHash;
import net.vgate.forwarding.SiteTunnels;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.InnerHeader.Fragment;
import net.vgate.packet.PacketBatch;
import net.vgate.translate.PrefixTranslation;

/**
 * Chooses for each packet toward a remote site which of the site's gateways it goes to: a flow keeps to one. Stands
 * before translation, since the path's MTU follows from the choice, but goes by the addresses that will be on the wire.
 */
final class CarrierChoice {
    private final int worker;

    CarrierChoice(int worker) {
        this.worker = worker;
    }

    /**
     * Gives each live packet its carrier; NONE where nothing may carry it.
     *
     * @param isTranslated whether sources have their aliases already
     */
    void choose(PacketBatch batch, ForwardingSnapshot table, boolean isTranslated) {
        int site = PacketBatch.NONE;
        int vnet = PacketBatch.NONE;
        SiteTunnels tunnels = SiteTunnels.NONE;
        long carriers = 0;
        for (int slot = 0; slot < batch.size(); slot++) {
            if (!batch.isLive(slot)) {
                continue;
            }
            if (batch.site(slot) != site || batch.vnet(slot) != vnet) {
                site = batch.site(slot);
                vnet = batch.vnet(slot);
                tunnels = table.tunnels(site);
                carriers = table.carriers(site, worker, vnet);
            }
            if (Long.bitCount(carriers) > 1) {
                batch.setCarrier(slot, tunnels.choose(carriers, flow(batch, slot, table, isTranslated)));
            } else {
                batch.setCarrier(slot, carriers == 0 ? PacketBatch.NONE : Long.numberOfTrailingZeros(carriers));
            }
        }
    }

    /** An ICMP error goes where the flow goes that it is about: there it is known. */
    private static long flow(PacketBatch batch, int slot, ForwardingSnapshot table, boolean isTranslated) {
        VnetTable vnet = table.vnet(batch.vnet(slot));
        PrefixTranslation translation = isTranslated ? PrefixTranslation.NONE : vnet.translation(batch.site(slot));
        InnerHeader inner = batch.inner();
        if (inner.isIcmpError(slot) && inner.parseQuoted(slot) == null) {
            InnerHeader quoted = batch.quoted();
            long own = translation.wireAddress(quoted.destinationHi(slot), quoted.destinationLo(slot));
            return flow(
                    vnet,
                    quoted,
                    slot,
                    quoted.destinationHi(slot),
                    own,
                    quoted.destinationPort(slot),
                    quoted.sourceHi(slot),
                    quoted.sourceLo(slot),
                    quoted.sourcePort(slot));
        }
        long own = translation.wireAddress(inner.sourceHi(slot), inner.sourceLo(slot));
        return flow(
                vnet,
                inner,
                slot,
                inner.sourceHi(slot),
                own,
                inner.sourcePort(slot),
                inner.destinationHi(slot),
                inner.destinationLo(slot),
                inner.destinationPort(slot));
    }

    /** Of a datagram in fragments only the first has ports, so that no fragment goes by them. */
    private static long flow(
            VnetTable vnet,
            InnerHeader header,
            int slot,
            long ownHi,
            long ownLo,
            int ownPort,
            long farHi,
            long farLo,
            int farPort) {
        return header.fragment(slot) == Fragment.WHOLE
                ? RendezvousHash.flow(vnet.vni(), header.protocol(slot), ownHi, ownLo, ownPort, farHi, farLo, farPort)
                : RendezvousHash.flow(vnet.vni(), 0, ownHi, ownLo, 0, farHi, farLo, 0);
    }
}

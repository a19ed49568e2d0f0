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

    /**
     * An ICMP error goes where the flow goes that it is about: there it is known. Of a datagram in fragments only the
     * first has ports, so that no fragment goes by them.
     */
    private static long flow(PacketBatch batch, int slot, ForwardingSnapshot table, boolean isTranslated) {
        VnetTable vnet = table.vnet(batch.vnet(slot));
        PrefixTranslation translation = isTranslated ? PrefixTranslation.NONE : vnet.translation(batch.site(slot));
        InnerHeader inner = batch.inner();
        boolean isQuoted = inner.isIcmpError(slot) && inner.parseQuoted(slot) == null;
        InnerHeader header = isQuoted ? batch.quoted() : inner;
        long source = header.sourceLo(slot);
        long destination = header.destinationLo(slot);
        if (isQuoted) {
            destination = translation.wireAddress(header.destinationHi(slot), destination);
        } else {
            source = translation.wireAddress(header.sourceHi(slot), source);
        }
        boolean isWhole = header.fragment(slot) == Fragment.WHOLE;
        return RendezvousHash.flow(
                vnet.vni(),
                isWhole ? header.protocol(slot) : 0,
                header.sourceHi(slot),
                source,
                isWhole ? header.sourcePort(slot) : 0,
                header.destinationHi(slot),
                destination,
                isWhole ? header.destinationPort(slot) : 0);
    }
}

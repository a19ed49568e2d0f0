package net.vgate.dataplane;

import net.vgate.encap.Geneve;
import net.vgate.encap.OuterTrafficClass;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.offload.Fragmenter;
import net.vgate.offload.Segmenter;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.record.Association;
import net.vgate.record.RecordProtector;
import net.vgate.tunnel.DatagramPort;

/**
 * The last stages outbound: finds for each packet the association that carries it, encapsulates, cuts super-packets
 * straight into records, seals and sends them. The association is taken once a batch and carrier: key and sequence
 * numbers as one object.
 *
 * <p>Records of one association lie one behind the other, so that the kernel can be handed many of them as one.
 */
final class RecordOutput {
    /** In place of a carrier's number: the packet has become records. */
    private static final int HANDLED = -2;

    private final PacketBatch records;
    private final Segmenter segmenter;
    private final Fragmenter fragmenter;
    private final SlotList slots;
    private final RecordProtector protector;
    private final DatagramPort port;
    private final DropTally drops;
    private final int worker;
    private int sealed;

    RecordOutput(BatchSizes sizes, RecordProtector protector, DatagramPort port, DropCounters drops, int worker) {
        this.records = PacketBatch.packed(sizes.records(), sizes.recordBytes());
        this.segmenter = new Segmenter(records);
        this.fragmenter = new Fragmenter(records);
        this.slots = new SlotList(sizes.records());
        this.worker = worker;
        this.protector = protector;
        this.port = port;
        this.drops = new DropTally(records, drops);
    }

    /** Sends every live packet of {@code batch}; what has no association is dropped, nothing is ever sent in clear. */
    void send(PacketBatch batch, ForwardingSnapshot table) {
        begin();
        for (int first = 0; first < batch.size(); first++) {
            if (!batch.isLive(first) || batch.carrier(first) == HANDLED) {
                continue;
            }
            int site = batch.site(first);
            int carrier = batch.carrier(first);
            Association association = table.tunnels(site).sending(carrier, worker);
            int vnet = PacketBatch.NONE;
            DropReason refusal = null;
            for (int slot = first; slot < batch.size(); slot++) {
                if (!batch.isLive(slot) || batch.site(slot) != site || batch.carrier(slot) != carrier) {
                    continue;
                }
                if (batch.vnet(slot) != vnet) {
                    vnet = batch.vnet(slot);
                    // Looked at again, since it may be another association than when the carrier was chosen.
                    refusal = association == null
                            ? table.withoutCarrier(site, worker, vnet)
                            : table.vnet(vnet).refusal(association);
                }
                batch.setCarrier(slot, HANDLED);
                if (association == null || refusal != null) {
                    batch.drop(slot, refusal == null ? DropReason.NO_TUNNEL : refusal);
                } else {
                    append(batch, slot, table, association);
                }
            }
            if (association != null) {
                seal(association);
            }
        }
        flush();
    }

    private void append(PacketBatch batch, int slot, ForwardingSnapshot table, Association association) {
        int fits = association.innerMtu();
        // Read again, it may be less than it was when packets were made to fit: then the path takes care of this one.
        boolean isFragmented = batch.length(slot) > fits && Fragmenter.mayFragment(batch, slot);
        boolean keepsPartial = !isFragmented
                && association.takesPartialChecksums()
                && batch.checksumState(slot) == ChecksumState.PARTIAL;
        int inner = batch.inner().trafficClass(slot);
        int dscp = table.vnet(batch.vnet(slot)).outerDscp();
        batch.setTrafficClass(slot, OuterTrafficClass.of(inner, dscp, association.copiesEcn()));
        encapsulate(batch, slot, table, keepsPartial);
        if (isFragmented) {
            fragmenter.begin(batch, slot, fits);
        } else {
            segmenter.begin(batch, slot, keepsPartial);
        }
        int tailBytes = association.tailBytes();
        int headBytes = association.overheadBytes() - tailBytes;
        while (isFragmented
                ? !fragmenter.cutInto(records, headBytes, tailBytes)
                : !segmenter.cutInto(records, headBytes, tailBytes)) {
            seal(association);
            flush();
        }
    }

    private static void encapsulate(PacketBatch batch, int slot, ForwardingSnapshot table, boolean isPartial) {
        int vni = table.vnet(batch.vnet(slot)).vni();
        int type = batch.inner().version(slot) == 4 ? Geneve.IPV4 : Geneve.IPV6;
        if (isPartial) {
            Geneve.pushPartial(batch, slot, vni, type);
        } else {
            Geneve.push(batch, slot, vni, type, false);
        }
    }

    /** Seals what was appended since the last call. */
    private void seal(Association association) {
        slots.clear();
        for (int slot = sealed; slot < records.size(); slot++) {
            slots.add(slot);
        }
        sealed = records.size();
        protector.seal(records, slots.array(), slots.count(), association);
        drops.after(Stage.SEAL);
    }

    private void flush() {
        if (records.size() > 0) {
            port.sendBatch(records);
            drops.after(Stage.SEND);
        }
        begin();
    }

    private void begin() {
        records.clear();
        drops.begin();
        sealed = 0;
    }
}

package net.vgate.dataplane;

import net.vgate.encap.Geneve;
import net.vgate.encap.OuterTrafficClass;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.offload.Fragmenter;
import net.vgate.offload.Segmenter;
import net.vgate.offload.SuperPacket;
import net.vgate.offload.TunnelFragmenter;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.record.Association;
import org.jspecify.annotations.Nullable;

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

    /** Workers may share an association, so the upper bits of a packet's identification are the worker's number. */
    private static final int ID_BITS = 24;

    private static final int ID_MASK = (1 << ID_BITS) - 1;

    /** Time between two looks at whether what is held may go: as little as epoll waits. */
    private static final long RELEASE_NANOS = 1_000_000;

    private static final int SINGLE_PACKETS = 128;
    private static final int SINGLE_PACKETS_BYTES = 256 << 10;

    private final PacketBatch records;
    private final Segmenter segmenter;
    private final Fragmenter fragmenter;
    private final TunnelFragmenter tunnelFragmenter;
    private final FragmentCounters fragments;
    private final SlotList slots;
    private final Sealing sealing;
    private final RelayPath port;
    private final DropTally drops;
    private final int worker;

    private int sealed;
    private int nextId;

    // For super-packets whose packets are too large for a path; made when there is one.
    private @Nullable PacketBatch single;
    private @Nullable Segmenter cutter;

    RecordOutput(
            BatchSizes sizes,
            Sealing sealing,
            RelayPath port,
            DropCounters drops,
            FragmentCounters fragments,
            int worker) {
        this.records = PacketBatch.packed(sizes.records(), sizes.recordBytes());
        this.segmenter = new Segmenter(records);
        this.fragmenter = new Fragmenter(records);
        this.tunnelFragmenter = new TunnelFragmenter(records);
        this.fragments = fragments;
        this.slots = new SlotList(sizes.records());
        this.worker = worker;
        this.sealing = sealing;
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

    /**
     * Sends the records that waited since their association was held, as far as they may go now: all at once, since
     * what comes meanwhile waits behind them.
     */
    void release(long nowNanos) {
        boolean mayBeMore = sealing.isWaiting();
        while (mayBeMore) {
            begin();
            mayBeMore = sealing.release(records, nowNanos);
            flush();
        }
    }

    /** How long until {@link #release} has something to do, at the least; {@code most} when nothing waits. */
    long waitNanos(long most) {
        return sealing.isWaiting() ? Math.min(most, RELEASE_NANOS) : most;
    }

    private void append(PacketBatch batch, int slot, ForwardingSnapshot table, Association association) {
        int fits = association.innerMtu();
        if (batch.length(slot) > fits && SuperPacket.packetBytes(batch, slot) > fits) {
            appendTooLarge(batch, slot, table, association, fits);
        } else {
            appendWhole(batch, slot, table, association);
        }
    }

    private void appendWhole(PacketBatch batch, int slot, ForwardingSnapshot table, Association association) {
        boolean keepsPartial = keepsPartial(batch, slot, association);
        setTrafficClass(batch, slot, table, association);
        encapsulate(batch, slot, table, keepsPartial);
        segmenter.begin(batch, slot, keepsPartial);
        int tailBytes = association.tailBytes();
        int headBytes = association.overheadBytes() - tailBytes;
        while (!segmenter.cutInto(records, headBytes, tailBytes)) {
            seal(association);
            flush();
        }
    }

    /** What is larger than the path carries, be it since a moment ago: then the path takes care of it, at the worst. */
    private void appendTooLarge(
            PacketBatch batch, int slot, ForwardingSnapshot table, Association association, int fits) {
        boolean takesFragments =
                association.takesFragments() && batch.length(slot) <= TunnelFragmenter.largestPacket(fits);
        boolean mayFragment = Fragmenter.mayFragment(batch, slot);
        if (batch.parts(slot) > 1) {
            appendOneByOne(batch, slot, table, association);
        } else if (takesFragments
                && (!mayFragment || table.vnet(batch.vnet(slot)).isFragmented())) {
            appendTunnelFragments(batch, slot, table, association, fits);
        } else if (mayFragment && fits >= Fragmenter.LEAST_BYTES) {
            appendIpFragments(batch, slot, table, association, fits);
        } else {
            appendWhole(batch, slot, table, association);
        }
    }

    private void appendOneByOne(PacketBatch batch, int slot, ForwardingSnapshot table, Association association) {
        PacketBatch packets = single;
        Segmenter toSingle = cutter;
        if (packets == null || toSingle == null) {
            packets = PacketBatch.packed(SINGLE_PACKETS, SINGLE_PACKETS_BYTES);
            toSingle = new Segmenter(packets);
            single = packets;
            cutter = toSingle;
        }
        toSingle.begin(batch, slot, true);
        boolean isDone;
        do {
            packets.clear();
            isDone = toSingle.cutInto(packets, PacketBatch.HEADROOM_BYTES, PacketBatch.TAILROOM_BYTES);
            for (int i = 0; i < packets.size(); i++) {
                DropReason malformed = packets.inner().parse(i);
                if (malformed == null) {
                    append(packets, i, table, association);
                } else {
                    batch.drop(slot, malformed);
                }
            }
        } while (!isDone);
    }

    private void appendTunnelFragments(
            PacketBatch batch, int slot, ForwardingSnapshot table, Association association, int fits) {
        setTrafficClass(batch, slot, table, association);
        int vni = table.vnet(batch.vnet(slot)).vni();
        int id = worker << ID_BITS | (nextId++ & ID_MASK);
        tunnelFragmenter.begin(batch, slot, vni, fits, id, keepsPartial(batch, slot, association));
        int tailBytes = association.tailBytes();
        int headBytes = association.overheadBytes() - tailBytes;
        while (!tunnelFragmenter.cutInto(records, headBytes, tailBytes)) {
            seal(association);
            flush();
        }
        fragments.countSent(batch.site(slot), tunnelFragmenter.made());
    }

    private void appendIpFragments(
            PacketBatch batch, int slot, ForwardingSnapshot table, Association association, int fits) {
        setTrafficClass(batch, slot, table, association);
        encapsulate(batch, slot, table, false);
        fragmenter.begin(batch, slot, fits);
        int tailBytes = association.tailBytes();
        int headBytes = association.overheadBytes() - tailBytes;
        while (!fragmenter.cutInto(records, headBytes, tailBytes)) {
            seal(association);
            flush();
        }
    }

    private static boolean keepsPartial(PacketBatch batch, int slot, Association association) {
        return association.takesPartialChecksums() && batch.checksumState(slot) == ChecksumState.PARTIAL;
    }

    private static void setTrafficClass(
            PacketBatch batch, int slot, ForwardingSnapshot table, Association association) {
        int inner = batch.inner().trafficClass(slot);
        int dscp = table.vnet(batch.vnet(slot)).outerDscp();
        batch.setTrafficClass(slot, OuterTrafficClass.of(inner, dscp, association.copiesEcn()));
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
        sealing.seal(records, slots, association);
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

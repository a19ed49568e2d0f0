package net.vgate.dataplane;

import net.vgate.encap.ChecksumOption;
import net.vgate.encap.FragmentOption;
import net.vgate.encap.Geneve;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.policy.PolicyGate;
import net.vgate.record.Association;
import net.vgate.record.AssociationTable;
import net.vgate.record.RecordProtector;
import net.vgate.tunnel.DatagramPort;
import org.jspecify.annotations.Nullable;

/**
 * The way of packets from remote sites to members. Inbound is from the tunnel toward a device. This is its first half,
 * to what stands in the records; {@link InboundPackets} is the second.
 *
 * <p>One instance per worker, run by that worker's thread only. Nothing in here blocks, locks, logs or allocates (but
 * for the copies that go to control, which are bounded, and what the first fragment takes); what goes wrong with a
 * packet is a DropReason, what goes wrong with the socket or device is an exception.
 */
final class InboundPath {
    private final PacketBatch datagrams;
    private final PacketBatch batch;
    private final RecordCutter cutter;
    private final DatagramPort port;
    private final Opening opening;
    private final RelayPath relay;
    private final ControlSink control;
    private final PolicyGate gate;
    private final PathFit fit;
    private final DropCounters counters;
    private final DropTally drops;
    private final DropTally datagramDrops;
    private final TrafficCounters traffic;
    private final CongestionMarks marks;
    private final FragmentCounters fragmentCounters;
    private final int worker;
    private final InboundPackets packets;
    private final SlotList fragments;
    private boolean merges = true;
    private @Nullable Reassembler reassembler;

    InboundPath(
            BatchSizes sizes,
            DatagramPort port,
            AssociationTable associations,
            RecordProtector protector,
            RelayPath relay,
            ControlSink control,
            PolicyGate gate,
            PathFit fit,
            DropCounters drops,
            TrafficCounters traffic,
            CongestionMarks marks,
            FragmentCounters fragmentCounters,
            int worker) {
        this.datagrams = new PacketBatch(sizes.datagrams());
        this.batch = PacketBatch.viewsOf(datagrams, sizes.records());
        this.cutter = new RecordCutter(datagrams, batch);
        this.port = port;
        this.opening = new Opening(associations, protector, control, sizes.records(), worker);
        this.relay = relay;
        this.control = control;
        this.gate = gate;
        this.fit = fit;
        this.counters = drops;
        this.drops = new DropTally(batch, drops);
        this.datagramDrops = new DropTally(datagrams, drops);
        this.traffic = traffic;
        this.marks = marks;
        this.fragmentCounters = fragmentCounters;
        this.worker = worker;
        this.packets = packetsOf(batch, opening.associations(), this.drops);
        this.fragments = new SlotList(sizes.records());
    }

    private InboundPackets packetsOf(PacketBatch of, @Nullable Association[] associations, DropTally tally) {
        Delivery delivery = new Delivery(of.capacity(), worker);
        return new InboundPackets(of, associations, control, gate, fit, delivery, tally, traffic, marks);
    }

    /** Sets whether packets are merged into super-packets for the devices. */
    void merge(boolean isWanted) {
        merges = isWanted;
        packets.merge(isWanted);
    }

    /** Moves one batch of what arrived at the socket {@code local}. Returns whether more may be waiting. */
    boolean poll(int local, DataplanePlan plan, long nowNanos) {
        if (reassembler != null) {
            reassembler.expire(nowNanos);
        }
        datagrams.clear();
        boolean mayBeMore = port.receiveBatch(datagrams, local);
        datagramDrops.begin();
        datagramDrops.after(Stage.RECEIVE);
        cutter.begin();
        while (cutter.cut()) {
            forward(plan, nowNanos);
        }
        return mayBeMore;
    }

    private void forward(DataplanePlan plan, long nowNanos) {
        drops.begin();
        opening.find(batch, plan);
        drops.after(Stage.RECEIVE);
        opening.open(batch);
        drops.after(Stage.OPEN);
        relay(plan);
        decapsulate(plan.forwarding());
        if (fragments.isEmpty()) {
            packets.forward(plan, nowNanos);
        } else {
            drops.after(Stage.DECAPSULATE);
            reassembler().forward(batch, fragments, plan, nowNanos);
            drops.after(Stage.REASSEMBLE);
        }
    }

    private Reassembler reassembler() {
        Reassembler known = reassembler;
        if (known == null) {
            known = new Reassembler(opening.associations(), counters, fragmentCounters, this::packetsOf);
            known.merge(merges);
            reassembler = known;
        }
        return known;
    }

    /** What was passed on to us is a record inside a record. */
    private void relay(DataplanePlan plan) {
        SlotList received = relay.take(batch, opening);
        drops.after(Stage.RELAY);
        if (!received.isEmpty()) {
            opening.findAgain(batch, received, plan);
            drops.after(Stage.RECEIVE);
            opening.open(batch);
            drops.after(Stage.OPEN);
        }
    }

    private void decapsulate(ForwardingSnapshot table) {
        fragments.clear();
        for (int slot = 0; slot < batch.size(); slot++) {
            if (!batch.isLive(slot)) {
                continue;
            }
            DropReason malformed = Geneve.check(batch, slot);
            if (malformed != null) {
                batch.drop(slot, malformed);
                continue;
            }
            int at = batch.offset(slot);
            int vni = Geneve.vni(batch.slab(), at);
            int type = Geneve.protocolType(batch.slab(), at);
            if (type == Geneve.RELAYED) {
                batch.drop(slot, DropReason.RELAY_HOP_LIMIT);
            } else if (Geneve.isControl(batch.slab(), at)) {
                handToControl(slot, vni, type);
            } else {
                popInto(table, slot, vni, type);
            }
        }
    }

    private void handToControl(int slot, int vni, int type) {
        if (vni != 0 || type != Geneve.CONTROL || isFragment(slot)) {
            batch.drop(slot, DropReason.ENCAPSULATION);
            return;
        }
        Association association = opening.association(slot);
        batch.popHeader(slot, Geneve.headerBytes(batch.slab(), batch.offset(slot)));
        boolean taken = control.control(association, batch, slot);
        batch.drop(slot, taken ? DropReason.CONSUMED : DropReason.CONTROL_QUEUE_FULL);
    }

    private void popInto(ForwardingSnapshot table, int slot, int vni, int type) {
        int index = table.indexOfVni(vni);
        if (index < 0) {
            batch.drop(slot, DropReason.UNKNOWN_VNET);
            return;
        }
        batch.setVnet(slot, index);
        if (!table.vnet(index).isGranted(batch.site(slot))) {
            batch.drop(slot, DropReason.NOT_GRANTED);
            return;
        }
        DropReason refusal = table.vnet(index).refusal(opening.association(slot));
        if (refusal != null) {
            batch.drop(slot, refusal);
            return;
        }
        if (isFragment(slot)) {
            fragments.add(slot);
            return;
        }
        int at = batch.offset(slot);
        if (ChecksumOption.isIn(batch.slab(), at)) {
            batch.setChecksumState(slot, ChecksumState.PARTIAL);
        }
        batch.popHeader(slot, Geneve.headerBytes(batch.slab(), at));
        packets.take(slot, type);
    }

    private boolean isFragment(int slot) {
        return FragmentOption.find(batch.slab(), batch.offset(slot)) >= 0;
    }
}

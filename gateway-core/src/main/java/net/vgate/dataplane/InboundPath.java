package net.vgate.dataplane;

import net.vgate.encap.ChecksumOption;
import net.vgate.encap.Geneve;
import net.vgate.encap.OuterTrafficClass;
import net.vgate.forwarding.AddressScope;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.VnetTable;
import net.vgate.offload.Coalescer;
import net.vgate.offload.SuperPacket;
import net.vgate.packet.DropReason;
import net.vgate.packet.IcmpHeader;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.TrafficClass;
import net.vgate.policy.PolicyGate;
import net.vgate.record.Association;
import net.vgate.record.AssociationTable;
import net.vgate.record.RecordProtector;
import net.vgate.translate.TokenBucket;
import net.vgate.tunnel.DatagramPort;
import org.jspecify.annotations.Nullable;

/**
 * The way of packets from remote sites to members. Inbound is from the tunnel toward a device.
 *
 * <p>One instance per worker, run by that worker's thread only. Nothing in here blocks, locks, logs or allocates (but
 * for the copies that go to control, which are bounded); what goes wrong with a packet is a DropReason, what goes wrong
 * with the socket or device is an exception.
 */
final class InboundPath {
    /** So that a target cannot keep other messages from the conductor; what is more goes on to the V-net. */
    private static final int ANSWERS_PER_SECOND = 1_000;

    private final PacketBatch datagrams;
    private final PacketBatch batch;
    private final InnerHeader inner;
    private final RecordCutter cutter;
    private final Coalescer coalescer = new Coalescer();
    private final DatagramPort port;
    private final Opening opening;
    private final ControlSink control;
    private final PolicyGate gate;
    private final PathFit fit;
    private final Delivery delivery;
    private final DropTally drops;
    private final DropTally datagramDrops;
    private final TrafficCounters traffic;
    private final CongestionMarks marks;
    private @Nullable TokenBucket answers;

    InboundPath(
            BatchSizes sizes,
            DatagramPort port,
            AssociationTable associations,
            RecordProtector protector,
            ControlSink control,
            PolicyGate gate,
            PathFit fit,
            DropCounters drops,
            TrafficCounters traffic,
            CongestionMarks marks,
            int worker) {
        this.datagrams = new PacketBatch(sizes.datagrams());
        this.batch = PacketBatch.viewsOf(datagrams, sizes.records());
        this.inner = batch.inner();
        this.cutter = new RecordCutter(datagrams, batch);
        this.delivery = new Delivery(sizes.records(), worker);
        this.port = port;
        this.opening = new Opening(associations, protector, control, sizes.records(), worker);
        this.control = control;
        this.gate = gate;
        this.fit = fit;
        this.drops = new DropTally(batch, drops);
        this.datagramDrops = new DropTally(datagrams, drops);
        this.traffic = traffic;
        this.marks = marks;
    }

    /** Sets whether packets are merged into super-packets for the devices. */
    void merge(boolean isWanted) {
        coalescer.enable(isWanted);
    }

    /** Moves one batch of what arrived at the socket {@code local}. Returns whether more may be waiting. */
    boolean poll(int local, DataplanePlan plan, long nowNanos) {
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
        ForwardingSnapshot table = plan.forwarding();
        opening.find(batch, plan);
        drops.after(Stage.RECEIVE);
        opening.open(batch);
        drops.after(Stage.OPEN);
        decapsulate(table);
        coalescer.coalesce(batch);
        drops.after(Stage.DECAPSULATE);
        admit(table);
        drops.after(Stage.ADMIT);
        restore(table);
        takeAnswers(table, nowNanos);
        drops.after(Stage.RESTORE);
        permit(table, nowNanos);
        drops.after(Stage.PERMIT_IN);
        fit.inbound(batch, table);
        delivery.deliver(batch, plan);
        drops.after(Stage.DELIVER);
        countDelivered(plan);
    }

    private void decapsulate(ForwardingSnapshot table) {
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
            if (Geneve.isControl(batch.slab(), at)) {
                handToControl(slot, vni, type);
            } else {
                popInto(table, slot, vni, type);
            }
        }
    }

    private void handToControl(int slot, int vni, int type) {
        if (vni != 0 || type != Geneve.CONTROL) {
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
        int at = batch.offset(slot);
        if (ChecksumOption.isIn(batch.slab(), at)) {
            batch.setChecksumState(slot, ChecksumState.PARTIAL);
        }
        batch.popHeader(slot, Geneve.headerBytes(batch.slab(), at));
        if (type != (inner.peekVersion(slot) == 4 ? Geneve.IPV4 : Geneve.IPV6)) {
            batch.drop(slot, DropReason.ENCAPSULATION);
        } else {
            takeMark(slot);
        }
    }

    /** Before packets are merged, since what is marked differently may not be. */
    private void takeMark(int slot) {
        // What came marked to the peer has its mark outside as well, and says nothing of the way between us.
        boolean isMarkedOutside = TrafficClass.ecn(batch.trafficClass(slot)) == TrafficClass.CE
                && TrafficClass.ecn(inner.peekTrafficClass(slot)) != TrafficClass.CE;
        DropReason congested = OuterTrafficClass.combine(batch, slot);
        if (congested != null) {
            batch.drop(slot, congested);
        } else if (isMarkedOutside) {
            marks.count(batch.site(slot));
        }
    }

    /** The source must be one that is configured for the site which the association's certificate names. */
    private void admit(ForwardingSnapshot table) {
        for (int slot = 0; slot < batch.size(); slot++) {
            if (!batch.isLive(slot)) {
                continue;
            }
            VnetTable vnet = table.vnet(batch.vnet(slot));
            long sourceHi = inner.sourceHi(slot);
            long sourceLo = inner.sourceLo(slot);
            if (!AddressScope.crosses(sourceHi, sourceLo)
                    || !AddressScope.crosses(inner.destinationHi(slot), inner.destinationLo(slot))) {
                batch.drop(slot, DropReason.SCOPE);
            } else if (vnet.remoteSite(sourceHi, sourceLo) != batch.site(slot)) {
                batch.drop(slot, DropReason.WRONG_SITE_SOURCE);
            }
        }
    }

    private void restore(ForwardingSnapshot table) {
        for (int slot = 0; slot < batch.size(); slot++) {
            if (!batch.isLive(slot)) {
                continue;
            }
            VnetTable vnet = table.vnet(batch.vnet(slot));
            DropReason untranslatable = vnet.translation(batch.site(slot)).restoreDestination(batch, slot);
            if (untranslatable != null) {
                batch.drop(slot, untranslatable);
            } else if (!vnet.isOwnMember(inner.destinationHi(slot), inner.destinationLo(slot))) {
                batch.drop(slot, DropReason.NOT_HERE);
            }
        }
    }

    /** What targets answer to control's pings, which they may do at a bounded rate. */
    private void takeAnswers(ForwardingSnapshot table, long nowNanos) {
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot)
                    && isEchoReply(slot)
                    && isForGateway(table, slot)
                    && mayAnswer(nowNanos)
                    && control.targetAnswered(opening.association(slot), batch, slot)) {
                batch.drop(slot, DropReason.CONSUMED);
            }
        }
    }

    private boolean mayAnswer(long nowNanos) {
        if (answers == null) {
            answers = new TokenBucket(ANSWERS_PER_SECOND, ANSWERS_PER_SECOND, nowNanos);
        }
        return answers.take(nowNanos);
    }

    private boolean isEchoReply(int slot) {
        return switch (inner.protocol(slot)) {
                    case InnerHeader.ICMP -> inner.icmpType(slot) == IcmpHeader.ECHO_REPLY;
                    case InnerHeader.ICMPV6 -> inner.icmpType(slot) == IcmpHeader.V6_ECHO_REPLY;
                    default -> false;
                }
                && inner.fragment(slot) == InnerHeader.Fragment.WHOLE;
    }

    private boolean isForGateway(ForwardingSnapshot table, int slot) {
        IpAddress gateway = PathFit.gatewayAddress(table.vnet(batch.vnet(slot)), inner.version(slot));
        return gateway != null
                && gateway.hi() == inner.destinationHi(slot)
                && gateway.lo() == inner.destinationLo(slot);
    }

    private void permit(ForwardingSnapshot table, long nowNanos) {
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot)) {
                @Nullable DropReason denied = gate.permitInbound(table.vnet(batch.vnet(slot)), batch, slot, nowNanos);
                if (denied != null) {
                    batch.drop(slot, denied);
                }
            }
        }
    }

    private void countDelivered(DataplanePlan plan) {
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot)) {
                int number = plan.trafficNumber(batch.vnet(slot));
                traffic.count(number, TrafficDirection.IN, batch.parts(slot), SuperPacket.wireBytes(batch, slot));
            }
        }
    }
}

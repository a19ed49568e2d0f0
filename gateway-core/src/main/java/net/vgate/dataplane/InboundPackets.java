package net.vgate.dataplane;

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
import net.vgate.packet.TrafficClass;
import net.vgate.policy.PolicyGate;
import net.vgate.record.Association;
import net.vgate.translate.TokenBucket;
import org.jspecify.annotations.Nullable;

/**
 * The second half of the way in: what stood in the records, from the parser to the device. The first is
 * {@link InboundPath}; to a packet it makes no difference whether it came whole or in fragments.
 *
 * <p>One instance per batch, run by one worker's thread only.
 */
final class InboundPackets {
    /** So that a target cannot keep other messages from the conductor; what is more goes on to the V-net. */
    private static final int ANSWERS_PER_SECOND = 1_000;

    private final PacketBatch batch;
    private final @Nullable Association[] associations;
    private final InnerHeader inner;
    private final Coalescer coalescer = new Coalescer();
    private final ControlSink control;
    private final PolicyGate gate;
    private final PathFit fit;
    private final RouterHop hop;
    private final Delivery delivery;
    private final DropTally drops;
    private final TrafficCounters traffic;
    private final CongestionMarks marks;
    private @Nullable TokenBucket answers;

    /** @param associations by which each slot's packet came */
    InboundPackets(
            PacketBatch batch,
            @Nullable Association[] associations,
            ControlSink control,
            PolicyGate gate,
            PathFit fit,
            Delivery delivery,
            DropTally drops,
            TrafficCounters traffic,
            CongestionMarks marks) {
        this.batch = batch;
        this.associations = associations;
        this.inner = batch.inner();
        this.control = control;
        this.gate = gate;
        this.fit = fit;
        this.hop = new RouterHop(fit.errors());
        this.delivery = delivery;
        this.drops = drops;
        this.traffic = traffic;
        this.marks = marks;
    }

    /** Sets whether packets are merged into super-packets for the devices. */
    void merge(boolean isWanted) {
        coalescer.enable(isWanted);
    }

    /** Moves the live packets of the batch, each of which was {@link #take taken}. */
    void forward(DataplanePlan plan, long nowNanos) {
        ForwardingSnapshot table = plan.forwarding();
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
        hop.inbound(batch, table);
        delivery.deliver(batch, plan);
        drops.after(Stage.DELIVER);
        countDelivered(plan);
    }

    /** Takes the bare packet in {@code slot}, which the Geneve header said to be of {@code type}. */
    void take(int slot, int type) {
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
                    && control.targetAnswered(association(slot), batch, slot)) {
                batch.drop(slot, DropReason.CONSUMED);
            }
        }
    }

    private Association association(int slot) {
        Association association = associations[slot];
        if (association == null) {
            throw new IllegalStateException("slot " + slot + " has no association");
        }
        return association;
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
        IpAddress gateway = table.vnet(batch.vnet(slot)).gatewayAddress(inner.version(slot));
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

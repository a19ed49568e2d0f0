package net.vgate.dataplane;

import net.vgate.attachment.PacketDevice;
import net.vgate.forwarding.AddressScope;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.VnetTable;
import net.vgate.offload.SuperPacket;
import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.policy.PolicyGate;
import net.vgate.translate.IcmpError;
import net.vgate.translate.PrefixTranslation;
import org.jspecify.annotations.Nullable;

/**
 * The way of packets from members to remote sites. Outbound is from a device toward the tunnel.
 *
 * <p>One instance per worker, run by that worker's thread only. Nothing in here blocks, locks, logs or allocates; what
 * goes wrong with a packet is a DropReason, what goes wrong with the device is an exception.
 */
final class OutboundPath {
    /** In place of a site's number: the destination is a member behind this very gateway. */
    private static final int HERE = Integer.MAX_VALUE;

    /** Packets that one device may bring before it is the next one's turn, and bytes after which it is, too. */
    private static final int QUANTUM_PACKETS = 64;

    private static final int QUANTUM_BYTES = 64 << 10;

    private final PacketBatch batch;
    private final InnerHeader inner;
    private final PolicyGate gate;
    private final CarrierChoice carriers;
    private final PathFit fit;
    private final RouterHop hop;
    private final Shaper shaper;
    private final RecordOutput output;
    private final Delivery delivery;
    private final DropTally drops;
    private final TrafficCounters traffic;

    OutboundPath(
            BatchSizes sizes,
            RelayPath port,
            Sealing sealing,
            PolicyGate gate,
            PathFit fit,
            DropCounters drops,
            TrafficCounters traffic,
            FragmentCounters fragments,
            int worker) {
        this.batch = PacketBatch.packed(sizes.packets(), sizes.packetBytes());
        this.inner = batch.inner();
        this.delivery = new Delivery(sizes.packets(), worker);
        this.gate = gate;
        this.carriers = new CarrierChoice(worker);
        this.fit = fit;
        this.hop = new RouterHop(fit.errors());
        this.shaper = new Shaper(drops, worker);
        this.output = new RecordOutput(sizes, sealing, port, drops, fragments, worker);
        this.drops = new DropTally(batch, drops);
        this.traffic = traffic;
    }

    /** Works by another plan from now on. */
    void adopt(ForwardingSnapshot table) {
        shaper.adopt(table);
    }

    /** The batch to read into; emptied. Filled by {@link #read}, moved by {@link #forward}. */
    void begin() {
        batch.clear();
        drops.begin();
    }

    /** Reads packets from a queue of {@code source}, one or up to a quantum. Returns whether more may be waiting. */
    boolean read(PacketDevice queue, DataplanePlan plan, int source, boolean onlyOne) {
        int first = batch.size();
        int limit = onlyOne ? 1 : QUANTUM_PACKETS;
        int bytes = 0;
        try {
            queue.readBatch(batch, limit, QUANTUM_BYTES);
        } finally {
            // What was read before the device failed is forwarded all the same.
            for (int slot = first; slot < batch.size(); slot++) {
                plan.assign(batch, slot, source);
                bytes += batch.length(slot);
            }
        }
        return batch.size() - first == limit || bytes >= QUANTUM_BYTES || !hasRoom();
    }

    /** Whether the batch has room for any packet. */
    boolean hasRoom() {
        return batch.hasRoom(PacketBatch.MAX_PACKET_BYTES);
    }

    /** Moves what was read. Returns how many packets that was. */
    int forward(DataplanePlan plan, long nowNanos) {
        if (batch.size() == 0) {
            return 0;
        }
        ForwardingSnapshot table = plan.forwarding();
        parse();
        drops.after(Stage.PARSE);
        classify(table);
        drops.after(Stage.CLASSIFY);
        hop.outbound(batch, table, nowNanos);
        route(table);
        drops.after(Stage.ROUTE);
        permit(table, nowNanos);
        drops.after(Stage.PERMIT_OUT);
        deliverHere(plan);
        drops.after(Stage.DELIVER);
        carriers.choose(batch, table, false);
        fit.outbound(batch, plan, nowNanos);
        drops.after(Stage.FIT);
        translate(table);
        drops.after(Stage.TRANSLATE);
        shaper.hold(batch, nowNanos);
        drops.after(Stage.SHAPE);
        countOut(batch, plan);
        output.send(batch, table);
        drops.after(Stage.SEAL);
        return batch.size();
    }

    /** Sends what waited for its association, or for its V-net's rate, as far as it may go now. */
    void release(DataplanePlan plan, long nowNanos) {
        output.release(nowNanos);
        PacketBatch released = shaper.release(nowNanos);
        if (released != null) {
            countOut(released, plan);
            carriers.choose(released, plan.forwarding(), true);
            output.send(released, plan.forwarding());
            shaper.countDropped(Stage.SEAL);
        }
    }

    /** How long until {@link #release} has something to do; {@code most} when nothing waits. */
    long waitNanos(long nowNanos, long most) {
        return shaper.waitNanos(nowNanos, output.waitNanos(most));
    }

    private void parse() {
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot)) {
                DropReason reason = inner.parse(slot);
                dropUnlessNull(slot, reason == null ? SuperPacket.count(batch, slot) : reason);
            }
        }
    }

    private void classify(ForwardingSnapshot table) {
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
            } else if (isOwnRecord(slot, table)) {
                batch.drop(slot, DropReason.TUNNEL_LOOP);
            } else if (!vnet.isOwnMember(sourceHi, sourceLo) && !speakForRouter(slot, vnet)) {
                batch.drop(slot, DropReason.SPOOFED_SOURCE);
            }
        }
    }

    private boolean isOwnRecord(int slot, ForwardingSnapshot table) {
        if (inner.protocol(slot) != InnerHeader.UDP || inner.fragment(slot) == InnerHeader.Fragment.LATER) {
            return false;
        }
        int at = inner.payloadOffset(slot);
        return table.hasSealed(batch.slab(), at, inner.end(slot) - at);
    }

    /** An ICMP error of a router whose own address is none for the peer goes on with the gateway's. */
    private boolean speakForRouter(int slot, VnetTable vnet) {
        IpAddress gateway = vnet.gatewayAddress(inner.version(slot));
        if (!inner.isIcmpError(slot) || gateway == null) {
            return false;
        }
        IcmpError.replaceSource(batch, slot, gateway.hi(), gateway.lo());
        return true;
    }

    private void route(ForwardingSnapshot table) {
        for (int slot = 0; slot < batch.size(); slot++) {
            if (!batch.isLive(slot)) {
                continue;
            }
            VnetTable vnet = table.vnet(batch.vnet(slot));
            long hi = inner.destinationHi(slot);
            long lo = inner.destinationLo(slot);
            int site = vnet.isOwnMember(hi, lo) ? HERE : vnet.remoteSite(hi, lo);
            if (site == PacketBatch.NONE) {
                batch.drop(slot, DropReason.NO_ROUTE);
            } else {
                batch.setSite(slot, site);
            }
        }
    }

    private void permit(ForwardingSnapshot table, long nowNanos) {
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot) && batch.site(slot) != HERE) {
                VnetTable vnet = table.vnet(batch.vnet(slot));
                dropUnlessNull(slot, gate.permitOutbound(vnet, batch, slot, nowNanos));
            }
        }
    }

    /** Members of one node reach each other without the wire, and without a rule. */
    private void deliverHere(DataplanePlan plan) {
        delivery.deliver(batch, plan, HERE);
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.site(slot) == HERE) {
                if (batch.isLive(slot)) {
                    count(batch, plan, slot, TrafficDirection.LOCAL);
                }
                batch.drop(slot, DropReason.CONSUMED);
                batch.setSite(slot, PacketBatch.NONE);
            }
        }
    }

    private void translate(ForwardingSnapshot table) {
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot)) {
                VnetTable vnet = table.vnet(batch.vnet(slot));
                PrefixTranslation translation = vnet.translation(batch.site(slot));
                DropReason reason = translation.translateSource(batch, slot);
                // RFC 5508 section 4.3, REQ-5: what a member that the peer does not see has to say is still of use.
                if (reason == DropReason.UNTRANSLATABLE && speakForRouter(slot, vnet)) {
                    reason = translation.translateSource(batch, slot);
                }
                dropUnlessNull(slot, reason);
            }
        }
    }

    private void countOut(PacketBatch sent, DataplanePlan plan) {
        for (int slot = 0; slot < sent.size(); slot++) {
            if (sent.isLive(slot)) {
                count(sent, plan, slot, TrafficDirection.OUT);
            }
        }
    }

    private void count(PacketBatch sent, DataplanePlan plan, int slot, TrafficDirection direction) {
        int number = plan.trafficNumber(sent.vnet(slot));
        traffic.count(number, direction, sent.parts(slot), SuperPacket.wireBytes(sent, slot));
    }

    private void dropUnlessNull(int slot, @Nullable DropReason reason) {
        if (reason != null) {
            batch.drop(slot, reason);
        }
    }
}

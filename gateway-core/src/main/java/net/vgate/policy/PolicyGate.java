package net.vgate.policy;

import net.vgate.forwarding.CompiledPolicy;
import net.vgate.forwarding.FlowHash;
import net.vgate.forwarding.FlowProbe;
import net.vgate.forwarding.FlowState;
import net.vgate.forwarding.FlowTable;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.PacketBatch;
import org.jspecify.annotations.Nullable;

/**
 * Asks for each packet between sites whether it may cross. One instance per worker, run by that worker's thread only;
 * nothing in here blocks, locks, logs or allocates.
 *
 * <p>A packet passes if it belongs to a live flow, in either direction; else if a rule permits flows that start the way
 * it goes, and then it starts one. A V-net without rules so lets nothing cross. Rules are about what crosses between
 * sites: members on one node reach each other, rules or not, and the data path does not ask here for them.
 *
 * <ul>
 *   <li>Rules name members by their own addresses and the other side as this site sees it: outbound the gate stands
 *       before the source is translated, inbound after the destination is restored.
 *   <li>When the policy changes, a flow is looked at again with its next packet: it goes on if a rule still permits it,
 *       else it ends there.
 *   <li>TCP: a SYN starts a flow. Another segment with an ACK does as well, of either side (as when the gateway was
 *       started anew under living connections, or took over another's); the table counts these, and they last for 4
 *       minutes unless the other side is seen as well. A reset of no flow passes under a rule, and starts none. A SYN
 *       of the side that did not start the flow needs a rule for its own direction, unless the two SYNs cross (RFC 5382
 *       REQ-2a).
 *   <li>ICMP echo: a request starts a flow, a reply never does. ICMP errors pass only if what they quote belongs to a
 *       live flow and was sent by whom they go to; they do not keep a flow alive. Messages of one link (router and
 *       neighbour discovery, redirects, multicast listeners) never cross.
 *   <li>A stateless rule knows answers by addresses and ports, and no flow is kept: the two directions may go by
 *       different gateways. What asks is no answer: a SYN, an echo request.
 *   <li>{@link net.vgate.forwarding.PolicyCounters} has what each rule decided, and what is dropped as {@code POLICY}.
 *       A flow counts when it starts, and when it is looked at again; a packet counts if it is in no flow.
 *   <li>Later fragments share the verdict of the first, see {@link net.vgate.forwarding.FragmentTable}.
 * </ul>
 */
public final class PolicyGate {
    private final int worker;
    private final FlowProbe probe;

    /** The rule that let the packet pass which is judged, or {@link CompiledPolicy#NONE} if its flow did. */
    private int decidedBy = CompiledPolicy.NONE;

    /** The gate of the worker with number {@code worker}. */
    public PolicyGate(int worker) {
        this(worker, FlowHash.ofProcess());
    }

    PolicyGate(int worker, FlowHash hashing) {
        this.worker = worker;
        this.probe = new FlowProbe(hashing);
    }

    /**
     * Judges a parsed packet that a member sends to another site, before its source is translated.
     *
     * @return null when it may pass, or why it must be dropped
     */
    public @Nullable DropReason permitOutbound(VnetTable vnet, PacketBatch batch, int slot, long nowNanos) {
        return permit(vnet, batch, slot, true, nowNanos);
    }

    /**
     * Judges a parsed packet that comes from another site, after its destination is restored.
     *
     * @return null when it may pass, or why it must be dropped
     */
    public @Nullable DropReason permitInbound(VnetTable vnet, PacketBatch batch, int slot, long nowNanos) {
        return permit(vnet, batch, slot, false, nowNanos);
    }

    private @Nullable DropReason permit(VnetTable vnet, PacketBatch batch, int slot, boolean outbound, long nowNanos) {
        decidedBy = CompiledPolicy.NONE;
        DropReason reason = permitFragment(vnet, batch, slot, outbound, nowNanos);
        if (reason == DropReason.POLICY) {
            vnet.policyCounters().countDenied(worker, outbound, batch.parts(slot), nowNanos);
        } else if (decidedBy != CompiledPolicy.NONE) {
            int amount = vnet.policy().isStateless(decidedBy) ? batch.parts(slot) : 1;
            vnet.policyCounters().countPermitted(worker, decidedBy, amount, nowNanos);
        }
        return reason;
    }

    private @Nullable DropReason permitFragment(
            VnetTable vnet, PacketBatch batch, int slot, boolean outbound, long nowNanos) {
        return switch (batch.inner().fragment(slot)) {
            case WHOLE -> permitHeaders(vnet, batch, slot, outbound, nowNanos);
            case FIRST -> {
                DropReason reason = permitHeaders(vnet, batch, slot, outbound, nowNanos);
                yield reason == null ? vnet.fragments(worker).admitFirst(batch, slot, outbound, nowNanos) : reason;
            }
            case LATER -> vnet.fragments(worker).admitLater(batch, slot, outbound, nowNanos);
        };
    }

    private @Nullable DropReason permitHeaders(
            VnetTable vnet, PacketBatch batch, int slot, boolean outbound, long nowNanos) {
        InnerHeader inner = batch.inner();
        return switch (IcmpKind.of(inner, slot)) {
            case NOT_ICMP -> {
                setKey(inner, slot, outbound);
                int tcpFlags = inner.tcpFlags(slot);
                Part part = FlowState.isOpening(tcpFlags) ? Part.ASKS : Part.EITHER;
                yield permitFlow(vnet, outbound, tcpFlags, part, nowNanos);
            }
            case ECHO_REQUEST, OTHER -> {
                setKey(inner, slot, outbound);
                yield permitFlow(vnet, outbound, 0, Part.ASKS, nowNanos);
            }
            case ECHO_REPLY -> {
                setKey(inner, slot, outbound);
                yield permitFlow(vnet, outbound, 0, Part.ANSWERS, nowNanos);
            }
            case ERROR -> permitError(vnet, batch, slot, outbound, nowNanos);
            case OF_LINK -> DropReason.SCOPE;
            case OBSOLETE -> DropReason.POLICY;
        };
    }

    /** Makes the probe look for the flow of a packet. */
    private void setKey(InnerHeader header, int slot, boolean outbound) {
        if (outbound) {
            probe.member(header.sourceHi(slot), header.sourceLo(slot))
                    .remote(header.destinationHi(slot), header.destinationLo(slot));
        } else {
            probe.member(header.destinationHi(slot), header.destinationLo(slot))
                    .remote(header.sourceHi(slot), header.sourceLo(slot));
        }
        int source = header.sourcePort(slot);
        int destination = header.destinationPort(slot);
        int protocol = header.protocol(slot);
        switch (IcmpKind.of(header, slot)) {
            case ECHO_REQUEST -> probe.echo(protocol, source, outbound);
            case ECHO_REPLY -> probe.echo(protocol, source, !outbound);
            default -> probe.ports(protocol, outbound ? source : destination, outbound ? destination : source);
        }
    }

    /** What a packet can be in a flow that nothing is known of. */
    private enum Part {
        ASKS,
        ANSWERS,
        EITHER
    }

    /** What one attempt to judge a packet by its flow came to. */
    private enum Verdict {
        PASSES,
        DENIED,
        NO_ROOM,
        /** Another worker changed the flow meanwhile. */
        LOOK_AGAIN
    }

    private @Nullable DropReason permitFlow(VnetTable vnet, boolean outbound, int tcpFlags, Part part, long nowNanos) {
        while (true) {
            boolean found = vnet.flows().find(probe);
            Verdict verdict = found && !probe.isExpired(nowNanos)
                    ? continueFlow(vnet, outbound, tcpFlags, nowNanos)
                    : judgeByRules(vnet, found, outbound, tcpFlags, part, nowNanos);
            switch (verdict) {
                case PASSES -> {
                    return null;
                }
                case DENIED -> {
                    return DropReason.POLICY;
                }
                case NO_ROOM -> {
                    return DropReason.FLOW_TABLE_FULL;
                }
                case LOOK_AGAIN -> {}
            }
        }
    }

    /** A packet of the live flow that the probe found. */
    private Verdict continueFlow(VnetTable vnet, boolean outbound, int tcpFlags, long nowNanos) {
        CompiledPolicy policy = vnet.policy();
        boolean isOfOlder = policy.isNewerThan(probe.generation());
        // Counts once more then: a rule by which old flows go on must not look as if none needed it.
        int rule = isOfOlder ? probe.permittingRule(policy, probe.isOutbound()) : CompiledPolicy.NONE;
        if (isOfOlder && rule == CompiledPolicy.NONE) {
            vnet.flows().end(probe);
            return Verdict.LOOK_AGAIN;
        }
        boolean startedOutbound = probe.isOutbound();
        FlowState state = probe.state();
        FlowState next = state.next(startedOutbound == outbound, tcpFlags);
        if (mustBePermitted(outbound, tcpFlags)) {
            rule = probe.permittingRule(policy, outbound);
            if (rule == CompiledPolicy.NONE) {
                return Verdict.DENIED;
            }
            if (state == FlowState.TCP_CLOSING) {
                startedOutbound = outbound;
                next = FlowState.TCP_OPENING;
            }
        }
        int generation = isOfOlder ? policy.generation() : probe.generation();
        if (!vnet.flows().update(probe, next, startedOutbound, generation, nowNanos)) {
            return Verdict.LOOK_AGAIN;
        }
        decidedBy = rule;
        return Verdict.PASSES;
    }

    /**
     * Whether the policy permits the flow that the probe found. A flow that a newer policy permitted stays: right after
     * a change, one worker may still work by the old policy while another already works by the new.
     */
    private boolean isStillPermitted(CompiledPolicy policy) {
        return !policy.isNewerThan(probe.generation())
                || probe.permittingRule(policy, probe.isOutbound()) != CompiledPolicy.NONE;
    }

    /** Whether a packet of the flow that the probe found would start one by itself, from the other side. */
    private boolean mustBePermitted(boolean outbound, int tcpFlags) {
        FlowState state = probe.state();
        boolean handshake = state == FlowState.TCP_OPENING || state == FlowState.TCP_ANSWERED;
        return FlowState.isOpening(tcpFlags) && probe.isOutbound() != outbound && !handshake;
    }

    /** A packet of no live flow, but perhaps of the expired one that the probe found. */
    private Verdict judgeByRules(
            VnetTable vnet, boolean expired, boolean outbound, int tcpFlags, Part part, long nowNanos) {
        if (isNoTcp(tcpFlags)) {
            return Verdict.DENIED;
        }
        CompiledPolicy policy = vnet.policy();
        int rule = part == Part.ANSWERS ? CompiledPolicy.NONE : probe.permittingRule(policy, outbound);
        boolean byStarter = rule != CompiledPolicy.NONE;
        if (part != Part.ASKS && !(byStarter && policy.isStateless(rule))) {
            int answered = probe.permittingRule(policy, !outbound);
            if (!byStarter || (answered != CompiledPolicy.NONE && policy.isStateless(answered))) {
                rule = answered;
                byStarter = false;
            }
        }
        if (rule == CompiledPolicy.NONE) {
            return Verdict.DENIED;
        }
        if (policy.isStateless(rule)) {
            decidedBy = rule;
            return Verdict.PASSES;
        }
        boolean isReset = (tcpFlags & InnerHeader.TCP_RST) != 0;
        if (!byStarter && (isReset || (tcpFlags & InnerHeader.TCP_SYN) != 0 || !isTcp())) {
            return Verdict.DENIED;
        }
        Verdict verdict = isReset ? Verdict.PASSES : startFlow(vnet, expired, byStarter, outbound, tcpFlags, nowNanos);
        if (verdict == Verdict.PASSES) {
            decidedBy = rule;
        }
        return verdict;
    }

    private boolean isTcp() {
        return probe.protocol() == InnerHeader.TCP;
    }

    /** RFC 9293 section 3.10.7: every segment of a connection that is under way has an ACK, but for resets. */
    private boolean isNoTcp(int tcpFlags) {
        return isTcp()
                && !FlowState.isOpening(tcpFlags)
                && (tcpFlags & (InnerHeader.TCP_ACK | InnerHeader.TCP_RST)) == 0;
    }

    /** @param byStarter whether a rule permits it for the packet's direction, and not for what it answers */
    private Verdict startFlow(
            VnetTable vnet, boolean expired, boolean byStarter, boolean outbound, int tcpFlags, long nowNanos) {
        CompiledPolicy policy = vnet.policy();
        boolean startedOutbound = outbound == byStarter;
        FlowState first = firstState(byStarter, tcpFlags);
        FlowTable.Insertion insertion;
        if (expired) {
            boolean begunAnew = vnet.flows().update(probe, first, startedOutbound, policy.generation(), nowNanos);
            insertion = begunAnew ? FlowTable.Insertion.INSERTED : FlowTable.Insertion.PRESENT;
        } else {
            insertion = vnet.flows().insert(probe, first, startedOutbound, policy.generation(), nowNanos);
        }
        if (insertion == FlowTable.Insertion.INSERTED && isTcp() && !FlowState.isOpening(tcpFlags)) {
            vnet.flows().countPickedUp();
        }
        return switch (insertion) {
            case INSERTED -> Verdict.PASSES;
            case PRESENT -> Verdict.LOOK_AGAIN;
            case FULL -> Verdict.NO_ROOM;
        };
    }

    private FlowState firstState(boolean byStarter, int tcpFlags) {
        return switch (probe.protocol()) {
            case InnerHeader.TCP -> FlowState.firstOfTcp(byStarter, tcpFlags);
            case InnerHeader.UDP -> FlowState.UDP_ASKED;
            case InnerHeader.ICMP, InnerHeader.ICMPV6 -> FlowState.ECHO_ASKED;
            default -> FlowState.OTHER_ASKED;
        };
    }

    /** An error is about a packet that went the other way, and goes to who sent that. */
    private @Nullable DropReason permitError(
            VnetTable vnet, PacketBatch batch, int slot, boolean outbound, long nowNanos) {
        InnerHeader inner = batch.inner();
        InnerHeader quoted = batch.quoted();
        if (inner.parseQuoted(slot) != null
                || quoted.fragment(slot) == InnerHeader.Fragment.LATER
                || quoted.sourceHi(slot) != inner.destinationHi(slot)
                || quoted.sourceLo(slot) != inner.destinationLo(slot)
                || !IcmpKind.of(quoted, slot).hasFlow()) {
            return DropReason.UNRELATED_ICMP_ERROR;
        }
        setKey(quoted, slot, !outbound);
        boolean related = vnet.flows().find(probe) && !probe.isExpired(nowNanos) && isStillPermitted(vnet.policy());
        return related || isStateless(vnet.policy(), true) || isStateless(vnet.policy(), false)
                ? null
                : DropReason.UNRELATED_ICMP_ERROR;
    }

    /** Whether a stateless rule permits what the probe has the key of, started in that direction. */
    private boolean isStateless(CompiledPolicy policy, boolean outbound) {
        int rule = probe.permittingRule(policy, outbound);
        return rule != CompiledPolicy.NONE && policy.isStateless(rule);
    }
}

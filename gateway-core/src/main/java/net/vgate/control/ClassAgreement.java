package net.vgate.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.vgate.config.GatewayConfig.Vnet;
import net.vgate.observe.Event;
import net.vgate.observe.EventLog;
import net.vgate.observe.StatusReport;
import net.vgate.packet.DropReason;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Association;
import net.vgate.record.PeerIdentity;
import net.vgate.record.VnetAdmission;
import net.vgate.tunnel.DatagramPort;
import net.vgate.tunnel.TunnelClass;
import net.vgate.tunnel.VnetDemands;
import org.jspecify.annotations.Nullable;

/**
 * Which V-nets a tunnel carries: compares what is demanded for them here with what the peer demands, and with what the
 * association in use offers.
 *
 * <p><b>Threading.</b> The conductor's thread only.
 */
final class ClassAgreement {
    /** V-nets that a line of the log names. */
    private static final int NAMED = 3;

    private final PeerIdentity peer;
    private final EventLog log;

    private List<Vnet> vnets = List.of();
    private VnetDemands own = VnetDemands.NONE;
    private @Nullable VnetDemands comparedOwn;
    private @Nullable VnetDemands comparedPeers;
    private boolean wasSettled;
    private long comparedKind;
    private VnetAdmission admission = VnetAdmission.NOTHING_AGREED;
    private List<StatusReport.RefusedVnet> refused = List.of();

    ClassAgreement(PeerIdentity peer, EventLog log) {
        this.peer = peer;
        this.log = log;
    }

    /** The V-nets that the peer may carry are these from now on. */
    void adopt(List<Vnet> granted) {
        vnets = granted;
        TreeMap<Integer, Long> byVni = new TreeMap<>();
        granted.forEach(vnet -> byVni.put(vnet.vni(), vnet.tunnelClass().demand()));
        own = VnetDemands.of(byVni);
        comparedOwn = null;
    }

    /** What is demanded here. */
    VnetDemands own() {
        return own;
    }

    /** Which V-nets both ends let travel on the tunnel's associations. */
    VnetAdmission admission() {
        return admission;
    }

    /** Which V-nets it does not carry, though it is up. */
    List<StatusReport.RefusedVnet> refused() {
        return refused;
    }

    /**
     * Compares anew, if anything has changed.
     *
     * @param inUse the tunnel's association, or null
     * @param peers what the peer demands; null when it has not said so
     * @param mayStillSay whether it has offered to
     * @return whether what is demanded at either end has changed
     */
    boolean compare(@Nullable Association inUse, @Nullable VnetDemands peers, boolean mayStillSay) {
        long kind = inUse == null ? 0 : TunnelClass.kindOf(inUse);
        boolean isSettled = inUse != null && (peers != null || !mayStillSay);
        boolean hasChanged = !own.equals(comparedOwn) || !Objects.equals(peers, comparedPeers);
        if (!hasChanged && kind == comparedKind && isSettled == wasSettled) {
            return false;
        }
        comparedOwn = own;
        comparedPeers = peers;
        comparedKind = kind;
        wasSettled = isSettled;
        if (hasChanged) {
            admission = peers == null ? VnetAdmission.NOTHING_AGREED : VnetAdmission.allBut(mismatches(peers));
        }
        List<StatusReport.RefusedVnet> before = refused;
        refused = isSettled && inUse != null ? refused(inUse, peers) : List.of();
        if (isSettled && !refused.equals(before)) {
            report();
        }
        return hasChanged;
    }

    /** Whether another association could carry what both ends demand alike and {@code inUse} does not. */
    boolean isBetterServedBy(AeadAlgorithm cipher, Association inUse) {
        VnetDemands peers = comparedPeers;
        return peers != null
                && !own.isEmpty()
                && vnets.stream()
                        .filter(vnet -> vnet.tunnelClass().demand() == peers.of(vnet.vni()))
                        .map(Vnet::tunnelClass)
                        .distinct()
                        .anyMatch(one -> one.accepts(cipher) && !one.accepts(inUse.algorithm()));
    }

    private int[] mismatches(VnetDemands peers) {
        if (own.isEmpty() && peers.isEmpty()) {
            return new int[0];
        }
        return vnets.stream()
                .filter(vnet -> vnet.tunnelClass().demand() != peers.of(vnet.vni()))
                .mapToInt(Vnet::vni)
                .toArray();
    }

    private List<StatusReport.RefusedVnet> refused(Association inUse, @Nullable VnetDemands peers) {
        if (own.isEmpty() && (peers == null || peers.isEmpty())) {
            return List.of();
        }
        List<StatusReport.RefusedVnet> found = new ArrayList<>();
        for (Vnet vnet : vnets) {
            long demand = vnet.tunnelClass().demand();
            if (peers == null ? demand != 0 : peers.of(vnet.vni()) != demand) {
                found.add(refused(
                        vnet,
                        DropReason.CLASS_MISMATCH,
                        peers == null
                                ? "the peer does not know of classes"
                                : "the peer demands " + TunnelClass.text(peers.of(vnet.vni()))));
            } else if ((vnet.tunnelClass().kinds() & TunnelClass.kindOf(inUse)) == 0) {
                found.add(refused(vnet, DropReason.BELOW_CLASS, "the tunnel has " + text(inUse)));
            }
        }
        return found;
    }

    private static StatusReport.RefusedVnet refused(Vnet vnet, DropReason reason, String but) {
        return new StatusReport.RefusedVnet(
                vnet.name(), reason.label(), TunnelClass.text(vnet.tunnelClass().demand()), but);
    }

    private static String text(Association association) {
        return association.algorithm().label() + " over "
                + (association.local() == DatagramPort.STREAM ? "tcp" : "udp");
    }

    private void report() {
        if (refused.isEmpty()) {
            log.report(new Event.TunnelNotice(
                    peer.site(), peer.gateway(), "classes_met", "every V-net is carried as its class demands"));
            return;
        }
        String named = refused.stream()
                .limit(NAMED)
                .map(one -> one.vnet() + " demands " + one.demanded() + ", " + one.but())
                .collect(Collectors.joining("; "));
        String more = refused.size() > NAMED ? "; and " + (refused.size() - NAMED) + " more" : "";
        log.report(new Event.TunnelAlarm(peer.site(), peer.gateway(), "vnets_refused", named + more));
    }
}

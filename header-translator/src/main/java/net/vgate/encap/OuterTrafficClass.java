package net.vgate.encap;

import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.TrafficClass;
import org.jspecify.annotations.Nullable;

/** What an outer header's {@link TrafficClass} has to do with the inner one's: RFC 2983 for DSCP, RFC 6040 for ECN. */
public final class OuterTrafficClass {
    /** In place of a DSCP: that of the inner packet. */
    public static final int COPY = -1;

    /** In place of an ECN field: the packet must be dropped. */
    static final int DROP = -1;

    /** The first DSCP of network control, CS6 (RFC 4594 section 3.2). */
    private static final int NETWORK_CONTROL = 48;

    private OuterTrafficClass() {}

    /**
     * The traffic class of the outer header for a packet with {@code inner}. DSCPs of network control are those of the
     * networks in between, and members' packets do not get them: RFC 4594 section 3.2 has them remarked at the edge.
     *
     * @param dscp for all packets (pipe model, RFC 2983 section 3.2), or {@link #COPY} (uniform model, section 3.1)
     * @param copiesEcn whether the other end combines the ECN fields: normal mode of RFC 6040 section 4.1, else
     *     compatibility mode, where routers drop instead of marking
     */
    public static int of(int inner, int dscp, boolean copiesEcn) {
        int innerDscp = TrafficClass.dscp(inner);
        int copied = innerDscp < NETWORK_CONTROL ? innerDscp : 0;
        return TrafficClass.of(
                dscp == COPY ? copied : dscp, copiesEcn ? TrafficClass.ecn(inner) : TrafficClass.NOT_ECT);
    }

    /**
     * Makes the ECN field of the packet in {@code slot}, which begins at its offset and is not parsed yet, what becomes
     * of it and of {@link PacketBatch#trafficClass}. The DSCP stays the inner one (RFC 2983 section 4.1).
     *
     * @return null, or CONGESTION when the packet must be dropped
     */
    public static @Nullable DropReason combine(PacketBatch batch, int slot) {
        InnerHeader header = batch.inner();
        int inner = header.peekTrafficClass(slot);
        if (inner < 0) {
            // The parser has the word for it.
            return null;
        }
        int before = TrafficClass.ecn(inner);
        int after = combined(before, TrafficClass.ecn(batch.trafficClass(slot)));
        if (after == DROP) {
            return DropReason.CONGESTION;
        }
        if (after != before) {
            TrafficClass.setEcn(batch.slab(), batch.offset(slot), header.peekVersion(slot), after);
        }
        return null;
    }

    /** Figure 4 of RFC 6040 section 4.2: the outgoing ECN field, or {@link #DROP}. */
    static int combined(int inner, int outer) {
        return switch (outer) {
            case TrafficClass.CE -> inner == TrafficClass.NOT_ECT ? DROP : TrafficClass.CE;
            case TrafficClass.ECT_1 -> inner == TrafficClass.ECT_0 ? TrafficClass.ECT_1 : inner;
            default -> inner;
        };
    }
}

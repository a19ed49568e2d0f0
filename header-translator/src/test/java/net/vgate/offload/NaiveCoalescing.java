package net.vgate.offload;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.PacketBatch;
import org.jspecify.annotations.Nullable;

/**
 * Which packets may be one super-packet, from the other end: those that come out again when it is cut. What is beyond
 * that are limits, and packets that are never merged though they could be.
 */
final class NaiveCoalescing {
    private static final int FLOWS = 8;
    private static final int MAX_DATAGRAMS = 64;
    private static final int MAX_SEGMENTS = 128;
    private static final int MAX_BYTES = 65_535;

    private static final PacketBatch PARSED = new PacketBatch(1);

    private final List<TrafficPacket> packets;
    private final List<List<Integer>> groups = new ArrayList<>();
    private final List<Run> begun = new ArrayList<>();

    private NaiveCoalescing(List<TrafficPacket> packets) {
        this.packets = packets;
    }

    /** A flow's packets that are, or may become, one super-packet. */
    private static final class Run {
        final List<Integer> group;
        final Flow flow;
        boolean isOpen = true;

        Run(List<Integer> group, Flow flow) {
            this.group = group;
            this.flow = flow;
        }
    }

    /** Whom a packet is from and to. */
    record Flow(int vnet, long sourceHi, long sourceLo, long toHi, long toLo, int protocol, int fromPort, int toPort) {
        /** Of a parsed packet. */
        static Flow of(TrafficPacket packet, InnerHeader inner) {
            return new Flow(
                    packet.vnet(),
                    inner.sourceHi(0),
                    inner.sourceLo(0),
                    inner.destinationHi(0),
                    inner.destinationLo(0),
                    inner.protocol(0),
                    inner.sourcePort(0),
                    inner.destinationPort(0));
        }

        boolean hasAddressesOf(Flow other) {
            return vnet == other.vnet
                    && sourceHi == other.sourceHi
                    && sourceLo == other.sourceLo
                    && toHi == other.toHi
                    && toLo == other.toLo;
        }
    }

    /** The packets by their index: those that become one super-packet together, in order; without malformed ones. */
    static List<List<Integer>> groups(List<TrafficPacket> packets) {
        NaiveCoalescing coalescing = new NaiveCoalescing(packets);
        for (int i = 0; i < packets.size(); i++) {
            coalescing.add(i);
        }
        return coalescing.groups;
    }

    /** The packet in slot 0 of a batch, parsed, until the next one is; null when it is malformed. */
    static @Nullable InnerHeader parse(TrafficPacket packet) {
        PARSED.clear();
        PARSED.addCopy(packet.bytes());
        return PARSED.inner().parse(0) == null ? PARSED.inner() : null;
    }

    private void add(int index) {
        TrafficPacket packet = packets.get(index);
        InnerHeader inner = parse(packet);
        if (inner == null) {
            return;
        }
        Flow flow = Flow.of(packet, inner);
        boolean isPlain = isPlain(packet, inner);
        List<Run> followed = begun.subList(Math.max(0, begun.size() - FLOWS), begun.size());
        for (Run run : followed) {
            if (run.isOpen && run.flow.equals(flow) && isPlain && fits(run.group, index)) {
                run.group.add(index);
                return;
            }
        }
        boolean isFragment = inner.fragment(0) != InnerHeader.Fragment.WHOLE;
        for (Run run : followed) {
            run.isOpen &= !(run.flow.equals(flow) || (isFragment && run.flow.hasAddressesOf(flow)));
        }
        List<Integer> group = new ArrayList<>(List.of(index));
        groups.add(group);
        if (isPlain && isUnmarked(packet.bytes())) {
            begun.add(new Run(group, flow));
        }
    }

    /** TCP or UDP with payload, with nothing between the two headers. */
    private static boolean isPlain(TrafficPacket packet, InnerHeader inner) {
        int l4 = inner.l4Offset(0) - inner.l3Offset(0);
        boolean hasPorts = inner.protocol(0) == InnerHeader.TCP || inner.protocol(0) == InnerHeader.UDP;
        return hasPorts
                && inner.fragment(0) == InnerHeader.Fragment.WHOLE
                && l4 == (inner.version(0) == 4 ? 20 : 40)
                && inner.end(0) > inner.payloadOffset(0)
                && (inner.version(0) == 6 || packet.bytes()[6] >= 0);
    }

    private static boolean isUnmarked(byte[] packet) {
        int at = NaiveSegmentation.transport(packet);
        if (NaiveSegmentation.isTcp(packet)) {
            int marks = ByteBuffer.wrap(packet).getShort(at + 12) & 0x0fff & ~NaiveSegmentation.ECE;
            return marks == NaiveSegmentation.ACK;
        }
        // The length of UDP may be less than that of IP; then there is no way to say so of each.
        return ByteBuffer.wrap(packet).getShort(at + 6) != 0
                && ByteBuffer.wrap(packet).getShort(at + 4) == (short) (ownLength(packet) - at);
    }

    private static int ownLength(byte[] packet) {
        ByteBuffer buffer = ByteBuffer.wrap(packet);
        boolean isIpv4 = NaiveSegmentation.isIpv4(packet);
        return (buffer.getShort(isIpv4 ? 2 : 4) & 0xffff) + (isIpv4 ? 0 : 40);
    }

    /** What the packet is without bytes behind its end. */
    static byte[] whole(TrafficPacket packet) {
        return Arrays.copyOf(packet.bytes(), ownLength(packet.bytes()));
    }

    private boolean fits(List<Integer> group, int index) {
        TrafficPacket first = packets.get(group.get(0));
        TrafficPacket packet = packets.get(index);
        boolean isTcp = NaiveSegmentation.isTcp(packet.bytes());
        if (packet.bytes().length != ownLength(packet.bytes())
                || packet.site() != first.site()
                || packet.isPartial() != first.isPartial()
                || group.size() == (isTcp ? MAX_SEGMENTS : MAX_DATAGRAMS)) {
            return false;
        }
        List<byte[]> together = new ArrayList<>();
        group.forEach(member -> together.add(whole(packets.get(member))));
        together.add(packet.bytes());
        byte[] joined = NaiveSegmentation.join(together);
        if (joined.length > MAX_BYTES) {
            return false;
        }
        int segmentBytes = NaiveSegmentation.payloadBytes(together.get(0));
        List<byte[]> cut = NaiveSegmentation.split(joined, segmentBytes, first.isPartial());
        return Arrays.deepEquals(cut.toArray(), together.toArray());
    }
}

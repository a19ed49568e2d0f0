package net.vgate.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.vgate.packet.InnerHeader;

/**
 * Whatever comes: nothing is thrown, and what is merged comes out again when it is cut. An input is a list of packets,
 * each with a byte of flags, two of its length, and its bytes; one bit has the checksums made right, which no mutation
 * would guess, and one takes a packet from the one before it, with what a next one has otherwise.
 */
class CoalescerFuzzTest {
    private static final int MAX_PACKETS = 300;
    private static final int VNET = 1;
    private static final int SITE = 2;
    private static final int PARTIAL = 4;
    private static final int FINISHED = 8;
    private static final int NEXT = 16;

    private final CoalescedTraffic traffic = new CoalescedTraffic();

    @FuzzTest
    void mergesOnlyWhatComesOutAgain(byte[] bytes) {
        List<TrafficPacket> packets = packets(ByteBuffer.wrap(bytes));
        traffic.coalesce(packets);
        assertEquals(NaiveCoalescing.groups(packets), traffic.groups());
        for (List<Integer> group : traffic.groups()) {
            int leader = group.get(0);
            List<byte[]> cut = traffic.cut(leader, packets.get(leader).isPartial(), 50);
            assertEquals(group.size(), cut.size());
            for (int i = 0; i < cut.size(); i++) {
                assertArrayEquals(NaiveCoalescing.whole(packets.get(group.get(i))), cut.get(i));
            }
        }
    }

    private static List<TrafficPacket> packets(ByteBuffer bytes) {
        List<TrafficPacket> packets = new ArrayList<>();
        byte[] before = {};
        while (bytes.remaining() >= 3 && packets.size() < MAX_PACKETS) {
            int flags = bytes.get();
            int length = bytes.getShort() & 0x7ff;
            byte[] packet = new byte[Math.min(bytes.remaining(), length)];
            bytes.get(packet);
            boolean isPartial = (flags & PARTIAL) != 0;
            if ((flags & NEXT) != 0 && isCuttable(before)) {
                packet = next(before, packet);
            }
            if ((flags & FINISHED) != 0 && isCuttable(packet)) {
                packet = NaiveSegmentation.finished(packet, isPartial);
            }
            packets.add(new TrafficPacket(packet, flags & VNET, (flags & SITE) >> 1, isPartial));
            before = packet;
        }
        return packets;
    }

    private static boolean isCuttable(byte[] packet) {
        TrafficPacket alone = new TrafficPacket(packet, 0, 0, false);
        InnerHeader inner = NaiveCoalescing.parse(alone);
        if (inner == null || (inner.protocol(0) != 6 && inner.protocol(0) != 17)) {
            return false;
        }
        int l4 = inner.l4Offset(0) - inner.l3Offset(0);
        return l4 == (inner.version(0) == 4 ? 20 : 40)
                && inner.fragment(0) == InnerHeader.Fragment.WHOLE
                && NaiveCoalescing.whole(alone).length >= NaiveSegmentation.payload(packet);
    }

    /** The headers of {@code before} counted up, with another payload. */
    private static byte[] next(byte[] before, byte[] payload) {
        byte[] whole = NaiveCoalescing.whole(new TrafficPacket(before, 0, 0, false));
        int start = NaiveSegmentation.payload(whole);
        byte[] next = Arrays.copyOf(whole, start + payload.length);
        System.arraycopy(payload, 0, next, start, payload.length);
        ByteBuffer buffer = ByteBuffer.wrap(next);
        if (NaiveSegmentation.isIpv4(next)) {
            buffer.putShort(4, (short) (buffer.getShort(4) + 1));
        }
        if (NaiveSegmentation.isTcp(next)) {
            int at = NaiveSegmentation.transport(next) + 4;
            buffer.putInt(at, buffer.getInt(at) + whole.length - start);
        }
        return next;
    }
}

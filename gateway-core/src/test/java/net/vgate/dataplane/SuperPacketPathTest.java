package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both paths do with a super-packet what they do with each of its packets. */
class SuperPacketPathTest {
    private static final int SENT = 80;

    /** The same traffic, sent as super-packets or cut before. */
    private static PathsUnderTest run(long seed, boolean isWhole, boolean coalesces, boolean agreesOnPartial) {
        PathsUnderTest paths = new PathsUnderTest(coalesces, agreesOnPartial);
        MemberTraffic traffic = new MemberTraffic(new SplittableRandom(seed));
        for (int i = 0; i < SENT; i++) {
            MemberTraffic.Sent sent = traffic.next();
            if (isWhole) {
                paths.eastDevice().offer(sent.packet, sent.type, sent.segmentBytes);
            } else {
                paths.eastDevice()
                        .cut(sent.packet, sent.type, sent.segmentBytes)
                        .forEach(paths.eastDevice()::offer);
            }
        }
        paths.run();
        return paths;
    }

    /** The packets by flow, as their addresses and ports have it: only within a flow order is kept. */
    private static Map<String, List<String>> byFlow(List<byte[]> packets) {
        Map<String, List<String>> flows = new java.util.TreeMap<>();
        for (String packet : PathsUnderTest.text(packets)) {
            boolean isIpv4 = packet.charAt(0) == '4';
            String flow = isIpv4 ? packet.substring(18, 20) + packet.substring(24, 48) : packet.substring(12, 88);
            flows.computeIfAbsent(flow, key -> new ArrayList<>()).add(packet);
        }
        return flows;
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void doTheSameWithASuperPacketAsWithEachOfItsPackets(long seed) {
        PathsUnderTest plain = run(seed, false, false, false);
        Map<String, List<String>> delivered = byFlow(plain.westDevice().delivered());
        assertTrue(plain.westDevice().delivered().size() > 200);
        for (boolean coalesces : new boolean[] {false, true}) {
            for (boolean agreesOnPartial : new boolean[] {false, true}) {
                PathsUnderTest whole = run(seed, true, coalesces, agreesOnPartial);
                assertEquals(plain.counts(), whole.counts());
                assertEquals(delivered, byFlow(whole.westDevice().delivered()));
                assertEquals(
                        byFlow(plain.eastDevice().delivered()),
                        byFlow(whole.eastDevice().delivered()));
                assertTrue(
                        whole.westDevice().superPackets() > 10,
                        whole.westDevice().superPackets() + " merged");
                assertTrue(
                        whole.eastWire().largest() <= 1_500 - 28,
                        whole.eastWire().largest() + " bytes");
            }
        }
    }
}

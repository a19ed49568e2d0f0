package net.vgate.forwarding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.packet.InnerHeader;
import net.vgate.tunnel.Tunnel;
import org.junit.jupiter.api.Test;

class RendezvousHashTest {
    private static final int FLOWS = 20_000;

    private final SplittableRandom random = new SplittableRandom(7);

    /** Other versions at the other site compute the same; the figures are those of this first one. */
    @Test
    void isTheSameEverywhere() {
        long flow =
                RendezvousHash.flow(5_001, InnerHeader.TCP, 0, 0xffff_6440_0105L, 40_000, 0, 0xffff_6440_0209L, 443);
        assertEquals("95938622f4bdf459", HexFormat.of().toHexDigits(flow));
        String gateway = HexFormat.of().toHexDigits(RendezvousHash.gateway("west/west-1"));
        assertEquals("7ed143b7c65170b1", gateway, "printf west/west-1 | sha256sum");
    }

    @Test
    void hasOneKeyForBothDirections() {
        for (int i = 0; i < FLOWS; i++) {
            long a = random.nextLong();
            long b = random.nextInt(4) == 0 ? a : random.nextLong();
            long c = random.nextLong();
            long d = random.nextInt(4) == 0 ? c : random.nextLong();
            int port = random.nextInt(1 << 16);
            int other = random.nextInt(4) == 0 ? port : random.nextInt(1 << 16);
            long there = RendezvousHash.flow(1, 6, a, c, port, b, d, other);
            assertEquals(there, RendezvousHash.flow(1, 6, b, d, other, a, c, port));
            assertNotEquals(there, RendezvousHash.flow(2, 6, a, c, port, b, d, other));
            assertNotEquals(there, RendezvousHash.flow(1, 17, a, c, port, b, d, other));
        }
    }

    @Test
    void flowsAreSharedByWeight() {
        SiteTunnels site = site(1, 2, 5);
        int[] counts = new int[3];
        for (int i = 0; i < FLOWS; i++) {
            counts[site.choose(0b111, random.nextLong())]++;
        }
        assertEquals(FLOWS / 8.0, counts[0], FLOWS * 0.01);
        assertEquals(FLOWS / 4.0, counts[1], FLOWS * 0.015);
        assertEquals(FLOWS / 1.6, counts[2], FLOWS * 0.015);
    }

    @Test
    void onlyTheFlowsOfTheOneThatGoesMove() {
        SiteTunnels site = site(1, 1, 3, 1);
        for (int i = 0; i < FLOWS; i++) {
            long flow = random.nextLong();
            int before = site.choose(0b1111, flow);
            int gone = random.nextInt(4);
            int after = site.choose(0b1111 & ~(1L << gone), flow);
            assertNotEquals(gone, after);
            if (before != gone) {
                assertEquals(before, after);
            }
        }
    }

    private static SiteTunnels site(int... weights) {
        List<SiteTunnels.Choice> choices = new ArrayList<>();
        for (int weight : weights) {
            choices.add(new SiteTunnels.Choice(new Tunnel(0, "west/west-" + choices.size(), 1), 0, weight));
        }
        return new SiteTunnels(choices);
    }
}

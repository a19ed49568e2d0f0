package net.vgate.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.vgate.record.AeadAlgorithm;
import net.vgate.tunnel.ControlMessage.Demands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Demands beside a plain table of them, as they are and cut into messages. */
class VnetDemandsTest {
    private static final int MAX_VNI = (1 << 24) - 1;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void saysOfEachVnetWhatThePlainTableSays(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TreeMap<Integer, Long> table = new TreeMap<>();
        int vni = random.nextBoolean() ? 1 : MAX_VNI - 5_000;
        // Runs whose lengths are about those of the messages' ranges, now and then with a gap.
        while (vni <= MAX_VNI && table.size() < 3_000) {
            int run = random.nextBoolean() ? random.nextInt(1, 4) : 254 + random.nextInt(5);
            long demand = random.nextLong(0, 3);
            for (int i = 0; i < run && vni <= MAX_VNI; i++) {
                table.put(vni++, demand);
            }
            vni += random.nextInt(0, 2);
        }
        assertSays(table, VnetDemands.of(table));

        List<VnetDemands.Range> heard = new ArrayList<>();
        for (Demands part : Demands.of(1, VnetDemands.of(table))) {
            heard.addAll(assertInstanceOf(Demands.class, ControlCodec.decode(ControlCodec.encode(part)))
                    .ranges());
        }
        assertSays(table, new VnetDemands(heard));
    }

    private static void assertSays(SortedMap<Integer, Long> table, VnetDemands demands) {
        for (int vni = table.firstKey() - 1; vni <= Math.min(MAX_VNI, table.lastKey() + 300); vni++) {
            assertEquals(table.getOrDefault(vni, 0L), demands.of(vni));
        }
    }

    @Test
    void twentyThousandVnetsFit() {
        TreeMap<Integer, Long> row = new TreeMap<>();
        TreeMap<Integer, Long> apart = new TreeMap<>();
        for (int i = 1; i <= 20_000; i++) {
            row.put(i, 4L);
            apart.put(3 * i, 4L);
        }
        assertEquals(2, Demands.of(1, VnetDemands.of(row)).size());
        assertEquals(318, Demands.of(1, VnetDemands.of(apart)).size());
    }

    @Test
    void whatIsTooMuchForAllPartsIsLeftOut() {
        TreeMap<Integer, Long> apart = new TreeMap<>();
        for (int i = 1; i <= 70_000; i++) {
            apart.put(3 * i, 4L);
        }
        List<Demands> parts = Demands.of(1, VnetDemands.of(apart));
        assertEquals(Demands.MAX_PARTS, parts.size());
        assertTrue(parts.stream().allMatch(part -> part.parts() == Demands.MAX_PARTS));
    }

    @Test
    void aClassIsWhatItDemands() {
        TunnelClass gold = new TunnelClass("gold", Set.of(AeadAlgorithm.AES_256_GCM), true);
        assertEquals(gold.demand(), new TunnelClass("or", gold.ciphers(), true).demand());
        assertEquals(0, TunnelClass.DEFAULT.demand());
        assertEquals("aes-256-gcm over udp", TunnelClass.text(gold.demand()));
        assertEquals("nothing", TunnelClass.text(0));
        assertEquals("any cipher over udp", TunnelClass.text(new TunnelClass("x", Set.of(), true).demand()));
        assertEquals("aes-128-gcm or AEAD 31 over rung 7", TunnelClass.text(TunnelClass.demand((1L << 31) | 2, 7)));
    }
}

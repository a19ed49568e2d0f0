package net.vgate.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import net.vgate.observe.StatusReport.Traffic;
import net.vgate.observe.StatusReport.Vnet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VnetTotalsTest {
    @Test
    void sumsUpWhatIsBeyondTheLimit() {
        List<VnetTotals.Line> lines =
                new VnetTotals(2).of(List.of(vnet("a", 1), vnet("b", 2), vnet("c", 4), vnet("d", 8)));
        assertEquals(
                List.of("a", "b", "other"),
                lines.stream().map(VnetTotals.Line::vnet).toList());
        assertEquals(new Traffic(12, 1200), lines.get(2).out());
        assertEquals(20, lines.get(2).maxFlows());
    }

    @Test
    void hasNoOtherWhenAllFit() {
        assertEquals(1, new VnetTotals(1).of(List.of(vnet("a", 1))).size());
    }

    /** Whatever comes and goes: no series falls while it is there, and nothing is lost or counted twice. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void neverFalls(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        VnetTotals totals = new VnetTotals(3);
        Map<String, Long> packets = new HashMap<>();
        Map<String, Long> seriesBefore = new HashMap<>();
        long ofGoneOthers = 0;
        int named = 0;
        for (int scrape = 0; scrape < 300; scrape++) {
            List<String> names = new ArrayList<>(packets.keySet());
            if (!names.isEmpty() && random.nextInt(3) == 0) {
                String gone = names.get(random.nextInt(names.size()));
                long last = packets.remove(gone);
                ofGoneOthers += seriesBefore.containsKey(gone) ? 0 : last;
            }
            if (packets.size() < 6) {
                packets.put("v" + named++, (long) random.nextInt(5));
            }
            packets.replaceAll((name, count) -> count + random.nextInt(100));

            List<Vnet> vnets = new ArrayList<>();
            packets.forEach((name, count) -> vnets.add(vnet(name, count)));
            Set<String> seen = new HashSet<>();
            long sum = 0;
            for (VnetTotals.Line line : totals.of(vnets)) {
                assertTrue(seen.add(line.vnet()), line::toString);
                long now = line.out().packets();
                long before = seriesBefore.getOrDefault(line.vnet(), 0L);
                assertTrue(now >= before, () -> line + " fell from " + before);
                seriesBefore.put(line.vnet(), now);
                sum += now;
            }
            assertEquals(packets.values().stream().mapToLong(Long::longValue).sum() + ofGoneOthers, sum);
            assertTrue(seen.size() <= 4, seen::toString);
            seriesBefore.keySet().removeIf(name -> !seen.contains(name));
        }
    }

    private static Vnet vnet(String name, long packets) {
        Traffic none = new Traffic(0, 0);
        return new Vnet(
                name,
                1,
                "l3",
                "default",
                "d",
                null,
                1400,
                new Traffic(packets, packets * 100),
                none,
                none,
                1,
                10,
                List.of(),
                List.of(),
                List.of(),
                new StatusReport.Denied(0, null),
                new StatusReport.Denied(0, null),
                List.of());
    }
}

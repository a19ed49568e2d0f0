package net.vgate.forwarding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FragmentRangesTest {
    private final FragmentRanges ranges = new FragmentRanges();

    @BeforeEach
    void begin() {
        ranges.clear();
        assertTrue(ranges.add(0, 1_000, true));
    }

    @Test
    void fragmentsInOrderMakeADatagram() {
        assertTrue(ranges.add(1_000, 2_000, true));
        assertFalse(ranges.isWhole());
        assertTrue(ranges.add(2_000, 2_001, false));
        assertTrue(ranges.isWhole());
    }

    @Test
    void fragmentsOutOfOrderMakeADatagramToo() {
        assertTrue(ranges.add(3_000, 3_500, false));
        assertTrue(ranges.add(2_000, 3_000, true));
        assertFalse(ranges.isWhole());
        assertTrue(ranges.add(1_000, 2_000, true));
        assertTrue(ranges.isWhole());
    }

    @Test
    void aRepetitionIsDroppedAlone() {
        assertTrue(ranges.add(1_000, 2_000, true));
        assertFalse(ranges.add(1_000, 2_000, true));
        assertFalse(ranges.add(0, 8, true));
        assertTrue(ranges.add(2_000, 2_008, false));
        assertTrue(ranges.isWhole());
    }

    @Test
    void anOverlapEndsTheDatagram() {
        assertFalse(ranges.add(992, 2_000, true));
        assertFalse(ranges.add(1_000, 2_000, true), "RFC 5722: what comes later is dropped too");
    }

    @Test
    void aFragmentAroundOthersEndsTheDatagram() {
        assertTrue(ranges.add(2_000, 2_008, true));
        assertFalse(ranges.add(1_000, 3_000, true));
        assertFalse(ranges.add(3_000, 3_008, true));
    }

    @Test
    void aDatagramHasOneEnd() {
        assertTrue(ranges.add(2_000, 2_500, false));
        assertFalse(ranges.add(2_504, 2_600, false));
        begin();
        assertTrue(ranges.add(2_000, 2_500, false));
        assertFalse(ranges.add(2_504, 2_600, true), "beyond the end");
        begin();
        assertTrue(ranges.add(2_000, 3_000, true));
        assertFalse(ranges.add(1_000, 1_500, false), "an end before what has passed");
    }

    @Test
    void onlyTheLastFragmentMayBeOfAnyLength() {
        assertFalse(ranges.add(1_000, 1_004, true));
        begin();
        assertTrue(ranges.add(65_528, 65_535, false));
        begin();
        assertFalse(ranges.add(65_528, 65_536, false), "longer than any datagram");
        begin();
        assertFalse(ranges.add(1_000, 1_000, false), "nothing in it");
    }

    @Test
    void moreRangesThanAreKeptEndTheDatagram() {
        for (int i = 1; i < FragmentTable.RANGES; i++) {
            assertTrue(ranges.add(i * 2_000, i * 2_000 + 8, true));
        }
        assertFalse(ranges.add(20_000, 20_008, true));
        assertFalse(ranges.add(1_000, 2_000, true));
    }

    /** In eights of bytes, with a bit for each that passed. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatPassesNeverOverlaps(long seed) {
        Random random = new Random(seed);
        int whole = 0;
        for (int round = 0; round < 20_000; round++) {
            ranges.clear();
            BitSet passed = new BitSet();
            for (int[] fragment : fragments(random)) {
                int start = fragment[0];
                int end = fragment[1];
                boolean more = fragment[2] == 1;
                if (ranges.add(start * 8, more ? end * 8 : end * 8 - 3, more)) {
                    assertTrue(passed.get(start, end).isEmpty(), "overlap in round " + round);
                    passed.set(start, end);
                }
                if (ranges.isWhole()) {
                    assertEquals(passed.length(), passed.cardinality());
                    whole++;
                    break;
                }
            }
        }
        assertTrue(whole > 1_000, "datagrams that became whole: " + whole);
    }

    /** A datagram cut up, in some order, sometimes with a foreign piece or a repetition in between. */
    private static List<int[]> fragments(Random random) {
        List<int[]> pieces = new ArrayList<>();
        int at = 0;
        int many = 1 + random.nextInt(6);
        for (int i = 0; i < many; i++) {
            int end = at + 1 + random.nextInt(3);
            pieces.add(new int[] {at, end, i < many - 1 ? 1 : 0});
            at = end;
        }
        switch (random.nextInt(4)) {
            case 0 -> Collections.shuffle(pieces, random);
            case 1 -> Collections.swap(pieces, random.nextInt(many), random.nextInt(many));
            default -> {}
        }
        if (random.nextInt(3) == 0) {
            int start = random.nextInt(at + 2);
            pieces.add(
                    random.nextInt(pieces.size() + 1),
                    new int[] {start, start + 1 + random.nextInt(4), random.nextInt(4) == 0 ? 0 : 1});
        }
        if (random.nextInt(3) == 0) {
            pieces.add(random.nextInt(pieces.size() + 1), pieces.get(random.nextInt(pieces.size())));
        }
        return pieces;
    }
}

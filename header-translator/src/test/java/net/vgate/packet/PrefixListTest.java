package net.vgate.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixListTest {
    /** Prefixes that repeat, nest and begin at the ends of the address space. */
    private static List<Prefix> some(SplittableRandom random, boolean ipv6) {
        List<Prefix> prefixes = new ArrayList<>();
        int many = random.nextInt(40);
        for (int i = 0; i < many; i++) {
            int bits = (random.nextInt(3) - 1) << random.nextInt(32) ^ random.nextInt(4);
            IpAddress address =
                    ipv6 && random.nextBoolean() ? new IpAddress(0x2001_0db8_0000_0000L, bits) : IpAddress.ofIpv4(bits);
            prefixes.add(Prefix.around(address, random.nextBoolean() ? address.bits() : random.nextInt(33)));
        }
        return prefixes;
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void isTheListThatItWasMadeOf(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 100; round++) {
            List<Prefix> prefixes = some(random, round % 2 == 1);
            PrefixList list = PrefixList.copyOf(prefixes);
            assertEquals(prefixes, list);
            assertEquals(list, prefixes);
            assertEquals(prefixes.hashCode(), list.hashCode());
            assertEquals(list, PrefixList.copyOf(prefixes));
            for (int i = 0; i < list.size(); i++) {
                assertEquals(prefixes.get(i).network(), new IpAddress(list.hi(i), list.lo(i)));
                assertEquals(prefixes.get(i).length(), list.length(i));
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void sortsAsAComparatorDoes(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 100; round++) {
            PrefixList list = PrefixList.copyOf(some(random, round % 2 == 1));
            List<Integer> expected = IntStream.range(0, list.size())
                    .boxed()
                    .sorted(Comparator.comparing(list::get, PrefixList.ORDER))
                    .toList();
            assertEquals(expected, IntStream.of(list.sortedIndices()).boxed().toList(), () -> "of " + list);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void takesAwayWhatAnotherHas(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 100; round++) {
            List<Prefix> one = some(random, round % 2 == 1);
            List<Prefix> other = some(random, round % 4 > 1);
            List<Prefix> expected =
                    one.stream().filter(prefix -> !other.contains(prefix)).collect(Collectors.toList());
            assertEquals(expected, PrefixList.copyOf(one).without(PrefixList.copyOf(other)));
        }
    }

    @Test
    void differsWhenFamiliesDiffer() {
        PrefixList ipv4 = PrefixList.copyOf(List.of(Prefix.parse("0.0.0.0/0").orElseThrow()));
        PrefixList ipv6 = PrefixList.copyOf(List.of(Prefix.parse("::/0").orElseThrow()));
        assertNotEquals(ipv4, ipv6);
        assertNotEquals(ipv6, ipv4);
        assertEquals(PrefixList.copyOf(List.of()), List.of());
    }

    @Test
    void isNeitherCopiedNorChanged() {
        PrefixList list = PrefixList.copyOf(List.of(Prefix.parse("10.0.0.1").orElseThrow()));
        assertSame(list, PrefixList.copyOf(list));
        assertThrows(UnsupportedOperationException.class, () -> list.remove(0));
    }
}

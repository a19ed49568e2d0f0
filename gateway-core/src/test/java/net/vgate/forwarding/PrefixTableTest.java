package net.vgate.forwarding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixTableTest {
    @Test
    void findsNothingInAnEmptyTable() {
        assertEquals(PrefixTable.NONE, PrefixTable.EMPTY.lookup(address("10.0.0.1")));
        assertEquals(PrefixTable.NONE, PrefixTable.EMPTY.lookup(address("::")));
        assertEquals(0, PrefixTable.EMPTY.size());
    }

    @Test
    void theLongestPrefixWins() {
        PrefixTable table = table(Map.of("10.0.0.0/8", 1, "10.1.0.0/16", 2, "10.1.2.0/24", 3, "10.1.2.3/32", 4));
        assertEquals(1, table.lookup(address("10.0.255.255")));
        assertEquals(2, table.lookup(address("10.1.0.0")));
        assertEquals(3, table.lookup(address("10.1.2.2")));
        assertEquals(4, table.lookup(address("10.1.2.3")));
        assertEquals(3, table.lookup(address("10.1.2.4")));
        assertEquals(2, table.lookup(address("10.1.3.0")));
        assertEquals(1, table.lookup(address("10.2.0.0")));
        assertEquals(PrefixTable.NONE, table.lookup(address("11.0.0.0")));
        assertEquals(PrefixTable.NONE, table.lookup(address("9.255.255.255")));
    }

    @Test
    void aDefaultRouteOfOneFamilyDoesNotMatchTheOther() {
        PrefixTable ipv4 = table(Map.of("0.0.0.0/0", 1));
        assertEquals(1, ipv4.lookup(address("0.0.0.0")));
        assertEquals(1, ipv4.lookup(address("255.255.255.255")));
        assertEquals(PrefixTable.NONE, ipv4.lookup(address("::")));
        assertEquals(PrefixTable.NONE, ipv4.lookup(0, 0xfffe_ffff_ffffL));
        assertEquals(PrefixTable.NONE, ipv4.lookup(0, 0x1_0000_0000_0000L));
        PrefixTable ipv6 = table(Map.of("::/0", 1));
        assertEquals(1, ipv6.lookup(address("::")));
        assertEquals(1, ipv6.lookup(-1, -1));
        assertEquals(PrefixTable.NONE, ipv6.lookup(address("0.0.0.0")));
        assertEquals(PrefixTable.NONE, ipv6.lookup(address("255.255.255.255")));
    }

    @Test
    void neighboursOfOneValueBecomeOneRange() {
        PrefixTable.Builder members = new PrefixTable.Builder();
        for (int i = 0; i < 65_536; i++) {
            members.add(new Prefix(IpAddress.ofIpv4(0x0a00_0000 | i), 32), 0);
        }
        PrefixTable table = members.build();
        assertEquals(65_536, table.size());
        assertTrue(table.bytes() < 64, () -> "takes " + table.bytes() + " bytes");
        assertEquals(0, table.lookup(address("10.0.255.255")));
        assertEquals(PrefixTable.NONE, table.lookup(address("10.1.0.0")));
    }

    @Test
    void onePrefixHasOneValue() {
        PrefixTable.Builder twice = new PrefixTable.Builder();
        twice.add(prefix("10.0.0.0/8"), 1).add(prefix("10.0.0.0/8"), 1).build();
        PrefixTable.Builder contradiction = new PrefixTable.Builder();
        contradiction.add(prefix("10.0.0.0/8"), 1).add(prefix("10.0.0.0/8"), 2);
        assertThrows(IllegalArgumentException.class, contradiction::build);
        assertThrows(IllegalArgumentException.class, () -> new PrefixTable.Builder().add(prefix("::/0"), -1));
    }

    /** Small numbers of bits to differ in, so that prefixes nest, touch and reach the ends of the address space. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void answersAsALinearSearchDoes(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 60; round++) {
            Map<Prefix, Integer> prefixes = new LinkedHashMap<>();
            int many = 1 << random.nextInt(9);
            for (int i = 0; i < many; i++) {
                prefixes.put(somePrefix(random), random.nextInt(5));
            }
            PrefixTable.Builder builder = new PrefixTable.Builder();
            prefixes.forEach(builder::add);
            PrefixTable table = builder.build();
            for (Prefix prefix : prefixes.keySet()) {
                checkAround(table, prefixes, prefix.network());
                checkAround(table, prefixes, last(prefix));
            }
            for (int i = 0; i < 20; i++) {
                checkAround(table, prefixes, someAddress(random));
            }
        }
    }

    /** Bit by bit. */
    private static IpAddress last(Prefix prefix) {
        long hi = prefix.network().hi();
        long lo = prefix.network().lo();
        for (int bit = prefix.mappedLength(); bit < 128; bit++) {
            hi |= bit < 64 ? 1L << (63 - bit) : 0;
            lo |= bit < 64 ? 0 : 1L << (127 - bit);
        }
        return new IpAddress(hi, lo);
    }

    private static void checkAround(PrefixTable table, Map<Prefix, Integer> prefixes, IpAddress address) {
        for (int step = -1; step <= 1; step++) {
            long lo = address.lo() + step;
            long carry = step == -1 && address.lo() == 0 ? -1 : step == 1 && lo == 0 ? 1 : 0;
            IpAddress near = new IpAddress(address.hi() + carry, lo);
            assertEquals(linear(prefixes, near), table.lookup(near), () -> near + " in " + prefixes);
        }
    }

    private static int linear(Map<Prefix, Integer> prefixes, IpAddress address) {
        int longest = -1;
        int value = PrefixTable.NONE;
        for (Map.Entry<Prefix, Integer> entry : prefixes.entrySet()) {
            Prefix prefix = entry.getKey();
            if (prefix.contains(address) && prefix.length() > longest) {
                longest = prefix.length();
                value = entry.getValue();
            }
        }
        return value;
    }

    private static Prefix somePrefix(SplittableRandom random) {
        IpAddress address = someAddress(random);
        int bits = address.bits();
        int length = switch (random.nextInt(6)) {
            case 0 -> random.nextInt(3);
            case 1, 2 -> bits - random.nextInt(4);
            case 3 -> Math.min(bits, 62 + random.nextInt(5));
            default -> random.nextInt(bits + 1);
        };
        return Prefix.around(address, length);
    }

    private static IpAddress someAddress(SplittableRandom random) {
        boolean isIpv4 = random.nextBoolean();
        int base = random.nextInt(3) - 1;
        int near = random.nextInt(8);
        int wide = random.nextInt(4) << random.nextInt(31);
        if (isIpv4) {
            return IpAddress.ofIpv4((base == 1 ? 0x0a00_0000 : base) ^ near ^ wide);
        }
        long hi = base == 1 ? 0x2001_0db8_0000_0000L : base;
        long lo = switch (random.nextInt(3)) {
            case 0 -> 0;
            case 1 -> -1;
            default -> 0xffff_0000_0000L;
        };
        lo ^= near ^ (long) wide << random.nextInt(33);
        IpAddress address = new IpAddress(hi ^ (long) random.nextInt(2) << random.nextInt(64), lo);
        return address.isIpv4() ? new IpAddress(1, lo) : address;
    }

    @Test
    void aLookUpAllocatesNothing() {
        PrefixTable table = table(Map.of("10.0.0.0/8", 1, "10.1.0.0/16", 2, "2001:db8::/32", 3));
        Allocation.assertNone(() -> {
            assertEquals(2, table.lookup(0, 0xffff_0a01_0203L));
            assertEquals(3, table.lookup(0x2001_0db8_0000_0000L, 7));
        });
    }

    private static PrefixTable table(Map<String, Integer> prefixes) {
        PrefixTable.Builder builder = new PrefixTable.Builder();
        prefixes.forEach((prefix, value) -> builder.add(prefix(prefix), value));
        return builder.build();
    }

    private static Prefix prefix(String text) {
        return Prefix.parse(text).orElseThrow();
    }

    private static IpAddress address(String text) {
        return IpAddress.parse(text).orElseThrow();
    }
}

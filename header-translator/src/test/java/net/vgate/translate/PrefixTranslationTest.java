package net.vgate.translate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import net.vgate.packet.DropReason;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.Prefix;
import net.vgate.packet.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixTranslationTest {
    private static final int OWN = Wire.address(10, 0, 0, 7);
    private static final int ALIAS = Wire.address(100, 64, 1, 7);
    private static final int REMOTE = Wire.address(100, 64, 2, 9);
    private static final int OUTSIDE = Wire.address(10, 9, 9, 9);

    private static final PrefixTranslation BLUE = PrefixTranslation.of(List.of(rule("10.0.0.0/24", "100.64.1.0/24")));

    private final PacketBatch batch = new PacketBatch(4);

    static PrefixTranslation.Rule rule(String local, String as) {
        return new PrefixTranslation.Rule(
                Prefix.parse(local).orElseThrow(), Prefix.parse(as).orElseThrow());
    }

    private int parsed(byte[] packet) {
        int slot = batch.addCopy(packet);
        assertNull(batch.inner().parse(slot));
        return slot;
    }

    private static IpAddress ip(String text) {
        return IpAddress.parse(text).orElseThrow();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void givesWhatThePacketWouldBeHadItBeenMadeWithTheOtherAddress(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 1_000; round++) {
            batch.clear();
            int prefixLength = random.nextInt(33);
            int hostMask = prefixLength == 0 ? -1 : (1 << (32 - prefixLength)) - 1;
            int host = edgy(random) & hostMask;
            int local = edgy(random) & ~hostMask;
            int as = edgy(random) & ~hostMask;
            int remote = edgy(random);
            PrefixTranslation translation = PrefixTranslation.of(List.of(new PrefixTranslation.Rule(
                    Prefix.around(IpAddress.ofIpv4(local), prefixLength),
                    Prefix.around(IpAddress.ofIpv4(as), prefixLength))));
            TranslationModel model = new TranslationModel(random);
            int own = local | host;
            int alias = as | host;

            byte[] before = model.between(own, remote, remote, own);
            byte[] after = model.between(alias, remote, remote, alias);
            int out = add(before, model);
            assertNull(translation.translateSource(batch, out), model::toString);
            assertArrayEquals(after, batch.copyOut(out), model::toString);
            assertEquals(Integer.toUnsignedLong(alias), batch.inner().sourceLo(out) & 0xffff_ffffL);

            int in = add(model.between(remote, alias, alias, remote), model);
            assertNull(translation.restoreDestination(batch, in), model::toString);
            assertArrayEquals(model.between(remote, own, own, remote), batch.copyOut(in), model::toString);
            assertEquals(Integer.toUnsignedLong(own), batch.inner().destinationLo(in) & 0xffff_ffffL);
        }
    }

    private int add(byte[] packet, TranslationModel model) {
        int slot = parsed(packet);
        if (model.isPartial()) {
            batch.setChecksumState(slot, ChecksumState.PARTIAL);
        }
        return slot;
    }

    /** Addresses whose halves are where ones' complement sums turn over, more often than not. */
    private static int edgy(SplittableRandom random) {
        int[] halves = {0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff, random.nextInt(65_536), random.nextInt(65_536)};
        return halves[random.nextInt(halves.length)] << 16 | halves[random.nextInt(halves.length)];
    }

    @Test
    void sendsAUdpChecksumThatComesOutAsZeroAsOnes() {
        // 16 bits of payload that make the sum after translation 0xffff, so that the checksum would be 0 (RFC 768).
        byte[] segment = Wire.udp(1000, 53, new byte[2]);
        int sum = Wire.naiveSum(Wire.bytes(
                Wire.words(Wire.pseudoSum(Wire.octets(ALIAS), Wire.octets(REMOTE), 17, segment.length)), segment));
        ByteBuffer.wrap(segment).putShort(8, (short) ~sum);
        int slot = parsed(Wire.ipv4Whole(OWN, REMOTE, 17, segment));
        assertNull(BLUE.translateSource(batch, slot));
        byte[] result = batch.copyOut(slot);
        assertEquals((short) 0xffff, ByteBuffer.wrap(result).getShort(26));
        assertArrayEquals(Wire.ipv4Whole(ALIAS, REMOTE, 17, segment), result);
    }

    @Test
    void refusesASourceOutsideTheRulesAndLeavesThePacket() {
        byte[] packet = Wire.ipv4Whole(OUTSIDE, REMOTE, 17, Wire.udp(1, 2, new byte[5]));
        int slot = parsed(packet);
        assertEquals(DropReason.UNTRANSLATABLE, BLUE.translateSource(batch, slot));
        assertArrayEquals(packet, batch.copyOut(slot));
    }

    @Test
    void saysThatADestinationOutsideTheRulesIsNotHere() {
        byte[] packet = Wire.ipv4Whole(REMOTE, OWN, 17, Wire.udp(1, 2, new byte[5]));
        int slot = parsed(packet);
        assertEquals(DropReason.NOT_HERE, BLUE.restoreDestination(batch, slot));
        assertArrayEquals(packet, batch.copyOut(slot));
    }

    @Test
    void refusesAnErrorThatQuotesAnAddressOutsideTheRulesAndLeavesThePacket() {
        byte[] quote = Wire.ipv4Whole(REMOTE, OUTSIDE, 17, Wire.udp(1, 2, new byte[5]));
        byte[] packet = Wire.ipv4(OWN, REMOTE, 1, Wire.withChecksum(Wire.icmp(3, 3, 0, quote), 2, 0, false));
        int slot = parsed(packet);
        assertEquals(DropReason.UNTRANSLATABLE, BLUE.translateSource(batch, slot));
        assertArrayEquals(packet, batch.copyOut(slot));

        byte[] inbound = Wire.ipv4(REMOTE, ALIAS, 1, Wire.withChecksum(Wire.icmp(3, 3, 0, quote), 2, 0, false));
        int in = parsed(inbound);
        assertEquals(DropReason.UNTRANSLATABLE, BLUE.restoreDestination(batch, in));
        assertArrayEquals(inbound, batch.copyOut(in));
    }

    @Test
    void takesAnErrorFromARouterOnceItHasTheGatewaysAddress() {
        byte[] quote = Wire.ipv4Whole(REMOTE, OWN, 17, Wire.udp(1, 2, new byte[5]));
        byte[] icmp = Wire.withChecksum(Wire.icmp(11, 0, 0, quote), 2, 0, false);
        int slot = parsed(Wire.ipv4(OUTSIDE, REMOTE, 1, icmp));
        assertEquals(DropReason.UNTRANSLATABLE, BLUE.translateSource(batch, slot));
        IcmpError.replaceSource(batch, slot, 0, ip("10.0.0.254").lo());
        assertNull(BLUE.translateSource(batch, slot));
        byte[] quoted = Wire.ipv4Whole(REMOTE, ALIAS, 17, Wire.udp(1, 2, new byte[5]));
        byte[] expected = Wire.withChecksum(Wire.icmp(11, 0, 0, quoted), 2, 0, false);
        assertArrayEquals(Wire.ipv4(Wire.address(100, 64, 1, 254), REMOTE, 1, expected), batch.copyOut(slot));
    }

    @Test
    void refusesWhatAuthenticatesItsAddresses() {
        int slot = parsed(Wire.ipv4(OWN, REMOTE, 51, new byte[24]));
        assertEquals(DropReason.UNTRANSLATABLE, BLUE.translateSource(batch, slot));
        int in = parsed(Wire.ipv4(REMOTE, ALIAS, 51, new byte[24]));
        assertEquals(DropReason.UNTRANSLATABLE, BLUE.restoreDestination(batch, in));
    }

    @Test
    void keepsAWrongChecksumWrong() {
        byte[] packet = Wire.ipv4Whole(OWN, REMOTE, 6, Wire.tcp(1, 2, 0x10, Wire.NOTHING, new byte[10]));
        packet[45] ^= 1;
        int slot = parsed(packet);
        assertNull(BLUE.translateSource(batch, slot));
        byte[] right = Wire.ipv4Whole(ALIAS, REMOTE, 6, Wire.tcp(1, 2, 0x10, Wire.NOTHING, new byte[10]));
        right[45] ^= 1;
        assertArrayEquals(right, batch.copyOut(slot));
    }

    @Test
    void neverTouchesIpv6() {
        byte[] packet = Wire.ipv6Whole(Wire.address6(1), Wire.address6(2), 17, Wire.udp(1, 2, new byte[5]));
        int slot = parsed(packet);
        assertNull(BLUE.translateSource(batch, slot));
        assertNull(BLUE.restoreDestination(batch, slot));
        assertArrayEquals(packet, batch.copyOut(slot));
    }

    @Test
    void letsEverythingPassWithoutRules() {
        byte[] packet = Wire.ipv4Whole(OUTSIDE, REMOTE, 17, Wire.udp(1, 2, new byte[5]));
        int slot = parsed(packet);
        assertTrue(PrefixTranslation.NONE.isEmpty());
        assertFalse(BLUE.isEmpty());
        assertNull(PrefixTranslation.NONE.translateSource(batch, slot));
        assertNull(PrefixTranslation.NONE.restoreDestination(batch, slot));
        assertArrayEquals(packet, batch.copyOut(slot));
        assertEquals(Optional.of(ip("10.0.0.1")), PrefixTranslation.NONE.aliasOf(ip("10.0.0.1")));
    }

    @Test
    void tellsControlWhoIsWho() {
        assertEquals(Optional.of(ip("100.64.1.200")), BLUE.aliasOf(ip("10.0.0.200")));
        assertEquals(Optional.of(ip("10.0.0.200")), BLUE.ownOf(ip("100.64.1.200")));
        assertEquals(Optional.empty(), BLUE.aliasOf(ip("10.0.1.0")));
        assertEquals(Optional.empty(), BLUE.ownOf(ip("100.64.0.255")));
        assertEquals(Optional.of(ip("2001:db8::1")), BLUE.aliasOf(ip("2001:db8::1")));
    }

    @Test
    void refusesRulesThatAreNotOneToOne() {
        assertThrows(IllegalArgumentException.class, () -> rule("10.0.0.0/24", "100.64.0.0/23"));
        assertThrows(IllegalArgumentException.class, () -> rule("2001:db8::/64", "2001:db8:1::/64"));
        assertThrows(
                IllegalArgumentException.class,
                () -> PrefixTranslation.of(
                        List.of(rule("10.0.0.0/24", "100.64.1.0/24"), rule("10.0.0.0/25", "100.64.2.0/25"))));
        assertThrows(
                IllegalArgumentException.class,
                () -> PrefixTranslation.of(
                        List.of(rule("10.0.0.0/24", "100.64.1.0/24"), rule("10.0.1.7/32", "100.64.1.255/32"))));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {21, 22, 23, 24})
    void findsTheRuleThatANaiveSearchFinds(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<PrefixTranslation.Rule> rules = List.of(
                rule("0.0.0.0/8", "9.0.0.0/8"),
                rule("10.0.0.0/32", "0.0.0.0/32"),
                rule("10.0.0.2/31", "255.255.255.254/31"),
                rule("127.255.255.0/24", "128.0.0.0/24"),
                rule("128.0.0.0/2", "64.0.0.0/2"),
                rule("255.255.255.255/32", "11.0.0.0/32"));
        PrefixTranslation translation = PrefixTranslation.of(rules);
        for (int round = 0; round < 5_000; round++) {
            Prefix near = rules.get(random.nextInt(rules.size())).local();
            long last = (1L << (32 - near.length())) - 1;
            long offset = random.nextBoolean() ? random.nextInt(5) - 2 : last + random.nextInt(5) - 2;
            IpAddress address = IpAddress.ofIpv4((int) (near.network().ipv4Bits() + offset));
            Optional<IpAddress> expected = Optional.empty();
            for (PrefixTranslation.Rule rule : rules) {
                if (rule.local().contains(address)) {
                    int host = address.ipv4Bits() - rule.local().network().ipv4Bits();
                    expected = Optional.of(IpAddress.ofIpv4(rule.as().network().ipv4Bits() + host));
                }
            }
            assertEquals(expected, translation.aliasOf(address), address::toString);
            expected.ifPresent(alias -> assertEquals(Optional.of(address), translation.ownOf(alias)));
        }
    }
}

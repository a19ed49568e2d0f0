package net.vgate.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.vgate.packet.InnerHeader.Fragment;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InnerHeaderTest {
    private static final int EAST = Wire.address(10, 0, 0, 7);
    private static final int WEST = Wire.address(100, 64, 2, 9);
    private static final byte[] EAST6 = Wire.address6(7);
    private static final byte[] WEST6 = Wire.address6(9);
    private static final int MORE = 0x2000;

    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int AH = 51;
    private static final int DESTINATION_OPTIONS = 60;

    private final PacketBatch batch = new PacketBatch(2);
    private final InnerHeader inner = batch.inner();

    private @Nullable DropReason parse(byte[] packet) {
        batch.clear();
        return inner.parse(batch.addCopy(packet));
    }

    private static byte[] udp() {
        return Wire.udp(1111, 53, new byte[16]);
    }

    private static byte[] tcp() {
        return Wire.tcp(1111, 443, 0x12, new byte[4], new byte[16]);
    }

    /** An extension header of {@code units} times 8 bytes before what {@code next} says. */
    private static byte[] extension(int next, int units, byte[] rest) {
        return Wire.bytes(next, units - 1, new byte[units * 8 - 2], rest);
    }

    private static byte[] fragmentHeader(int next, int offset, boolean more, byte[] rest) {
        return Wire.bytes(next, 0, Wire.words(offset | (more ? 1 : 0), 0xdead, 0xbeef), rest);
    }

    private static byte[] ipv6(int next, byte[] payload) {
        return Wire.ipv6(EAST6, WEST6, next, payload);
    }

    @Test
    void readsTcpOverIpv4() {
        assertNull(parse(Wire.ipv4Whole(EAST, WEST, 6, tcp())));
        int at = batch.offset(0);
        assertEquals(4, inner.version(0));
        assertEquals(at, inner.l3Offset(0));
        assertEquals(at + 20, inner.l4Offset(0));
        assertEquals(at + batch.length(0), inner.end(0));
        assertEquals(6, inner.protocol(0));
        assertEquals(Fragment.WHOLE, inner.fragment(0));
        assertEquals(0, inner.sourceHi(0));
        assertEquals(0xffff_0a00_0007L, inner.sourceLo(0));
        assertEquals(0xffff_6440_0209L, inner.destinationLo(0));
        assertEquals(1111, inner.sourcePort(0));
        assertEquals(443, inner.destinationPort(0));
        assertEquals(InnerHeader.TCP_SYN | InnerHeader.TCP_ACK, inner.tcpFlags(0));
        assertFalse(inner.isIcmpError(0));
    }

    @Test
    void readsAddressesAndPortsWithTheHighestBitSet() {
        byte[] packet = Wire.ipv4Whole(0xffff_fffe, 0x8000_0001, 17, Wire.udp(0xffff, 0x8000, new byte[2]));
        assertNull(parse(packet));
        assertEquals(0xffff_ffff_fffeL, inner.sourceLo(0));
        assertEquals(0xffff_8000_0001L, inner.destinationLo(0));
        assertEquals(0xffff, inner.sourcePort(0));
        assertEquals(0x8000, inner.destinationPort(0));
    }

    @Test
    void readsAnEchosIdentifierAsBothPorts() {
        assertNull(parse(Wire.ipv4(EAST, WEST, 1, Wire.icmp(8, 0, 0xcafe_0001, new byte[4]))));
        assertEquals(0xcafe, inner.sourcePort(0));
        assertEquals(0xcafe, inner.destinationPort(0));
        assertEquals(8, inner.icmpType(0));
        assertNull(parse(ipv6(58, Wire.icmp(129, 0, 0xbeef_0001, new byte[4]))));
        assertEquals(0xbeef, inner.sourcePort(0));
        assertNull(parse(Wire.ipv4(EAST, WEST, 1, Wire.icmp(13, 0, 0xcafe_0001, new byte[12]))));
        assertEquals(0, inner.sourcePort(0));
    }

    @Test
    void cutsOffWhatFollowsThePacket() {
        assertNull(parse(Wire.bytes(Wire.ipv4Whole(EAST, WEST, 17, udp()), new byte[18])));
        assertEquals(44, batch.length(0));
        assertNull(parse(Wire.bytes(ipv6(17, udp()), new byte[18])));
        assertEquals(64, batch.length(0));
    }

    @Test
    void acceptsTheLargestPackets() {
        assertNull(parse(Wire.ipv4(EAST, WEST, 6, Wire.tcp(1, 2, 0x10, Wire.NOTHING, new byte[65_495]))));
        assertEquals(65_535, batch.length(0));
        assertNull(parse(ipv6(6, Wire.tcp(1, 2, 0x10, Wire.NOTHING, new byte[65_475]))));
    }

    @Test
    void refusesEveryCutOffPacketWhateverFollowsItInMemory() {
        for (byte[] whole : new byte[][] {
            Wire.ipv4Whole(EAST, WEST, 6, tcp()),
            Wire.ipv4(EAST, WEST, 17, 0, new byte[] {7, 7, 4, 0, 0, 0, 0, 0}, udp()),
            Wire.ipv4(EAST, WEST, 1, Wire.icmp(8, 0, 1, new byte[4])),
            ipv6(17, udp()),
            ipv6(HOP_BY_HOP, extension(DESTINATION_OPTIONS, 2, extension(6, 1, tcp())))
        }) {
            for (int length = 0; length < whole.length; length++) {
                assertEquals(DropReason.MALFORMED, parse(Arrays.copyOf(whole, length)), "of " + length + " bytes");
            }
        }
    }

    @Test
    void refusesLengthsThatContradictEachOther() {
        byte[] packet = Wire.ipv4Whole(EAST, WEST, 6, tcp());
        assertMalformed(packet, 0, 0x44); // header shorter than a header
        assertMalformed(packet, 0, 0x4f); // header longer than the packet's transport leaves
        assertMalformed(packet, 3, 19); // total shorter than the header
        assertMalformed(packet, 3, packet.length + 1);
        assertMalformed(packet, 20 + 12, 0x40); // TCP header shorter than a header
        assertMalformed(packet, 20 + 12, 0xb0); // TCP header 4 bytes longer than what is there
        byte[] datagram = Wire.ipv4Whole(EAST, WEST, 17, udp());
        assertMalformed(datagram, 20 + 5, 7);
        assertMalformed(datagram, 20 + 5, 0);
        assertMalformed(datagram, 20 + 5, 25);
        byte[] ipv6 = ipv6(17, udp());
        assertMalformed(ipv6, 5, 25);
        assertMalformed(ipv6, 5, 7);
    }

    private void assertMalformed(byte[] packet, int at, int value) {
        byte[] changed = packet.clone();
        changed[at] = (byte) value;
        assertEquals(DropReason.MALFORMED, parse(changed), "byte " + at + " = " + value);
    }

    @Test
    void letsBytesAfterAUdpDatagramBe() {
        byte[] packet = Wire.ipv4Whole(EAST, WEST, 17, udp());
        packet[25] = 8;
        assertNull(parse(packet));
    }

    @Test
    void refusesOtherVersionsAndEmptyPackets() {
        for (int version = 0; version < 16; version++) {
            byte[] packet = new byte[60];
            packet[0] = (byte) (version << 4 | 5);
            if (version != 4 && version != 6) {
                assertEquals(DropReason.UNSUPPORTED, parse(packet));
            }
        }
        assertEquals(DropReason.MALFORMED, parse(Wire.NOTHING));
    }

    @Test
    void refusesAFrame() {
        int slot = batch.addCopy(Wire.ipv4Whole(EAST, WEST, 17, udp()));
        batch.setLayer(slot, PacketBatch.Layer.L2);
        assertEquals(DropReason.UNSUPPORTED, inner.parse(slot));
    }

    @Test
    void refusesSourceRoutesAndBrokenOptions() {
        byte[] record = {7, 7, 4, 0, 0, 0, 0, 0};
        assertNull(parse(Wire.ipv4(EAST, WEST, 17, 0, record, udp())));
        assertNull(parse(Wire.ipv4(EAST, WEST, 17, 0, new byte[] {1, 0, (byte) 131, 0}, udp())));
        byte[] loose = {1, (byte) 131, 7, 4, 0, 0, 0, 0};
        assertEquals(DropReason.UNSUPPORTED, parse(Wire.ipv4(EAST, WEST, 17, 0, loose, udp())));
        byte[] strict = {(byte) 137, 7, 4, 0, 0, 0, 0, 0};
        assertEquals(DropReason.UNSUPPORTED, parse(Wire.ipv4(EAST, WEST, 17, 0, strict, udp())));
        for (byte[] broken : new byte[][] {{7, 0, 0, 0}, {7, 1, 0, 0}, {7, 5, 0, 0}, {1, 1, 1, 7}}) {
            assertEquals(DropReason.MALFORMED, parse(Wire.ipv4(EAST, WEST, 17, 0, broken, udp())));
        }
    }

    @Test
    void refusesIcmpOfTheOtherFamily() {
        assertEquals(DropReason.UNSUPPORTED, parse(Wire.ipv4(EAST, WEST, 58, Wire.icmp(128, 0, 0, new byte[4]))));
        assertEquals(DropReason.UNSUPPORTED, parse(ipv6(1, Wire.icmp(8, 0, 0, new byte[4]))));
    }

    @Test
    void refusesNoNextHeader() {
        assertEquals(DropReason.UNSUPPORTED, parse(ipv6(59, Wire.NOTHING)));
    }

    @Test
    void refusesMappedAddressesInIpv6() {
        byte[] mapped =
                ByteBuffer.allocate(16).putInt(8, 0x0000_ffff).putInt(12, EAST).array();
        assertEquals(DropReason.SCOPE, parse(Wire.ipv6(mapped, WEST6, 17, udp())));
        assertEquals(DropReason.SCOPE, parse(Wire.ipv6(EAST6, mapped, 17, udp())));
    }

    @Test
    void carriesProtocolsThatItDoesNotKnowWithoutPorts() {
        assertNull(parse(Wire.ipv4(EAST, WEST, 47, new byte[1])));
        assertEquals(47, inner.protocol(0));
        assertEquals(0, inner.sourcePort(0));
        assertEquals(0, inner.tcpFlags(0));
        assertNull(parse(Wire.ipv4(EAST, WEST, 47, Wire.NOTHING)));
    }

    @Test
    void walksEightExtensionHeadersAndNoMore() {
        byte[] chain = udp();
        int next = 17;
        for (int i = 0; i < 8; i++) {
            chain = extension(next, 1, chain);
            next = DESTINATION_OPTIONS;
        }
        assertNull(parse(ipv6(next, chain)));
        assertEquals(batch.offset(0) + 40 + 64, inner.l4Offset(0));
        assertEquals(17, inner.protocol(0));
        assertEquals(53, inner.destinationPort(0));
        assertEquals(DropReason.EXTENSION_HEADERS, parse(ipv6(next, extension(next, 1, chain))));
    }

    @Test
    void walks256BytesOfExtensionHeadersAndNoMore() {
        assertNull(parse(ipv6(DESTINATION_OPTIONS, extension(17, 32, udp()))));
        assertEquals(DropReason.EXTENSION_HEADERS, parse(ipv6(DESTINATION_OPTIONS, extension(17, 33, udp()))));
        byte[] two = extension(DESTINATION_OPTIONS, 16, extension(17, 16, udp()));
        assertNull(parse(ipv6(DESTINATION_OPTIONS, two)));
        byte[] three = extension(DESTINATION_OPTIONS, 16, extension(17, 17, udp()));
        assertEquals(DropReason.EXTENSION_HEADERS, parse(ipv6(DESTINATION_OPTIONS, three)));
    }

    @Test
    void walksEveryKindOfExtensionHeader() {
        for (int kind : new int[] {HOP_BY_HOP, DESTINATION_OPTIONS, 135, 139, 140}) {
            assertNull(parse(ipv6(kind, extension(17, 2, udp()))), "header " + kind);
            assertEquals(17, inner.protocol(0));
        }
        // AH counts in words of 4 bytes, less 2: 24 bytes here.
        assertNull(parse(ipv6(AH, Wire.bytes(17, 4, new byte[22], udp()))));
        assertEquals(17, inner.protocol(0));
        assertEquals(53, inner.destinationPort(0));
    }

    @Test
    void takesHopByHopOptionsOnlyFirst() {
        byte[] second = extension(HOP_BY_HOP, 1, extension(17, 1, udp()));
        assertEquals(DropReason.MALFORMED, parse(ipv6(DESTINATION_OPTIONS, second)));
    }

    @Test
    void refusesRoutesThatAreNotAtTheirEnd() {
        assertEquals(DropReason.UNSUPPORTED, parse(ipv6(ROUTING, routing(0, 0))));
        assertEquals(DropReason.UNSUPPORTED, parse(ipv6(ROUTING, routing(4, 1))));
        assertNull(parse(ipv6(ROUTING, routing(4, 0))));
    }

    private static byte[] routing(int type, int segmentsLeft) {
        return Wire.bytes(17, 0, type, segmentsLeft, new byte[4], udp());
    }

    @Test
    void seesNoPortsInEsp() {
        assertNull(parse(ipv6(50, new byte[20])));
        assertEquals(50, inner.protocol(0));
        assertEquals(0, inner.destinationPort(0));
    }

    @Test
    void tellsIpv4FragmentsApart() {
        byte[] first = Wire.ipv4(EAST, WEST, 17, MORE, Wire.NOTHING, Arrays.copyOf(Wire.udp(5, 6, new byte[90]), 64));
        assertNull(parse(first));
        assertEquals(Fragment.FIRST, inner.fragment(0));
        assertEquals(6, inner.destinationPort(0));
        assertEquals(0x1234, inner.fragmentId(0));
        assertEquals(64, inner.fragmentBytes(0));
        assertTrue(inner.moreFragments(0));
        assertNull(parse(Wire.ipv4(EAST, WEST, 17, 8, Wire.NOTHING, new byte[5])));
        assertEquals(Fragment.LATER, inner.fragment(0));
        assertEquals(64, inner.fragmentOffset(0));
        assertEquals(5, inner.fragmentBytes(0));
        assertEquals(0, inner.destinationPort(0));
        assertFalse(inner.moreFragments(0));
    }

    @Test
    void tellsIpv6FragmentsApart() {
        byte[] part = Arrays.copyOf(Wire.udp(5, 6, new byte[90]), 64);
        assertNull(parse(ipv6(HOP_BY_HOP, extension(FRAGMENT, 1, fragmentHeader(17, 0, true, part)))));
        assertEquals(Fragment.FIRST, inner.fragment(0));
        assertEquals(6, inner.destinationPort(0));
        assertEquals(0xdead_beef, inner.fragmentId(0));
        assertEquals(64, inner.fragmentBytes(0));
        byte[] behind = fragmentHeader(DESTINATION_OPTIONS, 0, true, extension(17, 2, part));
        assertNull(parse(ipv6(FRAGMENT, behind)));
        assertEquals(80, inner.fragmentBytes(0));
        assertEquals(6, inner.destinationPort(0));
        assertNull(parse(ipv6(FRAGMENT, fragmentHeader(17, 64, false, new byte[5]))));
        assertEquals(Fragment.LATER, inner.fragment(0));
        assertEquals(64, inner.fragmentOffset(0));
        assertEquals(0, inner.destinationPort(0));
    }

    @Test
    void takesAnAtomicFragmentForAWholePacketAsRfc6946Says() {
        assertNull(parse(ipv6(FRAGMENT, fragmentHeader(17, 0, false, udp()))));
        assertEquals(Fragment.WHOLE, inner.fragment(0));
        assertEquals(53, inner.destinationPort(0));
    }

    @Test
    void doesNotReadHeadersInALaterFragment() {
        // What looks like a chain of headers is payload.
        assertNull(parse(ipv6(FRAGMENT, fragmentHeader(DESTINATION_OPTIONS, 800, true, new byte[8]))));
        assertEquals(DESTINATION_OPTIONS, inner.protocol(0));
        assertEquals(0, inner.destinationPort(0));
    }

    @Test
    void refusesTinyFirstFragments() {
        int[] protocols = {6, 17, 1};
        byte[][] segments = {tcp(), udp(), Wire.icmp(8, 0, 0, new byte[8])};
        int[] least = {24, 8, 8};
        for (int i = 0; i < protocols.length; i++) {
            for (int bytes = 8; bytes <= 24; bytes += 8) {
                byte[] part = Arrays.copyOf(segments[i], bytes);
                DropReason expected = bytes < least[i] ? DropReason.FRAGMENT_FORBIDDEN : null;
                assertEquals(expected, parse(Wire.ipv4(EAST, WEST, protocols[i], MORE, Wire.NOTHING, part)));
                int protocol6 = protocols[i] == 1 ? 58 : protocols[i];
                assertEquals(expected, parse(ipv6(FRAGMENT, fragmentHeader(protocol6, 0, true, part))));
            }
        }
    }

    @Test
    void refusesAFirstFragmentWithoutItsWholeChainOfHeadersAsRfc7112Says() {
        byte[] part = Arrays.copyOf(extension(17, 4, udp()), 16);
        assertEquals(
                DropReason.FRAGMENT_FORBIDDEN,
                parse(ipv6(FRAGMENT, fragmentHeader(DESTINATION_OPTIONS, 0, true, part))));
    }

    @Test
    void refusesAFragmentThatCouldRewriteTcpFlagsAsRfc1858Says() {
        assertEquals(DropReason.FRAGMENT_FORBIDDEN, parse(Wire.ipv4(EAST, WEST, 6, 1, Wire.NOTHING, new byte[40])));
        assertNull(parse(Wire.ipv4(EAST, WEST, 6, 2, Wire.NOTHING, new byte[40])));
        assertEquals(DropReason.FRAGMENT_FORBIDDEN, parse(ipv6(FRAGMENT, fragmentHeader(6, 8, false, new byte[40]))));
        assertNull(parse(ipv6(FRAGMENT, fragmentHeader(6, 16, false, new byte[40]))));
    }

    @Test
    void refusesFragmentsThatEndBeyondTheLargestPacket() {
        int last = 0x1fff;
        assertEquals(DropReason.FRAGMENT_FORBIDDEN, parse(Wire.ipv4(EAST, WEST, 17, last, Wire.NOTHING, new byte[8])));
        assertNull(parse(Wire.ipv4(EAST, WEST, 17, (65_512 - 20) / 8, Wire.NOTHING, new byte[27])));
        assertEquals(
                DropReason.FRAGMENT_FORBIDDEN,
                parse(Wire.ipv4(EAST, WEST, 17, (65_512 - 20) / 8, Wire.NOTHING, new byte[28])));
        assertNull(parse(ipv6(FRAGMENT, fragmentHeader(17, 65_528, false, new byte[7]))));
        assertEquals(
                DropReason.FRAGMENT_FORBIDDEN, parse(ipv6(FRAGMENT, fragmentHeader(17, 65_528, false, new byte[8]))));
        byte[] behindOptions = extension(FRAGMENT, 1, fragmentHeader(17, 65_528, false, new byte[1]));
        assertEquals(DropReason.FRAGMENT_FORBIDDEN, parse(ipv6(HOP_BY_HOP, behindOptions)));
    }

    @Test
    void refusesEmptyAndUnevenFragments() {
        assertEquals(DropReason.FRAGMENT_FORBIDDEN, parse(Wire.ipv4(EAST, WEST, 17, 8, Wire.NOTHING, Wire.NOTHING)));
        assertEquals(
                DropReason.FRAGMENT_FORBIDDEN, parse(Wire.ipv4(EAST, WEST, 17, 8 | MORE, Wire.NOTHING, new byte[9])));
        assertEquals(DropReason.FRAGMENT_FORBIDDEN, parse(ipv6(FRAGMENT, fragmentHeader(17, 64, true, new byte[9]))));
        assertEquals(DropReason.FRAGMENT_FORBIDDEN, parse(ipv6(FRAGMENT, fragmentHeader(17, 64, false, new byte[0]))));
    }

    @Test
    void refusesASecondFragmentHeader() {
        byte[] nested = fragmentHeader(FRAGMENT, 0, true, fragmentHeader(17, 800, false, udp()));
        assertEquals(DropReason.FRAGMENT_FORBIDDEN, parse(ipv6(FRAGMENT, nested)));
        byte[] afterAtomic = fragmentHeader(FRAGMENT, 0, false, fragmentHeader(17, 800, false, udp()));
        assertEquals(DropReason.FRAGMENT_FORBIDDEN, parse(ipv6(FRAGMENT, afterAtomic)));
    }

    @Test
    void knowsIcmpErrorsOfBothFamilies() {
        for (int type = 0; type < 256; type++) {
            assertNull(parse(Wire.ipv4(EAST, WEST, 1, Wire.icmp(type, 0, 0, new byte[28]))));
            boolean error = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
            assertEquals(error, inner.isIcmpError(0), "type " + type);
            assertNull(parse(ipv6(58, Wire.icmp(type, 0, 0, new byte[48]))));
            assertEquals(type < 128, inner.isIcmpError(0), "type " + type);
        }
    }

    @Test
    void readsQuotesThatAreCutOff() {
        byte[] whole = Wire.ipv4Whole(WEST, EAST, 6, tcp());
        for (int length = 28; length <= whole.length; length++) {
            assertNull(parse(Wire.ipv4(EAST, WEST, 1, Wire.icmp(3, 1, 0, Arrays.copyOf(whole, length)))));
            assertNull(inner.parseQuoted(0));
            assertEquals(443, batch.quoted().destinationPort(0));
            assertEquals(0xffff_6440_0209L, batch.quoted().sourceLo(0));
            assertEquals(inner.end(0), batch.quoted().end(0));
            assertEquals(0, batch.quoted().tcpFlags(0));
        }
        for (int length = 0; length < 28; length++) {
            assertNull(parse(Wire.ipv4(EAST, WEST, 1, Wire.icmp(3, 1, 0, Arrays.copyOf(whole, length)))));
            assertEquals(DropReason.MALFORMED, inner.parseQuoted(0));
            assertEquals(0, batch.quoted().version(0));
        }
        assertEquals(0xffff_0a00_0007L, inner.sourceLo(0), "the error's own header stays");
    }

    @Test
    void endsAQuoteWhereExtensionsBeginAsRfc4884Says() {
        byte[] quote = Arrays.copyOf(Wire.ipv4Whole(WEST, EAST, 17, Wire.udp(1, 2, new byte[900])), 128);
        byte[] extensions = {0x20, 0, 0, 0};
        assertNull(parse(Wire.ipv4(EAST, WEST, 1, Wire.icmp(11, 0, 32 << 16, Wire.bytes(quote, extensions)))));
        assertNull(inner.parseQuoted(0));
        assertEquals(inner.end(0) - 4, batch.quoted().end(0));
        byte[] quote6 = Arrays.copyOf(Wire.ipv6(WEST6, EAST6, 17, Wire.udp(1, 2, new byte[900])), 128);
        assertNull(parse(ipv6(58, Wire.icmp(3, 0, 16 << 24, Wire.bytes(quote6, extensions)))));
        assertNull(inner.parseQuoted(0));
        assertEquals(inner.end(0) - 4, batch.quoted().end(0));
        // A packet-too-big has its MTU there.
        assertNull(parse(ipv6(58, Wire.icmp(2, 0, 1400, Wire.bytes(quote6, extensions)))));
        assertNull(inner.parseQuoted(0));
        assertEquals(inner.end(0), batch.quoted().end(0));
    }

    @Test
    void refusesErrorsAboutErrorsAndAboutTheOtherFamily() {
        byte[] error = Wire.ipv4(WEST, EAST, 1, Wire.icmp(11, 0, 0, new byte[28]));
        assertNull(parse(Wire.ipv4(EAST, WEST, 1, Wire.icmp(3, 1, 0, error))));
        assertEquals(DropReason.MALFORMED, inner.parseQuoted(0));
        assertNull(parse(Wire.ipv4(EAST, WEST, 1, Wire.icmp(3, 1, 0, ipv6(17, udp())))));
        assertEquals(DropReason.MALFORMED, inner.parseQuoted(0));
        assertEquals(0, batch.quoted().version(0));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void readsNothingOutsideThePacket(long seed) {
        // Whatever lies around the packet, what is found in it is the same.
        SplittableRandom random = new SplittableRandom(seed);
        PacketBatch zeroes = new PacketBatch(1, 256);
        PacketBatch ones = new PacketBatch(1, 256);
        for (int at = 0; at < ones.slab().capacity(); at++) {
            ones.slab().put(at, (byte) 0xff);
        }
        for (int round = 0; round < 5_000; round++) {
            byte[] packet = RandomPackets.hostile(random);
            zeroes.clear();
            ones.clear();
            HeaderFindings left = HeaderFindings.of(zeroes, packet);
            HeaderFindings right = HeaderFindings.of(ones, packet);
            assertEquals(left, right);
            left.assertInside();
            scrub(zeroes, 0, packet.length);
            scrub(ones, 0xff, packet.length);
        }
    }

    private static void scrub(PacketBatch batch, int value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            batch.slab().put(PacketBatch.HEADROOM_BYTES + i, (byte) value);
        }
    }
}

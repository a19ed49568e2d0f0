package net.vgate.translate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.Wire;
import org.junit.jupiter.api.Test;

class IcmpErrorTest {
    private static final int MEMBER = Wire.address(10, 0, 0, 7);
    private static final int REMOTE = Wire.address(100, 64, 2, 9);
    private static final int GATEWAY = Wire.address(10, 0, 0, 254);
    private static final byte[] MEMBER6 = Wire.address6(7);
    private static final byte[] REMOTE6 = Wire.address6(9);
    private static final byte[] GATEWAY6 = Wire.address6(0xfe);
    private static final int DF = 0x4000;

    private final PacketBatch about = new PacketBatch(1);
    private final PacketBatch into = new PacketBatch(2, 1500);

    private int parsed(byte[] packet) {
        about.clear();
        into.clear();
        int slot = about.addCopy(packet);
        assertNull(about.inner().parse(slot));
        return slot;
    }

    private int tooBig(byte[] packet, int mtu) {
        return IcmpError.packetTooBig(about, parsed(packet), into, 0, 0xffff_0a00_00feL, mtu);
    }

    private int tooBig6(byte[] packet, int mtu) {
        ByteBuffer gateway = ByteBuffer.wrap(GATEWAY6);
        return IcmpError.packetTooBig(about, parsed(packet), into, gateway.getLong(0), gateway.getLong(8), mtu);
    }

    private static byte[] udp4(int payloadBytes) {
        return Wire.ipv4Whole(MEMBER, REMOTE, 17, Wire.udp(1111, 53, new byte[payloadBytes]));
    }

    private static byte[] udp6(int payloadBytes) {
        return Wire.ipv6Whole(MEMBER6, REMOTE6, 17, Wire.udp(1111, 53, new byte[payloadBytes]));
    }

    /** What RFC 1191 section 4 has, around at most 548 bytes. */
    private static byte[] expected4(byte[] packet, int mtu) {
        byte[] quote = Arrays.copyOf(packet, Math.min(packet.length, 576 - 28));
        byte[] icmp = Wire.withChecksum(Wire.icmp(3, 4, mtu, quote), 2, 0, false);
        byte[] error = Wire.ipv4(GATEWAY, MEMBER, 1, icmp);
        ByteBuffer header = ByteBuffer.wrap(error);
        header.put(1, (byte) 0xc0).putShort(4, (short) 0).put(8, (byte) 64).putShort(10, (short) 0);
        header.putShort(10, (short) ~Wire.naiveSum(Arrays.copyOf(error, 20)));
        return error;
    }

    private static byte[] expected6(byte[] packet, int mtu) {
        byte[] quote = Arrays.copyOf(packet, Math.min(packet.length, 1280 - 48));
        byte[] error = Wire.ipv6Whole(GATEWAY6, MEMBER6, 58, Wire.icmp(2, 0, mtu, quote));
        error[7] = 64;
        return error;
    }

    @Test
    void tellsTheSenderTheNextHopsMtu() {
        int slot = tooBig(udp4(1400), 1398);
        assertArrayEquals(expected4(udp4(1400), 1398), into.copyOut(slot));
        assertEquals(576, into.length(slot));
        assertTrue(into.inner().isIcmpError(slot));
        assertEquals(PacketBatch.ChecksumState.COMPLETE, into.checksumState(slot));
        int slot6 = tooBig6(udp6(1400), 1398);
        assertArrayEquals(expected6(udp6(1400), 1398), into.copyOut(slot6));
        assertEquals(1280, into.length(slot6));
    }

    @Test
    void quotesShortPacketsWhole() {
        for (int bytes : new int[] {0, 1, 2, 519, 520, 521}) {
            assertArrayEquals(expected4(udp4(bytes), 576), into.copyOut(tooBig(udp4(bytes), 576)));
        }
        for (int bytes : new int[] {0, 1, 1183, 1184, 1185}) {
            assertArrayEquals(expected6(udp6(bytes), 1280), into.copyOut(tooBig6(udp6(bytes), 1280)));
        }
    }

    @Test
    void keepsTheMtuWithinWhatTheFamilyKnows() {
        assertArrayEquals(expected6(udp6(1300), 1280), into.copyOut(tooBig6(udp6(1300), 1279)));
        assertArrayEquals(expected4(udp4(1300), 68), into.copyOut(tooBig(udp4(1300), 10)));
        assertArrayEquals(expected4(udp4(1300), 0xffff), into.copyOut(tooBig(udp4(1300), 0x1_0000)));
    }

    @Test
    void leavesPacketsThatMayBeFragmented() {
        byte[] packet = Wire.ipv4(MEMBER, REMOTE, 17, 0, Wire.NOTHING, Wire.udp(1, 2, new byte[1400]));
        assertEquals(IcmpError.NONE, tooBig(packet, 1398));
        assertEquals(0, into.size());
    }

    @Test
    void neverAnswersAnErrorOrARedirect() {
        for (int type : new int[] {3, 4, 5, 11, 12}) {
            assertEquals(IcmpError.NONE, tooBig(Wire.ipv4(MEMBER, REMOTE, 1, Wire.icmp(type, 0, 0, new byte[60])), 68));
        }
        for (int type : new int[] {1, 2, 3, 4, 100, 127, 137}) {
            assertEquals(
                    IcmpError.NONE, tooBig6(Wire.ipv6(MEMBER6, REMOTE6, 58, Wire.icmp(type, 0, 0, new byte[60])), 68));
        }
        assertEquals(0, tooBig(Wire.ipv4(MEMBER, REMOTE, 1, Wire.icmp(8, 0, 0, new byte[60])), 68));
        assertEquals(0, tooBig6(Wire.ipv6(MEMBER6, REMOTE6, 58, Wire.icmp(128, 0, 0, new byte[60])), 68));
    }

    @Test
    void answersOnlyTheFirstFragmentInIpv4() {
        byte[] payload = new byte[1200];
        ByteBuffer.wrap(payload).putShort(4, (short) 2000);
        assertEquals(0, tooBig(Wire.ipv4(MEMBER, REMOTE, 17, DF | 0x2000, Wire.NOTHING, payload), 1000));
        assertEquals(IcmpError.NONE, tooBig(Wire.ipv4(MEMBER, REMOTE, 17, DF | 150, Wire.NOTHING, payload), 1000));
        byte[] later = Wire.bytes(17, 0, Wire.words(0x4b0, 0, 1), payload);
        assertEquals(0, tooBig6(Wire.ipv6(MEMBER6, REMOTE6, 44, later), 1000));
    }

    @Test
    void neverAnswersToOrAboutAddressesThatAreNotOneHosts() {
        int[] none = {0, 5, Wire.address(127, 0, 0, 1), Wire.address(224, 0, 0, 5), -1, Wire.address(240, 0, 0, 1)};
        for (int address : none) {
            byte[] segment = Wire.udp(1, 2, new byte[100]);
            assertEquals(IcmpError.NONE, tooBig(Wire.ipv4(address, REMOTE, 17, segment), 68));
            assertEquals(IcmpError.NONE, tooBig(Wire.ipv4(MEMBER, address, 17, segment), 68));
        }
        byte[] multicast = Wire.address6(1);
        multicast[0] = (byte) 0xff;
        byte[] loopback = new byte[16];
        loopback[15] = 1;
        for (byte[] address : new byte[][] {new byte[16], loopback, multicast}) {
            byte[] segment = Wire.udp(1, 2, new byte[100]);
            assertEquals(IcmpError.NONE, tooBig6(Wire.ipv6(address, REMOTE6, 17, segment), 68));
            assertEquals(IcmpError.NONE, tooBig6(Wire.ipv6(MEMBER6, address, 17, segment), 68));
        }
    }

    @Test
    void makesNoneWithoutAnAddressOfTheFamilyOrWithoutRoom() {
        assertEquals(IcmpError.NONE, tooBig(udp6(1300), 1000));
        assertEquals(IcmpError.NONE, tooBig6(udp4(1300), 1000));
        int slot = parsed(udp4(1300));
        into.add(1);
        into.add(1);
        assertEquals(IcmpError.NONE, IcmpError.packetTooBig(about, slot, into, 0, 0xffff_0a00_00feL, 1000));
    }

    @Test
    void saysThatPolicyForbidsThePacket() {
        int slot = IcmpError.prohibited(about, parsed(udp4(5)), into, 0, 0xffff_0a00_00feL);
        assertEquals(3, into.inner().icmpType(slot));
        assertEquals(13, into.inner().icmpCode(slot));
        ByteBuffer gateway = ByteBuffer.wrap(GATEWAY6);
        int slot6 = IcmpError.prohibited(about, parsed(udp6(5)), into, gateway.getLong(0), gateway.getLong(8));
        assertEquals(1, into.inner().icmpType(slot6));
        assertEquals(1, into.inner().icmpCode(slot6));
    }

    @Test
    void replacesTheSourceOfAnErrorWithEveryChecksum() {
        byte[] quote = Wire.ipv4Whole(REMOTE, MEMBER, 17, Wire.udp(1, 2, new byte[5]));
        byte[] icmp = Wire.withChecksum(Wire.icmp(11, 0, 0, quote), 2, 0, false);
        int slot = parsed(Wire.ipv4(Wire.address(192, 168, 1, 1), REMOTE, 1, icmp));
        IcmpError.replaceSource(about, slot, 0, 0xffff_0a00_00feL);
        assertArrayEquals(Wire.ipv4(GATEWAY, REMOTE, 1, icmp), about.copyOut(slot));
        byte[] message = Wire.icmp(3, 0, 0, udp6(8));
        int slot6 = parsed(Wire.ipv6Whole(Wire.address6(0x77), REMOTE6, 58, message));
        ByteBuffer gateway = ByteBuffer.wrap(GATEWAY6);
        IcmpError.replaceSource(about, slot6, gateway.getLong(0), gateway.getLong(8));
        assertArrayEquals(Wire.ipv6Whole(GATEWAY6, REMOTE6, 58, message), about.copyOut(slot6));
    }
}

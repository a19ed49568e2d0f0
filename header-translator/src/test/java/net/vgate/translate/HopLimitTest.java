package net.vgate.translate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.Wire;
import org.junit.jupiter.api.Test;

class HopLimitTest {
    private static final int MEMBER = Wire.address(10, 0, 0, 7);
    private static final int GATEWAY = Wire.address(10, 0, 0, 254);
    private static final byte[] MEMBER6 = Wire.address6(7);
    private static final byte[] GATEWAY6 = Wire.address6(0xfe);

    private final PacketBatch batch = new PacketBatch(1);

    private int parsed(byte[] packet) {
        batch.clear();
        int slot = batch.addCopy(packet);
        assertNull(batch.inner().parse(slot));
        return slot;
    }

    private static byte[] ipv4(int ttl, int source, int destination, byte[] icmp) {
        byte[] packet = Wire.ipv4(source, destination, 1, Wire.withChecksum(icmp, 2, 0, false));
        packet[8] = (byte) ttl;
        packet[10] = 0;
        packet[11] = 0;
        ByteBuffer.wrap(packet).putShort(10, (short) ~Wire.naiveSum(Arrays.copyOf(packet, 20)));
        return packet;
    }

    private static byte[] ipv6(int hops, byte[] source, byte[] destination, byte[] icmp) {
        byte[] packet = Wire.ipv6Whole(source, destination, 58, icmp);
        packet[7] = (byte) hops;
        return packet;
    }

    private static byte[] echo(int type) {
        return Wire.icmp(type, 0, 0x1234_0001, new byte[] {1, 2, 3, 4, 5});
    }

    @Test
    void oneHopLessAndTheChecksumFollows() {
        for (int hops = 2; hops <= 255; hops++) {
            int slot = parsed(ipv4(hops, MEMBER, GATEWAY, echo(8)));
            assertTrue(HopLimit.lower(batch, slot));
            assertArrayEquals(ipv4(hops - 1, MEMBER, GATEWAY, echo(8)), batch.copyOut(slot), "of " + hops);
            int slot6 = parsed(ipv6(hops, MEMBER6, GATEWAY6, echo(128)));
            assertTrue(HopLimit.lower(batch, slot6));
            assertArrayEquals(ipv6(hops - 1, MEMBER6, GATEWAY6, echo(128)), batch.copyOut(slot6), "of " + hops);
        }
    }

    @Test
    void theLastHopIsTheEnd() {
        for (int hops = 0; hops <= 1; hops++) {
            byte[] packet = ipv4(hops, MEMBER, GATEWAY, echo(8));
            int slot = parsed(packet);
            assertFalse(HopLimit.lower(batch, slot));
            assertArrayEquals(packet, batch.copyOut(slot));
            assertFalse(HopLimit.lower(batch, parsed(ipv6(hops, MEMBER6, GATEWAY6, echo(128)))));
        }
    }

    @Test
    void tellsTheSenderThatTheHopsAreUsedUp() {
        PacketBatch into = new PacketBatch(2, 1_500);
        int slot = IcmpError.timeExceeded(
                batch, parsed(ipv4(1, MEMBER, Wire.address(10, 1, 0, 1), echo(8))), into, 0, 0xffff_0a00_00feL);
        assertEquals(11, into.inner().icmpType(slot));
        assertEquals(0, into.inner().icmpCode(slot));
        assertEquals(0xffff_0a00_0007L, into.inner().destinationLo(slot));
        ByteBuffer own = ByteBuffer.wrap(GATEWAY6);
        int slot6 = IcmpError.timeExceeded(
                batch, parsed(ipv6(1, MEMBER6, Wire.address6(9), echo(128))), into, own.getLong(0), own.getLong(8));
        assertEquals(3, into.inner().icmpType(slot6));
        assertEquals(0, into.inner().icmpCode(slot6));
    }

    @Test
    void answersPings() {
        int slot = parsed(ipv4(9, MEMBER, GATEWAY, echo(8)));
        assertTrue(EchoReply.isRequest(batch.inner(), slot));
        EchoReply.make(batch, slot);
        assertArrayEquals(ipv4(64, GATEWAY, MEMBER, echo(0)), batch.copyOut(slot));
        assertEquals(0xffff_0a00_0007L, batch.inner().destinationLo(slot));
        int slot6 = parsed(ipv6(9, MEMBER6, GATEWAY6, echo(128)));
        assertTrue(EchoReply.isRequest(batch.inner(), slot6));
        EchoReply.make(batch, slot6);
        assertArrayEquals(ipv6(64, GATEWAY6, MEMBER6, echo(129)), batch.copyOut(slot6));
        assertFalse(EchoReply.isRequest(batch.inner(), parsed(ipv4(9, MEMBER, GATEWAY, echo(0)))));
        assertFalse(EchoReply.isRequest(batch.inner(), parsed(ipv6(9, MEMBER6, GATEWAY6, echo(129)))));
    }
}

package net.vgate.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VirtioNetHeaderTest {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ICMP = 1;
    private static final int CWR_ACK = 0x90;

    private final PacketBatch batch = new PacketBatch(4, 2048);

    /** A header as the kernel writes it. */
    private static byte[] header(int flags, int gsoType, int headerBytes, int gsoSize, int start, int offset) {
        return ByteBuffer.allocate(10)
                .order(ByteOrder.nativeOrder())
                .put((byte) flags)
                .put((byte) gsoType)
                .putShort((short) headerBytes)
                .putShort((short) gsoSize)
                .putShort((short) start)
                .putShort((short) offset)
                .array();
    }

    /** An IPv4 packet with a transport header of {@code transportBytes}, and 100 bytes of payload. */
    private static byte[] ipv4(int protocol, int fragmentField, int transportBytes, int tcpFlags) {
        ByteBuffer packet = ByteBuffer.allocate(20 + transportBytes + 100);
        packet.put(0, (byte) 0x45).putShort(2, (short) packet.capacity()).putShort(6, (short) fragmentField);
        packet.put(9, (byte) protocol);
        putTransport(packet, 20, protocol, transportBytes, tcpFlags);
        return packet.array();
    }

    /** An IPv6 packet with 8 bytes of destination options, then as {@link #ipv4}. */
    private static byte[] ipv6(int protocol, int transportBytes, int tcpFlags) {
        ByteBuffer packet = ByteBuffer.allocate(48 + transportBytes + 100);
        packet.put(0, (byte) 0x60).putShort(4, (short) (packet.capacity() - 40)).put(6, (byte) 60);
        packet.put(40, (byte) protocol);
        putTransport(packet, 48, protocol, transportBytes, tcpFlags);
        return packet.array();
    }

    private static void putTransport(ByteBuffer packet, int at, int protocol, int bytes, int tcpFlags) {
        if (protocol == TCP) {
            packet.put(at + 12, (byte) (bytes << 2)).put(at + 13, (byte) tcpFlags);
        } else if (protocol == UDP) {
            packet.putShort(at + 4, (short) (packet.capacity() - at));
        }
    }

    private byte[] written(int slot) {
        byte[] header = new byte[10];
        batch.slab().get(batch.offset(slot) - 10, header);
        return header;
    }

    private int add(byte[] packet, ChecksumState state, GsoType type, int gsoSize) {
        int slot = batch.addCopy(packet);
        batch.slab().putLong(batch.offset(slot) - 10, -1).putShort(batch.offset(slot) - 2, (short) -1);
        batch.setChecksumState(slot, state);
        batch.setGso(slot, type, gsoSize);
        return slot;
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, UNKNOWN, NONE",
        "2, 0, 0, COMPLETE, NONE",
        "1, 0, 0, PARTIAL, NONE",
        "1, 1, 1448, PARTIAL, TCP4",
        "1, 129, 1448, PARTIAL, TCP4",
        "1, 4, 1428, PARTIAL, TCP6",
        "3, 5, 40000, PARTIAL, UDP",
    })
    void readsWhatTheKernelSays(int flags, int type, int size, ChecksumState state, GsoType gso) {
        int slot = batch.addCopy(header(flags, type, 54, size, 34, 16));
        assertNull(VirtioNetHeader.read(batch, slot, batch.offset(slot)));
        assertEquals(state, batch.checksumState(slot));
        assertEquals(gso, batch.gsoType(slot));
        assertEquals(size, batch.gsoSize(slot));
    }

    @ParameterizedTest
    @CsvSource({"3, 1000, UNSUPPORTED", "77, 1000, UNSUPPORTED", "1, 0, MALFORMED"})
    void readsNoSuperPacketThatItDoesNotKnow(int type, int size, DropReason reason) {
        int slot = batch.addCopy(header(1, type, 54, size, 34, 16));
        assertEquals(reason, VirtioNetHeader.read(batch, slot, batch.offset(slot)));
    }

    @Test
    void writesNothingToDoForAWholePacket() {
        for (ChecksumState state : new ChecksumState[] {ChecksumState.UNKNOWN, ChecksumState.COMPLETE}) {
            int slot = add(new byte[] {1}, state, GsoType.NONE, 0);
            assertNull(VirtioNetHeader.write(batch, slot, 0));
            assertArrayEquals(new byte[10], written(slot));
        }
    }

    @Test
    void writesWhereTheChecksumIs() {
        int udp = add(ipv4(UDP, 0, 8, 0), ChecksumState.PARTIAL, GsoType.NONE, 0);
        assertNull(VirtioNetHeader.write(batch, udp, 0));
        assertArrayEquals(header(1, 0, 0, 0, 20, 6), written(udp));

        int tcp = add(ipv6(TCP, 32, 0x10), ChecksumState.PARTIAL, GsoType.NONE, 0);
        assertNull(VirtioNetHeader.write(batch, tcp, 0));
        assertArrayEquals(header(1, 0, 0, 0, 48, 16), written(tcp));
    }

    /** The kernel counts from where the frame begins; the header stands before that. */
    @Test
    void placesCountFromTheLinkHeader() {
        int tcp4 = add(ipv4(TCP, 0, 32, 0x10), ChecksumState.PARTIAL, GsoType.TCP4, 1448);
        assertNull(VirtioNetHeader.write(batch, tcp4, 14));
        byte[] written = new byte[10];
        batch.slab().get(batch.offset(tcp4) - 24, written);
        assertArrayEquals(header(1, 1, 66, 1448, 34, 16), written);
    }

    @Test
    void writesHowASuperPacketIsCut() {
        int tcp4 = add(ipv4(TCP, 0, 32, 0x10), ChecksumState.PARTIAL, GsoType.TCP4, 1448);
        assertNull(VirtioNetHeader.write(batch, tcp4, 0));
        assertArrayEquals(header(1, 1, 52, 1448, 20, 16), written(tcp4));

        int tcp6 = add(ipv6(TCP, 20, CWR_ACK), ChecksumState.PARTIAL, GsoType.TCP6, 1428);
        assertNull(VirtioNetHeader.write(batch, tcp6, 0));
        assertArrayEquals(header(1, 4 | 0x80, 68, 1428, 48, 16), written(tcp6));

        int udp = add(ipv6(UDP, 8, 0), ChecksumState.PARTIAL, GsoType.UDP, 60);
        assertNull(VirtioNetHeader.write(batch, udp, 0));
        assertArrayEquals(header(1, 5, 56, 60, 48, 6), written(udp));
    }

    @Test
    void asksForNoChecksumWhereThereIsNone() {
        int icmp = add(ipv4(ICMP, 0, 8, 0), ChecksumState.PARTIAL, GsoType.NONE, 0);
        assertEquals(DropReason.UNSUPPORTED, VirtioNetHeader.write(batch, icmp, 0));
        int later = add(ipv4(UDP, 0x0010, 8, 0), ChecksumState.PARTIAL, GsoType.NONE, 0);
        assertEquals(DropReason.UNSUPPORTED, VirtioNetHeader.write(batch, later, 0));
        int truncated = add(new byte[] {0x45, 0, 0, 60}, ChecksumState.PARTIAL, GsoType.NONE, 0);
        assertEquals(DropReason.MALFORMED, VirtioNetHeader.write(batch, truncated, 0));
    }

    @ParameterizedTest
    @CsvSource({"TCP6, 1000", "UDP, 1000", "TCP4, 0"})
    void writesNoSuperPacketThatContradictsItsHeaders(GsoType type, int size) {
        int slot = add(ipv4(TCP, 0, 20, 0x10), ChecksumState.PARTIAL, type, size);
        assertEquals(DropReason.MALFORMED, VirtioNetHeader.write(batch, slot, 0));
    }
}

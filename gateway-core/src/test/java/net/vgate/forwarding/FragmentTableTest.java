package net.vgate.forwarding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.PacketBatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FragmentTableTest {
    private static final boolean OUT = true;
    private static final boolean IN = false;
    private static final int UDP = InnerHeader.UDP;

    private final FragmentTable table = new FragmentTable(new FlowHash(3, 4));
    private final PacketBatch batch = new PacketBatch(2, 4_000);
    private long now = Long.MAX_VALUE - 5;

    @Test
    void aLaterFragmentNeedsItsFirst() {
        assertEquals(DropReason.FRAGMENT_WITHOUT_FIRST, later(ipv4(1, UDP, 16, 8, false), OUT));
        assertNull(first(ipv4(1, UDP, 0, 16, true), OUT));
        assertEquals(DropReason.FRAGMENT_WITHOUT_FIRST, later(ipv4(2, UDP, 16, 8, false), OUT), "another datagram");
        assertEquals(DropReason.FRAGMENT_WITHOUT_FIRST, later(ipv4(1, 47, 16, 8, false), OUT), "another protocol");
        assertEquals(DropReason.FRAGMENT_WITHOUT_FIRST, later(ipv4(1, UDP, 16, 8, false), IN), "another direction");
        assertNull(later(ipv4(1, UDP, 16, 8, false), OUT));
        assertEquals(DropReason.FRAGMENT_WITHOUT_FIRST, later(ipv4(1, UDP, 16, 8, false), OUT), "it is whole");
    }

    @Test
    void aDatagramIsKeptForThirtySeconds() {
        assertNull(first(ipv4(1, UDP, 0, 16, true), OUT));
        now += TimeUnit.SECONDS.toNanos(30) - 1;
        assertNull(later(ipv4(1, UDP, 16, 8, true), OUT));
        now += 1;
        assertEquals(DropReason.FRAGMENT_WITHOUT_FIRST, later(ipv4(1, UDP, 24, 8, false), OUT));
    }

    @Test
    void aFirstFragmentIsRepeatedOrBeginsAnotherDatagram() {
        assertNull(first(ipv4(1, UDP, 0, 16, true), OUT));
        assertNull(later(ipv4(1, UDP, 16, 8, true), OUT));
        assertEquals(DropReason.FRAGMENT_FORBIDDEN, first(ipv4(1, UDP, 0, 16, true), OUT));
        now += TimeUnit.SECONDS.toNanos(1);
        assertNull(first(ipv4(1, UDP, 0, 16, true), OUT), "the identification is used again");
        assertNull(later(ipv4(1, UDP, 16, 8, true), OUT));
    }

    @Test
    void anOverlapEndsTheDatagram() {
        assertNull(first(ipv4(1, UDP, 0, 16, true), OUT));
        assertEquals(DropReason.FRAGMENT_FORBIDDEN, later(ipv4(1, UDP, 8, 16, false), OUT));
        assertEquals(DropReason.FRAGMENT_FORBIDDEN, later(ipv4(1, UDP, 16, 8, false), OUT));
    }

    /** RFC 8200 section 4.5: only the first fragment's next header counts, and the others' may differ. */
    @Test
    void fragmentsOfIpv6AreToldByTheirIdentification() {
        assertNull(first(ipv6(7, 60, 0, 24, true), IN));
        assertNull(later(ipv6(7, UDP, 24, 8, false), IN));
        assertNull(first(ipv6(8, 60, 0, 24, true), IN));
        assertEquals(
                DropReason.FRAGMENT_FORBIDDEN, later(ipv6(8, UDP, 16, 16, false), IN), "into headers of the first");
    }

    @Test
    void aFullTableRefusesFirstFragments() {
        int accepted = 0;
        DropReason reason = null;
        for (int id = 0; id < 4_000; id++) {
            reason = first(ipv4(id, UDP, 0, 16, true), OUT);
            if (reason == null) {
                accepted++;
            } else {
                assertEquals(DropReason.FRAGMENT_TABLE_FULL, reason);
            }
        }
        assertEquals(DropReason.FRAGMENT_TABLE_FULL, reason);
        assertTrue(accepted <= 512 && accepted > 256, "accepted " + accepted);
        now += TimeUnit.SECONDS.toNanos(31);
        assertNull(first(ipv4(9_000, UDP, 0, 16, true), OUT));
    }

    @Test
    void aVerdictAllocatesNothing() {
        int first = parsed(ipv4(1, UDP, 0, 16, true));
        int later = parsed(ipv4(1, UDP, 16, 8, false));
        Allocation.assertNone(() -> {
            now += 1_000_000_000;
            assertNull(table.admitFirst(batch, first, OUT, now));
            assertNull(table.admitLater(batch, later, OUT, now));
        });
    }

    private @Nullable DropReason first(byte[] packet, boolean outbound) {
        batch.clear();
        return table.admitFirst(batch, parsed(packet), outbound, now);
    }

    private @Nullable DropReason later(byte[] packet, boolean outbound) {
        batch.clear();
        return table.admitLater(batch, parsed(packet), outbound, now);
    }

    private int parsed(byte[] packet) {
        int slot = batch.addCopy(packet);
        assertNull(batch.inner().parse(slot));
        return slot;
    }

    private static byte[] ipv4(int id, int protocol, int offset, int bytes, boolean more) {
        ByteBuffer packet = ByteBuffer.allocate(20 + bytes)
                .putShort((short) 0x4500)
                .putShort((short) (20 + bytes))
                .putShort((short) id)
                .putShort((short) (offset / 8 | (more ? 0x2000 : 0)))
                .put((byte) 64)
                .put((byte) protocol)
                .putShort((short) 0)
                .putInt(0x0a00_0001)
                .putInt(0x6440_0209);
        return packet.putShort(24, (short) bytes).array();
    }

    /** The first one begins with destination options of 8 bytes, when its next header is 60. */
    private static byte[] ipv6(int id, int nextHeader, int offset, int bytes, boolean more) {
        ByteBuffer packet = ByteBuffer.allocate(48 + bytes)
                .putInt(0x6000_0000)
                .putShort((short) (8 + bytes))
                .put((byte) 44)
                .put((byte) 64)
                .putLong(0x2001_0db8_0001_0000L)
                .putLong(1)
                .putLong(0x2001_0db8_0002_0000L)
                .putLong(9)
                .put((byte) nextHeader)
                .put((byte) 0)
                .putShort((short) (offset | (more ? 1 : 0)))
                .putInt(id);
        if (nextHeader == 60) {
            packet.put((byte) UDP).put((byte) 0).putShort((short) 0x0104).putShort(60, (short) 24);
        }
        return packet.array();
    }
}

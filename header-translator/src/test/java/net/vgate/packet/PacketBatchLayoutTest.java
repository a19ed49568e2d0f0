package net.vgate.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where packets lie: packed, as views of another batch, and merged. */
class PacketBatchLayoutTest {
    private static final int HEADROOM = PacketBatch.HEADROOM_BYTES;
    private static final int TAILROOM = PacketBatch.TAILROOM_BYTES;

    @Test
    void packsTheLargestPacketIntoItsRoom() {
        PacketBatch batch = PacketBatch.packed(2, PacketBatch.MAX_ROOM_BYTES);
        assertTrue(batch.hasRoom(PacketBatch.MAX_PACKET_BYTES));
        int slot = batch.add(PacketBatch.MAX_PACKET_BYTES);
        batch.setLength(slot, PacketBatch.MAX_PACKET_BYTES + TAILROOM);
        assertFalse(batch.hasRoom(0));
        assertTrue(batch.startMaxLength(1) < 0);
        assertThrows(IndexOutOfBoundsException.class, () -> batch.add(0));
        assertEquals(1, batch.size());
    }

    @Test
    void hasRoomForAPacketWithItsTailroomAndForNoMore() {
        PacketBatch batch = PacketBatch.packed(3, 4_096);
        batch.add(1_000);
        int most = batch.startMaxLength(1) - TAILROOM;
        assertTrue(batch.hasRoom(most));
        assertFalse(batch.hasRoom(most + 1));
        batch.add(most);
        assertFalse(batch.hasRoom(0));
        assertFalse(PacketBatch.packed(0, 4_096).hasRoom(0), "no slot");
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void letsNoPackedPacketReachIntoAnother(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        PacketBatch batch = PacketBatch.packed(64, 60_000);
        for (int round = 0; round < 200; round++) {
            batch.clear();
            List<Integer> floors = new ArrayList<>();
            int bytes = random.nextInt(2_000);
            while (batch.hasRoom(bytes)) {
                floors.add(batch.startOffset(batch.size()) - HEADROOM);
                fill(batch, bytes, random);
                bytes = random.nextInt(2_000);
            }
            for (int slot = 0; slot < batch.size(); slot++) {
                batch.pushHeader(slot, batch.offset(slot) - floors.get(slot));
                batch.setLength(slot, batch.maxLength(slot));
                assertTrue(slot == 0 || batch.offset(slot) >= batch.offset(slot - 1) + batch.length(slot - 1));
                assertTrue(
                        batch.offset(slot) + batch.length(slot) <= batch.slab().capacity());
            }
        }
    }

    /** Takes a slot and changes its packet as stages do, before the next one is taken. */
    private static void fill(PacketBatch batch, int bytes, SplittableRandom random) {
        int slot = batch.add(0);
        assertEquals(0, batch.offset(slot) % 64, "a cache line");
        batch.setLength(slot, bytes);
        int header = random.nextInt(HEADROOM + 1);
        batch.pushHeader(slot, header);
        batch.popHeader(slot, random.nextInt(header + bytes + 1));
        if (random.nextInt(4) == 0 && batch.hasRoom(0)) {
            batch.add(0);
            batch.removeLast();
        }
        assertTrue(batch.maxLength(slot) - batch.length(slot) >= TAILROOM);
    }

    @Test
    void keepsTheTailOfAPacketWhenTheNextSlotIsTakenBack() {
        PacketBatch batch = PacketBatch.packed(4, 4_096);
        int slot = batch.addCopy(new byte[100]);
        batch.add(0);
        batch.removeLast();
        batch.setLength(slot, 100 + TAILROOM);
        assertEquals(slot + 1, batch.add(1));
        assertTrue(batch.offset(1) - HEADROOM >= batch.offset(slot) + 100 + TAILROOM);
    }

    @Test
    void putsPacketsCloseTogetherWhereItIsTold() {
        PacketBatch batch = PacketBatch.packed(4, 4_096);
        assertEquals(0, batch.end());
        int first = batch.addAt(0, 30, 100, 140);
        assertEquals(140, batch.end());
        int second = batch.addAt(140, 170, 50, 230);
        assertEquals(230, batch.end());
        batch.pushHeader(first, 30);
        batch.setLength(first, 140);
        batch.pushHeader(second, 30);
        assertEquals(batch.offset(first) + batch.length(first), batch.offset(second));
        assertThrows(IndexOutOfBoundsException.class, () -> batch.pushHeader(second, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> batch.setLength(first, 141));
    }

    @Test
    void refusesPlacesThatAreNotInTheSlab() {
        PacketBatch batch = PacketBatch.packed(2, 1_000);
        assertThrows(IndexOutOfBoundsException.class, () -> batch.addAt(0, 10, 991, 1_001));
        assertThrows(IndexOutOfBoundsException.class, () -> batch.addAt(-1, 0, 1, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> batch.addAt(20, 10, 1, 30));
        assertThrows(IndexOutOfBoundsException.class, () -> batch.addAt(0, 10, 21, 30));
        assertEquals(0, batch.size());
    }

    @Test
    void viewsPartsOfADatagramInTheirPlaceWithItsAddressAndSocket() {
        PacketBatch datagrams = new PacketBatch(2, 1_000);
        datagrams.addCopy(new byte[] {9});
        int datagram = datagrams.addCopy(new byte[] {1, 2, 3, 4, 5});
        datagrams.setLocal(datagram, 1);
        InetSocketAddress from = new InetSocketAddress("192.0.2.7", 4_433);
        OuterAddress.write(datagrams.addresses(), datagrams.addressOffset(datagram), from);
        PacketBatch views = PacketBatch.viewsOf(datagrams, 4);
        int view = views.addView(datagrams, datagram, datagrams.offset(datagram) + 2, 3);
        assertArrayEquals(new byte[] {3, 4, 5}, views.copyOut(view));
        assertSame(datagrams.slab(), views.slab());
        OuterAddress.write(datagrams.addresses(), datagrams.addressOffset(0), new InetSocketAddress("192.0.2.8", 1));
        assertEquals(from, OuterAddress.read(views.addresses(), views.addressOffset(view)));
        assertEquals(1, views.local(view));
        assertEquals(4, views.capacity());
        assertThrows(IndexOutOfBoundsException.class, () -> views.pushHeader(view, 1), "not into what is before it");
        assertThrows(IndexOutOfBoundsException.class, () -> views.setLength(view, 4), "nor into what is behind it");
        views.popHeader(view, 2);
        views.pushHeader(view, 2);
    }

    @Test
    void chainsMergedPacketsAndCountsThem() {
        PacketBatch batch = new PacketBatch(5, 100);
        for (int i = 0; i < 4; i++) {
            batch.addCopy(new byte[] {(byte) i});
        }
        batch.merge(0, 0, 2);
        batch.merge(0, 2, 3);
        assertEquals(3, batch.parts(0));
        assertEquals(2, batch.next(0));
        assertEquals(3, batch.next(2));
        assertEquals(PacketBatch.NONE, batch.next(3));
        assertTrue(batch.isLive(0));
        assertTrue(batch.isLive(1));
        assertFalse(batch.isLive(2));
        assertFalse(batch.isLive(3));
        assertNull(batch.dropReason(3), "merged is not dropped");
        batch.clear();
        for (int i = 0; i < 4; i++) {
            int slot = batch.add(1);
            assertTrue(batch.isLive(slot));
            assertEquals(1, batch.parts(slot));
            assertEquals(PacketBatch.NONE, batch.next(slot));
        }
    }
}

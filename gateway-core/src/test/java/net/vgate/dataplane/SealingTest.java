package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import net.vgate.packet.DropReason;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Association;
import net.vgate.record.RecordFormat;
import net.vgate.record.RecordKeys;
import net.vgate.record.RecordProtector;
import net.vgate.record.Role;
import org.junit.jupiter.api.Test;

/** Records of associations that are held, and of others beside them. */
class SealingTest {
    private static final long MS = 1_000_000;
    private static final int SITE = 1;
    private static final int PACKETS = 8;
    private static final int BYTES = 1_000;
    private static final int EF = 46 << 2;

    private final DropCounters drops = new DropCounters();
    private final Sealing sealing =
            new Sealing(new RecordProtector(8, (association, type, content) -> false, System::nanoTime, 0), drops);
    private final PacketBatch batch = new PacketBatch(PACKETS, 2_000);
    private final PacketBatch released = PacketBatch.packed(64, 256 << 10);
    private final SlotList slots = new SlotList(PACKETS);
    private final Association held = association(4_433);
    private final Association other = association(4_434);
    private long now = -5_000 * MS;

    SealingTest() {
        drops.growTo(SITE + 1);
        held.hold(now + 300 * MS);
    }

    private static Association association(int port) {
        byte[] keyBlock = new byte[RecordKeys.keyBlockBytes(AeadAlgorithm.AES_128_GCM)];
        return PathsUnderTest.association(Role.CLIENT, keyBlock, "west", address(port));
    }

    private static InetSocketAddress address(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Seals some packets, and returns the numbers of the records that need not wait. */
    private List<Long> seal(Association on) {
        batch.clear();
        slots.clear();
        while (batch.remaining() > 0) {
            int slot = batch.add(BYTES);
            batch.setSite(slot, SITE);
            batch.setTrafficClass(slot, EF);
            slots.add(slot);
        }
        sealing.seal(batch, slots, on);
        return live(batch);
    }

    /** The numbers of the records that may go now. */
    private List<Long> release() {
        List<Long> numbers = new ArrayList<>();
        boolean mayBeMore;
        do {
            released.clear();
            mayBeMore = sealing.release(released, now);
            numbers.addAll(live(released));
        } while (mayBeMore);
        return numbers;
    }

    private static List<Long> live(PacketBatch records) {
        List<Long> numbers = new ArrayList<>();
        for (int slot = 0; slot < records.size(); slot++) {
            if (records.isLive(slot)) {
                numbers.add(RecordFormat.sequence(records.slab(), records.offset(slot)));
                assertEquals(SITE, records.site(slot));
                assertEquals(EF, records.trafficClass(slot));
            }
        }
        return numbers;
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    @Test
    void whatIsHeldWaitsAndAllElsePasses() {
        assertEquals(List.of(), seal(held));
        assertEquals(numbers(0, PACKETS), seal(other));
        assertEquals(List.of(), release());
        assertTrue(sealing.isWaiting());

        held.release();
        assertEquals(numbers(0, PACKETS), release());
        assertFalse(sealing.isWaiting());
        assertEquals(numbers(PACKETS, 2 * PACKETS), seal(held));
        assertEquals(0, drops.packets(Stage.SEAL, DropReason.QUEUE_FULL, SITE));
    }

    @Test
    void whatIsSealedBetweenTheWordAndTheReleaseGoesBehindWhatWaits() {
        seal(held);
        held.release();
        assertEquals(List.of(), seal(held));
        assertEquals(numbers(0, 2 * PACKETS), release());
    }

    @Test
    void moreThanABatchComesOutInOrder() {
        for (int i = 0; i < 50; i++) {
            seal(held);
        }
        held.release();
        assertEquals(numbers(0, 50 * PACKETS), release());
    }

    @Test
    void timeReleasesAsWell() {
        seal(held);
        now += 300 * MS - 1;
        assertEquals(List.of(), release());
        now++;
        assertEquals(numbers(0, PACKETS), release());
        assertEquals(numbers(PACKETS, 2 * PACKETS), seal(held));
    }

    @Test
    void whenThereIsNoRoomTheOldestGo() {
        int sealed = 0;
        while (drops.packets(Stage.SEAL, DropReason.QUEUE_FULL, SITE) == 0) {
            seal(held);
            sealed += PACKETS;
            assertTrue(sealed < 1_100);
        }
        seal(held);
        sealed += PACKETS;
        long dropped = drops.packets(Stage.SEAL, DropReason.QUEUE_FULL, SITE);
        assertTrue(sealed > 900 && dropped >= PACKETS);
        held.release();
        assertEquals(numbers(dropped, sealed), release());
    }

    @Test
    void whenManyWaitTheyGoBeforeAnyIsLost() {
        int sealed = 0;
        while (held.isHeld()) {
            seal(held);
            sealed += PACKETS;
            assertTrue(sealed < 1_100);
        }
        assertTrue(sealed > 800);
        assertEquals(numbers(0, sealed), release());
        assertEquals(0, drops.packets(Stage.SEAL, DropReason.QUEUE_FULL, SITE));
    }

    @Test
    void eachAssociationWaitsForItself() {
        other.hold(now + 100 * MS);
        seal(held);
        seal(other);
        now += 100 * MS;
        assertEquals(numbers(0, PACKETS), release());
        assertTrue(sealing.isWaiting());
        assertEquals(List.of(), seal(held));
        held.release();
        assertEquals(numbers(0, 2 * PACKETS), release());
    }

    @Test
    void recordsTakeThePathThatThereIsWhenTheyGo() {
        seal(held);
        held.move(new Association.Path(3, address(5_000)));
        held.release();
        release();
        assertEquals(3, released.local(0));
        assertEquals(address(5_000), OuterAddress.read(released.addresses(), released.addressOffset(0)));
    }
}

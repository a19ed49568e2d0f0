package net.vgate.translate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;

class PrefixTranslationFuzzTest {
    private static final int MAX_BYTES = 2_000;

    /** Every address has an alias, so that what decides is the packet. */
    private static final PrefixTranslation SWAPPED_HALVES = PrefixTranslation.of(List.of(
            PrefixTranslationTest.rule("0.0.0.0/1", "128.0.0.0/1"),
            PrefixTranslationTest.rule("128.0.0.0/1", "0.0.0.0/1")));

    private static final PrefixTranslation THERE =
            PrefixTranslation.of(List.of(PrefixTranslationTest.rule("0.0.0.0/2", "192.0.0.0/2")));

    private final PacketBatch batch = new PacketBatch(1, MAX_BYTES);

    @FuzzTest
    void comesBackToTheSamePacket(byte[] bytes) {
        byte[] packet = Arrays.copyOf(bytes, Math.min(bytes.length, MAX_BYTES));
        for (ChecksumState state : ChecksumState.values()) {
            byte[] once = bothWays(bothWays(packet, state), state);
            // A field of 0xffff and one of 0 mean the same sum: they are one after the first change.
            assertArrayEquals(once, bothWays(bothWays(once, state), state));
        }
        leavesWhatItRefuses(packet);
    }

    /** The packet with each of its ends given its alias twice, which is its own address. */
    private byte[] bothWays(byte[] packet, ChecksumState state) {
        batch.clear();
        int slot = batch.addCopy(packet);
        if (batch.inner().parse(slot) != null) {
            return packet;
        }
        batch.setChecksumState(slot, state);
        int length = batch.length(slot);
        DropReason out = SWAPPED_HALVES.translateSource(batch, slot);
        assertEquals(out, SWAPPED_HALVES.translateSource(batch, slot));
        DropReason in = SWAPPED_HALVES.restoreDestination(batch, slot);
        assertEquals(in, SWAPPED_HALVES.restoreDestination(batch, slot));
        assertEquals(length, batch.length(slot));
        return batch.copyOut(slot);
    }

    private void leavesWhatItRefuses(byte[] packet) {
        batch.clear();
        int slot = batch.addCopy(packet);
        if (batch.inner().parse(slot) != null) {
            return;
        }
        byte[] before = batch.copyOut(slot);
        if (THERE.translateSource(batch, slot) != null) {
            assertArrayEquals(before, batch.copyOut(slot));
        }
        before = batch.copyOut(slot);
        if (THERE.restoreDestination(batch, slot) != null) {
            assertArrayEquals(before, batch.copyOut(slot));
        }
        // Whatever was done to it, the columns still tell of the packet.
        long source = batch.inner().sourceLo(slot);
        long destination = batch.inner().destinationLo(slot);
        assertNull(batch.inner().parse(slot));
        assertEquals(source, batch.inner().sourceLo(slot));
        assertEquals(destination, batch.inner().destinationLo(slot));
    }
}

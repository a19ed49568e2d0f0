package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.SplittableRandom;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PacketRingTest {
    private static final int BYTES = 1_024;
    private static final int AROUND = 16;

    private final PacketRing ring = Objects.requireNonNull(PacketRing.of(BYTES));
    private final PacketBatch batch = new PacketBatch(1, 2_000);

    private boolean add(byte[] packet, boolean isPartial, long now) {
        batch.clear();
        int slot = batch.addCopy(packet);
        batch.setChecksumState(slot, isPartial ? ChecksumState.PARTIAL : ChecksumState.UNKNOWN);
        return ring.add(batch, slot, now);
    }

    private byte[] take(boolean isPartial) {
        batch.clear();
        int slot = ring.moveTo(batch);
        assertEquals(isPartial, batch.checksumState(slot) == ChecksumState.PARTIAL);
        return batch.copyOut(slot);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void givesBackWhatItTookInOrder(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] sizes = {0, 1, 7, 8, 9, 40, 100, 112, 240, 496, 504, 1_000, 1_008};
        Deque<byte[]> model = new ArrayDeque<>();
        Deque<Long> since = new ArrayDeque<>();
        int held = 0;
        int refused = 0;
        for (long now = 0; now < 20_000; now++) {
            if (random.nextInt(100) < (now / 50 % 2 == 0 ? 70 : 30)) {
                byte[] packet = new byte[sizes[random.nextInt(seed % 2 == 0 ? 8 : sizes.length)]];
                random.nextBytes(packet);
                int takes = AROUND + (packet.length + 7) / 8 * 8;
                if (add(packet, packet.length % 2 == 1, now)) {
                    model.add(packet);
                    since.add(now);
                    held += takes;
                    assertTrue(held <= BYTES);
                } else {
                    refused++;
                    // What is free may be in two pieces, and one may be too small for the packet before.
                    boolean isFull = seed % 2 != 0 || BYTES - held < 2 * takes + AROUND + 112;
                    assertTrue(!model.isEmpty() && isFull, held + " held, " + takes + " refused");
                }
            } else if (!model.isEmpty()) {
                byte[] expected = model.remove();
                held -= AROUND + (expected.length + 7) / 8 * 8;
                assertEquals(since.remove(), ring.sinceNanos());
                assertEquals(expected.length, ring.length());
                assertArrayEquals(expected, take(expected.length % 2 == 1));
            }
            assertEquals(model.size(), ring.packets());
        }
        assertTrue(refused > 100, refused + " refused");
    }

    @Test
    void holdsExactlyWhatItHasRoomFor() {
        for (int i = 0; i < 8; i++) {
            assertTrue(add(new byte[112], false, i));
        }
        assertFalse(add(new byte[0], false, 8));
        assertArrayEquals(new byte[112], take(false));
        assertTrue(add(new byte[112], false, 9));
        assertFalse(add(new byte[0], false, 10));
        for (int i = 0; i < 8; i++) {
            take(false);
        }
        assertTrue(add(new byte[1_008], false, 11));
        assertFalse(add(new byte[0], false, 12));
        take(false);
        assertFalse(add(new byte[1_009], false, 13));
    }
}

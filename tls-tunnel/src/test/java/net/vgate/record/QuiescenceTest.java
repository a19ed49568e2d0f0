package net.vgate.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import net.vgate.packet.PacketBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class QuiescenceTest {
    private static final int[] SLOT = {0};

    private final Quiescence quiescence = new Quiescence();
    private final RecordProtector protector = new RecordProtector(1, (a, type, content) -> true, () -> 0, 0);

    @Test
    void aWorkerThatIsParkedAcrossAHundredRekeysKeepsItsKey() {
        Quiescence.Worker parked = quiescence.register();
        Quiescence.Worker other = quiescence.register();
        parked.announce();
        Association first = association(0);
        Association current = first;
        for (int rekey = 1; rekey <= 100; rekey++) {
            Association next = association(rekey);
            quiescence.retire(current);
            other.announce();
            current = next;
            assertEquals(rekey, quiescence.reclaim());
        }
        seal(first);
        parked.announce();
        assertEquals(0, quiescence.reclaim());
        assertThrows(IllegalStateException.class, () -> seal(first));
        seal(current);
    }

    @Test
    void destroysAtOnceWhatNoWorkerCanHold() {
        Association association = association(1);
        quiescence.retire(association);
        quiescence.retire(association);
        assertEquals(0, quiescence.reclaim());
        assertThrows(IllegalStateException.class, () -> seal(association));
    }

    @Test
    void doesNotWaitForAWorkerThatIsIdleOrGone() {
        Quiescence.Worker idle = quiescence.register();
        Quiescence.Worker gone = quiescence.register();
        idle.announce();
        gone.announce();
        quiescence.retire(association(1));
        assertEquals(1, quiescence.reclaim());
        idle.idle();
        assertEquals(1, quiescence.reclaim());
        gone.close();
        assertEquals(0, quiescence.reclaim());
    }

    @Test
    void waitsForTheTurnThatBeganBeforeTheRetirement() {
        Quiescence.Worker worker = quiescence.register();
        worker.announce();
        Association one = association(1);
        quiescence.retire(one);
        worker.announce();
        Association two = association(2);
        quiescence.retire(two);
        assertEquals(1, quiescence.reclaim());
        seal(two);
        assertThrows(IllegalStateException.class, () -> seal(one));
    }

    @Test
    @Timeout(30)
    void aRunningWorkerNeverMeetsADestroyedKey() throws InterruptedException {
        AtomicReferenceArray<Association> published = new AtomicReferenceArray<>(1);
        published.set(0, association(0));
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Quiescence.Worker worker = quiescence.register();
        Thread thread = new Thread(() -> {
            int turn = 0;
            while (!stop.get()) {
                worker.announce();
                seal(published.get(0));
                if (++turn % 3 == 0) {
                    worker.idle();
                }
            }
            worker.close();
        });
        thread.setUncaughtExceptionHandler((t, e) -> failure.set(e));
        thread.start();
        for (int i = 1; i <= 3_000 && failure.get() == null; i++) {
            quiescence.retire(published.getAndSet(0, association(i)));
        }
        stop.set(true);
        thread.join();
        assertNull(failure.get());
        assertEquals(0, quiescence.reclaim());
        assertTrue(published.get(0).sealedRecords() >= 0);
    }

    private void seal(Association association) {
        PacketBatch batch = new PacketBatch(1, 64);
        batch.addCopy(new byte[10]);
        protector.seal(batch, SLOT, 1, association);
        assertNull(batch.dropReason(0));
    }

    private static Association association(long seed) {
        return AssociationPair.withIds(AeadAlgorithm.AES_128_GCM, seed).client();
    }
}

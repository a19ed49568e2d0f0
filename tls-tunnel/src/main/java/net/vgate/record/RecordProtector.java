package net.vgate.record;

import java.util.function.LongSupplier;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;

/**
 * Seals and opens the records of a batch in place.
 *
 * <p>One instance per worker, run by that worker's thread only. Nothing of ours in here blocks, locks, logs or
 * allocates; what goes wrong with a record is a {@link DropReason}.
 */
public final class RecordProtector {
    private final AeadBatch records;
    private final RecordSealer sealer;
    private final RecordOpener opener;

    /**
     * @param capacity how many records one call of the AEAD takes
     * @param nonData gets what is no application data
     * @param nanoClock the clock of the process
     * @param worker whose it is: an association has a key for each
     */
    public RecordProtector(int capacity, NonDataRecords nonData, LongSupplier nanoClock, int worker) {
        this.records = new AeadBatch(capacity);
        this.sealer = new RecordSealer(records, worker);
        this.opener = new RecordOpener(records, nonData, nanoClock);
    }

    /**
     * Makes the packets in the given slots records of {@code association}, in order, and gives them its path. Slots
     * that are dropped already are skipped; drops are KEY_EXHAUSTED and TOO_BIG.
     *
     * @param slots indices into {@code batch}; the first {@code count} count
     */
    public void seal(PacketBatch batch, int[] slots, int count, Association association) {
        for (int from = 0; from < count; from += records.capacity()) {
            sealer.seal(batch, slots, from, Math.min(count, from + records.capacity()), association);
        }
    }

    /**
     * Makes the records of {@code association} in the given slots their plaintexts. Drops are NOT_A_RECORD,
     * WRONG_EPOCH, UNKNOWN_ASSOCIATION, REPLAY, AUTH_FAILED; records that are no application data are CONSUMED, or
     * dropped as CONTROL_QUEUE_FULL. The text of a dropped record may not be read any more.
     *
     * @param slots indices into {@code batch}; the first {@code count} count
     */
    public void open(PacketBatch batch, int[] slots, int count, Association association) {
        for (int from = 0; from < count; from += records.capacity()) {
            opener.open(batch, slots, from, Math.min(count, from + records.capacity()), association);
        }
    }
}

package net.vgate.record;

import java.nio.ByteBuffer;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;

/** The outbound half of {@link RecordProtector}. */
final class RecordSealer {
    private final AeadBatch records;
    private final int worker;

    RecordSealer(AeadBatch records, int worker) {
        this.records = records;
        this.worker = worker;
    }

    void seal(PacketBatch batch, int[] slots, int from, int to, Association association) {
        byte[] cid = association.ids().remote();
        int contentTypeBytes = RecordFormat.contentTypeBytes(cid.length);
        int count = 0;
        long textBytes = 0;
        for (int i = from; i < to; i++) {
            int slot = slots[i];
            if (!batch.isLive(slot)) {
                continue;
            }
            if (batch.length(slot) > RecordFormat.MAX_PLAINTEXT_BYTES) {
                batch.drop(slot, DropReason.TOO_BIG);
                continue;
            }
            count++;
            textBytes += batch.length(slot) + contentTypeBytes;
        }
        if (count == 0) {
            return;
        }
        long number = association.sequence().reserve(count, textBytes);
        if (number < 0) {
            dropAll(batch, slots, from, to);
            return;
        }
        records.begin(batch.slab());
        for (int i = from; i < to; i++) {
            if (batch.isLive(slots[i])) {
                frame(batch, slots[i], association, cid, number++);
            }
        }
        association.sealingKey(worker).seal(records);
    }

    private static void dropAll(PacketBatch batch, int[] slots, int from, int to) {
        for (int i = from; i < to; i++) {
            batch.drop(slots[i], DropReason.KEY_EXHAUSTED);
        }
    }

    /** Puts everything around the plaintext that the AEAD does not. */
    private void frame(PacketBatch batch, int slot, Association association, byte[] cid, long number) {
        ByteBuffer slab = batch.slab();
        int textAt = batch.offset(slot);
        int plaintextBytes = batch.length(slot);
        int textBytes = plaintextBytes + RecordFormat.contentTypeBytes(cid.length);
        int headerBytes = RecordFormat.HEADER_BYTES + cid.length;
        batch.pushHeader(slot, headerBytes + association.explicitNonceBytes());
        batch.setLength(slot, plaintextBytes + association.overheadBytes());

        int at = batch.offset(slot);
        long epochAndSequence = RecordFormat.protectedNumber(number);
        RecordFormat.writeHeader(
                slab, at, RecordFormat.APPLICATION_DATA, number, cid, batch.length(slot) - headerBytes);
        if (association.explicitNonceBytes() != 0) {
            slab.putLong(at + headerBytes, epochAndSequence);
        }
        if (cid.length != 0) {
            slab.put(textAt + plaintextBytes, (byte) RecordFormat.APPLICATION_DATA);
        }

        int record = records.add(slot, textAt, textBytes);
        ByteBuffer parameters = records.parameters();
        association.sealingIv().writeNonce(parameters, records.nonceOffset(record), epochAndSequence);
        int aadAt = records.aadOffset(record);
        records.setAadLength(
                record,
                cid.length == 0
                        ? RecordFormat.writeAad(
                                parameters, aadAt, RecordFormat.APPLICATION_DATA, epochAndSequence, textBytes)
                        : RecordFormat.writeCidAad(parameters, aadAt, epochAndSequence, cid, textBytes));

        association.address(batch, slot);
    }
}

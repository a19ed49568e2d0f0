package net.vgate.record;

import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import org.jspecify.annotations.Nullable;

/** The inbound half of {@link RecordProtector}. */
final class RecordOpener {
    private final AeadBatch records;
    private final NonDataRecords nonData;
    private final LongSupplier nanoClock;

    RecordOpener(AeadBatch records, NonDataRecords nonData, LongSupplier nanoClock) {
        this.records = records;
        this.nonData = nonData;
        this.nanoClock = nanoClock;
    }

    void open(PacketBatch batch, int[] slots, int from, int to, Association association) {
        records.begin(batch.slab());
        for (int i = from; i < to; i++) {
            int slot = slots[i];
            if (!batch.isLive(slot)) {
                continue;
            }
            DropReason reason = check(batch, slot, association);
            if (reason == null) {
                describe(batch, slot, association);
            } else {
                batch.drop(slot, reason);
            }
        }
        if (records.count() == 0) {
            return;
        }
        association.openingKey().open(records);
        commit(batch, association);
    }

    /** What can be said before authentication; nothing is changed by it but the count of replays. */
    private static @Nullable DropReason check(PacketBatch batch, int slot, Association association) {
        ByteBuffer slab = batch.slab();
        int at = batch.offset(slot);
        int length = batch.length(slot);
        ConnectionIds ids = association.ids();
        int cidBytes = ids.receivedBytes();
        int overhead = association.openOverheadBytes();
        if (length < overhead || length > overhead + RecordFormat.MAX_PLAINTEXT_BYTES) {
            return DropReason.NOT_A_RECORD;
        }
        int type = RecordFormat.contentType(slab, at);
        boolean typeFits = ids.received()
                ? type == RecordFormat.TLS12_CID
                : type >= RecordFormat.CHANGE_CIPHER_SPEC && type <= RecordFormat.APPLICATION_DATA;
        if (!typeFits || RecordFormat.version(slab, at) != RecordFormat.DTLS_1_2) {
            return DropReason.NOT_A_RECORD;
        }
        if (RecordFormat.epoch(slab, at) != RecordFormat.PROTECTED_EPOCH) {
            return DropReason.WRONG_EPOCH;
        }
        if (ids.received() && RecordFormat.localCid(slab, at) != ids.local()) {
            return DropReason.UNKNOWN_ASSOCIATION;
        }
        if (RecordFormat.length(slab, at, cidBytes) != length - RecordFormat.HEADER_BYTES - cidBytes) {
            return DropReason.NOT_A_RECORD;
        }
        if (!association.window().mayBeNew(RecordFormat.sequence(slab, at))) {
            association.countReplay();
            return DropReason.REPLAY;
        }
        return association.failedOpenings() < Association.MAX_FAILED_OPENINGS ? null : DropReason.KEY_EXHAUSTED;
    }

    private void describe(PacketBatch batch, int slot, Association association) {
        ByteBuffer slab = batch.slab();
        int at = batch.offset(slot);
        int cidBytes = association.ids().receivedBytes();
        int explicitAt = at + RecordFormat.HEADER_BYTES + cidBytes;
        int textAt = explicitAt + association.explicitNonceBytes();
        int textBytes = at + batch.length(slot) - AeadBatch.TAG_BYTES - textAt;
        long epochAndSequence = RecordFormat.epochAndSequence(slab, at);

        int record = records.add(slot, textAt, textBytes);
        ByteBuffer parameters = records.parameters();
        // With AES-GCM the sender may choose any, though it would be mad to.
        long number = association.explicitNonceBytes() == 0 ? epochAndSequence : slab.getLong(explicitAt);
        association.openingIv().writeNonce(parameters, records.nonceOffset(record), number);
        int aadAt = records.aadOffset(record);
        records.setAadLength(
                record,
                cidBytes == 0
                        ? RecordFormat.writeAad(
                                parameters, aadAt, RecordFormat.contentType(slab, at), epochAndSequence, textBytes)
                        : RecordFormat.writeCidAad(
                                parameters, aadAt, epochAndSequence, association.openingCid(), textBytes));
    }

    private void commit(PacketBatch batch, Association association) {
        long opened = 0;
        long bytes = 0;
        int newest = PacketBatch.NONE;
        for (int record = 0; record < records.count(); record++) {
            int slot = records.slot(record);
            if (records.isFailed(record)) {
                association.countFailed();
                batch.drop(slot, DropReason.AUTH_FAILED);
                continue;
            }
            // A record twice in one batch passed the check twice.
            long sequence = RecordFormat.sequence(batch.slab(), batch.offset(slot));
            boolean isNewest = association.window().isNewest(sequence);
            if (!association.window().commit(sequence)) {
                association.countReplay();
                batch.drop(slot, DropReason.REPLAY);
                continue;
            }
            newest = isNewest ? slot : newest;
            opened++;
            bytes += strip(batch, slot, record, association);
        }
        if (opened != 0) {
            association.countOpened(opened, bytes, nanoClock.getAsLong());
        }
        if (newest != PacketBatch.NONE) {
            association.cameFrom(batch.local(newest), batch.addresses(), batch.addressOffset(newest));
        }
    }

    /** Leaves the plaintext of application data in the slot, and hands on everything else. Returns its length. */
    private int strip(PacketBatch batch, int slot, int record, Association association) {
        ByteBuffer slab = batch.slab();
        int textAt = records.textOffset(record);
        int length = records.textLength(record);
        int type = RecordFormat.contentType(slab, batch.offset(slot));
        if (type == RecordFormat.TLS12_CID) {
            // RFC 9146 section 4: the last byte that is not zero is the content type, zeroes after it are padding.
            do {
                length--;
            } while (length >= 0 && slab.get(textAt + length) == 0);
            if (length < 0) {
                batch.drop(slot, DropReason.NOT_A_RECORD);
                return 0;
            }
            type = slab.get(textAt + length) & 0xff;
        }
        batch.popHeader(slot, textAt - batch.offset(slot));
        batch.setLength(slot, length);
        if (type != RecordFormat.APPLICATION_DATA) {
            boolean taken = nonData.offer(association, type, batch.copyOut(slot));
            batch.drop(slot, taken ? DropReason.CONSUMED : DropReason.CONTROL_QUEUE_FULL);
        }
        return length;
    }
}

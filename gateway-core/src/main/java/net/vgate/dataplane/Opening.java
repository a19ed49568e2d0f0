package net.vgate.dataplane;

import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.record.Association;
import net.vgate.record.AssociationTable;
import net.vgate.record.RecordFormat;
import net.vgate.record.RecordProtector;
import org.jspecify.annotations.Nullable;

/**
 * Finds the association of each datagram and opens the records of one association together. What belongs to handshakes
 * goes to control.
 */
final class Opening {
    private final AssociationTable table;
    private final RecordProtector protector;
    private final ControlSink control;
    private final @Nullable Association[] associations;
    private final boolean[] isOpened;
    private final SlotList slots;
    private final int worker;

    Opening(AssociationTable table, RecordProtector protector, ControlSink control, int capacity, int worker) {
        this.worker = worker;
        this.table = table;
        this.protector = protector;
        this.control = control;
        this.associations = new Association[capacity];
        this.isOpened = new boolean[capacity];
        this.slots = new SlotList(capacity);
    }

    /** Finds associations, and the sites that their peers proved to be of. */
    void find(PacketBatch batch, DataplanePlan plan) {
        for (int slot = 0; slot < batch.size(); slot++) {
            find(batch, slot, plan);
        }
    }

    /** The same for some slots that were opened, and are datagrams again; {@link #open} then opens these. */
    void findAgain(PacketBatch batch, SlotList again, DataplanePlan plan) {
        for (int i = 0; i < again.count(); i++) {
            find(batch, again.array()[i], plan);
        }
    }

    private void find(PacketBatch batch, int slot, DataplanePlan plan) {
        associations[slot] = null;
        isOpened[slot] = !batch.isLive(slot);
        if (!isOpened[slot]) {
            find(batch, slot);
        }
        Association found = associations[slot];
        if (found != null) {
            batch.setSite(slot, plan.siteNumber(found.peer().site()));
        }
    }

    private void find(PacketBatch batch, int slot) {
        int at = batch.offset(slot);
        int bytes = batch.length(slot);
        if (bytes < RecordFormat.HEADER_BYTES) {
            batch.drop(slot, DropReason.NOT_A_RECORD);
        } else if (!RecordFormat.isProtected(batch.slab(), at, bytes)) {
            handToHandshake(batch, slot);
        } else if (RecordFormat.contentType(batch.slab(), at) == RecordFormat.TLS12_CID) {
            findByConnectionId(batch, slot, at, bytes);
        } else {
            associations[slot] = table.find(batch, slot);
            if (associations[slot] == null) {
                // A peer without connection ID that is still shaking hands: the pool knows its address, or drops it.
                handToHandshake(batch, slot);
            }
        }
    }

    private void findByConnectionId(PacketBatch batch, int slot, int at, int bytes) {
        if (bytes < RecordFormat.HEADER_BYTES + RecordFormat.LOCAL_CID_BYTES) {
            batch.drop(slot, DropReason.NOT_A_RECORD);
            return;
        }
        long cid = RecordFormat.localCid(batch.slab(), at);
        if (table.steering().workerOf(cid) != worker && table.find(cid) != null) {
            // It came by a socket that is none of its ways; the worker whose window it is must not be disturbed.
            batch.drop(slot, DropReason.UNKNOWN_ASSOCIATION);
            return;
        }
        associations[slot] = table.find(cid);
        if (associations[slot] == null) {
            if (table.isHandshaking(cid)) {
                handToHandshake(batch, slot);
            } else {
                batch.drop(slot, DropReason.UNKNOWN_ASSOCIATION);
            }
        }
    }

    private void handToHandshake(PacketBatch batch, int slot) {
        if (!mayBeHandshake(batch, slot)) {
            batch.drop(slot, DropReason.NOT_A_RECORD);
        } else {
            boolean taken = control.handshake(batch, slot);
            batch.drop(slot, taken ? DropReason.CONSUMED : DropReason.CONTROL_QUEUE_FULL);
        }
    }

    private static boolean mayBeHandshake(PacketBatch batch, int slot) {
        int at = batch.offset(slot);
        int type = RecordFormat.contentType(batch.slab(), at);
        int version = RecordFormat.version(batch.slab(), at);
        boolean isKnownType = type == RecordFormat.TLS12_CID
                || (type >= RecordFormat.CHANGE_CIPHER_SPEC && type <= RecordFormat.APPLICATION_DATA);
        boolean isDtls = version == RecordFormat.DTLS_1_2 || version == RecordFormat.DTLS_1_0;
        return isKnownType && isDtls && batch.length(slot) <= RecordFormat.MAX_PLAINTEXT_BYTES;
    }

    /** Opens every record that has an association. */
    void open(PacketBatch batch) {
        for (int first = 0; first < batch.size(); first++) {
            Association association = associations[first];
            if (isOpened[first] || association == null) {
                continue;
            }
            slots.clear();
            for (int slot = first; slot < batch.size(); slot++) {
                if (!isOpened[slot] && associations[slot] == association) {
                    isOpened[slot] = true;
                    slots.add(slot);
                }
            }
            protector.open(batch, slots.array(), slots.count(), association);
            if (association.takeNotedElsewhere()) {
                control.seenElsewhere(association);
            }
        }
    }

    /** The associations by slot, as {@link #find} found them; borrowed. */
    @Nullable
    Association[] associations() {
        return associations;
    }

    /** The association of a slot that {@link #open} left live. */
    Association association(int slot) {
        Association association = associations[slot];
        if (association == null) {
            throw new IllegalStateException("slot " + slot + " has no association");
        }
        return association;
    }
}

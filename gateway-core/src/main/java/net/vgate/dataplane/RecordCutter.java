package net.vgate.dataplane;

import net.vgate.packet.PacketBatch;

/**
 * Finds the records in the datagrams of a batch: each datagram is one, but for those that the kernel put together of
 * equal ones (UDP_GRO, udp(7)). Records stay where they are.
 */
final class RecordCutter {
    private final PacketBatch datagrams;
    private final PacketBatch records;
    private int slot;
    private int at;

    RecordCutter(PacketBatch datagrams, PacketBatch records) {
        this.datagrams = datagrams;
        this.records = records;
    }

    /** Other datagrams are in the batch. */
    void begin() {
        slot = 0;
        at = 0;
    }

    /** Fills the batch of records with the next ones. False when there are none. */
    boolean cut() {
        records.clear();
        for (; slot < datagrams.size(); slot++, at = 0) {
            if (!datagrams.isLive(slot)) {
                continue;
            }
            int start = datagrams.offset(slot);
            int bytes = datagrams.length(slot);
            int recordBytes = datagrams.gsoSize(slot) > 0 ? datagrams.gsoSize(slot) : bytes;
            do {
                if (records.remaining() == 0) {
                    return true;
                }
                int length = Math.min(recordBytes, bytes - at);
                records.addView(datagrams, slot, start + at, length);
                at += length;
            } while (at < bytes);
        }
        return records.size() > 0;
    }
}

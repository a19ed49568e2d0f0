package net.vgate.dataplane;

import net.vgate.packet.PacketBatch;

/**
 * How much the batches of a worker hold.
 *
 * @param datagrams inbound, of one receive; each may be many records that the kernel put into one
 * @param packets outbound, of one turn
 * @param packetBytes room for them
 * @param records inbound, that pass the stages together; outbound, of one send
 * @param recordBytes room for those of one send; what does not fit is sent next
 * @param errors packet-too-big messages of one turn
 */
record BatchSizes(int datagrams, int packets, int packetBytes, int records, int recordBytes, int errors) {
    /** Outbound there is room for four super-packets, or what small packets amount to, and the records of these. */
    static final BatchSizes OF_TRAFFIC = new BatchSizes(64, 128, 4 * PacketBatch.MAX_ROOM_BYTES, 512, 640 << 10, 64);

    /** For some packets: 0.3 MB of native memory in place of 5. */
    static final BatchSizes SMALL = new BatchSizes(2, 16, 2 * PacketBatch.MAX_ROOM_BYTES, 64, 64 << 10, 1);
}

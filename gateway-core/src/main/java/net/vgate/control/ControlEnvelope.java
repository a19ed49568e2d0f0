package net.vgate.control;

import net.vgate.encap.Geneve;
import net.vgate.packet.PacketBatch;

/** Puts control messages into Geneve: V-net number 0, O bit set. One thread's. */
final class ControlEnvelope {
    private static final int MAX_MESSAGE_BYTES = PacketBatch.MAX_PACKET_BYTES - Geneve.BYTES;

    private final PacketBatch batch = new PacketBatch(1, MAX_MESSAGE_BYTES);

    /** The payload of a record that carries {@code message}. */
    byte[] wrap(byte[] message) {
        batch.clear();
        int slot = batch.addCopy(message);
        Geneve.push(batch, slot, 0, Geneve.CONTROL, true);
        return batch.copyOut(slot);
    }
}

package net.vgate.control;

import net.vgate.encap.Geneve;
import net.vgate.packet.PacketBatch;

/** Puts what control sends into Geneve. One thread's. */
final class ControlEnvelope {
    private static final int MAX_MESSAGE_BYTES = PacketBatch.MAX_PACKET_BYTES - Geneve.BYTES;

    private final PacketBatch batch = new PacketBatch(1, MAX_MESSAGE_BYTES);

    /** The payload of a record that carries {@code message}: V-net number 0, O bit set. */
    byte[] wrap(byte[] message) {
        return wrap(message, 0, Geneve.CONTROL, true);
    }

    /**
     * The payload of a record that carries a packet of a V-net.
     *
     * @param type {@link Geneve#IPV4} or {@link Geneve#IPV6}
     */
    byte[] wrapPacket(byte[] packet, int vni, int type) {
        return wrap(packet, vni, type, false);
    }

    private byte[] wrap(byte[] content, int vni, int type, boolean isControl) {
        batch.clear();
        int slot = batch.addCopy(content);
        Geneve.push(batch, slot, vni, type, isControl);
        return batch.copyOut(slot);
    }
}

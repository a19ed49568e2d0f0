package net.vgate.dataplane;

import net.vgate.attachment.DeviceException;
import net.vgate.attachment.PacketDevice;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;

/** Hands packets to the devices of their V-nets, one call for each V-net that a batch has packets of, in order. */
final class Delivery {
    private final SlotList slots;
    private final boolean[] taken;
    private final int worker;

    Delivery(int capacity, int worker) {
        this.worker = worker;
        slots = new SlotList(capacity);
        taken = new boolean[capacity];
    }

    /** Delivers every live packet whose site is {@code site}. What the device refuses is marked. */
    void deliver(PacketBatch batch, DataplanePlan plan, int site) {
        for (int slot = 0; slot < batch.size(); slot++) {
            taken[slot] = !batch.isLive(slot) || batch.site(slot) != site;
        }
        deliverUntaken(batch, plan);
    }

    /** Delivers every live packet. What the device refuses is marked. */
    void deliver(PacketBatch batch, DataplanePlan plan) {
        for (int slot = 0; slot < batch.size(); slot++) {
            taken[slot] = !batch.isLive(slot);
        }
        deliverUntaken(batch, plan);
    }

    private void deliverUntaken(PacketBatch batch, DataplanePlan plan) {
        for (int first = 0; first < batch.size(); first++) {
            if (taken[first]) {
                continue;
            }
            int vnet = batch.vnet(first);
            slots.clear();
            for (int slot = first; slot < batch.size(); slot++) {
                if (!taken[slot] && batch.vnet(slot) == vnet) {
                    taken[slot] = true;
                    slots.add(slot);
                }
            }
            write(batch, plan.device(vnet).queue(worker));
        }
    }

    private void write(PacketBatch batch, PacketDevice device) {
        try {
            device.writeBatch(batch, slots.array(), slots.count());
        } catch (DeviceException broken) {
            // Whoever reads the device finds it broken, too, and tells control; other V-nets' packets go on.
            for (int i = 0; i < slots.count(); i++) {
                batch.drop(slots.array()[i], DropReason.DEVICE_ERROR);
            }
        }
    }
}

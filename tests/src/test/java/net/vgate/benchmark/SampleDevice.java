package net.vgate.benchmark;

import net.vgate.attachment.Offload;
import net.vgate.attachment.PacketDevice;
import net.vgate.packet.PacketBatch;

/** A device whose members send the same packets over and over, a batch each time that they are asked to. */
final class SampleDevice implements PacketDevice {
    private final byte[][] packets;
    private int offered;
    private int next;
    private long delivered;

    /** @param packets none is a device where nobody sends */
    SampleDevice(byte[]... packets) {
        this.packets = packets;
    }

    /** Lets members send {@code count} packets. */
    void offer(int count) {
        offered += count;
    }

    /** How many packets members have received. */
    long delivered() {
        return delivered;
    }

    @Override
    public int readBatch(PacketBatch batch, int packetLimit, int byteLimit) {
        int read = Math.min(offered, packetLimit);
        for (int i = 0; i < read; i++) {
            batch.addCopy(packets[next]);
            next = next + 1 == packets.length ? 0 : next + 1;
        }
        offered -= read;
        return read;
    }

    @Override
    public void writeBatch(PacketBatch batch, int[] slots, int count) {
        for (int i = 0; i < count; i++) {
            delivered += batch.parts(slots[i]);
        }
    }

    @Override
    public String name() {
        return "sample";
    }

    @Override
    public Offload tso() {
        return Offload.ON;
    }

    @Override
    public Offload uso() {
        return Offload.ON;
    }

    @Override
    public Offload merge() {
        return Offload.ON;
    }

    @Override
    public int descriptor() {
        return -1;
    }

    @Override
    public void close() {}
}

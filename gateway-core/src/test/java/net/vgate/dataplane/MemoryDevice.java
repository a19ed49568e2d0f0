package net.vgate.dataplane;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import net.vgate.attachment.Offload;
import net.vgate.attachment.PacketDevice;
import net.vgate.offload.Segmenter;
import net.vgate.offload.SuperPacket;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;

/** A device whose members are the test: what they send is offered, and what they would receive is kept. */
final class MemoryDevice implements PacketDevice {
    private final Deque<Offered> offered = new ArrayDeque<>();
    private final List<byte[]> delivered = new ArrayList<>();
    private final PacketBatch whole = PacketBatch.packed(1, PacketBatch.MAX_ROOM_BYTES);
    private final PacketBatch cut = PacketBatch.packed(2_000, 4 << 20);
    private final Segmenter segmenter = new Segmenter(whole);
    private int superPackets;

    private static final class Offered {
        final byte[] packet;
        final GsoType type;
        final int segmentBytes;

        Offered(byte[] packet, GsoType type, int segmentBytes) {
            this.packet = packet;
            this.type = type;
            this.segmentBytes = segmentBytes;
        }
    }

    /** A member sends a packet whose checksum is left to the network card. */
    void offer(byte[] packet, GsoType type, int segmentBytes) {
        offered.add(new Offered(packet, type, segmentBytes));
    }

    /** A member sends a packet as it is. */
    void offer(byte[] packet) {
        offered.add(new Offered(packet, GsoType.NONE, 0));
    }

    boolean hasOffers() {
        return !offered.isEmpty();
    }

    /** The packets that members received, as they are on a wire. */
    List<byte[]> delivered() {
        return delivered;
    }

    /** How many super-packets were delivered. */
    int superPackets() {
        return superPackets;
    }

    @Override
    public int readBatch(PacketBatch batch, int packetLimit, int byteLimit) {
        int packets = 0;
        int bytes = 0;
        while (!offered.isEmpty()
                && packets < packetLimit
                && bytes < byteLimit
                && batch.hasRoom(PacketBatch.MAX_PACKET_BYTES)) {
            Offered next = offered.remove();
            int slot = batch.addCopy(next.packet);
            if (next.segmentBytes > 0) {
                batch.setChecksumState(slot, ChecksumState.PARTIAL);
                batch.setGso(slot, next.type, next.type == GsoType.NONE ? 0 : next.segmentBytes);
            }
            bytes += next.packet.length;
            packets++;
        }
        return packets;
    }

    @Override
    public void writeBatch(PacketBatch batch, int[] slots, int count) {
        for (int i = 0; i < count; i++) {
            superPackets += batch.parts(slots[i]) > 1 ? 1 : 0;
            delivered.addAll(onTheWire(batch, slots[i]));
        }
    }

    private List<byte[]> onTheWire(PacketBatch batch, int slot) {
        whole.clear();
        int bytes = 0;
        for (int piece = slot; piece != PacketBatch.NONE; piece = batch.next(piece)) {
            bytes += batch.length(piece);
        }
        int copy = whole.add(bytes);
        int at = whole.offset(copy);
        for (int piece = slot; piece != PacketBatch.NONE; piece = batch.next(piece)) {
            whole.slab().put(at, batch.copyOut(piece));
            at += batch.length(piece);
        }
        whole.setChecksumState(copy, batch.checksumState(slot));
        whole.setGso(copy, batch.gsoType(slot), batch.gsoSize(slot));
        return cut(copy);
    }

    private List<byte[]> cut(int slot) {
        if (whole.inner().parse(slot) != null || SuperPacket.count(whole, slot) != null) {
            throw new AssertionError("what is written is no packet");
        }
        cut.clear();
        segmenter.begin(whole, slot, false);
        if (!segmenter.cutInto(cut, 0, 0)) {
            throw new AssertionError("too many packets");
        }
        List<byte[]> packets = new ArrayList<>();
        for (int packet = 0; packet < cut.size(); packet++) {
            packets.add(cut.copyOut(packet));
        }
        return packets;
    }

    /** The packets that one offered super-packet is, complete. */
    List<byte[]> cut(byte[] packet, GsoType type, int segmentBytes) {
        whole.clear();
        int slot = whole.addCopy(packet);
        whole.setChecksumState(slot, ChecksumState.PARTIAL);
        whole.setGso(slot, type, segmentBytes);
        return cut(slot);
    }

    @Override
    public String name() {
        return "memory";
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

package net.vgate.dataplane;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.GsoType;
import net.vgate.tunnel.DatagramPort;

/** One end of a wire in memory, which may hand in datagrams of one size as one, as UDP_GRO does. */
final class MemoryWire implements DatagramPort {
    private static final int MAX_DATAGRAMS = 64;

    private final Deque<byte[]> arriving = new ArrayDeque<>();
    private final InetSocketAddress address;
    private final boolean coalesces;
    private MemoryWire other = this;
    private int largest;

    MemoryWire(InetSocketAddress address, boolean coalesces) {
        this.address = address;
        this.coalesces = coalesces;
    }

    static void join(MemoryWire a, MemoryWire b) {
        a.other = b;
        b.other = a;
    }

    InetSocketAddress address() {
        return address;
    }

    /** Size of the largest datagram that was sent from here. */
    int largest() {
        return largest;
    }

    boolean isEmpty() {
        return arriving.isEmpty();
    }

    @Override
    public boolean receiveBatch(PacketBatch batch, int local) {
        while (local == LISTEN && !arriving.isEmpty() && batch.remaining() > 0) {
            List<byte[]> together = takeTogether();
            int bytes = together.stream().mapToInt(datagram -> datagram.length).sum();
            int slot = batch.add(bytes);
            int at = batch.offset(slot);
            for (byte[] datagram : together) {
                batch.slab().put(at, datagram);
                at += datagram.length;
            }
            if (together.size() > 1) {
                batch.setGso(slot, GsoType.UDP, together.get(0).length);
                batch.setParts(slot, together.size());
            }
            batch.setLocal(slot, LISTEN);
            OuterAddress.write(batch.addresses(), batch.addressOffset(slot), other.address);
        }
        return false;
    }

    private List<byte[]> takeTogether() {
        List<byte[]> together = new ArrayList<>(List.of(arriving.remove()));
        int size = together.get(0).length;
        int bytes = size;
        while (coalesces
                && !arriving.isEmpty()
                && together.size() < MAX_DATAGRAMS
                && arriving.element().length <= size
                && bytes + arriving.element().length <= PacketBatch.MAX_PACKET_BYTES) {
            byte[] next = arriving.remove();
            together.add(next);
            bytes += next.length;
            if (next.length < size) {
                break;
            }
        }
        return together;
    }

    @Override
    public int sendBatch(PacketBatch batch) {
        int count = 0;
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot)) {
                other.arriving.add(batch.copyOut(slot));
                largest = Math.max(largest, batch.length(slot));
                count++;
            }
        }
        return count;
    }

    @Override
    public void send(int local, byte[] datagram, int offset, int length, InetSocketAddress to) {
        throw new AssertionError("control sends nothing here");
    }
}

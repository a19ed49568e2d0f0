package net.vgate.dataplane;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.IntUnaryOperator;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.GsoType;
import net.vgate.tunnel.DatagramPort;

/** One end of a wire in memory, which may hand in datagrams of one size as one, as UDP_GRO does. */
final class MemoryWire implements DatagramPort {
    private static final int MAX_DATAGRAMS = 64;

    private final Deque<Datagram> arriving = new ArrayDeque<>();
    private final InetSocketAddress address;
    private final boolean coalesces;
    private MemoryWire other = this;
    private IntUnaryOperator router = trafficClass -> trafficClass;
    private int largest;

    /** What is on its way, with the outer header's traffic class. */
    private static final class Datagram {
        private final byte[] bytes;
        private final int trafficClass;

        Datagram(byte[] bytes, int trafficClass) {
            this.bytes = bytes;
            this.trafficClass = trafficClass;
        }
    }

    MemoryWire(InetSocketAddress address, boolean coalesces) {
        this.address = address;
        this.coalesces = coalesces;
    }

    static void join(MemoryWire a, MemoryWire b) {
        a.other = b;
        b.other = a;
    }

    /** From now on {@code change} is what becomes of the traffic class of each datagram that is sent from here. */
    void route(IntUnaryOperator change) {
        router = change;
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
            List<Datagram> together = takeTogether();
            int bytes = together.stream()
                    .mapToInt(datagram -> datagram.bytes.length)
                    .sum();
            int slot = batch.add(bytes);
            int at = batch.offset(slot);
            for (Datagram datagram : together) {
                batch.slab().put(at, datagram.bytes);
                at += datagram.bytes.length;
            }
            if (together.size() > 1) {
                batch.setGso(slot, GsoType.UDP, together.get(0).bytes.length);
                batch.setParts(slot, together.size());
            }
            batch.setLocal(slot, LISTEN);
            batch.setTrafficClass(slot, together.get(0).trafficClass);
            OuterAddress.write(batch.addresses(), batch.addressOffset(slot), other.address);
        }
        return false;
    }

    private List<Datagram> takeTogether() {
        List<Datagram> together = new ArrayList<>(List.of(arriving.remove()));
        int trafficClass = together.get(0).trafficClass;
        int size = together.get(0).bytes.length;
        int bytes = size;
        while (coalesces
                && !arriving.isEmpty()
                && together.size() < MAX_DATAGRAMS
                && arriving.element().trafficClass == trafficClass
                && arriving.element().bytes.length <= size
                && bytes + arriving.element().bytes.length <= PacketBatch.MAX_PACKET_BYTES) {
            Datagram next = arriving.remove();
            together.add(next);
            bytes += next.bytes.length;
            if (next.bytes.length < size) {
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
                other.arriving.add(new Datagram(batch.copyOut(slot), router.applyAsInt(batch.trafficClass(slot))));
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

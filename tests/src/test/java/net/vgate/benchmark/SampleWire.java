package net.vgate.benchmark;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.tunnel.DatagramPort;

/** One end of a wire in memory. Each datagram is copied once when it is sent and once when it comes. */
final class SampleWire implements DatagramPort {
    private static final int DATAGRAMS = 512;
    private static final int DATAGRAM_BYTES = 512;

    private final PacketBatch arriving = PacketBatch.packed(DATAGRAMS, DATAGRAMS * DATAGRAM_BYTES);
    private final ByteBuffer rawAddress = ByteBuffer.allocateDirect(PacketBatch.ADDRESS_BYTES);
    private final InetSocketAddress address;
    private SampleWire other = this;
    private int received;

    SampleWire(int port) {
        address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        OuterAddress.write(rawAddress, 0, address);
    }

    static void join(SampleWire a, SampleWire b) {
        a.other = b;
        b.other = a;
    }

    InetSocketAddress address() {
        return address;
    }

    @Override
    public boolean receiveBatch(PacketBatch batch, int local) {
        if (local != LISTEN) {
            return false;
        }
        while (received < arriving.size() && batch.remaining() > 0) {
            int bytes = arriving.length(received);
            int slot = batch.add(bytes);
            batch.slab().put(batch.offset(slot), arriving.slab(), arriving.offset(received), bytes);
            batch.setLocal(slot, LISTEN);
            OuterAddress.copy(other.rawAddress, 0, batch.addresses(), batch.addressOffset(slot));
            received++;
        }
        boolean isMore = received < arriving.size();
        if (!isMore) {
            arriving.clear();
            received = 0;
        }
        return isMore;
    }

    @Override
    public int sendBatch(PacketBatch batch) {
        PacketBatch to = other.arriving;
        int sent = 0;
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot)) {
                int bytes = batch.length(slot);
                int copy = to.add(bytes);
                to.slab().put(to.offset(copy), batch.slab(), batch.offset(slot), bytes);
                sent++;
            }
        }
        return sent;
    }

    @Override
    public void send(int local, byte[] datagram, int offset, int length, InetSocketAddress to) {
        throw new AssertionError("control sends nothing here");
    }
}

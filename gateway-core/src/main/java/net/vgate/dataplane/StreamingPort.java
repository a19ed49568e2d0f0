package net.vgate.dataplane;

import java.net.InetSocketAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.tunnel.DatagramPort;

/** The sockets of a worker, and the streams and relays beside them. */
public final class StreamingPort implements DatagramPort {
    private final DatagramPort sockets;
    private final StreamExchange streams;
    private final RelayExchange relays;
    private final int worker;

    public StreamingPort(DatagramPort sockets, StreamExchange streams, RelayExchange relays, int worker) {
        this.sockets = sockets;
        this.streams = streams;
        this.relays = relays;
        this.worker = worker;
    }

    @Override
    public int[] locals() {
        return sockets.locals();
    }

    @Override
    public boolean isStreamReady() {
        return streams.isReady(worker) || relays.isReady(worker);
    }

    @Override
    public boolean receiveBatch(PacketBatch batch, int local) {
        if (local != STREAM) {
            return sockets.receiveBatch(batch, local);
        }
        boolean mayBeMore = streams.receive(worker, batch);
        return relays.receive(worker, batch) || mayBeMore;
    }

    @Override
    public int sendBatch(PacketBatch batch) {
        return sockets.sendBatch(batch) + streams.send(batch);
    }

    @Override
    public void send(int local, byte[] datagram, int offset, int length, InetSocketAddress to) {
        if (local == STREAM) {
            streams.send(datagram, offset, length, to);
        } else if (local == RELAY) {
            relays.send(datagram, offset, length, to, this);
        } else {
            sockets.send(local, datagram, offset, length, to);
        }
    }
}

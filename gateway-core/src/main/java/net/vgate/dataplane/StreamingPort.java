package net.vgate.dataplane;

import java.net.InetSocketAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.tunnel.DatagramPort;

/** The sockets of a worker, and the streams beside them. */
public final class StreamingPort implements DatagramPort {
    private final DatagramPort sockets;
    private final StreamExchange streams;
    private final int worker;

    public StreamingPort(DatagramPort sockets, StreamExchange streams, int worker) {
        this.sockets = sockets;
        this.streams = streams;
        this.worker = worker;
    }

    @Override
    public int[] locals() {
        return sockets.locals();
    }

    @Override
    public boolean isStreamReady() {
        return streams.isReady(worker);
    }

    @Override
    public boolean receiveBatch(PacketBatch batch, int local) {
        return local == STREAM ? streams.receive(worker, batch) : sockets.receiveBatch(batch, local);
    }

    @Override
    public int sendBatch(PacketBatch batch) {
        return sockets.sendBatch(batch) + streams.send(batch);
    }

    @Override
    public void send(int local, byte[] datagram, int offset, int length, InetSocketAddress to) {
        if (local == STREAM) {
            streams.send(datagram, offset, length, to);
        } else {
            sockets.send(local, datagram, offset, length, to);
        }
    }
}

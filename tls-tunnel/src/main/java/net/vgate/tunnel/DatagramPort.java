package net.vgate.tunnel;

import java.net.InetSocketAddress;
import net.vgate.packet.PacketBatch;

/**
 * Seam: the gateway's outer side, one or more local UDP sockets. A datagram's slot says by which of them it came or
 * goes ({@link PacketBatch#local}); its outer address is the slot's in {@link PacketBatch#addresses()}.
 *
 * <p><b>Threading.</b> The batch methods belong to one worker thread; {@link #send} may be called by any thread.
 */
public interface DatagramPort {
    /** The socket that peers are told of: server role. */
    int LISTEN = 0;

    /**
     * The socket of handshakes that we start: client role, a port of its own, so that both may begin at once. In a
     * slot, and for {@link #send}, that of the worker with number {@code i} is {@code CONNECT + i}.
     */
    int CONNECT = 1;

    /**
     * In place of a socket, the streams that carry datagrams where UDP does not pass; the outer address of such a
     * datagram names the stream. No number of a socket is as large.
     */
    int STREAM = 1 << 16;

    /**
     * Appends what has arrived at the socket {@code local} to {@code batch}, at most what fits and what is worth one
     * turn; never waits.
     *
     * @return whether more may be waiting
     */
    boolean receiveBatch(PacketBatch batch, int local);

    /** Whether datagrams wait at {@link #STREAM}, which has no descriptor of its own. The worker's thread. */
    default boolean isStreamReady() {
        return false;
    }

    /** The same for both sockets. Returns how many datagrams there were. */
    default int receiveBatch(PacketBatch batch) {
        int before = batch.size();
        receiveBatch(batch, LISTEN);
        receiveBatch(batch, CONNECT);
        return batch.size() - before;
    }

    /**
     * Sends every live packet of {@code batch}, in order; never waits. What the kernel does not take is marked dropped
     * (QUEUE_FULL, TOO_BIG, DEVICE_ERROR). Returns how many were taken.
     */
    int sendBatch(PacketBatch batch);

    /**
     * Sends one datagram for control; what the kernel does not take is lost, as any datagram may be.
     *
     * @param local the socket, {@link #LISTEN} or {@link #CONNECT} and more
     */
    void send(int local, byte[] datagram, int offset, int length, InetSocketAddress to);
}

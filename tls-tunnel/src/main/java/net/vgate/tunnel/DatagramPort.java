package net.vgate.tunnel;

import java.net.InetSocketAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.record.Association;

/**
 * Seam: the gateway's outer side, local UDP sockets with a number each. A datagram's slot says by which of them it came
 * or goes ({@link PacketBatch#local}); its outer address is the slot's in {@link PacketBatch#addresses()}.
 *
 * <pre>
 * LISTEN + i                                 listens on the i-th address and port of listen.udp, for all workers
 * CONNECT + worker * MAX_ADDRESSES + a       calls from the a-th distinct address among them, for one worker
 * STREAM                                     no socket, see there
 * </pre>
 *
 * <p><b>Threading.</b> The batch methods belong to one worker thread; {@link #send} may be called by any thread.
 */
public interface DatagramPort {
    /** How many addresses and ports may be listened on, and so how many distinct addresses may be called from. */
    int MAX_ADDRESSES = 8;

    /** The first of the sockets that peers are told of: server role. */
    int LISTEN = 0;

    /**
     * The first of the sockets of handshakes that we start: client role, ports of their own, so that both may begin at
     * once.
     */
    int CONNECT = LISTEN + MAX_ADDRESSES;

    /**
     * In place of a socket, the streams that carry datagrams where UDP does not pass; the outer address of such a
     * datagram names the stream. No number of a socket is as large.
     */
    int STREAM = Association.Path.STREAM;

    /** The socket by which {@code worker} calls from our distinct address number {@code address}. */
    static int connect(int worker, int address) {
        return CONNECT + worker * MAX_ADDRESSES + address;
    }

    /** Whose socket {@code local} is, of those from which we call. */
    static int workerOf(int local) {
        return (local - CONNECT) / MAX_ADDRESSES;
    }

    /** Whether {@code local} is a socket that peers are told of. */
    static boolean isListening(int local) {
        return local < CONNECT;
    }

    /**
     * The numbers of the sockets that the worker receives by, at least the first of each kind, in ascending order; not
     * to be changed.
     */
    default int[] locals() {
        return new int[] {LISTEN, CONNECT};
    }

    /**
     * In place of a socket, the relays that pass datagrams on; the outer address of such a datagram names relay and far
     * gateway.
     */
    int RELAY = STREAM + 1;

    /**
     * Appends what has arrived at the socket {@code local} to {@code batch}, at most what fits and what is worth one
     * turn; never waits.
     *
     * @param local one of {@link #locals}, or {@link #STREAM}
     * @return whether more may be waiting
     */
    boolean receiveBatch(PacketBatch batch, int local);

    /**
     * Whether datagrams wait at {@link #STREAM}, which has no descriptor of its own; with it are fetched those of
     * {@link #RELAY} that another worker has handed over. The worker's thread.
     */
    default boolean isStreamReady() {
        return false;
    }

    /** The same for all of the worker's sockets. Returns how many datagrams there were. */
    default int receiveBatch(PacketBatch batch) {
        int before = batch.size();
        for (int local : locals()) {
            receiveBatch(batch, local);
        }
        return batch.size() - before;
    }

    /**
     * Sends every live packet of {@code batch}, in order; never waits. What the kernel does not take is marked dropped
     * (QUEUE_FULL, TOO_BIG, DEVICE_ERROR). Returns how many were taken.
     */
    int sendBatch(PacketBatch batch);

    /**
     * Sends one datagram for control; what the kernel does not take, for want of a route for instance, is lost, as any
     * datagram may be.
     *
     * @param local any socket's number, also another worker's
     */
    void send(int local, byte[] datagram, int offset, int length, InetSocketAddress to);
}

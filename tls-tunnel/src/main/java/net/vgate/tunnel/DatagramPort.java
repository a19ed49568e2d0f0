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

    /** The socket of handshakes that we start: client role, a port of its own, so that both may begin at once. */
    int CONNECT = 1;

    /** Appends what has arrived to {@code batch}, at most what fits; never waits. Returns how many, 0 when none. */
    int receiveBatch(PacketBatch batch);

    /**
     * Sends every live packet of {@code batch}, in order; never waits. What the kernel does not take is marked dropped
     * (QUEUE_FULL, TOO_BIG, DEVICE_ERROR). Returns how many were taken.
     */
    int sendBatch(PacketBatch batch);

    /**
     * Sends one datagram for control; what the kernel does not take is lost, as any datagram may be.
     *
     * @param local the socket, {@link #LISTEN} or {@link #CONNECT}
     */
    void send(int local, byte[] datagram, int offset, int length, InetSocketAddress to);
}

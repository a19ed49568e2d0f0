package net.vgate.handshake;

import java.net.InetSocketAddress;

/** Seam: sends one datagram; any thread. */
@FunctionalInterface
public interface DatagramSender {
    /** What cannot be sent is lost, as any datagram may be. */
    void send(int local, byte[] datagram, int offset, int length, InetSocketAddress to);
}

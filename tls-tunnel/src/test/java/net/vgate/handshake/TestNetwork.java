package net.vgate.handshake;

import java.net.InetSocketAddress;

/** What carries datagrams between sockets in a test. */
interface TestNetwork {
    /** Takes what arrives at a socket. */
    @FunctionalInterface
    interface Receiver {
        void receive(InetSocketAddress from, byte[] datagram);
    }

    void attach(InetSocketAddress address, Receiver receiver);

    void detach(InetSocketAddress address);

    void send(InetSocketAddress from, InetSocketAddress to, byte[] bytes, int offset, int length);
}

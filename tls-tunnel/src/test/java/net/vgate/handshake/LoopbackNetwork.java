package net.vgate.handshake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Real UDP sockets on the loopback interface; one thread each. */
final class LoopbackNetwork implements TestNetwork, AutoCloseable {
    private final Map<InetSocketAddress, DatagramSocket> sockets = new ConcurrentHashMap<>();

    /** An address whose port was free a moment ago. */
    static InetSocketAddress freeAddress() {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(socket.getLocalAddress(), socket.getLocalPort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void attach(InetSocketAddress address, Receiver receiver) {
        try {
            DatagramSocket socket = new DatagramSocket(address);
            sockets.put(address, socket);
            Thread thread = new Thread(() -> receive(socket, receiver), "loopback-" + address.getPort());
            thread.setDaemon(true);
            thread.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void receive(DatagramSocket socket, Receiver receiver) {
        byte[] buffer = new byte[1 << 16];
        try {
            for (; ; ) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                receiver.receive(
                        (InetSocketAddress) packet.getSocketAddress(), Arrays.copyOf(buffer, packet.getLength()));
            }
        } catch (IOException closed) {
            return;
        }
    }

    @Override
    public void detach(InetSocketAddress address) {
        DatagramSocket socket = sockets.remove(address);
        if (socket != null) {
            socket.close();
        }
    }

    @Override
    public void send(InetSocketAddress from, InetSocketAddress to, byte[] bytes, int offset, int length) {
        DatagramSocket socket = sockets.get(from);
        if (socket == null) {
            return;
        }
        try {
            socket.send(new DatagramPacket(bytes, offset, length, to));
        } catch (IOException nobodyListens) {
            return;
        }
    }

    @Override
    public void close() {
        sockets.keySet().forEach(this::detach);
    }
}

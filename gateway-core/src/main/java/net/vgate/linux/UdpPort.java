package net.vgate.linux;

import java.net.InetSocketAddress;
import net.vgate.attachment.Offload;
import net.vgate.attachment.Offloads;
import net.vgate.packet.PacketBatch;
import net.vgate.tunnel.DatagramPort;

/**
 * The gateway's outer side on Linux: two UDP sockets on one IP address, the second on a port that the kernel chooses.
 *
 * <p><b>Threading.</b> As {@link DatagramPort} has it. {@link #close} is for when the worker has let go of the port.
 */
public final class UdpPort implements DatagramPort, AutoCloseable {
    private final UdpSocket listen;
    private final UdpSocket connect;

    private UdpPort(UdpSocket listen, UdpSocket connect) {
        this.listen = listen;
        this.connect = connect;
    }

    /**
     * Binds {@link #LISTEN} to {@code address} and {@link #CONNECT} to the same IP address.
     *
     * @throws net.vgate.attachment.DeviceException when the address is in use or not of this machine
     */
    public static UdpPort open(InetSocketAddress address, Offloads wanted) {
        UdpSocket listen = UdpSocket.bind(address, wanted);
        try {
            return new UdpPort(listen, UdpSocket.bind(new InetSocketAddress(address.getAddress(), 0), wanted));
        } catch (RuntimeException failed) {
            listen.close();
            throw failed;
        }
    }

    /** What epoll waits on for the socket {@code local}. */
    public int descriptor(int local) {
        return socket(local).descriptor();
    }

    /** Where the socket {@code local} is bound, with its real port. */
    public InetSocketAddress localAddress(int local) {
        return socket(local).localAddress();
    }

    /** Whether records are handed to the kernel many as one. Any thread. */
    public Offload segmentation() {
        return listen.segmentation().isOn() ? connect.segmentation() : listen.segmentation();
    }

    /** Whether the kernel hands in records many as one. Any thread. */
    public Offload coalescing() {
        return listen.coalescing();
    }

    /** Datagrams that the kernel dropped because the socket's buffer was full, on both sockets; any thread. */
    public long kernelDrops() {
        return listen.kernelDrops() + connect.kernelDrops();
    }

    /**
     * {@inheritDoc}
     *
     * <p>A datagram larger than a slot is in the batch, marked MALFORMED.
     */
    @Override
    public boolean receiveBatch(PacketBatch batch, int local) {
        return socket(local).receive(batch, local);
    }

    @Override
    public int sendBatch(PacketBatch batch) {
        return listen.send(batch, LISTEN) + connect.send(batch, CONNECT);
    }

    @Override
    public void send(int local, byte[] datagram, int offset, int length, InetSocketAddress to) {
        socket(local).send(datagram, offset, length, to);
    }

    @Override
    public void close() {
        listen.close();
        connect.close();
    }

    private UdpSocket socket(int local) {
        return switch (local) {
            case LISTEN -> listen;
            case CONNECT -> connect;
            default -> throw new IndexOutOfBoundsException("no local socket " + local);
        };
    }
}

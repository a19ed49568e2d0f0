package net.vgate.linux;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import net.vgate.attachment.Offload;
import net.vgate.attachment.Offloads;
import net.vgate.packet.PacketBatch;
import net.vgate.tunnel.DatagramPort;

/**
 * One worker's part of the gateway's outer side on Linux: two UDP sockets of its own, on one IP address and the second
 * on a port that the kernel chooses; and ways to send from the other workers' sockets, since a peer that has fewer
 * lanes than we have workers hears of several of us on one.
 *
 * <p>All workers' first sockets have one address and port. The kernel hands a datagram to that of the worker which its
 * connection ID names, see {@link ReuseportFilter}.
 *
 * <p><b>Threading.</b> As {@link DatagramPort} has it. {@link #close} is for when the worker has let go of the port.
 */
public final class UdpPort implements DatagramPort, AutoCloseable {
    private final int worker;

    /** At the index that slots have as {@link PacketBatch#local}: our own to listen, then all workers' to connect. */
    private final List<UdpSocket> sockets;

    private final List<DatagramSender> senders;

    /** @param connect of all workers */
    private UdpPort(int worker, UdpSocket listen, List<UdpSocket> connect) {
        this.worker = worker;
        this.sockets = new ArrayList<>(List.of(listen));
        sockets.addAll(connect);
        this.senders = sockets.stream().map(UdpSocket::newSender).toList();
    }

    /**
     * The port of the only worker.
     *
     * @throws net.vgate.attachment.DeviceException when the address is in use or not of this machine
     */
    public static UdpPort open(InetSocketAddress address, Offloads wanted) {
        return open(address, wanted, 1).get(0);
    }

    /**
     * Binds {@link #LISTEN} to {@code address} and {@link #CONNECT} to the same IP address, once for each worker.
     *
     * @throws net.vgate.attachment.DeviceException when the address is in use or not of this machine
     */
    public static List<UdpPort> open(InetSocketAddress address, Offloads wanted, int workers) {
        List<UdpSocket> opened = new ArrayList<>();
        try {
            List<UdpSocket> listen = listen(address, wanted, workers, opened);
            InetSocketAddress any = new InetSocketAddress(address.getAddress(), 0);
            List<UdpSocket> connect = new ArrayList<>();
            for (int worker = 0; worker < workers; worker++) {
                connect.add(UdpSocket.bind(any, wanted));
                opened.add(connect.get(worker));
            }
            List<UdpPort> ports = new ArrayList<>();
            for (int worker = 0; worker < workers; worker++) {
                ports.add(new UdpPort(worker, listen.get(worker), connect));
            }
            return ports;
        } catch (RuntimeException failed) {
            opened.forEach(UdpSocket::close);
            throw failed;
        }
    }

    private static List<UdpSocket> listen(
            InetSocketAddress address, Offloads wanted, int workers, List<UdpSocket> opened) {
        UdpSocket first = UdpSocket.bind(address, wanted);
        opened.add(first);
        if (workers == 1) {
            return List.of(first);
        }
        // That was to hear of another process there: with sockets that share an address, the kernel would not say.
        InetSocketAddress bound = first.localAddress();
        first.close();
        List<UdpSocket> sockets = new ArrayList<>();
        for (int worker = 0; worker < workers; worker++) {
            sockets.add(UdpSocket.bindShared(bound, wanted));
            opened.add(sockets.get(worker));
        }
        sockets.get(0).steer(ReuseportFilter.of(workers));
        return sockets;
    }

    /** What epoll waits on for the worker's socket {@code local}, {@link #LISTEN} or {@link #CONNECT}. */
    public int descriptor(int local) {
        return own(local).descriptor();
    }

    /** Where the worker's socket {@code local}, {@link #LISTEN} or {@link #CONNECT}, is bound, with its real port. */
    public InetSocketAddress localAddress(int local) {
        return own(local).localAddress();
    }

    /** Whether records are handed to the kernel many as one. Any thread. */
    public Offload segmentation() {
        return senders.stream()
                .map(DatagramSender::segmentation)
                .filter(offload -> !offload.isOn())
                .findFirst()
                .orElse(Offload.ON);
    }

    /** Whether the kernel hands in records many as one. Any thread. */
    public Offload coalescing() {
        return own(LISTEN).coalescing();
    }

    /** Datagrams that the kernel dropped because the buffer of a socket of the worker was full; any thread. */
    public long kernelDrops() {
        return own(LISTEN).kernelDrops() + own(CONNECT).kernelDrops();
    }

    /**
     * {@inheritDoc}
     *
     * <p>A datagram larger than a slot is in the batch, marked MALFORMED.
     */
    @Override
    public boolean receiveBatch(PacketBatch batch, int local) {
        return own(local).receive(batch, local == LISTEN ? LISTEN : CONNECT + worker);
    }

    @Override
    public int sendBatch(PacketBatch batch) {
        int sent = 0;
        for (int local = 0; local < senders.size(); local++) {
            sent += senders.get(local).send(batch, local);
        }
        return sent;
    }

    @Override
    public void send(int local, byte[] datagram, int offset, int length, InetSocketAddress to) {
        sockets.get(local).send(datagram, offset, length, to);
    }

    @Override
    public void close() {
        own(LISTEN).close();
        own(CONNECT).close();
    }

    private UdpSocket own(int local) {
        return switch (local) {
            case LISTEN -> sockets.get(LISTEN);
            case CONNECT -> sockets.get(CONNECT + worker);
            default -> throw new IndexOutOfBoundsException("no socket " + local + " of one worker");
        };
    }
}

package net.vgate.linux;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.vgate.attachment.Offload;
import net.vgate.attachment.Offloads;
import net.vgate.packet.PacketBatch;
import net.vgate.tunnel.DatagramPort;

/**
 * One worker's part of the gateway's outer side on Linux: UDP sockets of its own, one on each address and port that the
 * gateway listens on, and one on each of these addresses with a port that the kernel chooses; and ways to send from the
 * other workers' sockets, since a peer that has fewer lanes than we have workers hears of several of us on one.
 *
 * <p>All workers' sockets that listen on one address and port share it. The kernel hands a datagram to that of the
 * worker which its connection ID names, see {@link ReuseportFilter}.
 *
 * <p><b>Threading.</b> As {@link DatagramPort} has it. {@link #close} is for when the worker has let go of the port.
 */
public final class UdpPort implements DatagramPort, AutoCloseable {
    private final int[] locals;

    /** Our own to listen, then all workers' to connect; the numbers that slots have for them, and senders. */
    private final List<UdpSocket> sockets = new ArrayList<>();

    private final int[] numbers;
    private final List<DatagramSender> senders;

    /** Where in {@link #sockets} the one of a number is; -1 if it is none of ours. */
    private final int[] placeOf;

    /** Which of the sockets a batch leaves by. */
    private final boolean[] isUsed;

    /** @param connect of all workers, by address */
    private UdpPort(int worker, List<UdpSocket> listen, List<List<UdpSocket>> connect) {
        int addresses = connect.get(worker).size();
        this.locals = IntStream.concat(
                        IntStream.range(LISTEN, LISTEN + listen.size()),
                        IntStream.range(0, addresses).map(address -> DatagramPort.connect(worker, address)))
                .toArray();
        this.numbers = IntStream.concat(
                        IntStream.range(LISTEN, LISTEN + listen.size()),
                        IntStream.range(0, connect.size() * addresses)
                                .map(i -> DatagramPort.connect(i / addresses, i % addresses)))
                .toArray();
        sockets.addAll(listen);
        connect.forEach(sockets::addAll);
        this.senders = sockets.stream().map(UdpSocket::newSender).toList();
        this.isUsed = new boolean[numbers.length];
        this.placeOf = new int[numbers[numbers.length - 1] + 1];
        Arrays.fill(placeOf, -1);
        for (int place = 0; place < numbers.length; place++) {
            placeOf[numbers[place]] = place;
        }
    }

    /**
     * The port of the only worker.
     *
     * @throws net.vgate.attachment.DeviceException when the address is in use or not of this machine
     */
    public static UdpPort open(InetSocketAddress address, Offloads wanted) {
        return open(List.of(address), wanted, 1).get(0);
    }

    /**
     * Binds sockets from {@link #LISTEN} on to {@code addresses}, and from {@link #CONNECT} on to the distinct IP
     * addresses among them, once for each worker.
     *
     * @param addresses one to {@link #MAX_ADDRESSES}
     * @throws net.vgate.attachment.DeviceException when one of them is in use or not of this machine
     */
    public static List<UdpPort> open(List<InetSocketAddress> addresses, Offloads wanted, int workers) {
        if (addresses.isEmpty() || addresses.size() > MAX_ADDRESSES) {
            throw new IllegalArgumentException(addresses.size() + " addresses");
        }
        List<UdpSocket> opened = new ArrayList<>();
        try {
            List<List<UdpSocket>> listen = new ArrayList<>();
            for (InetSocketAddress address : addresses) {
                listen.add(listen(address, wanted, workers, opened));
            }
            List<InetAddress> own = addresses.stream()
                    .map(InetSocketAddress::getAddress)
                    .distinct()
                    .toList();
            List<List<UdpSocket>> connect = new ArrayList<>();
            for (int worker = 0; worker < workers; worker++) {
                List<UdpSocket> ofWorker = new ArrayList<>();
                for (InetAddress address : own) {
                    UdpSocket socket = UdpSocket.bind(new InetSocketAddress(address, 0), wanted);
                    ofWorker.add(socket);
                    opened.add(socket);
                }
                connect.add(ofWorker);
            }
            return IntStream.range(0, workers)
                    .mapToObj(worker -> new UdpPort(
                            worker, listen.stream().map(one -> one.get(worker)).toList(), connect))
                    .toList();
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

    @Override
    public int[] locals() {
        return locals;
    }

    /** What epoll waits on for the socket {@code local}, one of {@link #locals}. */
    public int descriptor(int local) {
        return socket(local).descriptor();
    }

    /** Where the socket {@code local} is bound, with its real port. */
    public InetSocketAddress localAddress(int local) {
        return socket(local).localAddress();
    }

    /** Whether records are handed to the kernel many as one. Any thread. */
    public Offload segmentation() {
        return firstOff(senders.stream().map(DatagramSender::segmentation));
    }

    /** Whether the kernel hands in records many as one. Any thread. */
    public Offload coalescing() {
        return firstOff(own().map(UdpSocket::coalescing));
    }

    private static Offload firstOff(Stream<Offload> offloads) {
        return offloads.filter(offload -> !offload.isOn()).findFirst().orElse(Offload.ON);
    }

    /** Datagrams that the kernel dropped because the buffer of a socket of the worker was full; any thread. */
    public long kernelDrops() {
        return own().mapToLong(UdpSocket::kernelDrops).sum();
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
        for (int slot = 0; slot < batch.size(); slot++) {
            if (batch.isLive(slot) && batch.local(slot) < placeOf.length) {
                isUsed[placeOf[batch.local(slot)]] = true;
            }
        }
        int sent = 0;
        for (int place = 0; place < isUsed.length; place++) {
            if (isUsed[place]) {
                isUsed[place] = false;
                sent += senders.get(place).send(batch, numbers[place]);
            }
        }
        return sent;
    }

    @Override
    public void send(int local, byte[] datagram, int offset, int length, InetSocketAddress to) {
        socket(local).send(datagram, offset, length, to);
    }

    @Override
    public void close() {
        own().forEach(UdpSocket::close);
    }

    private Stream<UdpSocket> own() {
        return Arrays.stream(locals).mapToObj(this::socket);
    }

    private UdpSocket socket(int local) {
        return sockets.get(placeOf[local]);
    }
}

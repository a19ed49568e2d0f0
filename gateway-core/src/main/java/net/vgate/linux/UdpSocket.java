package net.vgate.linux;

import java.lang.ref.Reference;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.Offload;
import net.vgate.attachment.Offloads;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;

/**
 * One non-blocking UDP socket that moves batches, straight between the kernel and the slots. It never lets the kernel
 * fragment: DF is set on IPv4, no fragment header is made on IPv6, and what exceeds the interface's MTU is refused with
 * EMSGSIZE. What the kernel has learned of the path's MTU limits nothing (IP_PMTUDISC_PROBE): tunnels measure it.
 *
 * <p><b>Threading.</b> Receiving belongs to one thread, a sender to one thread each; single datagrams,
 * {@link #kernelDrops} and {@link #close} to any.
 */
final class UdpSocket implements AutoCloseable {
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;

    static final int MSG_DONTWAIT = 0x40;
    static final int MSG_TRUNC = 0x20;

    /** Options and control messages of udp(7), linux/udp.h. */
    static final int SOL_UDP = 17;

    static final int UDP_SEGMENT = 103;
    static final int UDP_GRO = 104;

    private static final int IPPROTO_IP = 0;
    private static final int IPPROTO_IPV6 = 41;
    static final int IP_MTU_DISCOVER = 10;
    static final int IPV6_MTU_DISCOVER = 23;
    private static final int IPV6_V6ONLY = 26;
    static final int IPV6_DONTFRAG = 62;
    static final int PMTUDISC_PROBE = 3;

    private static final int SOL_SOCKET = 1;
    private static final int SO_BINDTODEVICE = 25;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SO_REUSEPORT = 15;
    private static final int SO_ATTACH_REUSEPORT_CBPF = 51;
    static final int SO_MEMINFO = 55;

    /** Index of the drops, and the number of 32-bit values, in what SO_MEMINFO returns: linux/sock_diag.h. */
    static final int SK_MEMINFO_DROPS = 8;

    static final int SK_MEMINFO_VARS = 9;

    /** Holds some 25 ms of 1 Gbit/s, so that a collector's pause or a busy worker loses nothing. */
    private static final int BUFFER_BYTES = 4 << 20;

    private final int fd;
    private final TrafficClassOption trafficClass;
    private final DatagramReceiver receiver;
    private final Offload segmentation;
    private final Offload coalescing;

    /** A single datagram's bytes, then its address; guarded by itself. */
    private final NativeBlock scratch = new NativeBlock(PacketBatch.MAX_PACKET_BYTES + 1 + PacketBatch.ADDRESS_BYTES);

    private boolean isClosed;
    private long kernelDrops;

    private UdpSocket(int fd, Offloads wanted, TrafficClassOption trafficClass) {
        this.fd = fd;
        this.trafficClass = trafficClass;
        this.segmentation = probe(wanted.udpSegment(), UDP_SEGMENT, 0);
        this.coalescing = probe(wanted.udpGro(), UDP_GRO, 1);
        this.receiver = new DatagramReceiver(fd, trafficClass);
    }

    /** Whether the kernel knows an option of UDP: it takes a value that changes nothing, or sets it. */
    private Offload probe(boolean isWanted, int option, int value) {
        if (!isWanted) {
            return Offload.SWITCHED_OFF;
        }
        if (trySetOption(SOL_UDP, option, value) == 0) {
            return Offload.ON;
        }
        return Offload.refused(Errno.text(Errno.last()));
    }

    /** A socket bound to {@code address}, of whose family it is, with those of the off-loads that the kernel has. */
    static UdpSocket bind(InetSocketAddress address, Offloads wanted) {
        return bind(address, wanted, false, "");
    }

    /** The same, but any number of them may have the address, as long as all are of one user: socket(7). */
    static UdpSocket bindShared(InetSocketAddress address, Offloads wanted) {
        return bind(address, wanted, true, "");
    }

    /**
     * A shared one that receives only what comes by the interface {@code device}, and sends by it: socket(7),
     * SO_BINDTODEVICE.
     */
    static UdpSocket bindShared(InetSocketAddress address, Offloads wanted, String device) {
        return bind(address, wanted, true, device);
    }

    private static UdpSocket bind(InetSocketAddress address, Offloads wanted, boolean isShared, String device) {
        if (address.isUnresolved()) {
            throw new DeviceException("UDP socket: " + address.getHostString() + " is no address");
        }
        boolean inet = address.getAddress() instanceof Inet4Address;
        int family = inet ? OuterAddress.FAMILY_INET : OuterAddress.FAMILY_INET6;
        int fd = LibC.socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw Errno.failure("UDP socket for " + address + ": socket", Errno.last());
        }
        UdpSocket socket = new UdpSocket(fd, wanted, inet ? TrafficClassOption.INET : TrafficClassOption.INET6);
        try {
            socket.configure(inet);
            if (isShared) {
                socket.setOption("SO_REUSEPORT", SOL_SOCKET, SO_REUSEPORT, 1);
            }
            if (!device.isEmpty()) {
                socket.bindTo(device);
            }
            socket.bindTo(address);
            return socket;
        } catch (RuntimeException failed) {
            socket.close();
            throw failed;
        }
    }

    private void configure(boolean inet) {
        if (inet) {
            setOption("IP_MTU_DISCOVER", IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_PROBE);
        } else {
            setOption("IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY, 1);
            setOption("IPV6_MTU_DISCOVER", IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_PROBE);
            setOption("IPV6_DONTFRAG", IPPROTO_IPV6, IPV6_DONTFRAG, 1);
        }
        setOption("of the received traffic class", trafficClass.level(), trafficClass.receive(), 1);
        setBuffer("SO_RCVBUF", SO_RCVBUFFORCE, SO_RCVBUF);
        setBuffer("SO_SNDBUF", SO_SNDBUFFORCE, SO_SNDBUF);
    }

    /**
     * Has the kernel choose by {@code filter} among the sockets that share this one's address, in the order of binding.
     */
    void steer(ReuseportFilter filter) {
        try {
            if (LibC.setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, filter.address(), ReuseportFilter.FPROG_BYTES)
                    != 0) {
                throw Errno.failure("UDP socket: setsockopt SO_ATTACH_REUSEPORT_CBPF", Errno.last());
            }
        } finally {
            Reference.reachabilityFence(filter);
        }
    }

    private void bindTo(String device) {
        byte[] name = device.getBytes(StandardCharsets.UTF_8);
        scratch.bytes().put(0, name);
        if (LibC.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, scratch.address(), name.length) != 0) {
            throw Errno.failure("UDP socket: bind to interface " + device, Errno.last());
        }
    }

    /** Beyond the system's limit where we may (CAP_NET_ADMIN), else up to it. */
    private void setBuffer(String name, int force, int plain) {
        if (trySetOption(SOL_SOCKET, force, BUFFER_BYTES) != 0) {
            setOption(name, SOL_SOCKET, plain, BUFFER_BYTES);
        }
    }

    private void setOption(String name, int level, int option, int value) {
        if (trySetOption(level, option, value) != 0) {
            throw Errno.failure("UDP socket: setsockopt " + name, Errno.last());
        }
    }

    private int trySetOption(int level, int option, int value) {
        scratch.bytes().putInt(0, value);
        return LibC.setsockopt(fd, level, option, scratch.address(), Integer.BYTES);
    }

    private void bindTo(InetSocketAddress address) {
        OuterAddress.write(scratch.networkBytes(), 0, address);
        int bytes = OuterAddress.bytes(scratch.networkBytes(), 0);
        if (LibC.bind(fd, scratch.address(), bytes) != 0) {
            // Without the host's name, which an address of a configuration does not have, and the slash after it.
            throw Errno.failure("UDP socket: bind to " + address.toString().replaceFirst("^.*/", ""), Errno.last());
        }
    }

    /** What epoll waits on. */
    int descriptor() {
        return fd;
    }

    /** Where the socket is bound. */
    InetSocketAddress localAddress() {
        synchronized (scratch) {
            scratch.bytes().putInt(PacketBatch.ADDRESS_BYTES, PacketBatch.ADDRESS_BYTES);
            if (LibC.getsockname(fd, scratch.address(), scratch.address() + PacketBatch.ADDRESS_BYTES) != 0) {
                throw Errno.failure("UDP socket: getsockname", Errno.last());
            }
            return OuterAddress.read(scratch.networkBytes(), 0);
        }
    }

    /** How many datagrams the kernel has dropped because nobody fetched them in time; as last seen, once closed. */
    long kernelDrops() {
        synchronized (scratch) {
            ByteBuffer bytes = scratch.bytes();
            int lengthAt = SK_MEMINFO_VARS * Integer.BYTES;
            bytes.putInt(lengthAt, lengthAt);
            if (!isClosed
                    && LibC.getsockopt(fd, SOL_SOCKET, SO_MEMINFO, scratch.address(), scratch.address() + lengthAt)
                            == 0) {
                // The kernel's counter wraps at 32 bits.
                int counted = bytes.getInt(SK_MEMINFO_DROPS * Integer.BYTES);
                kernelDrops += (counted - (int) kernelDrops) & 0xffff_ffffL;
            }
            return kernelDrops;
        }
    }

    /** Appends what has arrived, as coming from {@code local}. Returns whether more may be waiting. */
    boolean receive(PacketBatch batch, int local) {
        return receiver.receive(batch, local);
    }

    /** Sends batches by this socket; for one thread. */
    DatagramSender newSender() {
        return new DatagramSender(fd, segmentation, trafficClass);
    }

    /** Whether the kernel hands in datagrams of one size as one. Any thread. */
    Offload coalescing() {
        return coalescing;
    }

    /** Sends one datagram, if the kernel takes it; once closed, nothing. */
    void send(byte[] datagram, int offset, int length, InetSocketAddress to) {
        if (length > PacketBatch.MAX_PACKET_BYTES || to.isUnresolved()) {
            return;
        }
        synchronized (scratch) {
            if (isClosed) {
                return;
            }
            int addressAt = PacketBatch.MAX_PACKET_BYTES + 1;
            ByteBuffer bytes = scratch.networkBytes();
            bytes.put(0, datagram, offset, length);
            OuterAddress.write(bytes, addressAt, to);
            long name = scratch.address() + addressAt;
            long sent;
            do {
                sent = LibC.sendto(
                        fd, scratch.address(), length, MSG_DONTWAIT, name, OuterAddress.bytes(bytes, addressAt));
            } while (sent < 0 && Errno.last() == Errno.EINTR);
        }
    }

    /** Closes the socket, once. The worker must have let go of it. */
    @Override
    public void close() {
        synchronized (scratch) {
            if (!isClosed) {
                isClosed = true;
                LibC.close(fd);
            }
        }
    }
}

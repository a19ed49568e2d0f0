package net.vgate.linux;

import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.Offload;
import net.vgate.attachment.Offloads;
import net.vgate.packet.DropReason;
import net.vgate.packet.EthernetHeader;
import net.vgate.packet.PacketBatch;

/**
 * A queue of a TUN or TAP device, Documentation/networking/tuntap.rst, which is a descriptor: one system call moves one
 * packet, and the header that says what is left to do with it ({@link VirtioNetHeader}) stands in the slot's headroom,
 * before the Ethernet header if there is one. With off-loads that may be a super-packet of up to 64 KiB, and its
 * checksum partial; without, the kernel hands in packets that are complete and no larger than the MTU.
 */
final class TunQueue {
    private static final String CLONE_DEVICE = "/dev/net/tun";

    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;

    static final NativeLong TUNSETIFF = new NativeLong(0x400454caL);
    static final NativeLong TUNSETOFFLOAD = new NativeLong(0x400454d0L);
    static final NativeLong TUNSETVNETHDRSZ = new NativeLong(0x400454d8L);

    /** Not documented, but in linux/if_tun.h since 4.16: the argument points to the program's descriptor. */
    static final NativeLong TUNSETSTEERINGEBPF = new NativeLong(0x800454e0L);

    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int IFF_MULTI_QUEUE = 0x0100;

    /** Not documented, but in linux/if_tun.h since 3.8: the device must be a new one. */
    static final int IFF_TUN_EXCL = 0x8000;

    /** {@code struct ifreq} of linux/if.h, and the longest name in it. */
    static final int IFREQ_BYTES = 40;

    static final int IFREQ_FLAGS_OFFSET = 16;
    static final int MAX_NAME_BYTES = 15;

    /** Arguments of TUNSETOFFLOAD, linux/if_tun.h. */
    private static final int TUN_F_CSUM = 0x01;

    private static final int TUN_F_TSO = 0x02 | 0x04 | 0x08;
    private static final int TUN_F_USO = 0x20 | 0x40;

    private final String name;
    private final Kind kind;
    private final int fd;
    private final BufferAddresses bufferAddresses = new BufferAddresses();
    private final TunWriter writer;
    private Offload tso = Offload.SWITCHED_OFF;
    private Offload uso = Offload.SWITCHED_OFF;
    private Offload steering = Offload.ON;

    /** What a queue's packets are. */
    enum Kind {
        /** IP packets. */
        TUN(1, 0),
        /** Ethernet frames. */
        TAP(2, EthernetHeader.BYTES);

        private final int flag;
        private final int linkBytes;

        Kind(int flag, int linkBytes) {
            this.flag = flag;
            this.linkBytes = linkBytes;
        }
    }

    private TunQueue(String name, Kind kind, int fd) {
        this.name = name;
        this.kind = kind;
        this.fd = fd;
        this.writer = new TunWriter(label(), fd, kind.linkBytes);
    }

    /**
     * Makes a device called {@code name} in the calling thread's network namespace. It is down and has no address.
     *
     * @return its queues
     * @throws DeviceException when the name is taken, or the process may not
     */
    static List<TunQueue> open(String name, Kind kind, Offloads wanted, int queues) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > MAX_NAME_BYTES) {
            throw new DeviceException("a device's name has 1 to " + MAX_NAME_BYTES + " bytes: " + name);
        }
        int flags = kind.flag | IFF_NO_PI | IFF_VNET_HDR | (queues > 1 ? IFF_MULTI_QUEUE : 0);
        List<TunQueue> opened = new ArrayList<>();
        try {
            TunQueue first = open(name, kind);
            opened.add(first);
            first.attach(bytes, flags | IFF_TUN_EXCL);
            first.probe(wanted);
            while (opened.size() < queues) {
                TunQueue queue = open(name, kind);
                opened.add(queue);
                queue.attach(bytes, flags);
                queue.tso = first.tso;
                queue.uso = first.uso;
            }
            if (queues > 1) {
                first.steer();
            }
            return opened;
        } catch (RuntimeException failed) {
            opened.forEach(TunQueue::close);
            throw failed;
        }
    }

    private static TunQueue open(String name, Kind kind) {
        int fd = VariadicLibC.INSTANCE.open(CLONE_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0) {
            throw cannotOpen(Errno.last());
        }
        return new TunQueue(name, kind, fd);
    }

    private static DeviceException cannotOpen(int errno) {
        String remedy = switch (errno) {
            case Errno.ENOENT -> "; load the module tun, or pass the device into the container";
            case Errno.EACCES, Errno.EPERM -> "; run as root";
            default -> "";
        };
        return new DeviceException("open " + CLONE_DEVICE + ": " + Errno.text(errno) + remedy);
    }

    private void attach(byte[] nameBytes, int flags) {
        NativeBlock request = new NativeBlock(IFREQ_BYTES);
        request.bytes().put(0, nameBytes);
        request.bytes().putShort(IFREQ_FLAGS_OFFSET, (short) flags);
        try {
            control("TUNSETIFF", TUNSETIFF, new Pointer(request.address()));
            request.bytes().putInt(0, VirtioNetHeader.BYTES);
            control("TUNSETVNETHDRSZ", TUNSETVNETHDRSZ, new Pointer(request.address()));
        } finally {
            Reference.reachabilityFence(request);
        }
    }

    /** Switches on what is wanted and what the kernel has: UDP super-packets since Linux 6.2. */
    private void probe(Offloads wanted) {
        int checksums = wanted.partialChecksums() || wanted.tso() || wanted.uso() ? TUN_F_CSUM : 0;
        int tcp = wanted.tso() ? TUN_F_TSO : 0;
        int udp = wanted.uso() ? TUN_F_USO : 0;
        String udpError = setOffload(checksums | tcp | udp);
        String tcpError = udpError.isEmpty() || udp == 0 ? udpError : setOffload(checksums | tcp);
        if (!tcpError.isEmpty()) {
            control("TUNSETOFFLOAD", TUNSETOFFLOAD, new NativeLong(0));
        }
        tso = stateOf(wanted.tso(), tcpError);
        uso = stateOf(wanted.uso(), udpError);
    }

    private static Offload stateOf(boolean isWanted, String error) {
        if (!isWanted) {
            return Offload.SWITCHED_OFF;
        }
        return error.isEmpty() ? Offload.ON : Offload.refused(error);
    }

    /** What the system said against it, or nothing. */
    private String setOffload(int flags) {
        boolean done = VariadicLibC.INSTANCE.ioctl(fd, TUNSETOFFLOAD, new NativeLong(flags)) >= 0;
        return done ? "" : Errno.text(Errno.last());
    }

    /** Has a program of ours choose the queues of the whole device. */
    private void steer() {
        NativeBlock argument = new NativeBlock(Integer.BYTES);
        try {
            int program = QueueProgram.load(kind.linkBytes);
            argument.bytes().putInt(0, program);
            try {
                control("TUNSETSTEERINGEBPF", TUNSETSTEERINGEBPF, new Pointer(argument.address()));
            } finally {
                LibC.close(program);
            }
        } catch (DeviceException notTaken) {
            steering = Offload.refused(String.valueOf(notTaken.getMessage()));
        } finally {
            Reference.reachabilityFence(argument);
        }
    }

    private void control(String call, NativeLong request, Object argument) {
        if (VariadicLibC.INSTANCE.ioctl(fd, request, argument) < 0) {
            int errno = Errno.last();
            String remedy = switch (errno) {
                case Errno.EBUSY -> "; another device has this name, choose another or remove that one";
                case Errno.EPERM -> "; run as root";
                default -> "";
            };
            throw new DeviceException(call + ": " + Errno.text(errno) + remedy);
        }
    }

    String name() {
        return name;
    }

    private String label() {
        return kind + " device " + name;
    }

    int descriptor() {
        return fd;
    }

    Offload tso() {
        return tso;
    }

    Offload uso() {
        return uso;
    }

    /** Of the device's first queue: whether each flow stays at one. */
    Offload steering() {
        return steering;
    }

    TunWriter writer() {
        return writer;
    }

    /**
     * Reads a packet into the next slot, which has room for any. Its bytes begin with the IP packet; an Ethernet header
     * is before that.
     *
     * @return whether there was one
     */
    boolean read(PacketBatch batch) {
        long slab = bufferAddresses.of(batch.slab());
        try {
            return read(batch, slab);
        } finally {
            Reference.reachabilityFence(bufferAddresses);
        }
    }

    private boolean read(PacketBatch batch, long slab) {
        int slot = batch.add(0);
        int headerBytes = VirtioNetHeader.BYTES + kind.linkBytes;
        int headerAt = batch.offset(slot) - headerBytes;
        int room = batch.maxLength(slot) - PacketBatch.TAILROOM_BYTES + headerBytes;
        long bytes;
        int errno;
        do {
            bytes = LibC.read(fd, slab + headerAt, room);
            errno = bytes < 0 ? Errno.last() : 0;
        } while (errno == Errno.EINTR);
        if (bytes < 0) {
            batch.removeLast();
            if (errno == Errno.EAGAIN) {
                return false;
            }
            throw Errno.failure(label() + ": read", errno);
        }
        batch.setLength(slot, (int) Math.max(0, bytes - headerBytes));
        DropReason reason = bytes < headerBytes ? DropReason.MALFORMED : VirtioNetHeader.read(batch, slot, headerAt);
        if (reason != null) {
            batch.drop(slot, reason);
        }
        return true;
    }

    /** Once only: the number of the descriptor may be another one's afterwards. */
    void close() {
        LibC.close(fd);
    }
}

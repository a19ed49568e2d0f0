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
import net.vgate.attachment.PacketDevice;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;

/**
 * A TUN device, Documentation/networking/tuntap.rst: one system call moves one packet, and the header that says what is
 * left to do with it ({@link VirtioNetHeader}) stands in the slot's headroom. With off-loads that may be a super-packet
 * of up to 64 KiB, and its checksum partial; without, the kernel hands in packets that are complete and no larger than
 * the MTU.
 *
 * <p>With several workers it has a queue for each, a descriptor of its own; this object is the first. Which queue the
 * packets of a flow come from is up to a program of ours ({@link QueueProgram}).
 *
 * <p>The device is not persistent: it, its addresses and its routes are gone with the descriptor, whatever ends the
 * process.
 */
public final class TunDevice implements PacketDevice {
    private static final String CLONE_DEVICE = "/dev/net/tun";

    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;

    static final NativeLong TUNSETIFF = new NativeLong(0x400454caL);
    static final NativeLong TUNSETOFFLOAD = new NativeLong(0x400454d0L);
    static final NativeLong TUNSETVNETHDRSZ = new NativeLong(0x400454d8L);

    /** Not documented, but in linux/if_tun.h since 4.16: the argument points to the program's descriptor. */
    static final NativeLong TUNSETSTEERINGEBPF = new NativeLong(0x800454e0L);

    private static final int IFF_TUN = 1;
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
    private final int fd;
    private final BufferAddresses bufferAddresses = new BufferAddresses();
    private final TunWriter writer;
    private final List<TunDevice> furtherQueues = new ArrayList<>();
    private Offload tso = Offload.SWITCHED_OFF;
    private Offload uso = Offload.SWITCHED_OFF;
    private Offload steering = Offload.ON;
    private boolean isClosed;

    private TunDevice(String name, int fd) {
        this.name = name;
        this.fd = fd;
        this.writer = new TunWriter(name, fd);
    }

    /** A device of one queue. */
    static TunDevice create(String name, Offloads wanted) {
        return create(name, wanted, 1);
    }

    /**
     * Makes a device called {@code name} in the calling thread's network namespace. It is down and has no address.
     *
     * @throws DeviceException when the name is taken, or the process may not
     */
    static TunDevice create(String name, Offloads wanted, int queues) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > MAX_NAME_BYTES) {
            throw new DeviceException("a device's name has 1 to " + MAX_NAME_BYTES + " bytes: " + name);
        }
        int flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | (queues > 1 ? IFF_MULTI_QUEUE : 0);
        TunDevice device = open(name);
        try {
            device.attach(bytes, flags | IFF_TUN_EXCL);
            device.probe(wanted);
            while (device.furtherQueues.size() < queues - 1) {
                TunDevice queue = open(name);
                device.furtherQueues.add(queue);
                queue.attach(bytes, flags);
                queue.tso = device.tso;
                queue.uso = device.uso;
            }
            if (queues > 1) {
                device.steer();
            }
            return device;
        } catch (RuntimeException failed) {
            device.close();
            throw failed;
        }
    }

    private static TunDevice open(String name) {
        int fd = VariadicLibC.INSTANCE.open(CLONE_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0) {
            throw cannotOpen(Errno.last());
        }
        return new TunDevice(name, fd);
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

    private void steer() {
        NativeBlock argument = new NativeBlock(Integer.BYTES);
        try {
            int program = QueueProgram.load();
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

    @Override
    public String name() {
        return name;
    }

    @Override
    public int descriptor() {
        return fd;
    }

    @Override
    public PacketDevice queue(int worker) {
        return worker == 0 ? this : furtherQueues.get(worker - 1);
    }

    @Override
    public Offload tso() {
        return tso;
    }

    @Override
    public Offload uso() {
        return uso;
    }

    @Override
    public Offload merge() {
        return furtherQueues.stream()
                .map(TunDevice::merge)
                .filter(offload -> !offload.isOn())
                .findFirst()
                .orElseGet(writer::merge);
    }

    @Override
    public Offload steering() {
        return steering;
    }

    @Override
    public int readBatch(PacketBatch batch, int packetLimit, int byteLimit) {
        long slab = bufferAddresses.of(batch.slab());
        int packets = 0;
        int bytes = 0;
        try {
            while (packets < packetLimit && bytes < byteLimit && batch.hasRoom(PacketBatch.MAX_PACKET_BYTES)) {
                if (!readOne(batch, slab)) {
                    break;
                }
                bytes += batch.length(batch.size() - 1);
                packets++;
            }
            return packets;
        } finally {
            Reference.reachabilityFence(bufferAddresses);
        }
    }

    private boolean readOne(PacketBatch batch, long slab) {
        int slot = batch.add(0);
        int headerAt = batch.offset(slot) - VirtioNetHeader.BYTES;
        int room = batch.maxLength(slot) - PacketBatch.TAILROOM_BYTES + VirtioNetHeader.BYTES;
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
            throw Errno.failure("TUN device " + name + ": read", errno);
        }
        batch.setLength(slot, (int) Math.max(0, bytes - VirtioNetHeader.BYTES));
        DropReason reason =
                bytes < VirtioNetHeader.BYTES ? DropReason.MALFORMED : VirtioNetHeader.read(batch, slot, headerAt);
        if (reason != null) {
            batch.drop(slot, reason);
        }
        return true;
    }

    @Override
    public void writeBatch(PacketBatch batch, int[] slots, int count) {
        writer.write(batch, slots, count);
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            furtherQueues.forEach(TunDevice::close);
            LibC.close(fd);
        }
    }
}

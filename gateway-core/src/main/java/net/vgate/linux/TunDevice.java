package net.vgate.linux;

import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.PacketDevice;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import org.jspecify.annotations.Nullable;

/**
 * A TUN device, Documentation/networking/tuntap.rst: one system call moves one packet, and the header that says what is
 * left to do with it ({@link VirtioNetHeader}) stands in the slot's headroom. The kernel is asked for no off-loads, so
 * it hands in packets that are complete and no larger than the MTU.
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

    private static final int IFF_TUN = 1;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;

    /** Not documented, but in linux/if_tun.h since 3.8: the device must be a new one. */
    static final int IFF_TUN_EXCL = 0x8000;

    /** {@code struct ifreq} of linux/if.h, and the longest name in it. */
    static final int IFREQ_BYTES = 40;

    static final int IFREQ_FLAGS_OFFSET = 16;
    static final int MAX_NAME_BYTES = 15;

    private final String name;
    private final int fd;
    private final BufferAddresses bufferAddresses = new BufferAddresses();
    private boolean isClosed;

    private TunDevice(String name, int fd) {
        this.name = name;
        this.fd = fd;
    }

    /**
     * Makes a device called {@code name} in the calling thread's network namespace. It is down and has no address.
     *
     * @throws DeviceException when the name is taken, or the process may not
     */
    static TunDevice create(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > MAX_NAME_BYTES) {
            throw new DeviceException("a device's name has 1 to " + MAX_NAME_BYTES + " bytes: " + name);
        }
        int fd = VariadicLibC.INSTANCE.open(CLONE_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0) {
            throw cannotOpen(Errno.last());
        }
        TunDevice device = new TunDevice(name, fd);
        try {
            device.attach(bytes);
            return device;
        } catch (RuntimeException failed) {
            device.close();
            throw failed;
        }
    }

    private static DeviceException cannotOpen(int errno) {
        String remedy = switch (errno) {
            case Errno.ENOENT -> "; load the module tun, or pass the device into the container";
            case Errno.EACCES, Errno.EPERM -> "; run as root";
            default -> "";
        };
        return new DeviceException("open " + CLONE_DEVICE + ": " + Errno.text(errno) + remedy);
    }

    private void attach(byte[] nameBytes) {
        NativeBlock request = new NativeBlock(IFREQ_BYTES);
        request.bytes().put(0, nameBytes);
        request.bytes().putShort(IFREQ_FLAGS_OFFSET, (short) (IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | IFF_TUN_EXCL));
        try {
            control("TUNSETIFF", TUNSETIFF, new Pointer(request.address()));
            request.bytes().putInt(0, VirtioNetHeader.BYTES);
            control("TUNSETVNETHDRSZ", TUNSETVNETHDRSZ, new Pointer(request.address()));
        } finally {
            Reference.reachabilityFence(request);
        }
        control("TUNSETOFFLOAD", TUNSETOFFLOAD, new NativeLong(0));
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
    public int readBatch(PacketBatch batch, int limit) {
        long slab = bufferAddresses.of(batch.slab());
        int packets = 0;
        try {
            while (packets < limit && batch.remaining() > 0 && readOne(batch, slab)) {
                packets++;
            }
        } finally {
            Reference.reachabilityFence(bufferAddresses);
        }
        return packets;
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
        long slab = bufferAddresses.of(batch.slab());
        try {
            for (int i = 0; i < count; i++) {
                DropReason reason = writeOne(batch, slab, slots[i]);
                if (reason != null) {
                    batch.drop(slots[i], reason);
                }
            }
        } finally {
            Reference.reachabilityFence(bufferAddresses);
        }
    }

    private @Nullable DropReason writeOne(PacketBatch batch, long slab, int slot) {
        batch.pushHeader(slot, VirtioNetHeader.BYTES);
        batch.popHeader(slot, VirtioNetHeader.BYTES);
        DropReason unwritable = VirtioNetHeader.write(batch, slot);
        if (unwritable != null) {
            return unwritable;
        }
        long from = slab + batch.offset(slot) - VirtioNetHeader.BYTES;
        long bytes = (long) batch.length(slot) + VirtioNetHeader.BYTES;
        while (LibC.write(fd, from, bytes) < 0) {
            int errno = Errno.last();
            switch (errno) {
                case Errno.EINTR -> {}
                case Errno.EAGAIN, Errno.ENOBUFS -> {
                    return DropReason.QUEUE_FULL;
                }
                case Errno.EBADF, Errno.EBADFD -> throw Errno.failure("TUN device " + name + ": write", errno);
                default -> {
                    // EIO while the device is down, EINVAL for what is no IP packet: this packet's fault, or passing.
                    return DropReason.DEVICE_ERROR;
                }
            }
        }
        return null;
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            LibC.close(fd);
        }
    }
}

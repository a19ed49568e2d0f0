package net.vgate.linux;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import net.vgate.attachment.Offload;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.GsoType;
import org.jspecify.annotations.Nullable;

/**
 * Writes packets to a TUN or TAP device, one system call each, a super-packet being one. What was merged is gathered
 * from where it lies (writev(2)). When the kernel refuses super-packets, they are cut here from then on; those of UDP,
 * which are new in Linux 6.2, without those of TCP.
 *
 * <p><b>Threading.</b> One thread, but for {@link #merge}.
 */
final class TunWriter {
    /** Pieces of one packet: the most that a super-packet is merged of, see {@link net.vgate.offload.Coalescer}. */
    private static final int PIECES = 128;

    private final String label;
    private final int fd;
    private final int linkBytes;
    private final BufferAddresses bufferAddresses = new BufferAddresses();
    private volatile Offload merge = Offload.ON;
    private boolean cutsUdp;
    private @Nullable NativeBlock iovecs;
    private @Nullable Apart apart;

    /** What it takes to cut super-packets. */
    private static final class Apart {
        final PacketBatch cut = PacketBatch.packed(PIECES, 4 * PacketBatch.MAX_ROOM_BYTES);
        final SuperPacketCutter cutter = new SuperPacketCutter();
    }

    /**
     * @param label the device, as messages name it
     * @param linkBytes how long the link's header is that stands right before each packet, in its headroom
     */
    TunWriter(String label, int fd, int linkBytes) {
        this.label = label;
        this.fd = fd;
        this.linkBytes = linkBytes;
    }

    /** Whether the device takes super-packets of TCP. Any thread. */
    Offload merge() {
        return merge;
    }

    /** Writes the packets in the given slots, in order; marks what the device does not take. */
    void write(PacketBatch batch, int[] slots, int count) {
        long slab = bufferAddresses.of(batch.slab());
        try {
            for (int i = 0; i < count; i++) {
                DropReason reason = write(batch, slab, slots[i]);
                if (reason != null) {
                    batch.drop(slots[i], reason);
                }
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private @Nullable DropReason write(PacketBatch batch, long slab, int slot) {
        boolean isSuper = batch.gsoType(slot) != GsoType.NONE && batch.parts(slot) > 1;
        if (isSuper && isCutHere(batch, slot)) {
            return writeApart(batch, slot);
        }
        batch.pushHeader(slot, VirtioNetHeader.BYTES + linkBytes);
        batch.popHeader(slot, VirtioNetHeader.BYTES + linkBytes);
        DropReason unwritable = VirtioNetHeader.write(batch, slot, linkBytes);
        if (unwritable != null) {
            return unwritable;
        }
        int errno = call(batch, slab, slot);
        if (errno == Errno.EINVAL && isSuper) {
            return writeRefused(batch, slot, errno);
        }
        return reasonOf(errno);
    }

    private boolean isCutHere(PacketBatch batch, int slot) {
        return !merge.isOn() || (cutsUdp && batch.gsoType(slot) == GsoType.UDP);
    }

    /** If the same packets pass when they are cut, it is super-packets that the kernel refuses. */
    private @Nullable DropReason writeRefused(PacketBatch batch, int slot, int errno) {
        DropReason reason = writeApart(batch, slot);
        if (reason == null && batch.gsoType(slot) == GsoType.UDP) {
            cutsUdp = true;
        } else if (reason == null) {
            merge = Offload.refused(Errno.text(errno));
        }
        return reason;
    }

    private static @Nullable DropReason reasonOf(int errno) {
        return switch (errno) {
            case 0 -> null;
            case Errno.EAGAIN, Errno.ENOBUFS -> DropReason.QUEUE_FULL;
            // EIO while the device is down, EINVAL for what is no IP packet: this packet's fault, or passing.
            default -> DropReason.DEVICE_ERROR;
        };
    }

    /** Returns 0, or the error. */
    private int call(PacketBatch batch, long slab, int slot) {
        int headerBytes = VirtioNetHeader.BYTES + linkBytes;
        long from = slab + batch.offset(slot) - headerBytes;
        long bytes = (long) batch.length(slot) + headerBytes;
        boolean isMerged = batch.next(slot) != PacketBatch.NONE;
        long vector = isMerged ? iovecs().address() : 0;
        int pieces = isMerged ? gather(iovecs().bytes(), batch, slab, slot, from, bytes) : 1;
        while (true) {
            long written = isMerged ? LibC.writev(fd, vector, pieces) : LibC.write(fd, from, bytes);
            if (written >= 0) {
                return 0;
            }
            int errno = Errno.last();
            if (errno == Errno.EBADF || errno == Errno.EBADFD) {
                throw Errno.failure(label + ": write", errno);
            }
            if (errno != Errno.EINTR) {
                return errno;
            }
        }
    }

    /** Made with the first merged packet: of thousands of V-nets most are idle. */
    private NativeBlock iovecs() {
        NativeBlock made = iovecs;
        if (made == null) {
            made = new NativeBlock(PIECES * MsgHdrVector.IOVEC_BYTES);
            iovecs = made;
        }
        return made;
    }

    private static int gather(ByteBuffer vector, PacketBatch batch, long slab, int slot, long from, long bytes) {
        setPiece(vector, 0, from, bytes);
        int pieces = 1;
        for (int next = batch.next(slot); next != PacketBatch.NONE; next = batch.next(next)) {
            setPiece(vector, pieces++, slab + batch.offset(next), batch.length(next));
        }
        return pieces;
    }

    private static void setPiece(ByteBuffer vector, int piece, long address, long bytes) {
        int at = piece * MsgHdrVector.IOVEC_BYTES;
        vector.putLong(at + MsgHdrVector.IOV_BASE_OFFSET, address);
        vector.putLong(at + MsgHdrVector.IOV_LEN_OFFSET, bytes);
    }

    /** Cuts a super-packet and writes its packets; the first reason of any of them. */
    private @Nullable DropReason writeApart(PacketBatch batch, int slot) {
        Apart plain = apart;
        if (plain == null) {
            plain = new Apart();
            apart = plain;
        }
        DropReason reason = plain.cutter.begin(batch, slot, true);
        if (reason != null) {
            return reason;
        }
        boolean isDone = false;
        while (!isDone) {
            plain.cut.clear();
            isDone = plain.cutter.cutInto(plain.cut, VirtioNetHeader.BYTES + linkBytes, 0);
            long slab = bufferAddresses.of(plain.cut.slab());
            for (int packet = 0; packet < plain.cut.size(); packet++) {
                int header = plain.cut.offset(packet) - linkBytes;
                plain.cut.slab().put(header, batch.slab(), batch.offset(slot) - linkBytes, linkBytes);
                DropReason one = write(plain.cut, slab, packet);
                reason = reason == null ? one : reason;
            }
        }
        return reason;
    }
}

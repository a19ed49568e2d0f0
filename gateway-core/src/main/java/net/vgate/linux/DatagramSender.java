package net.vgate.linux;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import net.vgate.attachment.Offload;
import net.vgate.packet.DropReason;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;

/**
 * Sends datagrams on one socket in batches. Those that go to one address with one traffic class, lie one behind the
 * other and are of one size (the last may be shorter) are handed to the kernel as one, which cuts them (UDP_SEGMENT,
 * udp(7)); when it refuses that, they are sent one by one from then on.
 *
 * <p><b>Threading.</b> One thread, but for {@link #segmentation}.
 */
final class DatagramSender {
    /** Messages of one system call. */
    private static final int VECTOR = 64;

    /** UDP_MAX_SEGMENTS of linux/udp.h, before 6.9. */
    private static final int MAX_SEGMENTS = 64;

    /** The largest UDP payload over IPv6 and IPv4 alike. */
    private static final int MAX_BYTES = 65_535 - 40 - 8;

    private final int fd;
    private final TrafficClassOption trafficClass;
    private final MsgHdrVector vector = new MsgHdrVector(VECTOR);
    private final int[] first = new int[VECTOR];
    private final int[] count = new int[VECTOR];
    private final BufferAddresses bufferAddresses = new BufferAddresses();
    private volatile Offload segmentation;
    private int messages;

    DatagramSender(int fd, Offload segmentation, TrafficClassOption trafficClass) {
        this.fd = fd;
        this.trafficClass = trafficClass;
        this.segmentation = segmentation;
    }

    /** Whether datagrams are handed over many as one. Any thread. */
    Offload segmentation() {
        return segmentation;
    }

    /**
     * Sends the live packets of {@code batch} that leave by {@code local}, in order; marks what the kernel does not
     * take. Returns how many were taken.
     */
    int send(PacketBatch batch, int local) {
        boolean segments = segmentation.isOn();
        int sent = 0;
        messages = 0;
        try {
            for (int slot = 0; slot < batch.size(); ) {
                if (!batch.isLive(slot) || batch.local(slot) != local) {
                    slot++;
                    continue;
                }
                int together = segments ? countTogether(batch, slot, local) : 1;
                if (messages == VECTOR) {
                    sent += sendMessages(batch);
                }
                append(batch, slot, together);
                slot += together;
            }
            return sent + sendMessages(batch);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** How many of the packets from {@code slot} on the kernel can be handed as one. */
    private static int countTogether(PacketBatch batch, int slot, int local) {
        int segment = batch.length(slot);
        int end = batch.offset(slot) + segment;
        int limit = batch.offset(slot) + MAX_BYTES;
        int next = slot + 1;
        for (; next < batch.size() && next - slot < MAX_SEGMENTS; next++) {
            int bytes = batch.length(next);
            if (!batch.isLive(next)
                    || batch.local(next) != local
                    || batch.offset(next) != end
                    || bytes > segment
                    || end + bytes > limit
                    || batch.trafficClass(next) != batch.trafficClass(slot)
                    || !isSameAddress(batch, slot, next)) {
                break;
            }
            end += bytes;
            if (bytes < segment) {
                next++;
                break;
            }
        }
        return next - slot;
    }

    private static boolean isSameAddress(PacketBatch batch, int slot, int other) {
        ByteBuffer addresses = batch.addresses();
        int a = batch.addressOffset(slot);
        int b = batch.addressOffset(other);
        return addresses.getLong(a) == addresses.getLong(b)
                && addresses.getLong(a + 8) == addresses.getLong(b + 8)
                && addresses.getLong(a + 16) == addresses.getLong(b + 16)
                && addresses.getInt(a + 24) == addresses.getInt(b + 24);
    }

    private void append(PacketBatch batch, int slot, int together) {
        describe(messages, batch, slot, together);
        if (together > 1) {
            vector.addControl16(messages, UdpSocket.SOL_UDP, UdpSocket.UDP_SEGMENT, batch.length(slot));
        }
        first[messages] = slot;
        count[messages] = together;
        messages++;
    }

    /** Makes message {@code message} that of {@code together} packets from {@code slot} on. */
    private void describe(int message, PacketBatch batch, int slot, int together) {
        int last = slot + together - 1;
        int bytes = batch.offset(last) + batch.length(last) - batch.offset(slot);
        int name = batch.addressOffset(slot);
        vector.set(
                message,
                bufferAddresses.of(batch.slab()) + batch.offset(slot),
                bytes,
                bufferAddresses.of(batch.addresses()) + name,
                OuterAddress.bytes(batch.addresses(), name));
        // The sockets' own is 0.
        if (batch.trafficClass(slot) != 0) {
            vector.addControl32(message, trafficClass.level(), trafficClass.type(), batch.trafficClass(slot));
        }
    }

    private int sendMessages(PacketBatch batch) {
        int sent = 0;
        int next = 0;
        while (next < messages) {
            int taken = LibC.sendmmsg(fd, vector.address(next), messages - next, UdpSocket.MSG_DONTWAIT);
            if (taken > 0) {
                for (int i = 0; i < taken; i++) {
                    sent += count[next++];
                }
                continue;
            }
            int errno = Errno.last();
            if (errno == Errno.EAGAIN) {
                // The socket's buffer is full, and would be for all that follow.
                dropFrom(batch, next);
                break;
            }
            if (errno != Errno.EINTR) {
                sent += count[next] > 1 ? sendApart(batch, next, errno) : 0;
                if (count[next] == 1) {
                    batch.drop(first[next], reasonOf(errno));
                }
                next++;
            }
        }
        messages = 0;
        return sent;
    }

    /**
     * Sends one by one what the kernel did not take as one. If it takes that, it is the cutting that it refuses (EIO
     * where a device cannot sum up checksums, EINVAL, EOPNOTSUPP), and not these packets.
     */
    private int sendApart(PacketBatch batch, int message, int errno) {
        int sent = 0;
        int spare = message;
        for (int slot = first[message]; slot < first[message] + count[message]; slot++) {
            describe(spare, batch, slot, 1);
            if (LibC.sendmmsg(fd, vector.address(spare), 1, UdpSocket.MSG_DONTWAIT) == 1) {
                sent++;
            } else {
                batch.drop(slot, reasonOf(Errno.last()));
            }
        }
        boolean refusesCutting = errno == Errno.EIO || errno == Errno.EINVAL || errno == Errno.EOPNOTSUPP;
        if (refusesCutting && sent == count[message]) {
            segmentation = Offload.refused(Errno.text(errno));
        }
        return sent;
    }

    private void dropFrom(PacketBatch batch, int message) {
        for (int i = message; i < messages; i++) {
            for (int slot = first[i]; slot < first[i] + count[i]; slot++) {
                batch.drop(slot, DropReason.QUEUE_FULL);
            }
        }
    }

    private static DropReason reasonOf(int errno) {
        return switch (errno) {
            case Errno.EMSGSIZE -> DropReason.TOO_BIG;
            case Errno.ENOBUFS, Errno.EAGAIN -> DropReason.QUEUE_FULL;
            case Errno.EBADF -> throw Errno.failure("sendmmsg", errno);
            default -> DropReason.DEVICE_ERROR;
        };
    }
}

package net.vgate.linux;

import java.lang.ref.Reference;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.GsoType;

/**
 * Fetches datagrams of one socket in batches. Where the socket has UDP_GRO, several of one size may come as one, of
 * which the slot's GSO size says where to cut it; the kernel puts none together whose traffic class differs (Linux
 * 5babae777c61, in 6.9 and in the stable kernels since 6.1.91, 6.6.31 and 6.8.10; before, the first one's stands for
 * all).
 *
 * <p><b>Threading.</b> One thread.
 */
final class DatagramReceiver {
    /** Messages of one system call. */
    private static final int VECTOR = 64;

    /** Bytes that one call should bring at most: what is in the cache when the last of it is delivered. */
    private static final int CALL_BYTES = 256 << 10;

    /** Messages that are always asked for. */
    private static final int FEWEST = 4;

    private final int fd;
    private final TrafficClassOption trafficClass;
    private final MsgHdrVector vector = new MsgHdrVector(VECTOR);
    private final BufferAddresses bufferAddresses = new BufferAddresses();
    private int ask = FEWEST;

    DatagramReceiver(int fd, TrafficClassOption trafficClass) {
        this.fd = fd;
        this.trafficClass = trafficClass;
    }

    /**
     * Appends what has arrived, at most what fits and what one call should bring, as coming from {@code local}.
     *
     * @return whether more may be waiting
     */
    boolean receive(PacketBatch batch, int local) {
        int asked = Math.min(batch.remaining(), ask);
        if (asked == 0) {
            return true;
        }
        try {
            prepare(batch, asked);
            int got = call(asked);
            int bytes = take(batch, local, got);
            adapt(asked, got, bytes);
            return got == asked;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private void prepare(PacketBatch batch, int count) {
        long slab = bufferAddresses.of(batch.slab());
        long names = bufferAddresses.of(batch.addresses());
        int first = batch.size();
        for (int i = 0; i < count; i++) {
            int slot = first + i;
            vector.set(
                    i,
                    slab + batch.startOffset(slot),
                    batch.startMaxLength(slot),
                    names + batch.startAddressOffset(slot),
                    PacketBatch.ADDRESS_BYTES);
            vector.makeRoomForControl(i);
        }
    }

    private int call(int count) {
        while (true) {
            int got = LibC.recvmmsg(fd, vector.address(0), count, UdpSocket.MSG_DONTWAIT, 0);
            if (got >= 0) {
                return got;
            }
            int errno = Errno.last();
            if (errno == Errno.EBADF) {
                throw Errno.failure("recvmmsg", errno);
            }
            if (errno != Errno.EINTR) {
                // EAGAIN; or an error of an earlier datagram (udp(7): ICMP), which is reported once and then gone.
                return 0;
            }
        }
    }

    /**
     * Asks for more where there was more, as long as that is not too many bytes, and for fewer where there was little.
     */
    private void adapt(int asked, int got, int bytes) {
        int next = got == asked ? 2 * asked : got < asked / 4 ? asked / 2 : asked;
        int enough = got == 0 ? VECTOR : CALL_BYTES / Math.max(1, bytes / got);
        ask = Math.max(FEWEST, Math.min(next, Math.min(enough, VECTOR)));
    }

    /** Returns how many bytes they are. */
    private int take(PacketBatch batch, int local, int count) {
        int bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += takeOne(batch, local, i);
        }
        return bytes;
    }

    private int takeOne(PacketBatch batch, int local, int message) {
        int length = vector.messageBytes(message);
        int slot = batch.add(Math.min(length, batch.startMaxLength(batch.size())));
        batch.setLocal(slot, local);
        batch.setTrafficClass(slot, vector.control(message, trafficClass.level(), trafficClass.type()));
        int segment = vector.control(message, UdpSocket.SOL_UDP, UdpSocket.UDP_GRO);
        if ((vector.flags(message) & UdpSocket.MSG_TRUNC) != 0) {
            batch.drop(slot, DropReason.MALFORMED);
        } else if (segment > 0 && segment < length) {
            batch.setGso(slot, GsoType.UDP, segment);
            batch.setParts(slot, (length + segment - 1) / segment);
        }
        return length;
    }
}

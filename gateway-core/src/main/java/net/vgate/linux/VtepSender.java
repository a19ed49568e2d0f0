package net.vgate.linux;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import net.vgate.encap.VtepEncapsulation;
import net.vgate.forwarding.NeighborTable;
import net.vgate.packet.DropReason;
import net.vgate.packet.EthernetHeader;
import net.vgate.packet.MacAddress;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.TransportChecksum;
import net.vgate.translate.TokenBucket;
import org.jspecify.annotations.Nullable;

/**
 * Sends frames to the switches of a V-net, each in a datagram of its own: one copy to each switch of what is for
 * everybody (RFC 7348 section 4.2 leaves how to us; nothing here needs multicast of the underlay).
 */
final class VtepSender extends LinkSender {
    /** Of frames for everybody: some dozens of questions a second at hundreds of switches. */
    private static final int COPIES_PER_SECOND = 4_096;

    private final int fd;
    private final VtepEncapsulation encapsulation;
    private final VtepLink link;
    private final VtepLocators locators;
    private final TokenBucket copies;
    private @Nullable NativeBlock name;

    VtepSender(int fd, VtepEncapsulation encapsulation, VtepLink link, VtepLocators locators) {
        super(link.ethernet(), VtepEncapsulation.WRITTEN_BYTES);
        this.fd = fd;
        this.encapsulation = encapsulation;
        this.link = link;
        this.locators = locators;
        this.copies = new TokenBucket(
                COPIES_PER_SECOND, COPIES_PER_SECOND, link.ethernet().nanoTime());
    }

    @Override
    void writePrefix(ByteBuffer buffer) {
        encapsulation.write(buffer, 0, link.vni());
    }

    @Override
    @Nullable
    DropReason finish(PacketBatch batch, int slot) {
        TransportChecksum.complete(batch, slot);
        int headerBytes = VtepEncapsulation.WRITTEN_BYTES + EthernetHeader.BYTES;
        encapsulation.write(batch.slab(), batch.offset(slot) - headerBytes, link.vni());
        return null;
    }

    @Override
    boolean send(NativeBlock frame, int bytes, long station) {
        if (MacAddress.isUnicast(NeighborTable.mac(station))) {
            return sendTo(NeighborTable.locator(station), frame, bytes);
        }
        int[] everybody = link.locators();
        boolean isTaken = false;
        if (!copies.take(link.ethernet().nanoTime(), everybody.length)) {
            // Who scans a V-net for members that are not there would take the worker from all others.
            return false;
        }
        for (int locator : everybody) {
            isTaken |= sendTo(locator, frame, bytes);
        }
        return isTaken;
    }

    private boolean sendTo(int locator, NativeBlock frame, int bytes) {
        NativeBlock to = name == null ? new NativeBlock(PacketBatch.ADDRESS_BYTES) : name;
        name = to;
        try {
            locators.copyTo(locator, to.networkBytes(), 0);
            int nameBytes = OuterAddress.bytes(to.networkBytes(), 0);
            long sent;
            do {
                sent = LibC.sendto(fd, frame.address(), bytes, UdpSocket.MSG_DONTWAIT, to.address(), nameBytes);
            } while (sent < 0 && Errno.last() == Errno.EINTR);
            return sent >= 0;
        } finally {
            Reference.reachabilityFence(to);
            Reference.reachabilityFence(frame);
        }
    }
}

package net.vgate.benchmark;

import java.nio.ByteBuffer;
import net.vgate.packet.Checksum;
import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.TransportChecksum;
import org.jspecify.annotations.Nullable;

/** Members' packets, of either family and with right checksums. */
final class InnerPackets {
    /** What a TUN device may bring before it is the next one's turn, which is what most batches are. */
    static final int BATCH = 64;

    /** Headers of a TCP segment with timestamps. */
    static final int TCP_BYTES = 32;

    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;
    private static final int UDP_BYTES = 8;

    private InnerPackets() {}

    /** @param number counts the packets of a flow from 0, and is the identification of IPv4 */
    static byte[] udp(Flow flow, int number, int payloadBytes) {
        int bytes = UDP_BYTES + payloadBytes;
        ByteBuffer datagram = ByteBuffer.allocate(bytes)
                .putShort((short) flow.fromPort())
                .putShort((short) flow.toPort())
                .putShort((short) bytes);
        return complete(packet(flow, InnerHeader.UDP, number, datagram.array()), 6);
    }

    /** A segment with timestamps, as Linux sends them; its number counts as {@link #udp}'s does. */
    static byte[] tcp(Flow flow, int number, int flags, int payloadBytes) {
        ByteBuffer segment = ByteBuffer.allocate(TCP_BYTES + payloadBytes)
                .putShort((short) flow.fromPort())
                .putShort((short) flow.toPort())
                .putInt(number * payloadBytes)
                .putInt(1)
                .put((byte) ((TCP_BYTES / 4) << 4))
                .put((byte) flags)
                .putShort((short) 501)
                .putInt(0)
                .putInt(0x0101_080a)
                .putLong(0x0000_0007_0000_0008L);
        return complete(packet(flow, InnerHeader.TCP, number, segment.array()), 16);
    }

    private static byte[] packet(Flow flow, int protocol, int number, byte[] body) {
        IpAddress from = flow.from();
        IpAddress to = flow.to();
        if (!from.isIpv4()) {
            return ByteBuffer.allocate(IPV6_BYTES + body.length)
                    .putInt(0x6000_0000)
                    .putShort((short) body.length)
                    .put((byte) protocol)
                    .put((byte) 64)
                    .putLong(from.hi())
                    .putLong(from.lo())
                    .putLong(to.hi())
                    .putLong(to.lo())
                    .put(body)
                    .array();
        }
        ByteBuffer packet = ByteBuffer.allocate(IPV4_BYTES + body.length)
                .putShort((short) 0x4500)
                .putShort((short) (IPV4_BYTES + body.length))
                .putShort((short) number)
                .putShort((short) 0x4000)
                .put((byte) 64)
                .put((byte) protocol)
                .putShort((short) 0)
                .putInt(from.ipv4Bits())
                .putInt(to.ipv4Bits())
                .put(body);
        int sum = Checksum.sum(packet, 0, IPV4_BYTES);
        return packet.putShort(10, (short) Checksum.complement(sum)).array();
    }

    /** Completes the transport checksum, which is at {@code checksumAt} of the transport header. */
    private static byte[] complete(byte[] packet, int checksumAt) {
        PacketBatch batch = new PacketBatch(1);
        int slot = parsed(batch, packet);
        InnerHeader inner = batch.inner();
        int l4 = inner.l4Offset(slot);
        int pseudo = Checksum.pseudoHeader(inner, slot, inner.end(slot) - l4);
        batch.slab().putShort(l4 + checksumAt, (short) pseudo);
        batch.setChecksumState(slot, ChecksumState.PARTIAL);
        TransportChecksum.complete(batch, slot);
        return batch.copyOut(slot);
    }

    /** Adds a packet and parses it. Returns its slot. */
    static int parsed(PacketBatch batch, byte[] packet) {
        int slot = batch.addCopy(packet);
        requireNone(batch.inner().parse(slot));
        return slot;
    }

    /** What is measured must be what packets that pass cost. */
    static void requireNone(@Nullable DropReason reason) {
        if (reason != null) {
            throw new IllegalStateException("the packet was dropped: " + reason);
        }
    }
}

package net.vgate.dataplane;

import java.nio.ByteBuffer;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;

/**
 * A packet of the self-test, as a device hands it in or is to get it. Made without what the data path makes packets
 * with, which is under test.
 */
final class SelfTestPacket {
    static final int ECHO_REQUEST = 8;
    static final int ECHO_REPLY = 0;

    /** Payload of one segment of TCP. */
    static final int SEGMENT_BYTES = 1_374;

    private static final int ICMP = 1;
    private static final int TCP = 6;
    private static final int IP_BYTES = 20;
    private static final int ICMP_BYTES = 8;
    private static final int TCP_BYTES = 20;
    private static final int TCP_CHECKSUM_OFFSET = 16;
    private static final int ACK_OF_NO_OPTIONS = 0x5010;
    private static final int DO_NOT_FRAGMENT = 0x4000;

    private final String name;
    private final ByteBuffer bytes;
    private final GsoType gsoType;
    private final int gsoSize;
    private final boolean isPartial;

    private SelfTestPacket(String name, ByteBuffer bytes, GsoType gsoType, int gsoSize, boolean isPartial) {
        this.name = name;
        this.bytes = bytes;
        this.gsoType = gsoType;
        this.gsoSize = gsoSize;
        this.isPartial = isPartial;
    }

    /** An ICMP echo with 56 bytes of payload, as ping sends it. */
    static SelfTestPacket echo(int type, String source, String destination) {
        ByteBuffer packet = ip(ICMP, source, destination, ICMP_BYTES + 56);
        packet.putShort(IP_BYTES, (short) (type << 8)).putInt(IP_BYTES + 4, 0x1234_0001);
        fill(packet, IP_BYTES + ICMP_BYTES);
        packet.putShort(IP_BYTES + 2, (short) ~sum(packet, IP_BYTES, packet.capacity()));
        return new SelfTestPacket("ICMP echo " + type, packet, GsoType.NONE, 0, false);
    }

    /** TCP whose checksum is left to whoever sends it on; a super-packet, if it is more than one segment. */
    static SelfTestPacket tcp(String source, int sourcePort, String destination, int port, int payloadBytes) {
        ByteBuffer packet = ip(TCP, source, destination, TCP_BYTES + payloadBytes);
        packet.putShort(IP_BYTES, (short) sourcePort).putShort(IP_BYTES + 2, (short) port);
        packet.putInt(IP_BYTES + 4, 0x7fff_ff00).putInt(IP_BYTES + 8, 1);
        packet.putShort(IP_BYTES + 12, (short) ACK_OF_NO_OPTIONS).putShort(IP_BYTES + 14, (short) 500);
        fill(packet, IP_BYTES + TCP_BYTES);
        int pseudoHeader = fold(sum(packet, 12, IP_BYTES) + TCP + TCP_BYTES + payloadBytes);
        packet.putShort(IP_BYTES + TCP_CHECKSUM_OFFSET, (short) pseudoHeader);
        boolean isSuper = payloadBytes > SEGMENT_BYTES;
        return new SelfTestPacket(
                "TCP of " + payloadBytes + " bytes",
                packet,
                isSuper ? GsoType.TCP4 : GsoType.NONE,
                isSuper ? SEGMENT_BYTES : 0,
                true);
    }

    private static ByteBuffer ip(int protocol, String source, String destination, int bytes) {
        ByteBuffer packet = ByteBuffer.allocate(IP_BYTES + bytes)
                .putShort((short) 0x4500)
                .putShort((short) (IP_BYTES + bytes))
                .putShort((short) 77)
                .putShort((short) DO_NOT_FRAGMENT)
                .put((byte) 63)
                .put((byte) protocol)
                .putShort((short) 0)
                .putInt(address(source))
                .putInt(address(destination));
        return packet.putShort(10, (short) ~sum(packet, 0, IP_BYTES));
    }

    private static int address(String text) {
        return IpAddress.parse(text).orElseThrow().ipv4Bits();
    }

    private static void fill(ByteBuffer packet, int from) {
        for (int at = from; at < packet.capacity(); at++) {
            packet.put(at, (byte) (at * 31));
        }
    }

    /** RFC 1071 word by word; of an even number of bytes. */
    private static int sum(ByteBuffer packet, int from, int to) {
        int sum = 0;
        for (int at = from; at < to; at += 2) {
            sum += packet.getShort(at) & 0xffff;
        }
        return fold(sum);
    }

    private static int fold(int sum) {
        int once = (sum & 0xffff) + (sum >>> 16);
        return (once & 0xffff) + (once >>> 16);
    }

    String name() {
        return name;
    }

    int length() {
        return bytes.capacity();
    }

    void addTo(PacketBatch batch) {
        int slot = batch.add(bytes.capacity());
        batch.slab().put(batch.offset(slot), bytes, 0, bytes.capacity());
        batch.setGso(slot, gsoType, gsoSize);
        if (isPartial) {
            batch.setChecksumState(slot, ChecksumState.PARTIAL);
        }
    }

    /** Whether this packet, and nothing else, is in the slot and in those that were merged into it. */
    boolean isIn(PacketBatch batch, int slot) {
        if (batch.gsoType(slot) != gsoType
                || batch.gsoSize(slot) != gsoSize
                || (batch.checksumState(slot) == ChecksumState.PARTIAL) != isPartial) {
            return false;
        }
        int at = 0;
        for (int piece = slot; piece != PacketBatch.NONE; piece = batch.next(piece)) {
            int length = batch.length(piece);
            ByteBuffer there = batch.slab().slice(batch.offset(piece), length);
            if (at + length > bytes.capacity() || !there.equals(bytes.slice(at, length))) {
                return false;
            }
            at += length;
        }
        return at == bytes.capacity();
    }
}

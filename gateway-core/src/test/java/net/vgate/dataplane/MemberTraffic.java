package net.vgate.dataplane;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import net.vgate.packet.Checksum;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.GsoType;

/** Super-packets as members' kernels hand them out, from members and others, to where they may go and elsewhere. */
final class MemberTraffic {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final String[] SOURCES = {"10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.1.1"};
    private static final String[] DESTINATIONS = {"100.64.2.1", "100.64.2.2", "100.64.2.2", "10.0.0.9", "10.9.0.1"};
    private static final String[] SOURCES6 = {"fd00:e::1", "fd00:e::2", "fd00:9::1"};
    private static final String[] DESTINATIONS6 = {"fd00:f::1", "fd00:f::2", "fd00:e::9", "fd00:8::1"};

    private final SplittableRandom random;
    private final PacketBatch scratch = new PacketBatch(1);
    private final int[] identification = new int[1 << 8];

    MemberTraffic(SplittableRandom random) {
        this.random = random;
    }

    /** One super-packet, and how it is cut. */
    static final class Sent {
        final byte[] packet;
        final GsoType type;
        final int segmentBytes;

        Sent(byte[] packet, GsoType type, int segmentBytes) {
            this.packet = packet;
            this.type = type;
            this.segmentBytes = segmentBytes;
        }
    }

    Sent next() {
        boolean isIpv4 = random.nextInt(3) > 0;
        boolean isTcp = random.nextInt(3) > 0;
        int headers = (isIpv4 ? 20 : 40) + (isTcp ? 20 : 8);
        int most = PathsUnderTest.INNER_MTU - headers;
        int[] sizes = {100, 536, most - 1, most, most + 1};
        int segmentBytes = sizes[random.nextInt(sizes.length)];
        int bytes = segmentBytes * (1 + random.nextInt(40)) + (random.nextBoolean() ? random.nextInt(segmentBytes) : 0);
        if (segmentBytes > most) {
            // The last one does not fit either: else a super-packet would go as a whole, of which one would pass.
            bytes = segmentBytes * (1 + random.nextInt(5));
        }
        byte[] payload = new byte[Math.min(bytes, 65_535 - headers)];
        random.nextBytes(payload);
        byte[] transport = isTcp ? tcp(payload) : udp(payload);
        byte[] packet = isIpv4 ? ipv4(isTcp ? TCP : UDP, transport) : ipv6(isTcp ? TCP : UDP, transport);
        GsoType type = isTcp ? isIpv4 ? GsoType.TCP4 : GsoType.TCP6 : GsoType.UDP;
        return new Sent(withPartialChecksum(packet, isTcp), type, segmentBytes);
    }

    private int port() {
        return random.nextInt(10) == 0 ? 22 : PathsUnderTest.PORT;
    }

    private byte[] tcp(byte[] payload) {
        int[] flags = {0x10, 0x10, 0x18, 0x11, 0x90, 0x50};
        return ByteBuffer.allocate(20 + payload.length)
                .putShort((short) (40_000 + random.nextInt(3)))
                .putShort((short) port())
                .putInt(random.nextInt())
                .putInt(random.nextInt())
                .put((byte) 0x50)
                .put((byte) flags[random.nextInt(flags.length)])
                .putShort((short) 500)
                .putInt(0)
                .put(payload)
                .array();
    }

    private byte[] udp(byte[] payload) {
        return ByteBuffer.allocate(8 + payload.length)
                .putShort((short) (40_000 + random.nextInt(3)))
                .putShort((short) port())
                .putShort((short) (8 + payload.length))
                .putShort((short) 0)
                .put(payload)
                .array();
    }

    private byte[] ipv4(int protocol, byte[] payload) {
        IpAddress source = any(SOURCES);
        IpAddress destination = any(DESTINATIONS);
        int host = source.ipv4Bits() & 0xff;
        identification[host] += 100;
        ByteBuffer packet = ByteBuffer.allocate(20 + payload.length)
                .putShort((short) 0x4500)
                .putShort((short) (20 + payload.length))
                .putShort((short) identification[host])
                .putShort((short) 0x4000)
                .put((byte) 63)
                .put((byte) protocol)
                .putShort((short) 0)
                .putInt(source.ipv4Bits())
                .putInt(destination.ipv4Bits())
                .put(payload);
        return packet.putShort(10, (short) Checksum.complement(Checksum.sum(packet, 0, 20)))
                .array();
    }

    private byte[] ipv6(int protocol, byte[] payload) {
        IpAddress source = any(SOURCES6);
        IpAddress destination = any(DESTINATIONS6);
        return ByteBuffer.allocate(40 + payload.length)
                .putInt(0x6000_0000)
                .putShort((short) payload.length)
                .put((byte) protocol)
                .put((byte) 63)
                .putLong(source.hi())
                .putLong(source.lo())
                .putLong(destination.hi())
                .putLong(destination.lo())
                .put(payload)
                .array();
    }

    private IpAddress any(String[] texts) {
        return IpAddress.parse(texts[random.nextInt(texts.length)]).orElseThrow();
    }

    private byte[] withPartialChecksum(byte[] packet, boolean isTcp) {
        scratch.clear();
        int slot = scratch.addCopy(packet);
        if (scratch.inner().parse(slot) != null) {
            throw new AssertionError("not a packet");
        }
        int l4 = scratch.inner().l4Offset(slot);
        int bytes = scratch.inner().end(slot) - l4;
        int sum = Checksum.pseudoHeader(scratch.inner(), slot, bytes);
        scratch.slab().putShort(l4 + (isTcp ? 16 : 6), (short) sum);
        return scratch.copyOut(slot);
    }
}

package net.vgate.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.management.ManagementFactory;
import java.util.List;
import net.vgate.encap.Geneve;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.TransportChecksum;
import net.vgate.packet.Wire;
import org.junit.jupiter.api.Test;

/** Nothing that runs for every packet may allocate. */
class AllocationTest {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final int OWN = Wire.address(10, 0, 0, 7);
    private static final int REMOTE = Wire.address(100, 64, 2, 9);
    private static final int ALIAS = Wire.address(100, 64, 1, 7);

    private final PacketBatch batch = new PacketBatch(16, 1500);
    private final PacketBatch errors = new PacketBatch(16, 1500);
    private final TokenBucket bucket = new TokenBucket(1_000_000, 16, 0);
    private final PrefixTranslation translation =
            PrefixTranslation.of(List.of(PrefixTranslationTest.rule("10.0.0.0/24", "100.64.1.0/24")));
    private final byte[][] packets = {
        Wire.ipv4Whole(OWN, REMOTE, 6, Wire.tcp(1, 2, 2, Wire.bytes(2, 4, Wire.words(1460)), new byte[90])),
        Wire.ipv4Whole(OWN, REMOTE, 17, Wire.udp(1, 2, new byte[900])),
        Wire.ipv6Whole(Wire.address6(1), Wire.address6(2), 17, Wire.udp(1, 2, new byte[900])),
        Wire.ipv4(OWN, REMOTE, 1, icmpAbout(Wire.ipv4Whole(REMOTE, OWN, 17, Wire.udp(1, 2, new byte[5])))),
        Wire.ipv4(REMOTE, ALIAS, 1, icmpAbout(Wire.ipv4Whole(ALIAS, REMOTE, 17, Wire.udp(1, 2, new byte[5])))),
        Wire.NOTHING,
        new byte[60]
    };

    private static byte[] icmpAbout(byte[] quote) {
        return Wire.withChecksum(Wire.icmp(11, 0, 0, quote), 2, 0, false);
    }

    private void round(long now) {
        batch.clear();
        errors.clear();
        for (byte[] packet : packets) {
            int slot = batch.addCopy(packet);
            if (batch.inner().parse(slot) != null) {
                continue;
            }
            if (bucket.take(now)) {
                IcmpError.packetTooBig(batch, slot, errors, 0, 0xffff_0a00_00feL, 1000);
            }
            MssClamp.clamp(batch, slot, 1300);
            translation.translateSource(batch, slot);
            translation.restoreDestination(batch, slot);
            batch.setChecksumState(slot, PacketBatch.ChecksumState.PARTIAL);
            TransportChecksum.complete(batch, slot);
            Geneve.push(batch, slot, 5001, Geneve.IPV4, false);
            Geneve.check(batch, slot);
        }
    }

    private long allocatedBy(int rounds) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < rounds; i++) {
            round(i);
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void allocatesNothingPerPacket() {
        // The JVM itself may allocate once in a while on any thread; what every packet does, every run shows.
        long least = Long.MAX_VALUE;
        for (int run = 0; run < 10 && least > 0; run++) {
            least = Math.min(least, allocatedBy(2_000));
        }
        assertEquals(0, least);
    }
}

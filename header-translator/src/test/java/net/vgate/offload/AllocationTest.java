package net.vgate.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;
import net.vgate.packet.Wire;
import org.junit.jupiter.api.Test;

/** Nothing that runs for every packet may allocate. */
class AllocationTest {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Merged, distorted and malformed ones. */
    private final List<TrafficPacket> packets = RandomTraffic.packets(new SplittableRandom(1), 100, 400_000, 10);

    private final PacketBatch arrived = PacketBatch.packed(128, 1 << 20);
    private final PacketBatch views = PacketBatch.viewsOf(arrived, 128);
    private final Coalescer coalescer = new Coalescer();
    private final PacketBatch whole = PacketBatch.packed(1, PacketBatch.MAX_ROOM_BYTES);
    private final PacketBatch cut = PacketBatch.packed(16, 1 << 20);
    private final Segmenter segmenter = new Segmenter(whole);
    private final TunnelFragmenter fragmenter = new TunnelFragmenter(whole);
    private final byte[] bulk = NaiveSegmentation.finished(
            Wire.ipv4(1, 2, Wire.TCP, Wire.tcp(1, 2, 0x10, Wire.NOTHING, new byte[60_000])), true);

    private void merge() {
        arrived.clear();
        views.clear();
        for (int i = 0; i < packets.size(); i++) {
            TrafficPacket packet = packets.get(i);
            int from = arrived.addCopy(packet.bytes());
            int slot = views.addView(arrived, from, arrived.offset(from), packet.bytes().length);
            views.setVnet(slot, packet.vnet());
            views.setSite(slot, packet.site());
            views.setChecksumState(slot, packet.isPartial() ? ChecksumState.PARTIAL : ChecksumState.UNKNOWN);
        }
        coalescer.coalesce(views);
    }

    private int cut(boolean keepPartial) {
        whole.clear();
        int slot = whole.addCopy(bulk);
        whole.setGso(slot, GsoType.TCP4, 1_448);
        whole.setChecksumState(slot, ChecksumState.PARTIAL);
        if (whole.inner().parse(slot) != null || SuperPacket.count(whole, slot) != null) {
            throw new AssertionError("a packet that can be cut");
        }
        segmenter.begin(whole, slot, keepPartial);
        boolean isDone = false;
        int parts = 0;
        while (!isDone) {
            cut.clear();
            isDone = segmenter.cutInto(cut, 50, 17);
            parts += cut.size();
        }
        return parts;
    }

    private int fragment(boolean keepPartial) {
        whole.clear();
        int slot = whole.addCopy(bulk);
        whole.setChecksumState(slot, ChecksumState.PARTIAL);
        if (whole.inner().parse(slot) != null) {
            throw new AssertionError("a packet");
        }
        fragmenter.begin(whole, slot, 5_001, 1_414, 1, keepPartial);
        do {
            cut.clear();
        } while (!fragmenter.cutInto(cut, 50, 17));
        return fragmenter.made();
    }

    private long allocatedBy(int rounds) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < rounds; i++) {
            merge();
            cut(false);
            cut(true);
            fragment(false);
            fragment(true);
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void allocatesNothingPerPacket() {
        // The JVM itself may allocate once in a while on any thread; what every packet does, every run shows.
        long least = Long.MAX_VALUE;
        for (int run = 0; run < 10 && least > 0; run++) {
            least = Math.min(least, allocatedBy(500));
        }
        assertEquals(0, least);
        assertEquals(42, cut(false));
        assertEquals(43, fragment(false));
    }
}

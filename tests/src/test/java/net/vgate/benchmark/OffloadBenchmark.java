package net.vgate.benchmark;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import net.vgate.offload.Coalescer;
import net.vgate.offload.Segmenter;
import net.vgate.offload.SuperPacket;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.ChecksumState;
import net.vgate.packet.PacketBatch.GsoType;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to split a super-packet, and to coalesce packets that came; each is one batch. Coalescing includes that
 * the packets' headers are put back first, as they came.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class OffloadBenchmark {
    /** Of TCP in a packet of {@link SampleVnet#INNER_MTU} bytes. */
    private static final int SEGMENT_BYTES = SampleVnet.INNER_MTU - 20 - InnerPackets.TCP_BYTES;

    /** What a super-packet of 64 KB is split into, and about what one read of the socket brings. */
    private static final int SEGMENTS = 44;

    /** Flows of small packets: more than the coalescer follows at a time. */
    private static final int SMALL_FLOWS = 16;

    /** Of which {@link Coalescer} may change something. */
    private static final int HEADER_BYTES = 20 + InnerPackets.TCP_BYTES;

    /** As the records of one batch have it, see RecordOutput. */
    private static final int RECORDS_BYTES = 640 << 10;

    private static final int HEAD_BYTES = 29;
    private static final int TAIL_BYTES = 17;

    private final Segmenter segmenter;
    private final PacketBatch whole = PacketBatch.packed(1, PacketBatch.MAX_ROOM_BYTES);
    private final PacketBatch records = PacketBatch.packed(512, RECORDS_BYTES);
    private final Coalescer coalescer = new Coalescer();
    private final Arrived bulk = new Arrived();
    private final Arrived small = new Arrived();

    public OffloadBenchmark() {
        segmenter = new Segmenter(whole);
    }

    /** Packets that lie where they arrived, and what their headers were. */
    private static final class Arrived {
        private final PacketBatch datagrams = PacketBatch.packed(InnerPackets.BATCH, RECORDS_BYTES);
        private final PacketBatch batch = PacketBatch.viewsOf(datagrams, InnerPackets.BATCH);
        private final byte[][] headers = new byte[InnerPackets.BATCH][];

        void add(byte[] packet) {
            int slot = datagrams.addCopy(packet);
            headers[slot] = Arrays.copyOf(packet, HEADER_BYTES);
        }

        PacketBatch again() {
            batch.clear();
            for (int slot = 0; slot < datagrams.size(); slot++) {
                datagrams.slab().put(datagrams.offset(slot), headers[slot]);
                batch.addView(datagrams, slot, datagrams.offset(slot), datagrams.length(slot));
            }
            return batch;
        }
    }

    @Setup
    public void fill() {
        Flow[] flows = SampleVnet.flows(SMALL_FLOWS, 1_000);
        int bytes = SEGMENTS * SEGMENT_BYTES;
        int slot = InnerPackets.parsed(whole, InnerPackets.tcp(flows[0], 0, InnerHeader.TCP_ACK, bytes));
        whole.setGso(slot, GsoType.TCP4, SEGMENT_BYTES);
        whole.setChecksumState(slot, ChecksumState.PARTIAL);
        InnerPackets.requireNone(SuperPacket.count(whole, slot));
        for (int i = 0; i < SEGMENTS; i++) {
            bulk.add(InnerPackets.tcp(flows[0], i, InnerHeader.TCP_ACK, SEGMENT_BYTES));
        }
        for (int i = 0; i < InnerPackets.BATCH; i++) {
            small.add(InnerPackets.udp(flows[i % SMALL_FLOWS], i / SMALL_FLOWS, 64));
        }
        require("packets of a super-packet", SEGMENTS, splitAndComplete().size());
        require("segments in one", SEGMENTS, coalesceOneFlow().parts(0));
        coalesceSmallFlows();
    }

    private static void require(String what, int expected, int found) {
        if (found != expected) {
            throw new IllegalStateException(what + ": " + found + ", not " + expected);
        }
    }

    /** For a peer that takes partial checksums. */
    @Benchmark
    public PacketBatch split() {
        return split(true);
    }

    /** For any other: each packet's checksum is made here. */
    @Benchmark
    public PacketBatch splitAndComplete() {
        return split(false);
    }

    private PacketBatch split(boolean keepsPartial) {
        records.clear();
        segmenter.begin(whole, 0, keepsPartial);
        if (!segmenter.cutInto(records, HEAD_BYTES, TAIL_BYTES)) {
            throw new IllegalStateException("no room");
        }
        return records;
    }

    @Benchmark
    public PacketBatch coalesceOneFlow() {
        PacketBatch batch = bulk.again();
        coalescer.coalesce(batch);
        return batch;
    }

    @Benchmark
    public PacketBatch coalesceSmallFlows() {
        PacketBatch batch = small.again();
        coalescer.coalesce(batch);
        return batch;
    }
}

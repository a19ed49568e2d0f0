package net.vgate.benchmark;

import java.util.concurrent.TimeUnit;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to understand one packet, in a batch of one kind. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class ParseBenchmark {
    private static final int PAYLOAD_BYTES = 64;

    /** Protocol and family. */
    public enum Kind {
        TCP4(InnerHeader.TCP, "10.0.0.1", "12.0.0.1"),
        UDP4(InnerHeader.UDP, "10.0.0.1", "12.0.0.1"),
        TCP6(InnerHeader.TCP, "fd00:a::1", "fd00:b::1"),
        UDP6(InnerHeader.UDP, "fd00:a::1", "fd00:b::1");

        private final int protocol;
        private final String from;
        private final String to;

        Kind(int protocol, String from, String to) {
            this.protocol = protocol;
            this.from = from;
            this.to = to;
        }

        byte[] packet(int number) {
            IpAddress source = IpAddress.parse(from).orElseThrow();
            Flow flow = new Flow(source, 40_000, IpAddress.parse(to).orElseThrow(), SampleVnet.SERVER_PORT);
            return protocol == InnerHeader.TCP
                    ? InnerPackets.tcp(flow, number, InnerHeader.TCP_ACK, PAYLOAD_BYTES)
                    : InnerPackets.udp(flow, number, PAYLOAD_BYTES);
        }
    }

    @Param
    public Kind kind = Kind.TCP4;

    private final PacketBatch batch = new PacketBatch(InnerPackets.BATCH, 1_500);

    @Setup
    public void fill() {
        for (int i = 0; i < InnerPackets.BATCH; i++) {
            InnerPackets.parsed(batch, kind.packet(i));
        }
    }

    @Benchmark
    @OperationsPerInvocation(InnerPackets.BATCH)
    public int parse() {
        InnerHeader inner = batch.inner();
        int refused = 0;
        for (int slot = 0; slot < InnerPackets.BATCH; slot++) {
            refused += inner.parse(slot) == null ? 0 : 1;
        }
        return refused;
    }
}

package net.vgate.benchmark;

import java.util.concurrent.TimeUnit;
import net.vgate.forwarding.FlowMemory;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.PacketBatch;
import net.vgate.policy.PolicyGate;
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
import org.openjdk.jmh.infra.Blackhole;

/** What it costs to judge one packet of a flow that both sides take part in. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
@SuppressWarnings("NullAway.Init") // JMH calls establish() first.
public class PolicyBenchmark {
    /** That take turns, packet by packet. */
    @Param({"1", "16", "10000"})
    public int flows;

    private final PolicyGate gate = new PolicyGate(0);
    private VnetTable vnet;
    private PacketBatch[] batches;
    private int next;

    /** So that the batches hold a packet of each flow, and so many that the JIT knows none of them. */
    @Setup
    public void establish() {
        vnet = SampleVnet.of(1, flows, flows).table(0, new FlowMemory(Long.MAX_VALUE));
        Flow[] all = SampleVnet.flows(flows, flows);
        batches = new PacketBatch[(flows + InnerPackets.BATCH - 1) / InnerPackets.BATCH];
        PacketBatch answer = new PacketBatch(1, 1_500);
        for (int i = 0; i < batches.length; i++) {
            batches[i] = PacketBatch.packed(InnerPackets.BATCH, InnerPackets.BATCH * 512);
            for (int packet = 0; packet < InnerPackets.BATCH; packet++) {
                Flow flow = all[(i * InnerPackets.BATCH + packet) % flows];
                int slot = InnerPackets.parsed(batches[i], InnerPackets.tcp(flow, 1, InnerHeader.TCP_ACK, 64));
                InnerPackets.requireNone(gate.permitOutbound(vnet, batches[i], slot, System.nanoTime()));
                answer.clear();
                InnerPackets.parsed(answer, InnerPackets.tcp(flow.reverse(), 1, InnerHeader.TCP_ACK, 64));
                InnerPackets.requireNone(gate.permitInbound(vnet, answer, 0, System.nanoTime()));
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(InnerPackets.BATCH)
    public void permitOutbound(Blackhole hole) {
        PacketBatch batch = batches[next];
        next = next + 1 == batches.length ? 0 : next + 1;
        long nowNanos = System.nanoTime();
        for (int slot = 0; slot < InnerPackets.BATCH; slot++) {
            DropReason reason = gate.permitOutbound(vnet, batch, slot, nowNanos);
            hole.consume(reason);
        }
    }
}

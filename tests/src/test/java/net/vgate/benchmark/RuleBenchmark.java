package net.vgate.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.config.GatewayConfig.PortRange;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.Prefix;
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

/** What it costs to judge one packet that is in no flow, and so by the rules. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
@SuppressWarnings("NullAway.Init") // JMH calls compile() first.
public class RuleBenchmark {
    /** Each of them about one member. */
    @Param({"1", "10000"})
    public int rules;

    private final PolicyGate gate = new PolicyGate(0);
    private VnetTable vnet;
    private PacketBatch permitted;
    private PacketBatch denied;

    /** The members of a batch are spread over all. */
    @Setup
    public void compile() {
        List<PolicyRule> policy = new ArrayList<>();
        for (int i = 0; i < rules; i++) {
            policy.add(new PolicyRule(
                    Direction.OUT,
                    Optional.of(InnerHeader.TCP),
                    Optional.of(new Prefix(SampleVnet.member(SampleVnet.OWN, i), 32)),
                    Optional.empty(),
                    List.of(new PortRange(SampleVnet.SERVER_PORT, SampleVnet.SERVER_PORT)),
                    true));
        }
        GatewayConfig.Vnet like = SampleVnet.of(1, 1, 1).configured();
        vnet = VnetTable.builder(
                        0,
                        new GatewayConfig.Vnet(
                                like.name(),
                                like.vni(),
                                like.kind(),
                                like.attachment(),
                                List.of(),
                                List.of(),
                                List.of(),
                                policy,
                                like.maxFlows()))
                .build();
        permitted = batch(SampleVnet.SERVER_PORT);
        denied = batch(SampleVnet.SERVER_PORT + 1);
    }

    private PacketBatch batch(int port) {
        PacketBatch batch = PacketBatch.packed(InnerPackets.BATCH, InnerPackets.BATCH * 512);
        for (Flow flow : SampleVnet.flows(InnerPackets.BATCH, rules)) {
            Flow toPort = new Flow(flow.from(), flow.fromPort(), flow.to(), port);
            InnerPackets.parsed(batch, InnerPackets.tcp(toPort, 1, InnerHeader.TCP_SYN, 0));
        }
        return batch;
    }

    @Benchmark
    @OperationsPerInvocation(InnerPackets.BATCH)
    public void permit(Blackhole hole) {
        judge(permitted, hole);
    }

    @Benchmark
    @OperationsPerInvocation(InnerPackets.BATCH)
    public void deny(Blackhole hole) {
        judge(denied, hole);
    }

    private void judge(PacketBatch batch, Blackhole hole) {
        long nowNanos = System.nanoTime();
        for (int slot = 0; slot < InnerPackets.BATCH; slot++) {
            hole.consume(gate.permitOutbound(vnet, batch, slot, nowNanos));
        }
    }
}

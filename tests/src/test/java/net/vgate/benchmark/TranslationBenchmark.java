package net.vgate.benchmark;

import java.util.List;
import java.util.concurrent.TimeUnit;
import net.vgate.packet.PacketBatch;
import net.vgate.translate.PrefixTranslation;
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

/**
 * What it costs to give one packet another address, its checksums included. Each batch is translated to the alias and,
 * by the inverse rule, back again: so it is the same packet each second time, and no other work is measured.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class TranslationBenchmark {
    /** TCP or UDP; the other one's checksum lies elsewhere. */
    @Param({"TCP4", "UDP4"})
    public ParseBenchmark.Kind kind = ParseBenchmark.Kind.TCP4;

    private final PacketBatch batch = new PacketBatch(InnerPackets.BATCH, 1_500);
    private final PrefixTranslation[] sources = {
        PrefixTranslation.of(List.of(new PrefixTranslation.Rule(SampleVnet.OWN, SampleVnet.ALIAS))),
        PrefixTranslation.of(List.of(new PrefixTranslation.Rule(SampleVnet.ALIAS, SampleVnet.OWN)))
    };
    private final PrefixTranslation[] destinations = {
        PrefixTranslation.of(List.of(new PrefixTranslation.Rule(SampleVnet.OWN, SampleVnet.REMOTE))),
        PrefixTranslation.of(List.of(new PrefixTranslation.Rule(SampleVnet.REMOTE, SampleVnet.OWN)))
    };
    private int turn;

    @Setup
    public void fill() {
        for (int i = 0; i < InnerPackets.BATCH; i++) {
            InnerPackets.parsed(batch, kind.packet(i));
        }
        if (translateSource() + translateSource() + restoreDestination() + restoreDestination() > 0) {
            throw new IllegalStateException("not translated");
        }
    }

    private int advance() {
        int now = turn;
        turn = 1 - turn;
        return now;
    }

    /** Returns how many were refused: none. */
    @Benchmark
    @OperationsPerInvocation(InnerPackets.BATCH)
    public int translateSource() {
        PrefixTranslation translation = sources[advance()];
        int refused = 0;
        for (int slot = 0; slot < InnerPackets.BATCH; slot++) {
            refused += translation.translateSource(batch, slot) == null ? 0 : 1;
        }
        return refused;
    }

    /** Returns how many were refused: none. */
    @Benchmark
    @OperationsPerInvocation(InnerPackets.BATCH)
    public int restoreDestination() {
        PrefixTranslation translation = destinations[advance()];
        int refused = 0;
        for (int slot = 0; slot < InnerPackets.BATCH; slot++) {
            refused += translation.restoreDestination(batch, slot) == null ? 0 : 1;
        }
        return refused;
    }
}

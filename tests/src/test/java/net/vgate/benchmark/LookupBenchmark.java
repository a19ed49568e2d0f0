package net.vgate.benchmark;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import net.vgate.forwarding.FlowMemory;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.Prefix;
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

/** What it costs to find out where one member is, when every packet is of another one. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
@SuppressWarnings("NullAway.Init") // JMH calls fill() first.
public class LookupBenchmark {
    /** As many as make a large table's parts leave the processor's nearest caches. */
    private static final int ADDRESSES = 1 << 16;

    /** Of each of the two sites. */
    @Param({"1", "1000", "1000000"})
    public int members;

    private final long[] own = new long[ADDRESSES];
    private final long[] remote = new long[ADDRESSES];
    private VnetTable table;
    private int next;

    @Setup
    public void fill() {
        table = SampleVnet.of(1, members, members).table(0, new FlowMemory(Long.MAX_VALUE));
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < ADDRESSES; i++) {
            own[i] = lo(SampleVnet.OWN, random);
            remote[i] = lo(SampleVnet.REMOTE, random);
        }
        if (ownMembers() != InnerPackets.BATCH || remoteSites() != 0) {
            throw new IllegalStateException("the table lacks members");
        }
    }

    private long lo(Prefix site, SplittableRandom random) {
        return SampleVnet.member(site, random.nextInt(members)).lo();
    }

    private int advance() {
        int first = next;
        next = (next + InnerPackets.BATCH) & (ADDRESSES - 1);
        return first;
    }

    /** How many of a batch's sources are members here: all. */
    @Benchmark
    @OperationsPerInvocation(InnerPackets.BATCH)
    public int ownMembers() {
        int first = advance();
        int found = 0;
        for (int i = first; i < first + InnerPackets.BATCH; i++) {
            found += table.isOwnMember(InnerHeader.MAPPED_HI, own[i]) ? 1 : 0;
        }
        return found;
    }

    /** The sum of the numbers of the sites that a batch goes to, which is 0. */
    @Benchmark
    @OperationsPerInvocation(InnerPackets.BATCH)
    public int remoteSites() {
        int first = advance();
        int sites = 0;
        for (int i = first; i < first + InnerPackets.BATCH; i++) {
            sites += table.remoteSite(InnerHeader.MAPPED_HI, remote[i]);
        }
        return sites;
    }
}

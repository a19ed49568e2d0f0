package net.vgate.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import net.vgate.directory.Directory;
import net.vgate.directory.MemberChange;
import net.vgate.forwarding.MemberState;
import net.vgate.forwarding.MemberTable;
import net.vgate.packet.IpAddress;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a member costs that a directory lists: to look it up, to change it on the disk, and to read it at the start. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
@SuppressWarnings("NullAway.Init") // JMH calls fill() first.
public class MembershipBenchmark {
    private static final int FIRST = 0x0a00_0000;
    private static final int LOOKUPS = 1 << 10;
    private static final int MANY = 1_000;

    @Param({"1000", "1000000"})
    public int members;

    private final SplittableRandom random = new SplittableRandom(1);
    private final IpAddress[] asked = new IpAddress[LOOKUPS];
    private Path folder;
    private Directory directory;
    private MemberTable table;

    @Setup
    public void fill() throws IOException {
        folder = Files.createTempDirectory("vgate-membership");
        directory = Directory.open(file());
        for (int first = 0; first < members; first += MANY) {
            List<MemberChange> changes = new ArrayList<>();
            for (int number = first; number < first + MANY; number++) {
                changes.add(change(number, MemberState.JOINED));
            }
            directory.apply(now -> changes);
        }
        table = directory.members("blue");
        for (int i = 0; i < LOOKUPS; i++) {
            asked[i] = IpAddress.ofIpv4(FIRST + random.nextInt(members));
        }
    }

    private Path file() {
        return folder.resolve("benchmark.directory");
    }

    private static MemberChange change(int number, MemberState state) {
        return new MemberChange("blue", IpAddress.ofIpv4(FIRST + number), Optional.of(state));
    }

    @TearDown
    public void remove() throws IOException {
        directory.close();
        try (var files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    /** One of many look-ups of members that are there. */
    @Benchmark
    @OperationsPerInvocation(LOOKUPS)
    public int lookUp() {
        int joined = 0;
        for (IpAddress address : asked) {
            joined += table.isJoined(address.hi(), address.lo()) ? 1 : 0;
        }
        return joined;
    }

    /** One change, with the disk. */
    @Benchmark
    public long change() {
        return apply(1);
    }

    /** One of a thousand changes that count together, with the disk. */
    @Benchmark
    @OperationsPerInvocation(MANY)
    public long changeOfMany() {
        return apply(MANY);
    }

    private long apply(int count) {
        List<MemberChange> changes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            changes.add(
                    change(random.nextInt(members), random.nextBoolean() ? MemberState.JOINED : MemberState.EXPECTED));
        }
        return directory.apply(now -> changes);
    }

    /** All of them read at the start. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public long open() {
        directory.close();
        directory = Directory.open(file());
        table = directory.members("blue");
        return directory.revision();
    }
}

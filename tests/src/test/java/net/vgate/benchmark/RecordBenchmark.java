package net.vgate.benchmark;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import net.vgate.config.GatewayConfig.AeadProvider;
import net.vgate.control.AeadSelection;
import net.vgate.packet.PacketBatch;
import net.vgate.record.Aead;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.AeadUnavailableException;
import net.vgate.record.Association;
import net.vgate.record.ConnectionIds;
import net.vgate.record.ControlProtector;
import net.vgate.record.PeerIdentity;
import net.vgate.record.RecordKeys;
import net.vgate.record.RecordProtector;
import net.vgate.record.Role;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a batch of records costs, sealed, and sealed and opened again; for each provider of AES-GCM. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls associate() first.
public class RecordBenchmark {
    /** By the name that the configuration has for it. */
    @Param({"SUNJCE", "IPSEC_MB"})
    public AeadProvider provider = AeadProvider.AUTO;

    /** In a batch; 44 are what a super-packet of TCP makes. */
    @Param({"1", "44"})
    public int records;

    /** Of plaintext, in each record. */
    @Param({"64", "1400"})
    public int bytes;

    private final RecordProtector protector = new RecordProtector(64, (association, type, content) -> true, () -> 0, 0);
    private final PacketBatch batch = new PacketBatch(64, 1_500);
    private final int[] slots = new int[64];
    private Association client;
    private Association server;

    /** Anew for each iteration, lest a key reach its limit. */
    @Setup(Level.Iteration)
    public void associate() throws AeadUnavailableException {
        Arrays.setAll(slots, i -> i);
        Aead aead = AeadSelection.of(provider).aead();
        client = end(aead, Role.CLIENT, ConnectionIds.negotiated(1, cid(2)));
        server = end(aead, Role.SERVER, ConnectionIds.negotiated(2, cid(1)));
    }

    private static Association end(Aead aead, Role role, ConnectionIds ids) {
        AeadAlgorithm algorithm = AeadAlgorithm.AES_128_GCM;
        RecordKeys keys = RecordKeys.of(algorithm, new byte[RecordKeys.keyBlockBytes(algorithm)], role);
        return new Association(
                new Association.Terms(ids, role, new PeerIdentity("site", "gateway"), "TLS_NONE", Instant.MAX),
                new Association.Path(0, new InetSocketAddress(InetAddress.getLoopbackAddress(), 4433)),
                keys,
                new ControlProtector(ids, keys),
                aead,
                1,
                0);
    }

    private static byte[] cid(long id) {
        return ByteBuffer.allocate(Long.BYTES).putLong(id).array();
    }

    @Benchmark
    public PacketBatch seal() {
        batch.clear();
        for (int i = 0; i < records; i++) {
            batch.add(bytes);
        }
        protector.seal(batch, slots, records, client);
        return batch;
    }

    @Benchmark
    public PacketBatch sealAndOpen() {
        seal();
        protector.open(batch, slots, records, server);
        return batch;
    }
}

package net.vgate.benchmark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import net.vgate.handshake.CloseReason;
import net.vgate.handshake.Credentials;
import net.vgate.handshake.CredentialsException;
import net.vgate.handshake.HandshakeEnvironment;
import net.vgate.handshake.HandshakeFailure;
import net.vgate.handshake.HandshakeLimits;
import net.vgate.handshake.HandshakeListener;
import net.vgate.handshake.HandshakePolicy;
import net.vgate.handshake.Handshakes;
import net.vgate.handshake.KnownPeers;
import net.vgate.packet.DropReason;
import net.vgate.pki.CertificateAuthority;
import net.vgate.pki.PkiException;
import net.vgate.record.Association;
import net.vgate.record.AssociationTable;
import net.vgate.record.JceAead;
import net.vgate.record.PeerIdentity;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a flood costs: ClientHellos that are answered, those beyond the rate, and records of no association. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls start() first.
public class HelloBenchmark {
    private static final int SOURCES = 4_096;

    private final InetSocketAddress[] sources = new InetSocketAddress[SOURCES];
    private final byte[] hello = hello();
    private final byte[] bogus = bogus();
    private Handshakes answering;
    private Handshakes limiting;
    private int next;

    @Setup
    public void start() throws IOException, PkiException, CredentialsException {
        for (int i = 0; i < SOURCES; i++) {
            byte[] address = {10, 0, (byte) (i >> 8), (byte) i};
            sources[i] = new InetSocketAddress(InetAddress.getByAddress(address), 4_433);
        }
        Path folder = Files.createTempDirectory("hello");
        Duration day = Duration.ofDays(1);
        CertificateAuthority.create(folder, "benchmark", day, Instant.now(), false);
        CertificateAuthority.load(folder).issue(folder, "east", "east-1", day, Instant.now(), false);
        Credentials credentials = Credentials.load(
                folder.resolve("east-1.crt"),
                folder.resolve("east-1.key"),
                List.of(folder.resolve("ca.crt")),
                List.of());
        HandshakePolicy policy =
                new HandshakePolicy(credentials, new KnownPeers(Set.of(new PeerIdentity("west", "west-1")), Set.of()));
        answering = handshakes(policy, 1_000_000_000);
        limiting = handshakes(policy, 1);
    }

    private static Handshakes handshakes(HandshakePolicy policy, int rate) {
        HandshakeEnvironment environment = new HandshakeEnvironment(
                (local, bytes, offset, length, to) -> {},
                new AssociationTable(),
                new JceAead(),
                new SecureRandom(),
                System::nanoTime,
                InstantSource.system(),
                null);
        return new Handshakes(environment, HandshakeLimits.DEFAULT.withRates(rate, rate, 50), policy, new Nobody());
    }

    @TearDown
    public void stop() {
        answering.close();
        limiting.close();
    }

    /** A cookie is made and sent. */
    @Benchmark
    public @Nullable DropReason helloThatIsAnswered() {
        return answering.receive(0, source(), hello);
    }

    @Benchmark
    public @Nullable DropReason helloBeyondTheRate() {
        return limiting.receive(0, source(), hello);
    }

    /** With a connection ID that was never given out. */
    @Benchmark
    public @Nullable DropReason bogusRecord() {
        return answering.receive(0, source(), bogus);
    }

    private InetSocketAddress source() {
        next = (next + 1) % SOURCES;
        return sources[next];
    }

    /** As short as OpenSSL's are; extensions are not looked at before there is a cookie. */
    private static byte[] hello() {
        int body = 2 + 32 + 1 + 1 + 2 + 4 + 1 + 1 + 2 + 120;
        ByteBuffer hello = ByteBuffer.allocate(13 + 12 + body);
        hello.put((byte) 22).putShort((short) 0xfefd).putLong(0).putShort((short) (12 + body));
        hello.put((byte) 1).put((byte) 0).putShort((short) body);
        hello.putShort((short) 0).put(new byte[3]).put((byte) 0).putShort((short) body);
        hello.putShort((short) 0xfefd).put(new byte[32]).put((byte) 0).put((byte) 0);
        hello.putShort((short) 4).putInt(0xc02b_00ff).put((byte) 1).put((byte) 0);
        // One extension that nobody knows.
        hello.putShort((short) 120).putShort((short) 0xfefe).putShort((short) 116);
        return hello.array();
    }

    private static byte[] bogus() {
        ByteBuffer record = ByteBuffer.allocate(13 + 8 + 100);
        record.put((byte) 25).putShort((short) 0xfefd).putLong(1L << 48).putLong(0x0123_4567_89ab_cdefL);
        record.putShort((short) 100);
        return record.array();
    }

    private static final class Nobody implements HandshakeListener {
        @Override
        public void connected(PeerIdentity peer, int attempt, Association association) {}

        @Override
        public void accepted(Association association) {}

        @Override
        public void failed(HandshakeFailure failure) {}

        @Override
        public void closed(Association association, CloseReason reason) {}
    }
}

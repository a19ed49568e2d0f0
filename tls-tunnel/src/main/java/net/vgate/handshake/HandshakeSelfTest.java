package net.vgate.handshake;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.security.cert.TrustAnchor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import net.vgate.packet.PacketBatch;
import net.vgate.pki.SelfSigned;
import net.vgate.record.Aead;
import net.vgate.record.Association;
import net.vgate.record.AssociationTable;
import net.vgate.record.PeerIdentity;
import net.vgate.record.Quiescence;
import net.vgate.record.RecordProtector;
import org.jspecify.annotations.Nullable;

/**
 * A whole handshake of the process with itself, in memory and with credentials that nobody else ever sees, and some
 * records over what it establishes. It shows before the first peer comes that this Java can do what a tunnel needs; and
 * the first peer finds the code loaded, which takes a cold process longer than the handshake.
 */
public final class HandshakeSelfTest {
    private static final PeerIdentity OWN = new PeerIdentity("self", "test");
    private static final int RECORDS = 4;
    private static final int ROUNDS = 4;
    private static final int PAYLOAD_BYTES = 1_400;

    /** Nothing is lost in memory: whoever waits this long waits for a machine that does not go on. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final HandshakeLimits LIMITS = new HandshakeLimits(4, 2, PATIENCE, PATIENCE, PATIENCE, 16, 16, 16);

    /** Datagrams to be delivered, and nothing to be done when an end has come to its end. */
    private final BlockingQueue<Runnable> wire = new LinkedBlockingQueue<>();

    private final RecordProtector protector;
    private final PacketBatch batch = new PacketBatch(RECORDS);
    private final int[] slots = new int[RECORDS];
    private final End client;
    private final End server;

    private HandshakeSelfTest(Aead aead, SecureRandom random) {
        SelfSigned identity = SelfSigned.of(OWN.uri(), InstantSource.system().instant());
        client = new End(1, identity, aead, random);
        server = new End(2, identity, aead, random);
        client.peer = server;
        server.peer = client;
        protector = new RecordProtector(RECORDS, client.handshakes, System::nanoTime, 0);
        Arrays.setAll(slots, slot -> slot);
    }

    /**
     * Runs the test; takes a second in a cold process, and some milliseconds in a warm one.
     *
     * @throws SelfTestException when no handshake or no record got through
     */
    public static void run(Aead aead, SecureRandom random) throws SelfTestException, InterruptedException {
        HandshakeSelfTest test = new HandshakeSelfTest(aead, random);
        try {
            test.shakeHands();
            for (int round = 0; round < ROUNDS; round++) {
                test.exchange(test.client, test.server);
                test.exchange(test.server, test.client);
            }
        } finally {
            test.client.close();
            test.server.close();
        }
    }

    private void shakeHands() throws SelfTestException, InterruptedException {
        client.handshakes.connect(OWN, 0, new Association.Path(0, server.address), 0, false);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (client.association == null || server.association == null) {
            Runnable next = wire.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (next == null) {
                throw failure("it did not end within " + PATIENCE.toSeconds() + " s");
            }
            next.run();
            HandshakeFailure failed = client.failure == null ? server.failure : client.failure;
            if (failed != null) {
                throw failure(failed.reason().label() + ": " + failed.detail());
            }
        }
    }

    private void exchange(End from, End to) throws SelfTestException {
        batch.clear();
        byte[] payload = new byte[PAYLOAD_BYTES];
        for (int slot = 0; slot < RECORDS; slot++) {
            Arrays.fill(payload, (byte) slot);
            batch.addCopy(payload);
        }
        protector.seal(batch, slots, RECORDS, from.association());
        protector.open(batch, slots, RECORDS, to.association());
        for (int slot = 0; slot < RECORDS; slot++) {
            Arrays.fill(payload, (byte) slot);
            if (!batch.isLive(slot)) {
                throw failure("a record was dropped: " + batch.dropReason(slot));
            }
            if (!Arrays.equals(payload, batch.copyOut(slot))) {
                throw failure("a record came out as another one");
            }
        }
    }

    private static SelfTestException failure(String why) {
        return new SelfTestException("this Java (" + System.getProperty("java.home")
                + ") cannot shake hands with itself, so no peer could be reached: " + why
                + "; look at what its java.security and the system's crypto policy disable");
    }

    /** One of the two ends. */
    private final class End implements HandshakeListener, AutoCloseable {
        private final InetSocketAddress address;
        private final Handshakes handshakes;
        private @Nullable End peer;
        private volatile @Nullable Association association;
        private volatile @Nullable HandshakeFailure failure;

        End(int port, SelfSigned identity, Aead aead, SecureRandom random) {
            address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            Credentials credentials = Credentials.of(
                    OWN,
                    List.of(identity.certificate()),
                    identity.key(),
                    Set.of(new TrustAnchor(identity.certificate(), null)));
            HandshakeEnvironment environment = new HandshakeEnvironment(
                    (local, bytes, offset, length, to) -> deliver(Arrays.copyOfRange(bytes, offset, offset + length)),
                    new AssociationTable(),
                    aead,
                    random,
                    System::nanoTime,
                    InstantSource.system(),
                    null);
            handshakes = new Handshakes(
                    environment,
                    LIMITS,
                    new HandshakePolicy(credentials, new KnownPeers(Set.of(OWN), Set.of(address.getAddress()))),
                    this);
        }

        private void deliver(byte[] datagram) {
            End to = Objects.requireNonNull(peer);
            wire.add(() -> to.handshakes.receive(0, address, datagram));
        }

        Association association() {
            return Objects.requireNonNull(association);
        }

        @Override
        public void connected(PeerIdentity identity, int attempt, Association made) {
            accepted(made);
        }

        @Override
        public void accepted(Association made) {
            association = made;
            wire.add(() -> {});
        }

        @Override
        public void failed(HandshakeFailure why) {
            failure = why;
            wire.add(() -> {});
        }

        @Override
        public void closed(Association gone, CloseReason reason) {}

        @Override
        public void close() {
            handshakes.close();
            Association made = association;
            if (made != null) {
                new Quiescence().retire(made);
            }
        }
    }
}

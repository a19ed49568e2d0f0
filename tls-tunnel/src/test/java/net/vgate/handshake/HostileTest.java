package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.vgate.packet.DropReason;
import net.vgate.record.Association;
import net.vgate.record.PeerIdentity;
import net.vgate.record.RecordFormat;
import net.vgate.record.Role;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An attacker who can write any datagram under any address. */
@Timeout(60)
class HostileTest {
    private static final PeerIdentity EAST = new PeerIdentity("east", "east-1");
    private static final PeerIdentity WEST = new PeerIdentity("west", "west-1");

    @TempDir
    Path folder;

    private MemoryNetwork network;
    private TestGateway east;
    private TestGateway west;
    private HandshakePolicy policyOfWest;

    @BeforeEach
    void start() {
        network = new MemoryNetwork(1);
        TestAuthority authority = TestAuthority.root(folder, "authority");
        east = new TestGateway(
                network, 1, TestGateway.policy(authority.issue(EAST).with(authority), WEST));
        policyOfWest = TestGateway.policy(
                authority.issue(WEST).with(authority),
                MemoryNetwork.address(1, 1).getAddress(),
                EAST);
        west = new TestGateway(network, 2, policyOfWest);
    }

    @AfterEach
    void stop() {
        east.close();
        west.close();
        network.close();
    }

    static Stream<Arguments> attacks() {
        return Stream.of(
                attack("huge messages", Attacks::hugeMessages),
                attack("poisoned places", Attacks::poison),
                attack("single bytes", Attacks::singleBytes),
                attack("fragments out of bounds", Attacks::outOfBounds),
                attack("alerts in clear", Attacks::plainAlerts),
                attack("changes of cipher spec", Attacks::changeCipherSpecs),
                attack("forged protected records", Attacks::forgedProtected),
                attack("noise", () -> Attacks.noise(3, 300)));
    }

    private static Arguments attack(String name, Supplier<List<byte[]>> datagrams) {
        return Arguments.of(name, datagrams);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void aHandshakeCompletesAmong(String name, Supplier<List<byte[]>> attack) throws InterruptedException {
        List<byte[]> forged = attack.get();
        network.filter((from, to, datagram) -> {
            forged.forEach(bytes -> network.inject(from, to, bytes));
            return true;
        });
        assertTrue(east.connect(WEST, west.listen()), name);
        Association client = east.awaitEstablished();
        Association server = west.awaitEstablished();
        network.filter((from, to, datagram) -> true);
        exchange(client, server);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void anAssociationLivesAmong(String name, Supplier<List<byte[]>> attack) throws InterruptedException {
        assertTrue(east.connect(WEST, west.listen()), name);
        Association client = east.awaitEstablished();
        Association server = west.awaitEstablished();
        for (byte[] forged : attack.get()) {
            network.inject(east.connectFrom(), west.listen(), forged);
            network.inject(west.listen(), east.connectFrom(), forged);
            network.inject(west.listen(), east.connectFrom(), withCid(forged, client.id()));
        }
        exchange(client, server);
        assertEquals(List.of(client), east.table().all());
        assertTrue(east.closed.isEmpty());
        assertTrue(west.closed.isEmpty());
    }

    @Test
    void aForgedCookieRequestDoesNotMislead() throws InterruptedException {
        AtomicBoolean once = new AtomicBoolean();
        network.filter((from, to, datagram) -> {
            if (to.equals(east.connectFrom()) && once.compareAndSet(false, true)) {
                byte[] body = new byte[3 + 20];
                ByteBuffer.wrap(body).putShort((short) RecordFormat.DTLS_1_2).put((byte) 20);
                network.inject(from, to, Attacks.fragment(3, body.length, 0, 0, body));
            }
            return true;
        });
        assertTrue(east.connect(WEST, west.listen()));
        exchange(east.awaitEstablished(), west.awaitEstablished());
    }

    @Test
    void aReplayedRecordIsCountedAndNothingElse() throws InterruptedException {
        List<byte[]> seen = new ArrayList<>();
        network.filter((from, to, datagram) -> {
            synchronized (seen) {
                seen.add(datagram);
            }
            return true;
        });
        assertTrue(east.connect(WEST, west.listen()));
        Association client = east.awaitEstablished();
        Association server = west.awaitEstablished();
        exchange(client, server);
        List<byte[]> all;
        synchronized (seen) {
            all = List.copyOf(seen);
        }
        for (byte[] datagram : all) {
            network.inject(MemoryNetwork.address(66, 6_666), west.listen(), datagram);
            network.inject(east.connectFrom(), west.listen(), datagram);
            network.inject(west.listen(), east.connectFrom(), datagram);
        }
        exchange(client, server);
        assertTrue(server.replays() >= 100, () -> server.replays() + " replays");
        assertEquals(List.of(server), west.table().all());
    }

    @Test
    void aStrangersClientHelloIsAnsweredWithLessThanItIs() throws InterruptedException {
        InetSocketAddress stranger = MemoryNetwork.address(9, 9_999);
        List<byte[]> answers = new ArrayList<>();
        network.attach(stranger, (from, datagram) -> answers.add(datagram));
        byte[] hello = StallingClient.clientHello(new byte[32], new byte[0], 0);
        network.inject(stranger, west.listen(), hello);
        TestGateway.await(() -> !answers.isEmpty(), "an answer");
        assertTrue(answers.get(0).length < hello.length);
        assertEquals(0, west.handshakes().underWay());
        byte[] wrongCookie = StallingClient.clientHello(new byte[32], new byte[32], 1);
        network.inject(stranger, west.listen(), wrongCookie);
        TestGateway.await(() -> answers.size() == 2, "another answer");
        assertEquals(0, west.handshakes().counters().started(Role.SERVER));
        assertEquals(2, west.handshakes().counters().challenged());
    }

    @Test
    void aThousandStalledHandshakesDoNotKeepAConfiguredPeerOut() throws InterruptedException {
        List<StallingClient> clients = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            clients.add(new StallingClient(network, MemoryNetwork.address(1_000 + i, 4_433), i));
        }
        clients.forEach(client -> client.begin(west.listen()));
        for (StallingClient client : clients) {
            assertTrue(client.awaitCookieSent());
        }
        TestGateway.await(() -> west.drops(DropReason.HANDSHAKE_LIMIT) >= 984, "the limit");
        assertEquals(16, west.handshakes().underWay());
        long begin = System.nanoTime();
        assertTrue(east.connect(WEST, west.listen()));
        Association client = east.awaitEstablished();
        long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
        exchange(client, west.awaitEstablished());
        assertTrue(millis < 2_000, millis + " ms");
    }

    @Test
    void strangersWhoBeginOneAfterTheOtherDoNotKeepAConfiguredPeerOut() throws InterruptedException {
        west.close();
        west = new TestGateway(network, 2, policyOfWest, HandshakeLimits.DEFAULT.withRates(5_000, 50, 1));
        for (int i = 0; i < 5; i++) {
            new StallingClient(network, MemoryNetwork.address(1_000 + i, 5_000), i).begin(west.listen());
        }
        TestGateway.await(() -> west.drops(DropReason.RATE_LIMITED) >= 1, "the rate");
        assertTrue(east.connect(WEST, west.listen()));
        exchange(east.awaitEstablished(), west.awaitEstablished());
    }

    @Test
    void twoHandshakesFromOneAddressAreEnough() throws InterruptedException {
        List<StallingClient> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            clients.add(new StallingClient(network, MemoryNetwork.address(1_000, 5_000 + i), i));
        }
        clients.forEach(client -> client.begin(west.listen()));
        TestGateway.await(() -> west.drops(DropReason.HANDSHAKE_LIMIT) == 3, "the limit");
        assertEquals(2, west.handshakes().underWay());
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2})
    void manyHostileDatagramsAreCountedAndLeaveNothing(long seed) throws InterruptedException {
        assertTrue(east.connect(WEST, west.listen()));
        Association client = east.awaitEstablished();
        Association server = west.awaitEstablished();
        SplittableRandom random = new SplittableRandom(seed);
        List<byte[]> kinds = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            byte[] clientRandom = new byte[32];
            random.nextBytes(clientRandom);
            kinds.add(StallingClient.clientHello(clientRandom, new byte[random.nextInt(33)], random.nextInt(3)));
        }
        kinds.addAll(Attacks.noise(seed, 300));
        kinds.addAll(Attacks.forgedProtected());
        kinds.addAll(Attacks.poison());
        byte[] record = client.sealControl(new byte[100]);
        assertNotNull(record);
        long before = usedBytes();
        for (int i = 0; i < 50_000; i++) {
            byte[] datagram = kinds.get(random.nextInt(kinds.size()));
            if (random.nextInt(4) == 0) {
                datagram = record.clone();
                datagram[random.nextInt(datagram.length)] ^= (byte) (1 + random.nextInt(255));
            }
            int local = random.nextInt(2);
            west.inject(local, MemoryNetwork.address(random.nextInt(5_000), 1_024 + random.nextInt(9)), datagram);
        }
        assertTrue(usedBytes() - before < 16 << 20, "memory");
        assertEquals(0, west.handshakes().underWay());
        exchange(client, server);
        assertEquals(List.of(server), west.table().all());
        long counted = 0;
        for (DropReason reason : DropReason.values()) {
            counted += west.drops(reason);
        }
        assertEquals(50_000, counted + west.handshakes().counters().challenged() - 1);
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
        }
        return used;
    }

    private static byte[] withCid(byte[] datagram, long cid) {
        if (datagram.length < 30) {
            return datagram;
        }
        byte[] changed = datagram.clone();
        changed[0] = RecordFormat.TLS12_CID;
        changed[4] = 1;
        ByteBuffer.wrap(changed).putLong(11, cid).putShort(19, (short) (changed.length - 21));
        return changed;
    }

    private void exchange(Association client, Association server) throws InterruptedException {
        east.data.clear();
        west.data.clear();
        for (int i = 0; i < 50; i++) {
            east.send(client, new byte[] {1, (byte) i});
            west.send(server, new byte[] {2, (byte) i});
        }
        west.awaitData(50);
        east.awaitData(50);
    }
}

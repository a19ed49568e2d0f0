package net.vgate.handshake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import net.vgate.packet.DropReason;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.record.Association;
import net.vgate.record.AssociationTable;
import net.vgate.record.JceAead;
import net.vgate.record.PeerIdentity;
import net.vgate.record.RecordFormat;
import net.vgate.record.RecordProtector;
import org.jspecify.annotations.Nullable;

/** Handshakes and record protection of one gateway on a {@link MemoryNetwork}, with two sockets and no tunnels. */
final class TestGateway implements HandshakeListener, AutoCloseable {
    static final int LISTEN = 0;
    static final int CONNECT = 1;

    private static final int[] SLOT = {0};

    private final TestNetwork network;
    private final InetSocketAddress[] sockets;
    private final AssociationTable table = new AssociationTable();
    private final Handshakes handshakes;
    private final RecordProtector opener;
    private final RecordProtector sealer;
    private final PacketBatch inbound = new PacketBatch(1);
    private final PacketBatch outbound = new PacketBatch(1);
    private final Map<DropReason, Integer> drops = new EnumMap<>(DropReason.class);
    private final AtomicLong handed = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    final List<String> keyLog = new ArrayList<>();
    final BlockingQueue<Association> established = new LinkedBlockingQueue<>();
    final BlockingQueue<HandshakeFailure> failures = new LinkedBlockingQueue<>();
    final BlockingQueue<String> closed = new LinkedBlockingQueue<>();
    final ConcurrentLinkedQueue<byte[]> data = new ConcurrentLinkedQueue<>();

    TestGateway(MemoryNetwork network, int host, HandshakePolicy policy) {
        this(network, host, policy, HandshakeLimits.DEFAULT);
    }

    TestGateway(MemoryNetwork network, int host, HandshakePolicy policy, HandshakeLimits limits) {
        this(
                network,
                policy,
                limits,
                MemoryNetwork.address(host, 4_433),
                MemoryNetwork.address(host, 50_000 + host % 10_000));
    }

    TestGateway(
            TestNetwork network,
            HandshakePolicy policy,
            HandshakeLimits limits,
            InetSocketAddress listen,
            InetSocketAddress connectFrom) {
        this.network = network;
        this.sockets = new InetSocketAddress[] {listen, connectFrom};
        HandshakeEnvironment environment = new HandshakeEnvironment(
                (local, bytes, offset, length, to) -> network.send(sockets[local], to, bytes, offset, length),
                table,
                new JceAead(),
                new SecureRandom(),
                System::nanoTime,
                Clock.systemUTC(),
                this::logKey);
        this.handshakes = new Handshakes(environment, limits, policy, this);
        this.opener = new RecordProtector(1, handshakes, System::nanoTime, 0);
        this.sealer = new RecordProtector(1, handshakes, System::nanoTime, 0);
        for (int local = 0; local < sockets.length; local++) {
            int index = local;
            network.attach(sockets[local], (from, datagram) -> receive(index, from, datagram));
        }
    }

    static HandshakePolicy policy(Credentials credentials, PeerIdentity... peers) {
        return new HandshakePolicy(credentials, new KnownPeers(Set.of(peers), Set.of()));
    }

    static HandshakePolicy policy(Credentials credentials, InetAddress known, PeerIdentity... peers) {
        return new HandshakePolicy(credentials, new KnownPeers(Set.of(peers), Set.of(known)));
    }

    InetSocketAddress listen() {
        return sockets[LISTEN];
    }

    InetSocketAddress connectFrom() {
        return sockets[CONNECT];
    }

    Handshakes handshakes() {
        return handshakes;
    }

    AssociationTable table() {
        return table;
    }

    boolean connect(PeerIdentity peer, InetSocketAddress to) {
        return handshakes.connect(peer, 7, new Association.Path(CONNECT, to), 0, false);
    }

    /** A datagram that did not come over the network. The network is quiet. */
    void inject(int local, InetSocketAddress from, byte[] datagram) {
        receive(local, from, datagram);
    }

    /** What a worker does with a datagram. */
    private void receive(int local, InetSocketAddress from, byte[] datagram) {
        inbound.clear();
        int slot = inbound.addCopy(datagram);
        inbound.setLocal(slot, local);
        OuterAddress.write(inbound.addresses(), 0, from);
        Association association = associationOf(datagram);
        DropReason reason;
        if (association == null) {
            reason = handshakes.receive(local, from, datagram);
            handed.incrementAndGet();
            refused.addAndGet(reason == null ? 0 : 1);
        } else {
            opener.open(inbound, SLOT, 1, association);
            reason = inbound.dropReason(slot);
            if (reason == null) {
                data.add(inbound.copyOut(slot));
            }
        }
        synchronized (drops) {
            if (reason != null) {
                drops.merge(reason, 1, Integer::sum);
            }
        }
    }

    private @Nullable Association associationOf(byte[] datagram) {
        ByteBuffer buffer = ByteBuffer.wrap(datagram);
        if (!RecordFormat.isProtected(buffer, 0, datagram.length)) {
            return null;
        }
        if (RecordFormat.contentType(buffer, 0) != RecordFormat.TLS12_CID) {
            return table.find(inbound, 0);
        }
        return datagram.length < 19 ? null : table.find(RecordFormat.localCid(buffer, 0));
    }

    int drops(DropReason reason) {
        synchronized (drops) {
            return drops.getOrDefault(reason, 0);
        }
    }

    /** Datagrams that were handed to the handshakes. */
    long handed() {
        return handed.get();
    }

    /** Those of them that came back with a reason to drop them. */
    long refused() {
        return refused.get();
    }

    /** Sends application data; one thread. */
    void send(Association association, byte[] payload) {
        outbound.clear();
        outbound.addCopy(payload);
        sealer.seal(outbound, SLOT, 1, association);
        assertTrue(outbound.isLive(0));
        byte[] record = outbound.copyOut(0);
        network.send(sockets[association.local()], association.remote(), record, 0, record.length);
    }

    Association awaitEstablished() throws InterruptedException {
        Association association = established.poll(15, TimeUnit.SECONDS);
        assertNotNull(association, () -> "no association; failures: " + failures);
        return association;
    }

    HandshakeFailure awaitFailure() throws InterruptedException {
        HandshakeFailure failure = failures.poll(15, TimeUnit.SECONDS);
        assertNotNull(failure, "no failure");
        return failure;
    }

    void awaitData(int count) throws InterruptedException {
        await(() -> data.size() >= count, count + " datagrams of data");
        assertEquals(count, data.size());
    }

    static void await(BooleanSupplier condition, String what) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadline < 0, "waited in vain for " + what);
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    private void logKey(String line) {
        synchronized (keyLog) {
            keyLog.add(line);
        }
    }

    @Override
    public void connected(PeerIdentity peer, int attempt, Association association) {
        assertEquals(7, attempt);
        established.add(association);
    }

    @Override
    public void accepted(Association association) {
        established.add(association);
    }

    @Override
    public void failed(HandshakeFailure failure) {
        failures.add(failure);
    }

    @Override
    public void closed(Association association, CloseReason reason) {
        closed.add(association.id() + " " + reason);
    }

    @Override
    public void close() {
        for (InetSocketAddress socket : sockets) {
            network.detach(socket);
        }
        handshakes.close();
    }
}

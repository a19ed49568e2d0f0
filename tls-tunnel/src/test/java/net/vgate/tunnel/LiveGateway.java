package net.vgate.tunnel;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import net.vgate.encap.Geneve;
import net.vgate.handshake.CloseReason;
import net.vgate.handshake.Credentials;
import net.vgate.handshake.HandshakeEnvironment;
import net.vgate.handshake.HandshakeFailure;
import net.vgate.handshake.HandshakeLimits;
import net.vgate.handshake.HandshakeListener;
import net.vgate.handshake.HandshakePolicy;
import net.vgate.handshake.Handshakes;
import net.vgate.handshake.KnownPeers;
import net.vgate.packet.DropReason;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.record.Association;
import net.vgate.record.AssociationTable;
import net.vgate.record.JceAead;
import net.vgate.record.PeerIdentity;
import net.vgate.record.Quiescence;
import net.vgate.record.RecordFormat;
import net.vgate.record.RecordProtector;
import net.vgate.tunnel.TunnelAction.Close;
import net.vgate.tunnel.TunnelAction.Report;
import net.vgate.tunnel.TunnelAction.SendControl;
import net.vgate.tunnel.TunnelAction.SendOn;
import net.vgate.tunnel.TunnelAction.StartHandshake;
import net.vgate.tunnel.TunnelAction.StopSending;
import org.jspecify.annotations.Nullable;

/**
 * The outer half of a gateway with one tunnel: real handshakes, records and life cycle over a {@link MemoryWire}. One
 * thread is worker and conductor. Numbered packets are sent at a steady pace while they may be.
 */
final class LiveGateway implements HandshakeListener {
    private static final int VNI = 5_001;
    private static final long PACE_NANOS = 500_000;
    private static final int[] SLOT = {0};

    final Tunnel tunnel;

    /** Numbers of the packets that were sealed, in one row. */
    final AtomicLong sent = new AtomicLong();

    /** Numbers of the packets that came. */
    final Set<Long> received = ConcurrentHashMap.newKeySet();

    final AtomicInteger doubles = new AtomicInteger();
    final ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();
    final Map<DropReason, AtomicInteger> drops = new ConcurrentHashMap<>();

    private final DatagramPort port;
    private final @Nullable InetSocketAddress peerAddress;
    private final TunnelRules rules;
    private final TunnelMachine machine;
    private final AssociationTable table = new AssociationTable();
    private final Quiescence quiescence = new Quiescence();
    private final Map<Long, Association> associations = new HashMap<>();
    private final Handshakes handshakes;
    private final RecordProtector protector;
    private final PacketBatch inbound = new PacketBatch(64, 1_500);
    private final PacketBatch outbound = new PacketBatch(1, 1_500);
    private final ConcurrentLinkedQueue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::run, "live-gateway");

    private volatile boolean running = true;
    private volatile boolean traffic;
    private long nextPacketAt;

    LiveGateway(
            DatagramPort port,
            Credentials credentials,
            PeerIdentity own,
            PeerIdentity peer,
            InetSocketAddress peerAddress,
            boolean calls) {
        this.port = port;
        this.peerAddress = calls ? peerAddress : null;
        SecureRandom random = new SecureRandom();
        HandshakePolicy policy =
                new HandshakePolicy(credentials, new KnownPeers(Set.of(peer), Set.of(peerAddress.getAddress())));
        HandshakeEnvironment environment = new HandshakeEnvironment(
                port::send, table, new JceAead(), random, System::nanoTime, Clock.systemUTC(), null);
        this.handshakes = new Handshakes(environment, HandshakeLimits.DEFAULT, policy, this);
        this.protector = new RecordProtector(64, handshakes, System::nanoTime, 0);
        this.tunnel = new Tunnel(0, peer.site() + "/" + peer.gateway(), 1);
        this.rules = new TunnelRules(
                own,
                peer,
                calls,
                random.nextLong(1, Long.MAX_VALUE),
                Duration.ofMillis(400),
                4,
                new RekeyLimits(Duration.ofHours(1), 1L << 30, 1L << 37, 1L << 20),
                false,
                PathMtuBounds.fixed(1_500),
                TunnelRules.DRAIN,
                Capability.ALL,
                0,
                1);
        this.machine = new TunnelMachine(rules, tunnel.counters(), new SplittableRandom());
        thread.setDaemon(true);
        thread.start();
        commands.add(() -> perform(machine.start(System.nanoTime())));
    }

    void rekey() {
        commands.add(() -> perform(machine.rekey(System.nanoTime())));
    }

    void traffic(boolean on) {
        traffic = on;
    }

    /** Like kill -9: nobody hears of it. */
    void kill() throws InterruptedException {
        running = false;
        thread.join();
        handshakes.close();
    }

    void stop() throws InterruptedException {
        commands.add(() -> perform(machine.stop(System.nanoTime())));
        while (tunnel.status().state() != TunnelState.CLOSED) {
            LockSupport.parkNanos(1_000_000);
        }
        kill();
    }

    private void run() {
        try (Quiescence.Worker worker = quiescence.register()) {
            long usageAt = System.nanoTime();
            while (running) {
                worker.announce();
                inbound.clear();
                port.receiveBatch(inbound);
                for (int slot = 0; slot < inbound.size(); slot++) {
                    receive(slot);
                }
                for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
                    command.run();
                }
                long now = System.nanoTime();
                if (now - usageAt > 50_000_000) {
                    usageAt = now;
                    sample(now);
                }
                if (machine.wakeAt() - now <= 0) {
                    perform(machine.tick(now));
                }
                send(now);
                quiescence.reclaim();
                if (inbound.size() == 0) {
                    LockSupport.parkNanos(200_000);
                }
            }
        }
    }

    private void sample(long now) {
        for (Association one : List.copyOf(associations.values())) {
            Usage usage = new Usage(
                    Math.max(one.sealedRecords(), one.openedRecords()),
                    Math.max(one.sealedBytes(), one.openedBytes()),
                    one.failedOpenings(),
                    one.sealedRecords(),
                    one.openedRecords(),
                    now);
            perform(machine.usage(one.id(), usage, now));
        }
    }

    private void send(long now) {
        Association one = tunnel.sending(0);
        if (!traffic || one == null || now - nextPacketAt < 0) {
            return;
        }
        // What was missed while the machine was busy is not made up for.
        nextPacketAt = now + PACE_NANOS;
        outbound.clear();
        int slot = outbound.addCopy(
                ByteBuffer.allocate(64).putLong(sent.incrementAndGet()).array());
        Geneve.push(outbound, slot, VNI, Geneve.IPV4, false);
        protector.seal(outbound, SLOT, 1, one);
        if (!outbound.isLive(slot)) {
            throw new AssertionError("not sealed: " + outbound.dropReason(slot));
        }
        port.sendBatch(outbound);
    }

    private void receive(int slot) {
        InetSocketAddress from = OuterAddress.read(inbound.addresses(), inbound.addressOffset(slot));
        Association association = associationOf(slot);
        if (association == null) {
            DropReason reason = handshakes.receive(inbound.local(slot), from, inbound.copyOut(slot));
            count(reason);
            return;
        }
        protector.open(inbound, new int[] {slot}, 1, association);
        if (inbound.isLive(slot)) {
            DropReason reason = Geneve.check(inbound, slot);
            if (reason == null) {
                deliver(slot, association);
            }
            count(reason);
        }
        count(inbound.dropReason(slot));
    }

    private void deliver(int slot, Association association) {
        ByteBuffer slab = inbound.slab();
        int at = inbound.offset(slot);
        int header = Geneve.headerBytes(slab, at);
        if (Geneve.isControl(slab, at)) {
            byte[] packet = inbound.copyOut(slot);
            byte[] body = Arrays.copyOfRange(packet, header, packet.length);
            perform(machine.received(association.id(), body, null, System.nanoTime()));
        } else if (!received.add(slab.getLong(at + header))) {
            doubles.incrementAndGet();
        }
    }

    private @Nullable Association associationOf(int slot) {
        ByteBuffer slab = inbound.slab();
        int at = inbound.offset(slot);
        int length = inbound.length(slot);
        if (!RecordFormat.isProtected(slab, at, length)
                || RecordFormat.contentType(slab, at) != RecordFormat.TLS12_CID
                || length < RecordFormat.HEADER_BYTES + RecordFormat.LOCAL_CID_BYTES) {
            return null;
        }
        return table.find(RecordFormat.localCid(slab, at));
    }

    private void count(@Nullable DropReason reason) {
        if (reason != null) {
            drops.computeIfAbsent(reason, any -> new AtomicInteger()).incrementAndGet();
        }
    }

    private void perform(List<TunnelAction> actions) {
        actions.forEach(this::perform);
        tunnel.publish(machine.status());
    }

    private void perform(TunnelAction action) {
        if (action instanceof StartHandshake start) {
            if (peerAddress == null
                    || !handshakes.connect(
                            rules.peer(),
                            start.attempt(),
                            new Association.Path(DatagramPort.CONNECT, peerAddress),
                            0,
                            false)) {
                perform(machine.failed(start.attempt(), "no room", System.nanoTime()));
            }
        } else if (action instanceof SendControl send) {
            control(send);
        } else if (action instanceof SendOn sendOn) {
            tunnel.lane(0).publish(associations.get(sendOn.association()));
        } else if (action instanceof StopSending) {
            tunnel.lane(0).publish(null);
        } else if (action instanceof Close close) {
            Association association = associations.remove(close.association());
            if (association != null) {
                handshakes.close(association, close.notifyPeer());
                quiescence.retire(association);
            }
        } else if (action instanceof Report report) {
            events.add(report.event().label() + " " + report.detail());
        }
    }

    private void control(SendControl send) {
        Association association = associations.get(send.association());
        if (association == null) {
            throw new AssertionError("control message on a closed association: " + send);
        }
        byte[] body = ControlCodec.encode(send.message());
        PacketBatch batch = new PacketBatch(1, 1_500);
        int slot = batch.addCopy(body);
        Geneve.push(batch, slot, 0, Geneve.CONTROL, true);
        byte[] record = association.sealControl(batch.copyOut(slot));
        if (record != null) {
            port.send(association.local(), record, 0, record.length, association.remote());
        }
    }

    @Override
    public void connected(PeerIdentity peer, int attempt, Association association) {
        commands.add(() -> {
            associations.put(association.id(), association);
            perform(machine.connected(attempt, association.id(), System.nanoTime()));
        });
    }

    @Override
    public void accepted(Association association) {
        commands.add(() -> {
            associations.put(association.id(), association);
            perform(machine.accepted(association.id(), System.nanoTime()));
        });
    }

    @Override
    public void failed(HandshakeFailure failure) {
        events.add("failed " + failure);
        if (failure.attempt() >= 0) {
            commands.add(() -> perform(machine.failed(failure.attempt(), failure.detail(), System.nanoTime())));
        }
    }

    @Override
    public void closed(Association association, CloseReason reason) {
        commands.add(() -> perform(machine.closedByPeer(association.id(), System.nanoTime())));
    }
}

package net.vgate.dataplane;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.LongSupplier;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.Offload;
import net.vgate.attachment.PacketDevice;
import net.vgate.config.GatewayConfig;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.SiteTunnels;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.DropReason;
import net.vgate.packet.OuterAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.PacketBatch.GsoType;
import net.vgate.record.Aead;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Association;
import net.vgate.record.AssociationTable;
import net.vgate.record.ConnectionIds;
import net.vgate.record.ControlProtector;
import net.vgate.record.PeerIdentity;
import net.vgate.record.Quiescence;
import net.vgate.record.RecordKeys;
import net.vgate.record.Role;
import net.vgate.tunnel.DatagramPort;
import net.vgate.tunnel.Tunnel;
import org.jspecify.annotations.Nullable;

/** One of the two sites of the self-test: a worker with a device and a port in memory. */
final class SelfTestSite implements AutoCloseable {
    /** Of the peer, at either site. */
    private static final int SITE_NUMBER = 0;

    private static final int INNER_MTU = 1_414;

    private final String name;
    private final Device device = new Device();
    private final Port port = new Port();
    private final Quiescence quiescence = new Quiescence();
    private final Association association;
    private final Worker worker;

    /** @param role decides the keys and which connection ID is ours, so it is another one at the other site */
    SelfTestSite(String name, GatewayConfig.Vnet vnet, Role role, Aead aead, LongSupplier nanoClock) {
        this.name = name;
        String peer = vnet.remote().get(0).peer();
        association = association(role, peer, aead, nanoClock.getAsLong());
        AssociationTable associations = new AssociationTable();
        associations.add(association);
        PlanReference plans = new PlanReference();
        plans.publish(plan(vnet, peer));
        worker = new Worker(
                0,
                port,
                associations,
                (from, type, content) -> false,
                new NoControl(),
                plans,
                nanoClock,
                quiescence.register(),
                true,
                BatchSizes.SMALL);
        worker.adoptPlan();
        worker.confirmPlan();
    }

    private static Association association(Role role, String peer, Aead aead, long nowNanos) {
        byte[] keyBlock = new byte[RecordKeys.keyBlockBytes(AeadAlgorithm.AES_128_GCM)];
        for (int i = 0; i < keyBlock.length; i++) {
            keyBlock[i] = (byte) (i * 167);
        }
        RecordKeys keys = RecordKeys.of(AeadAlgorithm.AES_128_GCM, keyBlock, role);
        int own = role == Role.CLIENT ? 1 : 2;
        ConnectionIds ids = ConnectionIds.negotiated(own, new byte[] {0, 0, 0, 0, 0, 0, 0, (byte) (3 - own)});
        return new Association(
                new Association.Terms(ids, role, new PeerIdentity(peer, peer), "self-test", Instant.MAX),
                new Association.Path(
                        DatagramPort.LISTEN, new InetSocketAddress(InetAddress.getLoopbackAddress(), 3 - own)),
                keys,
                new ControlProtector(ids, keys),
                aead,
                1,
                nowNanos);
    }

    private DataplanePlan plan(GatewayConfig.Vnet vnet, String peer) {
        Tunnel tunnel = new Tunnel(SITE_NUMBER, peer + "/" + peer, 1);
        tunnel.lane(0).publish(association);
        VnetTable table = VnetTable.builder(0, vnet)
                .peers(List.of(new GatewayConfig.Peer(peer, List.of(), List.of(vnet.name()))), site -> SITE_NUMBER)
                .innerMtu(INNER_MTU)
                .build();
        return new DataplanePlan(
                new ForwardingSnapshot(
                        1, List.of(table), List.of(new SiteTunnels(List.of(new SiteTunnels.Choice(tunnel, 0, 1))))),
                List.of(device),
                new int[] {0},
                Map.of(peer, SITE_NUMBER));
    }

    String name() {
        return name;
    }

    /** What this site sends arrives at the other one. */
    void connect(SelfTestSite other) {
        port.peer = other.port;
    }

    /** The peer has said that it takes packets whose transport checksum is partial. */
    void takePartialChecksums() {
        association.takePartialChecksums();
    }

    /** A member sends a packet. */
    void offer(SelfTestPacket packet) {
        device.offered.add(packet);
    }

    /** A member is to get a packet, after those of earlier calls. */
    void expect(SelfTestPacket packet) {
        device.expected.add(packet);
    }

    /** Whether nothing waits at the device or at the port. */
    boolean isIdle() {
        return device.offered.isEmpty() && port.arrived.isEmpty();
    }

    void turn() {
        worker.sourceReady(0);
        worker.datagramsReady(DatagramPort.LISTEN);
        worker.turn();
    }

    /** What members got, or did not, against what was expected; null when all is well. */
    @Nullable
    String fault() {
        if (device.fault != null) {
            return device.fault;
        }
        SelfTestPacket missing = device.expected.peek();
        return missing == null ? null : missing.name() + " does not arrive as it should";
    }

    /** Packets dropped at a stage for a reason. */
    long drops(Stage stage, DropReason reason) {
        DropCounters drops = worker.drops();
        return drops.packets(stage, reason, DropCounters.NO_SITE) + drops.packets(stage, reason, SITE_NUMBER);
    }

    /** Ends the worker and destroys the keys. */
    @Override
    public void close() {
        worker.leave();
        quiescence.retire(association);
    }

    /** Hands in what is offered, and compares what it gets with what is expected. */
    private static final class Device implements PacketDevice {
        private final Queue<SelfTestPacket> offered = new ArrayDeque<>();
        private final Queue<SelfTestPacket> expected = new ArrayDeque<>();
        private @Nullable String fault;

        @Override
        public int readBatch(PacketBatch batch, int packetLimit, int byteLimit) {
            int packets = 0;
            int bytes = 0;
            while (!offered.isEmpty()
                    && packets < packetLimit
                    && bytes < byteLimit
                    && batch.hasRoom(PacketBatch.MAX_PACKET_BYTES)) {
                SelfTestPacket next = offered.remove();
                next.addTo(batch);
                bytes += next.length();
                packets++;
            }
            return packets;
        }

        @Override
        public void writeBatch(PacketBatch batch, int[] slots, int count) {
            for (int i = 0; i < count; i++) {
                SelfTestPacket next = expected.poll();
                if (fault == null && next == null) {
                    fault = "a packet arrives that must be dropped";
                } else if (fault == null && !next.isIn(batch, slots[i])) {
                    fault = next.name() + " does not arrive as it should";
                }
            }
        }

        @Override
        public String name() {
            return "self-test";
        }

        @Override
        public Offload tso() {
            return Offload.ON;
        }

        @Override
        public Offload uso() {
            return Offload.ON;
        }

        @Override
        public Offload merge() {
            return Offload.ON;
        }

        @Override
        public int descriptor() {
            return -1;
        }

        @Override
        public void close() {}
    }

    /** Sends to the other site's; hands in datagrams of one size as one, as UDP_GRO does. */
    private final class Port implements DatagramPort {
        private final Queue<byte[]> arrived = new ArrayDeque<>();
        private Port peer = this;

        @Override
        public boolean receiveBatch(PacketBatch batch, int local) {
            while (local == LISTEN && !arrived.isEmpty() && batch.remaining() > 0) {
                int size = arrived.element().length;
                int slot = batch.add(0);
                int bytes = 0;
                int parts = 0;
                for (byte[] next = arrived.peek();
                        next != null && next.length == size && bytes + size <= PacketBatch.MAX_PACKET_BYTES;
                        next = arrived.peek()) {
                    batch.slab().put(batch.offset(slot) + bytes, arrived.remove());
                    bytes += size;
                    parts++;
                }
                batch.setLength(slot, bytes);
                if (parts > 1) {
                    batch.setGso(slot, GsoType.UDP, size);
                    batch.setParts(slot, parts);
                }
                OuterAddress.write(batch.addresses(), batch.addressOffset(slot), association.remote());
            }
            return local == LISTEN && !arrived.isEmpty();
        }

        @Override
        public int sendBatch(PacketBatch batch) {
            int sent = 0;
            for (int slot = 0; slot < batch.size(); slot++) {
                if (batch.isLive(slot)) {
                    peer.arrived.add(batch.copyOut(slot));
                    sent++;
                }
            }
            return sent;
        }

        @Override
        public void send(int local, byte[] datagram, int offset, int length, InetSocketAddress to) {
            throw new IllegalStateException("control sends nothing here");
        }
    }

    /** There is no control: what it should take is dropped, which the test notices. */
    private static final class NoControl implements ControlSink {
        @Override
        public boolean handshake(PacketBatch batch, int slot) {
            return false;
        }

        @Override
        public boolean control(Association association, PacketBatch batch, int slot) {
            return false;
        }

        @Override
        public boolean targetAnswered(Association association, PacketBatch batch, int slot) {
            return false;
        }

        @Override
        public void seenElsewhere(Association association) {
            throw new IllegalStateException("nobody moves here");
        }

        @Override
        public void deviceFailed(PacketDevice device, DeviceException cause) {
            throw cause;
        }
    }
}

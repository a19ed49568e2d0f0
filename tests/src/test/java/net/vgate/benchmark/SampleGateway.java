package net.vgate.benchmark;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.PacketDevice;
import net.vgate.dataplane.ControlSink;
import net.vgate.dataplane.DataplanePlan;
import net.vgate.dataplane.PlanReference;
import net.vgate.dataplane.Worker;
import net.vgate.forwarding.FlowMemory;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.SiteTunnels;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.PacketBatch;
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

/** One worker with its V-nets, of which one has traffic, and an association with a peer on a wire in memory. */
final class SampleGateway {
    private final SampleDevice device;
    private final SampleWire wire;
    private final Worker worker;
    private final int active;

    /**
     * @param active which V-net has the device; nobody sends in the others
     * @param role at the peer it is the other one
     */
    SampleGateway(
            List<SampleVnet> vnets, int active, SampleDevice device, Ends ends, Role role, LongSupplier nanoClock) {
        this.device = device;
        this.active = active;
        this.wire = ends.wire(role);
        Association association = ends.association(role);
        AssociationTable associations = new AssociationTable();
        associations.add(association);
        Tunnel tunnel = new Tunnel(0, SampleVnet.PEER, 1);
        tunnel.lane(0).publish(association);
        PlanReference plans = new PlanReference();
        plans.publish(plan(vnets, tunnel));
        worker = new Worker(
                0,
                wire,
                associations,
                (from, type, content) -> true,
                new NoControl(),
                plans,
                nanoClock,
                new Quiescence().register(),
                true);
        worker.adoptPlan();
        worker.confirmPlan();
    }

    private DataplanePlan plan(List<SampleVnet> vnets, Tunnel tunnel) {
        FlowMemory flowMemory = new FlowMemory(Long.MAX_VALUE);
        List<VnetTable> tables = new ArrayList<>();
        for (int index = 0; index < vnets.size(); index++) {
            tables.add(vnets.get(index).table(index, flowMemory));
        }
        List<PacketDevice> devices = new ArrayList<>(Collections.nCopies(vnets.size(), new SampleDevice()));
        devices.set(active, device);
        int[] trafficNumbers = new int[vnets.size()];
        Arrays.setAll(trafficNumbers, index -> index);
        return new DataplanePlan(
                new ForwardingSnapshot(
                        1, tables, List.of(new SiteTunnels(List.of(new SiteTunnels.Choice(tunnel, 0, 1))))),
                devices,
                trafficNumbers,
                Map.of(SampleVnet.PEER, 0));
    }

    /** The wire between two gateways and their keys. */
    static final class Ends {
        private final Aead aead;
        private final SampleWire client = new SampleWire(4_001);
        private final SampleWire server = new SampleWire(4_002);

        Ends(Aead aead) {
            this.aead = aead;
            SampleWire.join(client, server);
        }

        SampleWire wire(Role role) {
            return role == Role.CLIENT ? client : server;
        }

        Association association(Role role) {
            AeadAlgorithm algorithm = AeadAlgorithm.AES_128_GCM;
            RecordKeys keys = RecordKeys.of(algorithm, new byte[RecordKeys.keyBlockBytes(algorithm)], role);
            long local = role == Role.CLIENT ? 1 : 2;
            byte[] cid = ByteBuffer.allocate(Long.BYTES).putLong(3 - local).array();
            ConnectionIds ids = ConnectionIds.negotiated(local, cid);
            SampleWire other = wire(role == Role.CLIENT ? Role.SERVER : Role.CLIENT);
            return new Association(
                    new Association.Terms(
                            ids, role, new PeerIdentity(SampleVnet.PEER, "gateway"), "TLS_NONE", Instant.MAX),
                    new Association.Path(0, other.address()),
                    keys,
                    new ControlProtector(ids, keys),
                    aead,
                    1,
                    1);
        }
    }

    private static final class NoControl implements ControlSink {
        @Override
        public boolean handshake(PacketBatch batch, int slot) {
            throw new AssertionError("nobody shakes hands");
        }

        @Override
        public boolean control(Association association, PacketBatch batch, int slot) {
            throw new AssertionError("there is no control");
        }

        @Override
        public boolean targetAnswered(Association association, PacketBatch batch, int slot) {
            return false;
        }

        @Override
        public void seenElsewhere(Association association) {
            throw new AssertionError("nobody moves");
        }

        @Override
        public void deviceFailed(PacketDevice failed, DeviceException cause) {
            throw cause;
        }
    }

    /** One turn, in which members send {@code packets} packets, and receive what has come on the wire. */
    void turn(int packets) {
        device.offer(packets);
        worker.sourceReady(active);
        worker.datagramsReady(DatagramPort.LISTEN);
        worker.turn();
    }

    /** How many packets members have received. */
    long delivered() {
        return device.delivered();
    }
}

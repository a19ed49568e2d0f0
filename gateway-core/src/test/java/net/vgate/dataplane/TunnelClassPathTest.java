package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.vgate.config.GatewayConfig;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.SiteTunnels;
import net.vgate.forwarding.VnetFixture;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.policy.Packets;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Association;
import net.vgate.record.ConnectionIds;
import net.vgate.record.ControlProtector;
import net.vgate.record.JceAead;
import net.vgate.record.PeerIdentity;
import net.vgate.record.RecordKeys;
import net.vgate.record.RecordProtector;
import net.vgate.record.Role;
import net.vgate.record.Steering;
import net.vgate.record.VnetAdmission;
import net.vgate.tunnel.DatagramPort;
import net.vgate.tunnel.Tunnel;
import net.vgate.tunnel.TunnelClass;
import org.junit.jupiter.api.Test;

/** Packets of V-nets with and without a class, side by side, toward a site that several associations lead to. */
class TunnelClassPathTest {
    private static final int BLUE = 5_001;
    private static final int GOLD = 5_002;
    private static final TunnelClass AES_256_OVER_UDP =
            new TunnelClass("gold", Set.of(AeadAlgorithm.AES_256_GCM), true);
    private static final VnetAdmission ALL = VnetAdmission.allBut(new int[0]);

    private final Association weak = association(1, AeadAlgorithm.AES_128_GCM, 0);
    private final Association strong = association(2, AeadAlgorithm.AES_256_GCM, 0);
    private final Association stream = association(3, AeadAlgorithm.AES_256_GCM, DatagramPort.STREAM);
    private final DropCounters drops = new DropCounters();
    private final Sealing sealing =
            new Sealing(new RecordProtector(8, (association, type, content) -> false, System::nanoTime, 0), drops);
    private final RelayPath outer = new RelayPath(new RelayExchange(new Steering(1)), sealing, new Sink(), drops, 1, 0);
    private final RecordOutput output =
            new RecordOutput(BatchSizes.OF_TRAFFIC, sealing, outer, drops, new FragmentCounters(), 0);

    TunnelClassPathTest() {
        List.of(weak, strong, stream).forEach(one -> one.admit(ALL));
    }

    @Test
    void eachVnetTakesTheFirstTunnelThatMeetsItsClass() {
        assertEquals(List.of(), send(weak, stream, strong));
        assertEquals(3, weak.sealedRecords());
        assertEquals(0, stream.sealedRecords());
        assertEquals(3, strong.sealedRecords());
    }

    @Test
    void whatNothingMeetsIsDroppedAndTheOthersGoOn() {
        assertEquals(List.of(DropReason.BELOW_CLASS, DropReason.BELOW_CLASS, DropReason.BELOW_CLASS), send(weak));
        assertEquals(3, weak.sealedRecords());
        assertEquals(List.of(DropReason.BELOW_CLASS, DropReason.BELOW_CLASS, DropReason.BELOW_CLASS), send(stream));
        assertEquals(3, stream.sealedRecords());
    }

    @Test
    void oneAssociationCarriesBothInTheirOrder() {
        assertEquals(List.of(), send(strong));
        assertEquals(6, strong.sealedRecords());
    }

    @Test
    void whatThePeerHasNotAgreedToIsDropped() {
        strong.admit(VnetAdmission.NOTHING_AGREED);
        assertEquals(
                List.of(DropReason.CLASS_MISMATCH, DropReason.CLASS_MISMATCH, DropReason.CLASS_MISMATCH), send(strong));
        strong.admit(VnetAdmission.allBut(new int[] {7, BLUE, 3}));
        assertEquals(
                List.of(DropReason.CLASS_MISMATCH, DropReason.CLASS_MISMATCH, DropReason.CLASS_MISMATCH), send(strong));
        assertEquals(6, strong.sealedRecords());
    }

    @Test
    void withoutAnAssociationThereIsNoTunnel() {
        assertEquals(6, send().stream().filter(DropReason.NO_TUNNEL::equals).count());
    }

    @Test
    void theOtherEndRefusesByItself() {
        PathsUnderTest paths = new PathsUnderTest(false, false);
        paths.admit(ALL, VnetAdmission.allBut(new int[] {BLUE}));
        paths.eastDevice().offer(Packets.udp("10.0.0.1", 4_000, "100.64.2.2", PathsUnderTest.PORT));
        paths.run();
        assertEquals(0, paths.westDevice().delivered().size());
        assertEquals(1L, paths.counts().get("west DECAPSULATE CLASS_MISMATCH"));
        paths.admit(ALL, ALL);
        paths.eastDevice().offer(Packets.udp("10.0.0.1", 4_000, "100.64.2.2", PathsUnderTest.PORT));
        paths.run();
        assertEquals(1, paths.westDevice().delivered().size());
    }

    /** Sends three packets of each V-net, one of the other between two. Returns why those were dropped that were. */
    private List<DropReason> send(Association... associations) {
        List<SiteTunnels.Choice> choices = new ArrayList<>();
        for (Association association : associations) {
            Tunnel tunnel = new Tunnel(0, "west/" + association.id(), 1);
            tunnel.lane(0).publish(association);
            choices.add(new SiteTunnels.Choice(tunnel, choices.size(), 1));
        }
        ForwardingSnapshot table = new ForwardingSnapshot(
                1,
                List.of(vnet(0, BLUE, TunnelClass.DEFAULT), vnet(1, GOLD, AES_256_OVER_UDP)),
                List.of(new SiteTunnels(choices)));
        PacketBatch batch = PacketBatch.packed(8, 64 << 10);
        for (int slot = 0; slot < 6; slot++) {
            batch.addCopy(Packets.udp("10.0.0.1", 4_000 + slot, "100.64.2.2", 53));
            batch.setVnet(slot, slot % 2);
            batch.setSite(slot, 0);
            assertNull(batch.inner().parse(slot));
        }
        new CarrierChoice(0).choose(batch, table, false);
        output.send(batch, table);
        List<DropReason> reasons = new ArrayList<>();
        for (int slot = 0; slot < batch.size(); slot++) {
            if (!batch.isLive(slot)) {
                reasons.add(batch.dropReason(slot));
            }
        }
        return reasons;
    }

    private static VnetTable vnet(int index, int vni, TunnelClass tunnelClass) {
        GatewayConfig.Vnet vnet = new GatewayConfig.Vnet(
                "v" + vni,
                vni,
                GatewayConfig.Kind.L3,
                VnetFixture.tun(),
                List.of(VnetFixture.prefix("10.0.0.0/24")),
                List.of(),
                List.of(new GatewayConfig.Remote("west", List.of(VnetFixture.prefix("100.64.2.0/24")))),
                List.of(),
                List.of(),
                1_000,
                tunnelClass,
                List.of(),
                false);
        return VnetTable.builder(index, vnet)
                .peers(List.of(new GatewayConfig.Peer("west", List.of(), List.of("v" + vni))), site -> 0)
                .innerMtu(1_400)
                .build();
    }

    private static Association association(long id, AeadAlgorithm algorithm, int local) {
        RecordKeys keys = RecordKeys.of(algorithm, new byte[RecordKeys.keyBlockBytes(algorithm)], Role.CLIENT);
        ConnectionIds ids = ConnectionIds.negotiated(id, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        return new Association(
                new Association.Terms(ids, Role.CLIENT, new PeerIdentity("west", "west-1"), "TLS_TEST", Instant.MAX),
                new Association.Path(local, new InetSocketAddress(InetAddress.getLoopbackAddress(), 4_433)),
                keys,
                new ControlProtector(ids, keys),
                new JceAead(),
                1,
                1);
    }

    /** Takes all that is sent. */
    private static final class Sink implements DatagramPort {
        @Override
        public boolean receiveBatch(PacketBatch batch, int local) {
            return false;
        }

        @Override
        public int sendBatch(PacketBatch batch) {
            return batch.size();
        }

        @Override
        public void send(int local, byte[] datagram, int offset, int length, InetSocketAddress to) {
            throw new AssertionError("there is no control");
        }
    }
}

package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import net.vgate.attachment.Offload;
import net.vgate.attachment.PacketDevice;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.SiteTunnels;
import net.vgate.forwarding.VnetFixture;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.UdpHeader;
import net.vgate.policy.Packets;
import net.vgate.policy.PolicyGate;
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
import net.vgate.tunnel.DatagramPort;
import net.vgate.tunnel.Tunnel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Members have addresses of 10.0.0.0/24, which site west sees as 100.64.1.0/24, and of 10.9.0.0/24, which it does not
 * see. There is no tunnel, so what gets as far as that is dropped for it, translated.
 */
class OutboundPathTest {
    private static final String MEMBER = "10.0.0.10";
    private static final String HIDDEN = "10.9.0.5";
    private static final String REMOTE = "100.64.2.9";
    private static final int HOST_UNREACHABLE = 3;

    private final PolicyGate gate = new PolicyGate(0);
    private final DropCounters drops = new DropCounters();
    private final TrafficCounters traffic = new TrafficCounters();
    private final Device device = new Device();
    private final Sealing sealing =
            new Sealing(new RecordProtector(8, (association, type, content) -> false, System::nanoTime, 0), drops);
    private final OutboundPath path = new OutboundPath(
            BatchSizes.OF_TRAFFIC,
            new RelayPath(new RelayExchange(new Steering(1)), sealing, new NoPort(), drops, 1, 0),
            sealing,
            gate,
            new PathFit(new MemberErrors(8, 0), 0),
            drops,
            traffic,
            new FragmentCounters(),
            0);

    @Test
    void anIcmpErrorOfAMemberThatThePeerDoesNotSeeGoesOnWithTheGatewaysAddress() {
        PacketBatch sent = forward("10.0.0.254/32", error(HIDDEN));

        assertEquals(DropReason.NO_TUNNEL, sent.dropReason(0));
        assertEquals(IpAddress.parse("100.64.1.254"), source(sent));
    }

    @Test
    void anIcmpErrorOfAMemberThatThePeerSeesKeepsItsSource() {
        PacketBatch sent = forward("10.0.0.254/32", error("10.0.0.77"));

        assertEquals(DropReason.NO_TUNNEL, sent.dropReason(0));
        assertEquals(IpAddress.parse("100.64.1.77"), source(sent));
    }

    @Test
    void anIcmpErrorIsDroppedIfThePeerSeesNotEvenTheGateway() {
        assertEquals(
                DropReason.UNTRANSLATABLE,
                forward("10.9.0.254/32", error(HIDDEN)).dropReason(0));
        assertEquals(DropReason.UNTRANSLATABLE, forward(null, error(HIDDEN)).dropReason(0));
    }

    @Test
    void nothingElseOfAMemberThatThePeerDoesNotSeeGoesOn() {
        byte[] packet = Packets.udp(HIDDEN, 5_000, REMOTE, 53);
        assertEquals(DropReason.UNTRANSLATABLE, forward("10.0.0.254/32", packet).dropReason(0));
    }

    /** The route to the peer leads into the V-net: without end it would be sealed again. */
    @Test
    void aRecordOfOurOwnIsNotSealedAgain() {
        Tunnel tunnel = new Tunnel(0, "west/west-1", 1);
        Association own = association(1);
        tunnel.lane(0).publish(own);

        assertEquals(DropReason.TUNNEL_LOOP, forward(record(own), tunnel).dropReason(0));
        assertNotEquals(
                DropReason.TUNNEL_LOOP, forward(record(association(2)), tunnel).dropReason(0));
    }

    private static byte[] record(Association association) {
        byte[] record = Objects.requireNonNull(association.sealControl(new byte[100]));
        byte[] datagram = Packets.udpPayload(4_433, 4_433, record.length);
        System.arraycopy(record, 0, datagram, UdpHeader.BYTES, record.length);
        return Packets.ip(MEMBER, REMOTE, InnerHeader.UDP, datagram);
    }

    private static Association association(int peersId) {
        RecordKeys keys = RecordKeys.of(
                AeadAlgorithm.AES_128_GCM, new byte[RecordKeys.keyBlockBytes(AeadAlgorithm.AES_128_GCM)], Role.CLIENT);
        ConnectionIds ids = ConnectionIds.negotiated(7, new byte[] {0, 0, 0, 0, 0, 0, 0, (byte) peersId});
        return new Association(
                new Association.Terms(ids, Role.CLIENT, new PeerIdentity("west", "west-1"), "TLS_TEST", Instant.MAX),
                new Association.Path(0, new InetSocketAddress(InetAddress.getLoopbackAddress(), 4_433)),
                keys,
                new ControlProtector(ids, keys),
                new JceAead(),
                1,
                1);
    }

    /** What {@code router} says of a packet from the remote member to ours. */
    private static byte[] error(String router) {
        byte[] about = Packets.udp(REMOTE, 5_000, MEMBER, 53);
        return Packets.icmp(router, REMOTE, HOST_UNREACHABLE, 1, 0, about);
    }

    private PacketBatch forward(@Nullable String gateway, byte[] packet) {
        return forward(vnet(gateway), packet, List.of());
    }

    private PacketBatch forward(byte[] packet, Tunnel tunnel) {
        return forward(
                vnet("10.0.0.254/32"), packet, List.of(new SiteTunnels(List.of(new SiteTunnels.Choice(tunnel, 0, 1)))));
    }

    private PacketBatch forward(VnetTable vnet, byte[] packet, List<SiteTunnels> tunnels) {
        DataplanePlan plan = new DataplanePlan(
                new ForwardingSnapshot(1, List.of(vnet), tunnels), List.of(device), new int[] {0}, Map.of("west", 0));
        PacketBatch arrived = new PacketBatch(1, 2_000);
        arrived.addCopy(Packets.udp(REMOTE, 5_000, MEMBER, 53));
        assertNull(arrived.inner().parse(0));
        assertNull(gate.permitInbound(vnet, arrived, 0, 0));
        drops.growTo(1);
        traffic.growTo(1);
        device.packet = packet;
        path.begin();
        path.read(device, plan, 0, false);
        assertEquals(1, path.forward(plan, 0));
        return device.filled;
    }

    private static VnetTable vnet(@Nullable String gateway) {
        GatewayConfig.Vnet vnet = new GatewayConfig.Vnet(
                "blue",
                1,
                GatewayConfig.Kind.L3,
                gateway == null ? VnetFixture.tun() : VnetFixture.tun(gateway),
                List.of(VnetFixture.prefix("10.0.0.0/24"), VnetFixture.prefix("10.9.0.0/24")),
                List.of(new GatewayConfig.Translation(
                        "west", VnetFixture.prefix("10.0.0.0/24"), VnetFixture.prefix("100.64.1.0/24"))),
                List.of(new GatewayConfig.Remote("west", List.of(VnetFixture.prefix("100.64.2.0/24")))),
                List.of(
                        VnetFixture.rule(Direction.IN, InnerHeader.UDP, null, null),
                        VnetFixture.rule(Direction.OUT, InnerHeader.UDP, null, null)),
                1_000);
        GatewayConfig.Peer west = new GatewayConfig.Peer(
                "west",
                List.of(new GatewayConfig.PeerGateway(
                        "west-1", List.of(), Optional.empty(), 0, 1, true, Optional.empty())),
                List.of("blue"));
        return VnetTable.builder(0, vnet)
                .peers(List.of(west), site -> 0)
                .innerMtu(1_400)
                .build();
    }

    private static Optional<IpAddress> source(PacketBatch batch) {
        return Optional.of(IpAddress.ofIpv4((int) batch.inner().sourceLo(0)));
    }

    /** Has one packet to read. */
    private static final class Device implements PacketDevice {
        private byte[] packet = {};
        private PacketBatch filled = new PacketBatch(1, 1);

        @Override
        public String name() {
            return "vg-blue";
        }

        @Override
        public int readBatch(PacketBatch batch, int packetLimit, int byteLimit) {
            filled = batch;
            batch.addCopy(packet);
            return 1;
        }

        @Override
        public void writeBatch(PacketBatch batch, int[] slots, int count) {
            throw new AssertionError("nothing is for members here");
        }

        @Override
        public Offload tso() {
            return Offload.SWITCHED_OFF;
        }

        @Override
        public Offload uso() {
            return Offload.SWITCHED_OFF;
        }

        @Override
        public Offload merge() {
            return Offload.SWITCHED_OFF;
        }

        @Override
        public int descriptor() {
            return -1;
        }

        @Override
        public void close() {}
    }

    /** Nothing is sent. */
    private static final class NoPort implements DatagramPort {
        @Override
        public boolean receiveBatch(PacketBatch batch, int local) {
            return false;
        }

        @Override
        public int sendBatch(PacketBatch batch) {
            return 0;
        }

        @Override
        public void send(int local, byte[] datagram, int offset, int length, InetSocketAddress to) {
            throw new AssertionError("nothing is sent");
        }
    }
}

package net.vgate.dataplane;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.vgate.attachment.DeviceException;
import net.vgate.attachment.PacketDevice;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.SiteTunnels;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.DropReason;
import net.vgate.packet.PacketBatch;
import net.vgate.packet.Prefix;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Association;
import net.vgate.record.AssociationTable;
import net.vgate.record.ConnectionIds;
import net.vgate.record.ControlProtector;
import net.vgate.record.JceAead;
import net.vgate.record.PeerIdentity;
import net.vgate.record.Quiescence;
import net.vgate.record.RecordKeys;
import net.vgate.record.Role;
import net.vgate.record.VnetAdmission;
import net.vgate.tunnel.DatagramPort;
import net.vgate.tunnel.Tunnel;
import net.vgate.tunnel.TunnelClass;

/** Two workers, each with a device and an association with the other, on a wire in memory. */
final class PathsUnderTest {
    static final int INNER_MTU = 1_414;
    static final int PORT = 5_201;
    private static final int TCP = 6;
    private static final int UDP = 17;

    private final MemoryDevice eastDevice = new MemoryDevice();
    private final MemoryDevice westDevice = new MemoryDevice();
    private final MemoryWire eastWire;
    private final MemoryWire westWire;
    private final Association atEast;
    private final Association atWest;
    private final Worker east;
    private final Worker west;

    /**
     * @param coalesces whether datagrams come as with UDP_GRO
     * @param agreesOnPartial whether the ends take packets with partial checksums
     */
    PathsUnderTest(boolean coalesces, boolean agreesOnPartial) {
        this(coalesces, agreesOnPartial, false);
    }

    /** @param fragments whether the V-net goes in fragments where it has to */
    PathsUnderTest(boolean coalesces, boolean agreesOnPartial, boolean fragments) {
        eastWire = new MemoryWire(address(1), coalesces);
        westWire = new MemoryWire(address(2), coalesces);
        MemoryWire.join(eastWire, westWire);
        byte[] keyBlock = new byte[RecordKeys.keyBlockBytes(AeadAlgorithm.AES_128_GCM)];
        new SplittableRandom(4).nextBytes(keyBlock);
        atEast = association(Role.CLIENT, keyBlock, "west", westWire.address());
        atWest = association(Role.SERVER, keyBlock, "east", eastWire.address());
        if (agreesOnPartial) {
            atEast.takePartialChecksums();
            atWest.takePartialChecksums();
        }
        east = worker("east", "west", eastWire, atEast, eastDevice, fragments);
        west = worker("west", "east", westWire, atWest, westDevice, fragments);
    }

    private static InetSocketAddress address(int host) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 4_000 + host);
    }

    static Association association(Role role, byte[] keyBlock, String peer, InetSocketAddress remote) {
        RecordKeys keys = RecordKeys.of(AeadAlgorithm.AES_128_GCM, keyBlock, role);
        long local = role == Role.CLIENT ? 1 : 2;
        byte[] cid = {0, 0, 0, 0, 0, 0, 0, (byte) (3 - local)};
        ConnectionIds ids = ConnectionIds.negotiated(local, cid);
        return new Association(
                new Association.Terms(ids, role, new PeerIdentity(peer, peer + "-1"), "TLS_TEST", Instant.MAX),
                new Association.Path(0, remote),
                keys,
                new ControlProtector(ids, keys),
                new JceAead(),
                1,
                1);
    }

    private static Worker worker(
            String site,
            String peer,
            MemoryWire wire,
            Association association,
            MemoryDevice device,
            boolean fragments) {
        AssociationTable associations = new AssociationTable();
        associations.add(association);
        Tunnel tunnel = new Tunnel(0, peer + "/" + peer + "-1", 1);
        tunnel.lane(0).publish(association);
        GatewayConfig.Peer peers = new GatewayConfig.Peer(peer, List.of(), List.of("blue"));
        VnetTable vnet = VnetTable.builder(0, vnet(site, peer, fragments))
                .peers(List.of(peers), name -> 0)
                .innerMtu(INNER_MTU)
                .build();
        PlanReference plans = new PlanReference();
        plans.publish(new DataplanePlan(
                new ForwardingSnapshot(
                        1, List.of(vnet), List.of(new SiteTunnels(List.of(new SiteTunnels.Choice(tunnel, 0, 1))))),
                List.of(device),
                new int[] {0},
                Map.of(peer, 0)));
        Worker worker = new Worker(
                0,
                wire,
                associations,
                (from, type, content) -> true,
                new NoControl(),
                plans,
                () -> 1_000_000_000L,
                new Quiescence().register(),
                true);
        worker.adoptPlan();
        worker.confirmPlan();
        return worker;
    }

    /** East and west have the same addresses; each sees the other's as its alias. */
    static GatewayConfig.Vnet vnet(String site, String peer) {
        return vnet(site, peer, false);
    }

    private static GatewayConfig.Vnet vnet(String site, String peer, boolean fragments) {
        boolean isEast = site.equals("east");
        Prefix own = prefix("10.0.0.0/24");
        String alias = isEast ? "100.64.1.0/24" : "100.64.2.0/24";
        String theirs = isEast ? "100.64.2.0/24" : "100.64.1.0/24";
        return new GatewayConfig.Vnet(
                "blue",
                5_001,
                GatewayConfig.Kind.L3,
                new GatewayConfig.Tun("vg-blue", Optional.empty(), List.of(), false, Optional.empty()),
                List.of(own, prefix(isEast ? "fd00:e::/64" : "fd00:f::/64")),
                List.of(new GatewayConfig.Translation(peer, own, prefix(alias))),
                List.of(new GatewayConfig.Remote(
                        peer, List.of(prefix(theirs), prefix(isEast ? "fd00:f::/64" : "fd00:e::/64")))),
                List.of(rule(isEast, TCP), rule(isEast, UDP)),
                List.of(),
                10_000,
                TunnelClass.DEFAULT,
                List.of(),
                fragments);
    }

    private static GatewayConfig.PolicyRule rule(boolean isEast, int protocol) {
        return new GatewayConfig.PolicyRule(
                isEast ? Direction.OUT : Direction.IN,
                Optional.of(protocol),
                Optional.empty(),
                Optional.empty(),
                List.of(new GatewayConfig.PortRange(PORT, PORT)),
                false);
    }

    private static Prefix prefix(String text) {
        return Prefix.parse(text).orElseThrow();
    }

    static final class NoControl implements ControlSink {
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
        public void deviceFailed(PacketDevice device, DeviceException cause) {
            throw cause;
        }
    }

    /** West has offered to combine ECN fields. */
    void agreeOnEcn() {
        atEast.copyEcn();
    }

    /** West has offered to put fragments together. */
    void agreeOnFragments() {
        atEast.takeFragments();
    }

    /** Fragments that east sent, that came to west, and packets that west put together. */
    List<Long> fragments() {
        return List.of(
                east.fragments().sent(0),
                west.fragments().received(0),
                west.fragments().reassembled(0));
    }

    /** Packets that came to west marked. */
    long marks() {
        return west.marks().packets(0);
    }

    /** The path from east to west carries inner packets of {@code bytes}. */
    void fitPath(int bytes) {
        atEast.fit(bytes);
    }

    /** The gateways let V-nets travel between them by these. */
    void admit(VnetAdmission atEastEnd, VnetAdmission atWestEnd) {
        atEast.admit(atEastEnd);
        atWest.admit(atWestEnd);
    }

    MemoryDevice eastDevice() {
        return eastDevice;
    }

    MemoryDevice westDevice() {
        return westDevice;
    }

    MemoryWire eastWire() {
        return eastWire;
    }

    /** Lets both work until nothing is under way. */
    void run() {
        while (eastDevice.hasOffers() || !westWire.isEmpty()) {
            east.sourceReady(0);
            east.turn();
            west.datagramsReady(DatagramPort.LISTEN);
            west.turn();
        }
    }

    /** What was counted on the way: traffic by direction, and drops by stage and reason. */
    Map<String, Long> counts() {
        Map<String, Long> counts = new TreeMap<>();
        counts.put("out packets", east.traffic().packets(0, TrafficDirection.OUT));
        counts.put("out bytes", east.traffic().bytes(0, TrafficDirection.OUT));
        counts.put("local packets", east.traffic().packets(0, TrafficDirection.LOCAL));
        counts.put("local bytes", east.traffic().bytes(0, TrafficDirection.LOCAL));
        counts.put("in packets", west.traffic().packets(0, TrafficDirection.IN));
        counts.put("in bytes", west.traffic().bytes(0, TrafficDirection.IN));
        addDrops(counts, "east ", east.drops());
        addDrops(counts, "west ", west.drops());
        return counts;
    }

    private static void addDrops(Map<String, Long> counts, String site, DropCounters drops) {
        for (int stage = 0; stage < Stage.count(); stage++) {
            for (int reason = 0; reason < DropReason.count(); reason++) {
                long packets = drops.packets(Stage.of(stage), DropReason.of(reason), DropCounters.NO_SITE)
                        + drops.packets(Stage.of(stage), DropReason.of(reason), 0);
                if (packets > 0) {
                    counts.put(site + Stage.of(stage) + " " + DropReason.of(reason), packets);
                }
            }
        }
    }

    /** The delivered packets as text, for comparison. */
    static List<String> text(List<byte[]> packets) {
        List<String> text = new ArrayList<>();
        for (byte[] packet : packets) {
            text.add(java.util.HexFormat.of().formatHex(packet));
        }
        return text;
    }
}

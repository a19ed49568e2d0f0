package net.vgate.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import net.vgate.config.GatewayConfig;
import net.vgate.forwarding.Allocation;
import net.vgate.forwarding.ForwardingSnapshot;
import net.vgate.forwarding.SiteTunnels;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.PacketBatch;
import net.vgate.policy.Packets;
import net.vgate.record.AeadAlgorithm;
import net.vgate.record.Association;
import net.vgate.record.RecordKeys;
import net.vgate.record.Role;
import net.vgate.tunnel.Tunnel;
import org.junit.jupiter.api.Test;

class CarrierChoiceTest {
    private static final int GATEWAYS = 3;
    private static final String MEMBER = "10.0.0.7";
    private static final String WEST_ALIAS = "100.64.2.9";

    private final Association association = PathsUnderTest.association(
            Role.CLIENT,
            new byte[RecordKeys.keyBlockBytes(AeadAlgorithm.AES_128_GCM)],
            "west",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 4_433));
    private final List<Tunnel> tunnels = new ArrayList<>();
    private final CarrierChoice choice = new CarrierChoice(0);
    private final PacketBatch batch = new PacketBatch(8, 2_000);

    /** Whether a tunnel carries anything, is to be avoided, and with which priority. */
    private record Standing(boolean up, boolean avoided, int priority) {}

    @Test
    void theBestThatCanBeReachedShareTheFlows() {
        SplittableRandom random = new SplittableRandom(11);
        for (int round = 0; round < 5_000; round++) {
            List<Standing> standings = new ArrayList<>();
            List<SiteTunnels.Choice> choices = new ArrayList<>();
            int count = 1 + random.nextInt(6);
            for (int i = 0; i < count; i++) {
                Standing standing = new Standing(random.nextInt(4) > 0, random.nextInt(3) == 0, random.nextInt(3));
                standings.add(standing);
                Tunnel tunnel = new Tunnel(0, "west/west-" + i, 1);
                tunnel.lane(0).publish(standing.up() ? association : null);
                tunnel.avoid(standing.avoided());
                choices.add(new SiteTunnels.Choice(tunnel, standing.priority(), 1));
            }
            assertEquals(model(standings), new SiteTunnels(choices).carriers(0, null), standings::toString);
        }
    }

    private static long model(List<Standing> standings) {
        for (boolean avoided : new boolean[] {false, true}) {
            for (int priority = 0; priority < 3; priority++) {
                long set = 0;
                for (int i = 0; i < standings.size(); i++) {
                    set |= standings.get(i).equals(new Standing(true, avoided, priority)) ? 1L << i : 0;
                }
                if (set != 0) {
                    return set;
                }
            }
        }
        return 0;
    }

    @Test
    void whatNothingReachesHasNoCarrier() {
        ForwardingSnapshot east = table("east", "west", GATEWAYS);
        tunnels.forEach(tunnel -> tunnel.lane(0).publish(null));
        assertEquals(PacketBatch.NONE, chosen(east, Packets.udp(MEMBER, 5_000, WEST_ALIAS, 53)));
        tunnels.get(1).lane(0).publish(association);
        assertEquals(1, chosen(east, Packets.udp(MEMBER, 5_000, WEST_ALIAS, 53)));
    }

    /**
     * West sees the same flow in its own and our aliases, and its packets go the other way: if the gateways of both
     * sites had the same names, both would choose the same one.
     */
    @Test
    void bothSitesKnowAFlowByOneKey() {
        ForwardingSnapshot east = table("east", "west", GATEWAYS);
        ForwardingSnapshot west = table("west", "east", GATEWAYS);
        Set<Integer> used = new HashSet<>();
        for (int port = 1_000; port < 1_200; port++) {
            int there = chosen(east, Packets.tcp(MEMBER, port, WEST_ALIAS, 443, Packets.SYN));
            used.add(there);
            assertEquals(there, chosen(east, Packets.tcp(MEMBER, port, WEST_ALIAS, 443, Packets.ACK)));
            assertEquals(there, chosen(west, Packets.tcp("10.0.0.9", 443, "100.64.1.7", port, Packets.ACK)));
            byte[] seenAtWest = Packets.tcp("100.64.1.7", port, "10.0.0.9", 443, Packets.ACK);
            assertEquals(there, chosen(west, Packets.icmp("10.0.0.1", "100.64.1.7", 3, 4, 0, seenAtWest)), "an error");
        }
        assertEquals(GATEWAYS, used.size());
    }

    @Test
    void allFragmentsOfADatagramGoOneWay() {
        ForwardingSnapshot east = table("east", "west", GATEWAYS);
        for (int host = 1; host < 100; host++) {
            String to = "100.64.2." + host;
            assertEquals(
                    chosen(east, Packets.udpFragment(MEMBER, to, 1, 0, 1_000, true)),
                    chosen(east, Packets.udpFragment(MEMBER, to, 1, 1_000, 8, false)));
        }
    }

    @Test
    void aChoiceAllocatesNothing() {
        ForwardingSnapshot east = table("east", "west", GATEWAYS);
        chosen(east, Packets.tcp(MEMBER, 5_000, WEST_ALIAS, 443, Packets.ACK));
        Allocation.assertNone(() -> {
            choice.choose(batch, east, false);
            assertTrue(batch.carrier(0) >= 0);
        });
    }

    private int chosen(ForwardingSnapshot table, byte[] packet) {
        batch.clear();
        int slot = batch.addCopy(packet);
        assertNull(batch.inner().parse(slot));
        batch.setVnet(slot, 0);
        batch.setSite(slot, 0);
        choice.choose(batch, table, false);
        return batch.carrier(slot);
    }

    private ForwardingSnapshot table(String site, String peer, int gateways) {
        List<SiteTunnels.Choice> choices = new ArrayList<>();
        for (int i = 0; i < gateways; i++) {
            Tunnel tunnel = new Tunnel(0, "gateway-" + i, 1);
            tunnel.lane(0).publish(association);
            tunnels.add(tunnel);
            choices.add(new SiteTunnels.Choice(tunnel, 0, 1));
        }
        GatewayConfig.Peer peers = new GatewayConfig.Peer(peer, List.of(), List.of("blue"));
        VnetTable vnet = VnetTable.builder(0, PathsUnderTest.vnet(site, peer))
                .peers(List.of(peers), name -> 0)
                .innerMtu(1_400)
                .build();
        return new ForwardingSnapshot(1, List.of(vnet), List.of(new SiteTunnels(choices)));
    }
}

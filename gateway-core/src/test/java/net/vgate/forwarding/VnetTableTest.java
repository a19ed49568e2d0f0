package net.vgate.forwarding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import net.vgate.config.GatewayConfig;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;
import net.vgate.translate.PrefixTranslation;
import org.junit.jupiter.api.Test;

class VnetTableTest {
    private static final int WEST = 0;
    private static final int NORTH = 2;

    private final FlowMemory memory = new FlowMemory(1 << 20);
    private final FlowProbe probe = new FlowProbe(FlowHash.ofProcess());

    @Test
    void knowsItsMembersAndWhereOthersAre() {
        VnetTable blue = builder("blue", 5_001).build();
        assertTrue(blue.isOwnMember(0, lo("10.0.0.255")));
        assertFalse(blue.isOwnMember(0, lo("10.0.1.0")));
        assertEquals(WEST, blue.remoteSite(0, lo("100.64.2.1")));
        assertEquals(NORTH, blue.remoteSite(0, lo("100.64.3.1")));
        assertEquals(VnetTable.NO_SITE, blue.remoteSite(0, lo("10.0.0.1")));
        assertEquals(IpAddress.parse("10.0.0.254"), java.util.Optional.ofNullable(blue.gatewayIpv4()));
        assertNull(blue.gatewayIpv6());
        assertEquals(1_340, blue.innerMtu());
    }

    /** Of the configured addresses, and the gateway's own in any case: targets answer to that. */
    @Test
    void whereMembersAreListedThoseAloneAreMembersWhoHaveJoined() {
        MemberTable listed = new MemberTable();
        VnetTable blue = builder("blue", 5_001).listed(listed).build();
        listed.set(IpAddress.parse("10.0.0.7").orElseThrow(), MemberState.JOINED);
        listed.set(IpAddress.parse("10.0.0.8").orElseThrow(), MemberState.EXPECTED);
        listed.set(IpAddress.parse("10.0.1.7").orElseThrow(), MemberState.JOINED);
        assertTrue(blue.isOwnMember(0, lo("10.0.0.7")));
        assertFalse(blue.isOwnMember(0, lo("10.0.0.8")));
        assertFalse(blue.isOwnMember(0, lo("10.0.0.9")));
        assertFalse(blue.isOwnMember(0, lo("10.0.1.7")), "the directory widens nothing");
        assertTrue(blue.isOwnMember(0, lo("10.0.0.254")));
        assertTrue(builder("blue", 5_001).previous(blue).build().isOwnMember(0, lo("10.0.0.9")), "a reload may end it");
    }

    @Test
    void translatesTowardEachSiteByItself() {
        VnetTable blue = builder("blue", 5_001).build();
        IpAddress member = IpAddress.parse("10.0.0.7").orElseThrow();
        assertEquals(IpAddress.parse("100.64.1.7"), blue.translation(WEST).aliasOf(member));
        assertSame(PrefixTranslation.NONE, blue.translation(NORTH));
        assertSame(PrefixTranslation.NONE, blue.translation(VnetTable.NO_SITE));
        assertSame(PrefixTranslation.NONE, blue.translation(1));
    }

    @Test
    void isGrantedToWhomTheConfigurationSays() {
        VnetTable blue = builder("blue", 5_001).build();
        assertTrue(blue.isGranted(WEST));
        assertFalse(blue.isGranted(NORTH));
        assertFalse(blue.isGranted(VnetTable.NO_SITE));
        assertFalse(blue.isGranted(77));
    }

    @Test
    void flowsLiveOnInTheNextTableOfTheSameVnet() {
        VnetTable before = builder("blue", 5_001).build();
        probe.member(0, 1).remote(0, 2).ports(17, 3, 4);
        before.flows().insert(probe, FlowState.UDP_ASKED, true, 0, 0);
        VnetTable after = builder("blue", 5_001).workers(2).previous(before).build();
        assertTrue(after.flows().find(probe));
        assertSame(before.fragments(0), after.fragments(0));
        assertNotSame(after.fragments(0), after.fragments(1));
        VnetTable another = builder("blue", 5_002).previous(before).build();
        assertFalse(another.flows().find(probe));
        assertFalse(builder("red", 5_001).previous(before).build().flows().find(probe));
    }

    @Test
    void aVniLeadsToItsVnet() {
        SplittableRandom random = new SplittableRandom(1);
        for (int many : new int[] {0, 1, 2, 3, 100, 4_096}) {
            TreeSet<Integer> vnis = new TreeSet<>();
            while (vnis.size() < many) {
                vnis.add(vnis.size() % 2 == 0 ? vnis.size() + 1 : 1 + random.nextInt((1 << 24) - 1));
            }
            List<Integer> order = new ArrayList<>(vnis);
            List<VnetTable> vnets = new ArrayList<>();
            for (int i = 0; i < many; i++) {
                vnets.add(builder(i, "v" + i, order.get(i)).build());
            }
            ForwardingSnapshot snapshot = new ForwardingSnapshot(1, vnets, List.of());
            for (int i = 0; i < many; i++) {
                assertEquals(i, snapshot.indexOfVni(order.get(i)));
                assertSame(vnets.get(i), snapshot.vnet(i));
            }
            for (int i = 0; i < 10_000; i++) {
                int vni = i < 5_000 ? i : random.nextInt(1 << 24);
                assertEquals(vnis.contains(vni), snapshot.indexOfVni(vni) >= 0);
            }
        }
        List<VnetTable> twice = List.of(builder("a", 7).build(), builder("b", 7).build());
        assertThrows(IllegalArgumentException.class, () -> VniIndex.of(twice));
    }

    @Test
    void anEmptySnapshotKnowsNothing() {
        assertEquals(-1, ForwardingSnapshot.EMPTY.indexOfVni(0));
        assertEquals(-1, ForwardingSnapshot.EMPTY.indexOfVni(5_001));
        assertEquals(0, ForwardingSnapshot.EMPTY.tunnels(0).size());
        assertEquals(0, ForwardingSnapshot.EMPTY.tunnels(VnetTable.NO_SITE).size());
    }

    @Test
    void aLookUpAllocatesNothing() {
        VnetTable blue = builder("blue", 5_001).build();
        ForwardingSnapshot snapshot = new ForwardingSnapshot(1, List.of(blue), List.of());
        Allocation.assertNone(() -> {
            VnetTable vnet = snapshot.vnet(snapshot.indexOfVni(5_001));
            assertTrue(vnet.isOwnMember(0, 0xffff_0a00_0001L));
            assertTrue(vnet.isGranted(vnet.remoteSite(0, 0xffff_6440_0201L)));
            assertEquals(0, snapshot.tunnels(7).size());
        });
    }

    private VnetTable.Builder builder(String name, int vni) {
        return builder(0, name, vni);
    }

    private VnetTable.Builder builder(int index, String name, int vni) {
        GatewayConfig.Vnet vnet = new GatewayConfig.Vnet(
                name,
                vni,
                GatewayConfig.Kind.L3,
                VnetFixture.tun("10.0.0.254/32"),
                prefixes("10.0.0.0/24"),
                List.of(new GatewayConfig.Translation(
                        "west", VnetFixture.prefix("10.0.0.0/24"), VnetFixture.prefix("100.64.1.0/24"))),
                List.of(
                        new GatewayConfig.Remote("west", prefixes("100.64.2.0/24")),
                        new GatewayConfig.Remote("north", prefixes("100.64.3.0/24"))),
                List.of(),
                1_000);
        List<GatewayConfig.Peer> peers = List.of(
                new GatewayConfig.Peer("west", List.of(), List.of("red", "blue")),
                new GatewayConfig.Peer("north", List.of(), List.of("red")));
        return VnetTable.builder(index, vnet)
                .peers(peers, site -> site.equals("west") ? WEST : NORTH)
                .innerMtu(1_340)
                .flowMemory(memory);
    }

    private static List<Prefix> prefixes(String... texts) {
        return List.of(texts).stream().map(VnetFixture::prefix).toList();
    }

    private static long lo(String ipv4) {
        return IpAddress.parse(ipv4).orElseThrow().lo();
    }
}

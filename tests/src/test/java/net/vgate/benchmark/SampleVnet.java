package net.vgate.benchmark;

import java.util.List;
import java.util.Optional;
import net.vgate.config.GatewayConfig;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.forwarding.FlowMemory;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;
import net.vgate.packet.PrefixList;

/**
 * A V-net of two sites with any number of members, each an address of its own with others between, so that no two are
 * one range. Both sites give their members the same addresses, and see each other's under aliases.
 */
final class SampleVnet {
    static final String PEER = "west";
    static final int SERVER_PORT = 5_201;
    static final int INNER_MTU = 1_414;

    /** Where members have their own addresses, at both sites. */
    static final Prefix OWN = prefix("10.0.0.0/8");

    /** How this site's members are seen at the other one. */
    static final Prefix ALIAS = prefix("11.0.0.0/8");

    /** How the other site's are seen here. */
    static final Prefix REMOTE = prefix("12.0.0.0/8");

    /** Addresses from one member to about the next; a million members fit a prefix of 8 bits. */
    private static final int APART = 8;

    private final GatewayConfig.Vnet vnet;

    private SampleVnet(GatewayConfig.Vnet vnet) {
        this.vnet = vnet;
    }

    /** The V-net with number {@code number} as a site with {@code own} members sees it, beside one with others. */
    static SampleVnet of(int number, int own, int remote) {
        return of(number, single(OWN, own), ALIAS, single(REMOTE, remote));
    }

    /** The same V-net as the other site sees it, which has but one prefix for each side. */
    static SampleVnet atPeer(int number) {
        return of(number, List.of(OWN), REMOTE, List.of(ALIAS));
    }

    private static SampleVnet of(int number, List<Prefix> members, Prefix alias, List<Prefix> remote) {
        return new SampleVnet(new GatewayConfig.Vnet(
                "tenant-" + number,
                5_000 + number,
                GatewayConfig.Kind.L3,
                new GatewayConfig.Tun(
                        "vg-" + number, Optional.of("tenant-" + number), List.of(), false, Optional.empty()),
                members,
                List.of(new GatewayConfig.Translation(PEER, OWN, alias)),
                List.of(new GatewayConfig.Remote(PEER, remote)),
                List.of(rule(Direction.OUT), rule(Direction.IN)),
                10_000));
    }

    private static GatewayConfig.PolicyRule rule(Direction direction) {
        return new GatewayConfig.PolicyRule(
                direction,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(new GatewayConfig.PortRange(SERVER_PORT, SERVER_PORT)),
                false);
    }

    private static Prefix prefix(String text) {
        return Prefix.parse(text).orElseThrow();
    }

    private static PrefixList single(Prefix in, int members) {
        PrefixList.Builder list = new PrefixList.Builder();
        for (int i = 0; i < members; i++) {
            list.add(new Prefix(member(in, i), 32));
        }
        return list.build();
    }

    /** The address of the member with number {@code number} in a prefix of this class. */
    static IpAddress member(Prefix in, int number) {
        return IpAddress.ofIpv4(in.network().ipv4Bits() + number * APART + 1 + number % 5);
    }

    /** The address of the same member in another prefix of this class. */
    static IpAddress moved(IpAddress address, Prefix to) {
        return IpAddress.ofIpv4(to.network().ipv4Bits() | (address.ipv4Bits() & 0xff_ffff));
    }

    GatewayConfig.Vnet configured() {
        return vnet;
    }

    /** The table of the V-net at {@code index}, for whom the other site has number 0. */
    VnetTable table(int index, FlowMemory flowMemory) {
        GatewayConfig.Peer peer = new GatewayConfig.Peer(PEER, List.of(), List.of(vnet.name()));
        return VnetTable.builder(index, vnet)
                .peers(List.of(peer), name -> 0)
                .innerMtu(INNER_MTU)
                .flowMemory(flowMemory)
                .build();
    }

    /** One flow each of {@code count} members, spread over all {@code members} of each site, to the server's port. */
    static Flow[] flows(int count, int members) {
        Flow[] flows = new Flow[count];
        for (int i = 0; i < count; i++) {
            int number = (int) ((long) i * members / count);
            flows[i] = new Flow(member(OWN, number), 40_000 + i, member(REMOTE, members - 1 - number), SERVER_PORT);
        }
        return flows;
    }
}

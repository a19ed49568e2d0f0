package net.vgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.config.GatewayConfig.PortRange;
import net.vgate.packet.IpAddress;
import net.vgate.packet.Prefix;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuleCoverageTest {
    private static final List<Prefix> MEMBERS = prefixes("10.0.0.0/30", "10.0.0.6/32", "2001:db8:1::/127");
    private static final List<Prefix> REMOTES = prefixes("100.64.2.0/31", "100.64.2.6/31", "2001:db8:2::8/127");

    /** Of which a rule's ports are some: all that lies beyond is alike. */
    private static final int LAST_PORT = 8;

    private static final int[] PROTOCOLS = {PolicyForms.ICMP, PolicyForms.TCP, PolicyForms.UDP, 47};

    private final RuleCoverage coverage = new RuleCoverage(new PrefixSet(MEMBERS), new PrefixSet(REMOTES));

    private record Packet(Direction direction, int protocol, IpAddress member, IpAddress remote, int port) {}

    @Test
    void oneOfTheSameAddressesWrittenOtherwise() {
        add(3, "{out: tcp, from: 10.0.0.0/8}", rule(Direction.OUT, 6, "10.0.0.0/8", null));

        assertEquals(lines(3), coverage.add(rule(Direction.OUT, 6, "10.0.0.0/16", "100.64.0.0/16", range(1, 9)), 4));
        assertEquals(lines(3), coverage.add(rule(Direction.OUT, 6, "10.0.0.0/29", "0.0.0.0/0"), 5));
        assertEquals(lines(), coverage.add(rule(Direction.OUT, 6, null, null), 6), "there are IPv6 members as well");
        assertEquals(lines(6), coverage.add(rule(Direction.OUT, 6, "2001:db8:1::1/128", null), 7));
    }

    @Test
    void byPortsOfSeveralRules() {
        add(3, "80-90", rule(Direction.IN, 17, null, null, range(80, 90)));
        add(4, "91-99 of a part", rule(Direction.IN, null, "10.0.0.0/31", null));

        assertEquals(lines(), coverage.add(rule(Direction.IN, 17, "10.0.0.0/30", null, range(85, 95)), 5));
        assertEquals(lines(4), coverage.add(rule(Direction.IN, 17, "10.0.0.1/32", null, range(85, 95)), 6));
        add(7, "95-100", rule(Direction.IN, 17, null, null, range(91, 100)));
        assertEquals(lines(3, 7), coverage.add(rule(Direction.IN, 17, null, null, range(82, 84), range(88, 96)), 8));
        assertEquals(lines(), coverage.add(rule(Direction.IN, 17, null, null, range(79, 96)), 9));
        assertEquals(lines(9), coverage.add(rule(Direction.IN, 17, null, null, range(80, 96)), 10));
    }

    @Test
    void icmpIsOneProtocolInBothFamilies() {
        add(3, "icmp", rule(Direction.OUT, PolicyForms.ICMP, null, null));

        assertEquals(lines(3), coverage.add(rule(Direction.OUT, PolicyForms.ICMPV6, "2001:db8:1::/64", null), 4));
    }

    @Test
    void aRuleMayBeAboutNothing() {
        RuleCoverage apart = new RuleCoverage(new PrefixSet(prefixes("10.0.0.0/24")), new PrefixSet(prefixes("::/0")));

        assertTrue(apart.isAboutNothing(rule(Direction.OUT, 6, null, null)));
        assertTrue(apart.isAboutNothing(rule(Direction.OUT, 6, "10.0.0.1/32", null)));
        assertEquals(lines(), apart.add(rule(Direction.OUT, 6, null, null), 3));
        assertTrue(coverage.isAboutNothing(rule(Direction.OUT, 6, "10.0.0.4/31", null)));
    }

    /**
     * Every packet there can be is asked for. A rule that is said to be never reached is the first to permit none of
     * them; and it is said of each rule all of whose packets one earlier rule permits.
     */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void saysWhatAskingForEveryPacketSays(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Packet> packets = allPackets();
        int covered = 0;
        int together = 0;
        for (int round = 0; round < 60; round++) {
            RuleCoverage tried = new RuleCoverage(new PrefixSet(MEMBERS), new PrefixSet(REMOTES));
            List<PolicyRule> rules = new ArrayList<>();
            for (int line = 0; line < 14; line++) {
                PolicyRule rule = someRule(random);
                List<Packet> own =
                        packets.stream().filter(packet -> permits(rule, packet)).toList();
                SortedSet<Integer> lines = tried.add(rule, line);

                String said = rule + " by " + lines + " of " + rules;
                assertEquals(own.isEmpty(), tried.isAboutNothing(rule), said);
                assertTrue(
                        lines.isEmpty()
                                || own.stream()
                                        .allMatch(packet ->
                                                lines.stream().anyMatch(before -> permits(rules.get(before), packet))),
                        said);
                boolean byOne = !own.isEmpty()
                        && rules.stream().anyMatch(other -> own.stream().allMatch(packet -> permits(other, packet)));
                assertTrue(!byOne || !lines.isEmpty(), said);
                covered += byOne ? 1 : 0;
                together += lines.size() > 1 ? 1 : 0;
                rules.add(rule);
            }
        }
        assertTrue(covered > 30 && covered < 600 && together > 0, covered + " and " + together);
    }

    /** What compares each with each takes many minutes. */
    @Test
    void manyRulesAreLookedUpAndNotCompared() {
        RuleCoverage many = new RuleCoverage(new PrefixSet(prefixes("10.0.0.0/8")), new PrefixSet(List.of()));
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            int warned = 0;
            for (int i = 0; i < 300_000; i++) {
                // Half of them have addresses of their own, half have ports of their own among the same addresses.
                IpAddress member = IpAddress.ofIpv4(0x0a00_0000 + (i % 2 == 0 ? i + 1 : 0));
                int port = 1 + i / 2 % 60_000;
                PolicyRule rule = new PolicyRule(
                        Direction.OUT,
                        Optional.of(PolicyForms.TCP),
                        Optional.of(Prefix.around(member, 32)),
                        Optional.empty(),
                        List.of(new PortRange(port, port)),
                        false);
                warned += many.add(rule, i).isEmpty() ? 0 : 1;
            }
            assertEquals(150_000 - 60_000, warned);
        });
    }

    private void add(int line, String what, PolicyRule rule) {
        assertEquals(lines(), coverage.add(rule, line), what);
    }

    private static boolean permits(PolicyRule rule, Packet packet) {
        return rule.direction() == packet.direction
                && (rule.protocol().isEmpty() || rule.protocol().get() == packet.protocol)
                && (rule.members().isEmpty() || rule.members().get().contains(packet.member))
                && (rule.remote().isEmpty() || rule.remote().get().contains(packet.remote))
                && (rule.ports().isEmpty()
                        || rule.ports().stream()
                                .anyMatch(range -> range.first() <= packet.port && packet.port <= range.last()));
    }

    private static List<Packet> allPackets() {
        List<Packet> packets = new ArrayList<>();
        for (IpAddress member : addresses(MEMBERS)) {
            for (IpAddress remote : addresses(REMOTES)) {
                for (int protocol : PROTOCOLS) {
                    for (int port = 0; member.isIpv4() == remote.isIpv4() && port <= LAST_PORT + 1; port++) {
                        packets.add(new Packet(Direction.OUT, protocol, member, remote, port));
                        packets.add(new Packet(Direction.IN, protocol, member, remote, port));
                    }
                }
            }
        }
        return packets;
    }

    private static List<IpAddress> addresses(Collection<Prefix> prefixes) {
        List<IpAddress> addresses = new ArrayList<>();
        for (Prefix prefix : prefixes) {
            IpAddress address = prefix.network();
            while (prefix.contains(address)) {
                addresses.add(address);
                address = new IpAddress(address.hi(), address.lo() + 1);
            }
        }
        return addresses;
    }

    private static PolicyRule someRule(SplittableRandom random) {
        int protocol = PROTOCOLS[random.nextInt(PROTOCOLS.length)];
        List<PortRange> ports = new ArrayList<>();
        if (protocol == PolicyForms.TCP || protocol == PolicyForms.UDP) {
            for (int i = random.nextInt(3); i > 0; i--) {
                int first = 1 + random.nextInt(LAST_PORT);
                ports.add(range(first, first + random.nextInt(LAST_PORT - first + 1)));
            }
        }
        return new PolicyRule(
                random.nextInt(3) == 0 ? Direction.IN : Direction.OUT,
                ports.isEmpty() && random.nextInt(4) == 0 ? Optional.empty() : Optional.of(protocol),
                somePrefix(random, MEMBERS),
                somePrefix(random, REMOTES),
                ports,
                false);
    }

    private static Optional<Prefix> somePrefix(SplittableRandom random, List<Prefix> prefixes) {
        if (random.nextInt(3) == 0) {
            return Optional.empty();
        }
        IpAddress network = prefixes.get(random.nextInt(prefixes.size())).network();
        IpAddress near = new IpAddress(network.hi(), network.lo() ^ random.nextInt(4));
        return Optional.of(Prefix.around(near, near.bits() - random.nextInt(5)));
    }

    private static PolicyRule rule(
            Direction direction,
            @Nullable Integer protocol,
            @Nullable String members,
            @Nullable String remote,
            PortRange... ports) {
        return new PolicyRule(
                direction,
                Optional.ofNullable(protocol),
                Optional.ofNullable(members).flatMap(Prefix::parse),
                Optional.ofNullable(remote).flatMap(Prefix::parse),
                List.of(ports),
                false);
    }

    private static PortRange range(int first, int last) {
        return new PortRange(first, last);
    }

    private static SortedSet<Integer> lines(Integer... lines) {
        return new TreeSet<>(List.of(lines));
    }

    private static List<Prefix> prefixes(String... texts) {
        return List.of(texts).stream()
                .map(text -> Prefix.parse(text).orElseThrow())
                .toList();
    }
}

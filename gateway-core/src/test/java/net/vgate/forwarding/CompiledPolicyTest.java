package net.vgate.forwarding;

import static net.vgate.forwarding.VnetFixture.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.vgate.config.GatewayConfig.Direction;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompiledPolicyTest {
    @Test
    void noRulePermitsNothing() {
        assertEquals(
                CompiledPolicy.NONE, permit(CompiledPolicy.EMPTY, true, InnerHeader.TCP, "10.0.0.1", "10.0.1.1", 1));
    }

    @Test
    void theFirstRuleThatPermitsIsNamed() {
        CompiledPolicy policy = compile(
                rule(Direction.OUT, InnerHeader.TCP, "10.0.0.0/24", "100.64.2.0/24", 80, 443),
                rule(Direction.OUT, null, null, "100.64.0.0/16", 443),
                rule(Direction.IN, InnerHeader.ICMP, null, null),
                rule(Direction.OUT, null, "10.0.0.0/8", null));
        assertEquals(0, permit(policy, true, InnerHeader.TCP, "10.0.0.1", "100.64.2.1", 443));
        assertEquals(1, permit(policy, true, InnerHeader.TCP, "10.0.0.1", "100.64.3.1", 443));
        assertEquals(1, permit(policy, true, InnerHeader.UDP, "11.0.0.1", "100.64.2.1", 443));
        assertEquals(3, permit(policy, true, InnerHeader.TCP, "10.0.0.1", "100.64.2.1", 81));
        assertEquals(3, permit(policy, true, 47, "10.0.0.1", "100.64.2.1", 0));
        assertEquals(CompiledPolicy.NONE, permit(policy, true, 47, "11.0.0.1", "100.64.2.1", 0));
        assertEquals(CompiledPolicy.NONE, permit(policy, false, InnerHeader.TCP, "10.0.0.1", "100.64.2.1", 443));
        assertEquals(2, permit(policy, false, InnerHeader.ICMP, "11.0.0.1", "100.64.2.1", 0));
        assertEquals(2, permit(policy, false, InnerHeader.ICMPV6, "2001:db8::1", "2001:db8:2::1", 0));
    }

    @Test
    void aPrefixOfOneFamilyHoldsNothingOfTheOther() {
        CompiledPolicy policy =
                compile(rule(Direction.OUT, null, "::/0", null), rule(Direction.IN, null, "0.0.0.0/0", null));
        assertEquals(CompiledPolicy.NONE, permit(policy, true, 47, "10.0.0.1", "10.0.0.2", 0));
        assertEquals(0, permit(policy, true, 47, "fc00::1", "fc00::2", 0));
        assertEquals(1, permit(policy, false, 47, "10.0.0.1", "10.0.0.2", 0));
        assertEquals(CompiledPolicy.NONE, permit(policy, false, 47, "fc00::1", "fc00::2", 0));
    }

    @Test
    void theSameRulesStayAsTheyAre() {
        CompiledPolicy policy = compile(rule(Direction.OUT, 6, null, null, 443));
        assertSame(policy, CompiledPolicy.compile(List.of(rule(Direction.OUT, 6, null, null, 443)), policy));
        CompiledPolicy next = CompiledPolicy.compile(List.of(rule(Direction.OUT, 6, null, null, 444)), policy);
        assertNotSame(policy, next);
        assertTrue(next.isNewerThan(policy.generation()));
        assertFalse(policy.isNewerThan(next.generation()));
        assertFalse(next.isNewerThan(next.generation()));
        assertTrue(policy.isNewerThan(0xffff), "generations wrap");
        assertFalse(policy.isNewerThan(1));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void answersAsReadingTheRulesOneByOne(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 50; round++) {
            List<PolicyRule> rules = new ArrayList<>();
            int many = 1 << random.nextInt(8);
            for (int i = 0; i < many; i++) {
                rules.add(PolicyModel.someRule(random));
            }
            CompiledPolicy policy = compile(rules);
            int permitted = 0;
            for (int i = 0; i < 400; i++) {
                boolean isIpv4 = random.nextInt(4) != 0;
                IpAddress member = PolicyModel.someAddress(random, isIpv4);
                IpAddress remote = PolicyModel.someAddress(random, isIpv4);
                boolean outbound = random.nextBoolean();
                int protocol = PolicyModel.someProtocol(random);
                boolean hasPorts = protocol == InnerHeader.TCP || protocol == InnerHeader.UDP;
                int port = hasPorts ? PolicyModel.somePort(random) : 0;
                int expected = PolicyModel.interpret(rules, outbound, protocol, member, remote, port);
                int answer =
                        policy.permit(outbound, protocol, member.hi(), member.lo(), remote.hi(), remote.lo(), port);
                assertEquals(
                        expected,
                        answer,
                        () -> outbound + " " + protocol + " " + member + " " + remote + " " + port + " by " + rules);
                permitted += expected >= 0 ? 1 : 0;
            }
            assertTrue(permitted < 400 || many > 8);
        }
    }

    @Test
    void tenThousandRulesCostAsMuchAsTen() {
        List<PolicyRule> rules = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            String member = "10." + (i >> 8) + "." + (i & 0xff) + ".0/24";
            rules.add(rule(Direction.OUT, InnerHeader.TCP, member, "100.64.0.0/16", 443));
        }
        CompiledPolicy policy = compile(rules);
        assertEquals(9_999, permit(policy, true, InnerHeader.TCP, "10.39.15.1", "100.64.1.1", 443));
        assertEquals(CompiledPolicy.NONE, permit(policy, true, InnerHeader.TCP, "10.39.16.1", "100.64.1.1", 443));
    }

    @Test
    void aLookUpAllocatesNothing() {
        CompiledPolicy policy = compile(
                rule(Direction.OUT, InnerHeader.TCP, "10.0.0.0/8", "100.64.2.0/24", 80, 443),
                rule(Direction.OUT, null, "10.0.0.0/24", "100.64.0.0/16", 443));
        Allocation.assertNone(
                () -> assertEquals(1, policy.permit(true, 17, 0, 0xffff_0a00_0001L, 0, 0xffff_6440_0201L, 443)));
    }

    private static CompiledPolicy compile(PolicyRule... rules) {
        return compile(List.of(rules));
    }

    private static CompiledPolicy compile(List<PolicyRule> rules) {
        return CompiledPolicy.compile(rules, null);
    }

    private static int permit(
            CompiledPolicy policy, boolean outbound, int protocol, String member, String remote, int port) {
        IpAddress ours = IpAddress.parse(member).orElseThrow();
        IpAddress theirs = IpAddress.parse(remote).orElseThrow();
        return policy.permit(outbound, protocol, ours.hi(), ours.lo(), theirs.hi(), theirs.lo(), port);
    }
}

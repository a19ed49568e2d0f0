package net.vgate.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import net.vgate.config.GatewayConfig.PolicyRule;
import net.vgate.forwarding.CompiledPolicy;
import net.vgate.forwarding.PolicyCounters.Tally;
import net.vgate.forwarding.PolicyModel;
import net.vgate.forwarding.VnetFixture;
import net.vgate.forwarding.VnetTable;
import net.vgate.packet.DropReason;
import net.vgate.packet.InnerHeader;
import net.vgate.packet.IpAddress;
import net.vgate.packet.PacketBatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is counted for whom, beside a reading of the rules one by one. */
class PolicyHitsTest {
    private static final int WORKERS = 3;
    private static final long[] STEPS = {0, 1, 999_999_999, 1_000_000_000, 1_000_000_001};

    private final PacketBatch batch = new PacketBatch(1, 2_000);
    private final Set<String> flows = new HashSet<>();
    private long now;
    private int nextPort;

    /** A packet that may start a flow of which nothing is known. */
    private record Start(boolean outbound, int protocol, IpAddress member, IpAddress remote, int from, int to) {
        byte[] packet() {
            String source = (outbound ? member : remote).toString();
            String destination = (outbound ? remote : member).toString();
            return switch (protocol) {
                case InnerHeader.TCP -> Packets.tcp(source, from, destination, to, Packets.SYN);
                case InnerHeader.UDP -> Packets.udp(source, from, destination, to);
                case InnerHeader.ICMP -> Packets.icmp(source, destination, 8, 0, from);
                case InnerHeader.ICMPV6 -> Packets.icmp(source, destination, 128, 0, from);
                default -> Packets.ip(source, destination, protocol, new byte[8]);
            };
        }

        /** What another one of the same flow would have as well, whichever side sends it. */
        String flow() {
            int ours = outbound ? from : to;
            int theirs = outbound ? to : from;
            return protocol + " " + member + " " + ours + " " + remote + " " + theirs;
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theFirstRuleThatMatchesIsTheOneThatIsHit(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        PolicyGate[] gates = new PolicyGate[WORKERS];
        Arrays.setAll(gates, PolicyGate::new);
        int hitLater = 0;
        for (int round = 0; round < 20; round++) {
            List<PolicyRule> rules = new ArrayList<>();
            for (int i = 1 << random.nextInt(7); i > 0; i--) {
                rules.add(PolicyModel.someRule(random));
            }
            VnetTable vnet = VnetTable.builder(0, VnetFixture.withPolicy(1 << 16, rules.toArray(new PolicyRule[0])))
                    .workers(WORKERS)
                    .build();
            Tally[] permitted = new Tally[rules.size()];
            Arrays.fill(permitted, new Tally(0, Tally.NEVER));
            Tally[] denied = {permitted[0], permitted[0]};
            flows.clear();
            now = random.nextInt(-5, 5) * 1_000_000_000L;
            for (int i = 0; i < 400; i++) {
                now += STEPS[random.nextInt(STEPS.length)];
                Start start = someStart(random);
                if (flows.contains(start.flow())) {
                    continue;
                }
                int rule = PolicyModel.interpret(
                        rules, start.outbound, start.protocol, start.member, start.remote, start.to);
                PolicyGate gate = gates[random.nextInt(WORKERS)];
                assertEquals(
                        rule == CompiledPolicy.NONE, judge(gate, vnet, start) == DropReason.POLICY, start::toString);
                if (rule == CompiledPolicy.NONE) {
                    int direction = start.outbound ? 0 : 1;
                    denied[direction] = oneMore(denied[direction]);
                } else {
                    flows.add(start.flow());
                    permitted[rule] = oneMore(permitted[rule]);
                    hitLater += rule > 0 ? 1 : 0;
                }
            }
            for (int rule = 0; rule < rules.size(); rule++) {
                assertEquals(permitted[rule], vnet.policyCounters().permitted(rule), rule + " of " + rules);
            }
            assertEquals(denied[0], vnet.policyCounters().denied(true));
            assertEquals(denied[1], vnet.policyCounters().denied(false));
        }
        assertTrue(hitLater > 100, "rules that others come before were hit " + hitLater + " times");
    }

    private Start someStart(SplittableRandom random) {
        boolean isIpv4 = random.nextInt(4) != 0;
        int protocol = PolicyModel.someProtocol(random);
        if (protocol == InnerHeader.ICMP || protocol == InnerHeader.ICMPV6) {
            protocol = isIpv4 ? InnerHeader.ICMP : InnerHeader.ICMPV6;
        }
        boolean hasPorts = protocol == InnerHeader.TCP || protocol == InnerHeader.UDP;
        return new Start(
                random.nextBoolean(),
                protocol,
                PolicyModel.someAddress(random, isIpv4),
                PolicyModel.someAddress(random, isIpv4),
                protocol == 47 ? 0 : 1_000 + nextPort++ % 60_000,
                hasPorts ? PolicyModel.somePort(random) : 0);
    }

    private @Nullable DropReason judge(PolicyGate gate, VnetTable vnet, Start start) {
        batch.clear();
        int slot = batch.addCopy(start.packet());
        assertNull(batch.inner().parse(slot));
        return start.outbound
                ? gate.permitOutbound(vnet, batch, slot, now)
                : gate.permitInbound(vnet, batch, slot, now);
    }

    private Tally oneMore(Tally tally) {
        return new Tally(tally.count() + 1, Math.floorDiv(now, 1_000_000_000L));
    }
}
